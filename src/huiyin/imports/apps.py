"""Files of a firm become staged rows, and staged rows become what they mean."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImportsConfig(AppConfig):
    name = "huiyin.imports"
    label = "imports"
    verbose_name = _("导入")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huiyin.core import health
        from huiyin.imports import invariants

        health.register_invariants(invariants.ALL)
