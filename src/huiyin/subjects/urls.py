"""What is tracked, by kind: /subjects/repair/ …"""

from django.urls import path

from huiyin.subjects import views

app_name = "subjects"
urlpatterns = [
    path("subjects/<slug:kind>/", views.list_page, name="list"),
    path("subjects/<slug:kind>/new/", views.new, name="new"),
    path("subjects/<slug:kind>/new/<int:customer_id>/", views.register, name="register"),
    path("subjects/<slug:kind>/<int:subject_id>/", views.page, name="page"),
    path("subjects/<slug:kind>/<int:subject_id>/events/", views.event, name="event"),
    path(
        "subjects/<slug:kind>/<int:subject_id>/events/<int:fact_id>/void/",
        views.void,
        name="void",
    ),
]
