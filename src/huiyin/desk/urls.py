from django.urls import path

from huiyin.desk import calendar_views, doing_views, list_views, permission_views, views

app_name = "desk"
urlpatterns = [
    path("", views.today, name="today"),
    path("policy/", views.policies, name="policies"),
    path("policy/<slug:policy>/", views.policy, name="policy"),
    path("policy/<slug:policy>/<str:clause>/", views.clause, name="clause"),
    path("settings/", views.settings, name="settings"),
    path("settings/phones/", views.phones, name="phones"),
    path("settings/adoptions/", views.adoptions, name="adoptions"),
    path("settings/adoptions/<int:adoption>/approval/", views.approval, name="approval"),
    path("settings/calendar/", calendar_views.calendar, name="calendar"),
    path("settings/calendar/<int:year>/", calendar_views.year, name="calendar_year"),
    path("settings/calendar/<int:year>/days/", calendar_views.days, name="calendar_days"),
    path(
        "settings/calendar/<int:year>/days/<int:day_id>/removal/",
        calendar_views.removal,
        name="calendar_removal",
    ),
    path("settings/calendar/<int:year>/notices/", calendar_views.notices, name="calendar_notices"),
    path(
        "settings/calendar/<int:year>/confirmation/",
        calendar_views.confirmation,
        name="calendar_confirmation",
    ),
    path("settings/calendar/<int:year>/hours/", calendar_views.hours, name="calendar_hours"),
    path("settings/permissions/", permission_views.matrix, name="permissions"),
    path("settings/permissions/<int:person>/", permission_views.sight, name="person_sees"),
    path("search/", list_views.search, name="search"),
    path("views/", list_views.saved_views, name="saved_views"),
    path("views/<int:view_id>/", list_views.saved_view, name="saved_view"),
    path("views/<int:view_id>/deletion/", list_views.saved_view_deletion, name="delete_view"),
    path("exports/", list_views.exports, name="exports"),
    path("exports/<int:export_id>/", list_views.export, name="export"),
    path("exports/<int:export_id>/file/", list_views.export_file, name="export_file"),
    path("obligations/<int:obligation>/", views.obligation, name="obligation"),
    path("obligations/<int:obligation>/copies/", views.copies, name="copies"),
    path("obligations/<int:obligation>/deliveries/", views.deliveries, name="deliveries"),
    path("obligations/<int:obligation>/waiver/", views.waiver, name="waiver"),
    path("obligations/<int:obligation>/decision/", doing_views.decision, name="decision"),
    path("obligations/<int:obligation>/extension/", doing_views.extension, name="extension"),
    path("forms/<slug:form>/<int:target_id>/", doing_views.paper, name="paper"),
    path("records/<int:record_id>/handover/", doing_views.handover, name="handover"),
]
