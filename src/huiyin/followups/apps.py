from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FollowupsConfig(AppConfig):
    name = "huiyin.followups"
    label = "followups"
    verbose_name = _("回访")

    def ready(self) -> None:
        from huiyin.accounts import owned
        from huiyin.core import health
        from huiyin.followups import amending, invariants, services, withdrawing
        from huiyin.ledger.services import subscribe

        owned.register("followup", _("约好的回访"), services.planned_by, services.hand_over)
        subscribe(withdrawing.call_off_refused)
        subscribe(amending.follow_amended)
        health.register_invariants(invariants.ALL)
