from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AdoptionConfig(AppConfig):
    name = "huiyin.adoption"
    label = "adoption"
    verbose_name = _("启用")

    def ready(self) -> None:
        from huiyin.adoption import invariants
        from huiyin.core import health

        health.register_invariants(invariants.ALL)
