from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecordsConfig(AppConfig):
    name = "huiyin.records"
    label = "records"
    verbose_name = _("记录")

    def ready(self) -> None:
        from huiyin.core import health
        from huiyin.records import invariants

        health.register_invariants(invariants.ALL)
