"""The list, the workbench, appointments, and what came of a follow-up."""

from django.urls import path

from huiyin.followups import views

app_name = "followups"
urlpatterns = [
    path("followups/", views.list_page, name="list"),
    path("followups/new/<int:target_id>/", views.workbench, name="workbench"),
    path("followups/<int:followup_id>/", views.page, name="page"),
    path("appointments/new/<int:target_id>/", views.appointment, name="plan"),
    path("appointments/<int:followup_id>/cancellation/", views.cancellation, name="cancel"),
]
