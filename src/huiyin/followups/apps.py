from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FollowupsConfig(AppConfig):
    name = "huiyin.followups"
    label = "followups"
    verbose_name = _("回访")

    def ready(self) -> None:
        from huiyin.core import health
        from huiyin.followups import invariants

        health.register_invariants(invariants.ALL)
