from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ObligationsConfig(AppConfig):
    name = "huiyin.obligations"
    label = "obligations"
    verbose_name = _("义务")

    def ready(self) -> None:
        from huiyin.accounts import owned
        from huiyin.core import acts, health
        from huiyin.ledger import services as ledger
        from huiyin.obligations import (
            assigning,
            guards,
            invariants,
            population,
            populations,
            services,
        )

        ledger.subscribe(services.apply)
        acts.register_checker(guards.check)
        populations.register("person", population.PEOPLE)
        populations.register("owned", population.OWNED)
        populations.register("score", population.SCORES)
        populations.register("obligation", population.OBLIGATIONS)
        owned.register(
            "obligation",
            _("义务"),
            lambda person: assigning.owed_in_person(person).count(),
            assigning.hand_over,
        )
        health.register_invariants(invariants.ALL)
