from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SubjectsConfig(AppConfig):
    name = "huiyin.subjects"
    label = "subjects"
    verbose_name = _("跟踪对象")

    def ready(self) -> None:
        from huiyin.core import health
        from huiyin.obligations import populations
        from huiyin.subjects import invariants
        from huiyin.subjects.population import SUBJECTS

        populations.register(populations.SUBJECT, SUBJECTS)
        health.register_invariants(invariants.ALL)
