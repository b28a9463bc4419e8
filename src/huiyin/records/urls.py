"""Records to read, their pictures, and their handing over."""

from django.urls import path

from huiyin.records import views

app_name = "records"
urlpatterns = [
    path("records/<int:record_id>/", views.page, name="page"),
    path("records/<int:record_id>/pictures/<str:sha256>/", views.picture, name="picture"),
    path("records/<int:record_id>/handovers/new/", views.handover, name="handover"),
]
