"""One's notices, how one wants them, and the firm's channels."""

from django.urls import path

from huiyin.notices import views

app_name = "notices"
urlpatterns = [
    path("notices/", views.inbox, name="inbox"),
    path("notices/reading/", views.read_all, name="read_all"),
    path("notices/preferences/", views.preferences, name="preferences"),
    path("notices/<int:id>/", views.page, name="page"),
    path("notices/<int:id>/reading/", views.read, name="read"),
    path("notices/<int:id>/delivery/", views.delivered, name="delivered"),
    path("copies/<int:target_id>/", views.copied, name="copied"),
    path("settings/channels/mail/", views.channel, name="channel"),
    path("settings/channels/mail/trials/", views.trial, name="trial"),
    path("settings/channels/mail/retries/", views.retries, name="retries"),
]
