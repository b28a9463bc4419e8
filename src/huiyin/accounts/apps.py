"""People, units, posts; who may see what; signing in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "huiyin.accounts"
    label = "accounts"
    verbose_name = _("人员")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huiyin.accounts import invariants
        from huiyin.core import health

        health.register_invariants(invariants.ALL)
