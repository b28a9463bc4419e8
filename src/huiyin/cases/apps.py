from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    name = "huiyin.cases"
    label = "cases"
    verbose_name = _("事项")

    def ready(self) -> None:
        from huiyin.cases import invariants
        from huiyin.cases.population import CASES
        from huiyin.core import health
        from huiyin.obligations import populations

        populations.register("case", CASES)
        health.register_invariants(invariants.ALL)
