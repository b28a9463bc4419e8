"""The outbox: what people are told, once each."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "huiyin.notices"
    label = "notices"
    verbose_name = _("通知")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huiyin.core import health
        from huiyin.notices import invariants

        health.register_invariants(invariants.ALL)
