"""The vocabulary of questions about facts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q

from huiyin.ledger.visibility import Viewer, visible


class TargetQuerySet(models.QuerySet[Any]):
    def of_kind(self, kind: str) -> TargetQuerySet:
        return self.filter(kind=kind)

    def visible_to(self, viewer: Viewer) -> TargetQuerySet:
        return self.filter(visible(viewer, ""))


class FactQuerySet(models.QuerySet[Any]):
    def about(self, target_ids: Iterable[int]) -> FactQuerySet:
        return self.filter(target_id__in=list(target_ids))

    def standing(self) -> FactQuerySet:
        """Neither a void nor voided: what still counts."""
        return self.filter(voids=None, voided_by=None)

    def stated_with(self, fact: Any) -> FactQuerySet:
        """What the same person entered in the same transaction: the fact itself among it."""
        return self.filter(
            xact=fact.xact,
            recorded_at=fact.recorded_at,
            recorded_by=fact.recorded_by_id,
            source=fact.source,
        )

    def visible_to(self, viewer: Viewer, besides: Q | None = None) -> FactQuerySet:
        """``besides``: which facts he sees whether or not he sees their target."""
        seen = visible(viewer)
        return self.filter(seen if besides is None else seen | besides)

    def happened_in(self, start: datetime, end: datetime) -> FactQuerySet:
        return self.filter(happened_at__gte=start, happened_at__lt=end)
