from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    name = "huiyin.customers"
    label = "customers"
    verbose_name = _("客户")

    def ready(self) -> None:
        from huiyin.accounts import owned
        from huiyin.core import acts, health
        from huiyin.customers import consent, invariants, population, services
        from huiyin.ledger.models import Target
        from huiyin.obligations import populations

        acts.register_checker(consent.check, name=consent.NAME, obstacle=consent.obstacles)
        populations.register("customer", population.CUSTOMERS)
        populations.register("contact", population.CONTACTS)
        owned.register(
            "customer",
            _("客户"),
            lambda person: Target.objects.of_kind("customer").filter(owner=person).count(),
            services.hand_over,
        )
        health.register_invariants(invariants.ALL)
