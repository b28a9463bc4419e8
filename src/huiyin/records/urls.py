"""Records to read, to print, and their pictures."""

from django.urls import path

from huiyin.records import views

app_name = "records"
urlpatterns = [
    path("records/", views.list_page, name="list"),
    path("records/printings/", views.printings, name="printings"),
    path("records/<int:record_id>/", views.page, name="page"),
    path("records/<int:record_id>/printings/", views.printing, name="printing"),
    path("records/<int:record_id>/pictures/<str:sha256>/", views.picture, name="picture"),
    path("forms/<slug:form>/printings/", views.empty_form, name="empty_form"),
    path("forms/<slug:form>/printings/<int:target_id>/", views.empty_form, name="empty_form_about"),
]
