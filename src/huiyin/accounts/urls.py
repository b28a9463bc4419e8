"""Signing in and out; the switch of a demo."""

from django.urls import path

from huiyin.accounts import views
from huiyin.accounts.signin import views as doors

app_name = "accounts"
urlpatterns = [
    path("signin/", doors.signin, name="signin"),
    path("signout/", doors.signout, name="signout"),
    path("switch/", views.switch, name="switch"),
]
