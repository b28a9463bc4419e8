"""What one does with a notice; notices themselves are shown on 今日."""

from django.urls import path

from huiyin.notices import views

app_name = "notices"
urlpatterns = [
    path("notices/<int:id>/reading/", views.read, name="read"),
    path("notices/<int:id>/delivery/", views.delivered, name="delivered"),
    path("copies/<int:target_id>/", views.copied, name="copied"),
]
