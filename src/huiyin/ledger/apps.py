"""Targets and the facts about them, written once and never changed."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    name = "huiyin.ledger"
    label = "ledger"
    verbose_name = _("台账")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huiyin.core import health
        from huiyin.ledger import invariants

        health.register_invariants(invariants.ALL)
        health.register_check(invariants.seals)
