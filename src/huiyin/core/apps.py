"""The ground floor: clock, errors, crypto, acts, types; no business words."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "huiyin.core"
    label = "core"
    verbose_name = _("基础")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huiyin.core import checks, health, invariants  # noqa: F401  registers the start-up check

        health.register_invariants(invariants.ALL)
