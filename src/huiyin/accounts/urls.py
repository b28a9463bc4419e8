"""Signing in and out; the switch of a demo."""

from django.urls import path

from huiyin.accounts import views

app_name = "accounts"
urlpatterns = [
    path("signin/", views.signin, name="signin"),
    path("signout/", views.signout, name="signout"),
    path("switch/", views.switch, name="switch"),
]
