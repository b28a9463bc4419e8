from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from huiyin.accounts.visibility import Viewer, visible
from huiyin.ledger.models import Fact


class RecordQuerySet(models.QuerySet):
    """The vocabulary of records; every read for a page starts with ``visible_to``."""

    def visible_to(self, viewer: Viewer) -> RecordQuerySet:
        """Whoever may see what the record is about, who made it, and to whom it was handed over."""
        own = Q(by=viewer.person_id) | Q(recorded_by=viewer.person_id)
        given = self.model.objects.filter(handovers__to__in=viewer.persons).order_by()
        return self.filter(visible(viewer, prefix="about__") | own | Q(pk__in=given.values("pk")))

    def current(self) -> RecordQuerySet:
        """The newest version of each number."""
        return self.filter(amended_by=None)

    def standing(self) -> RecordQuerySet:
        """Without those whose filing was taken back."""
        voided = Fact.objects.filter(
            target=OuterRef("about"), kind="record.filed", voided_by__isnull=False
        ).annotate(record=Cast(KT("values__record.id"), models.BigIntegerField()))
        return self.exclude(Exists(voided.filter(record=OuterRef("pk"))))

    def versions_of(self, record: Any) -> RecordQuerySet:
        """All versions under the number of a record, the newest last."""
        return self.filter(form=record.form, number=record.number).order_by("version")

    def about(self, *targets: int) -> RecordQuerySet:
        return self.filter(about__in=targets)
