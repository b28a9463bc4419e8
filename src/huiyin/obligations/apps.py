from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ObligationsConfig(AppConfig):
    name = "huiyin.obligations"
    label = "obligations"
    verbose_name = _("义务")

    def ready(self) -> None:
        from huiyin.core import acts
        from huiyin.ledger import services as ledger
        from huiyin.obligations import guards, services

        ledger.subscribe(services.apply)
        acts.register_checker(guards.check)
