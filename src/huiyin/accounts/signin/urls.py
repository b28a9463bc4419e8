"""Links and devices, and the settings of sign-ins; the names that allauth asks for are in `doors`."""

from django.urls import path

from huiyin.accounts.signin import own_views, settings_views, views

app_name = "signin"
urlpatterns = [
    path("signin/link/<str:secret>/", views.link, name="link"),
    path("signin/password/", views.first_password, name="first_password"),
    path("account/sessions/", own_views.own_sessions, name="sessions"),
    path("account/sessions/<int:session>/end/", own_views.session_end, name="session_end"),
    path("settings/signin/", settings_views.rules, name="rules"),
    path("settings/logins/", settings_views.logins, name="logins"),
    path("settings/logins/<int:person>/", settings_views.login, name="login"),
    path("settings/logins/<int:person>/links/", settings_views.links, name="links"),
    path("settings/logins/<int:person>/switchings/", settings_views.switchings, name="switchings"),
    path(
        "settings/logins/<int:person>/factor-removals/",
        settings_views.factor_removals,
        name="factor_removals",
    ),
]
