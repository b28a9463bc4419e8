"""Signing in: passwords, second factors, sessions, and what the firm asks of them.

An app of its own inside the room, since what allauth keeps and what people are change apart.
"""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SignInConfig(AppConfig):
    name = "huiyin.accounts.signin"
    label = "signin"
    verbose_name = _("登录")
    default_auto_field = "django.db.models.BigAutoField"
