"""Records to read, and their pictures."""

from django.urls import path

from huiyin.records import views

app_name = "records"
urlpatterns = [
    path("records/<int:record_id>/", views.page, name="page"),
    path("records/<int:record_id>/pictures/<str:sha256>/", views.picture, name="picture"),
]
