from django.urls import path

from huiyin.desk import permission_views, views

app_name = "desk"
urlpatterns = [
    path("", views.today, name="today"),
    path("policy/", views.policies, name="policies"),
    path("policy/<slug:policy>/", views.policy, name="policy"),
    path("policy/<slug:policy>/<str:clause>/", views.clause, name="clause"),
    path("settings/", views.settings, name="settings"),
    path("settings/adoptions/", views.adoptions, name="adoptions"),
    path("settings/adoptions/<int:adoption>/approval/", views.approval, name="approval"),
    path("settings/permissions/", permission_views.matrix, name="permissions"),
    path("settings/permissions/<int:person>/", permission_views.sight, name="person_sees"),
    path("obligations/<int:obligation>/", views.obligation, name="obligation"),
    path("obligations/<int:obligation>/copies/", views.copies, name="copies"),
    path("obligations/<int:obligation>/deliveries/", views.deliveries, name="deliveries"),
    path("obligations/<int:obligation>/waiver/", views.waiver, name="waiver"),
]
