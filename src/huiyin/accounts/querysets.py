"""The vocabulary of questions about people."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q

from huiyin.ledger.visibility import Viewer, visible


class UnitQuerySet(models.QuerySet[Any]):
    def visible_to(self, viewer: Viewer) -> UnitQuerySet:
        return self.filter(visible(viewer))


class PersonQuerySet(models.QuerySet[Any]):
    def visible_to(self, viewer: Viewer) -> PersonQuerySet:
        return self.filter(visible(viewer))

    def in_firm(self, on: date) -> PersonQuerySet:
        """Not left before `on`; the last day counts."""
        return self.filter(Q(left_on=None) | Q(left_on__gte=on))


class PostQuerySet(models.QuerySet[Any]):
    def held(self, on: date) -> PostQuerySet:
        """In force on `on`, a day in the firm's zone; both ends count."""
        return self.filter(Q(to_on=None) | Q(to_on__gte=on), from_on__lte=on).filter(
            Q(person__left_on=None) | Q(person__left_on__gte=on)
        )

    def visible_to(self, viewer: Viewer) -> PostQuerySet:
        return self.filter(visible(viewer, "person__target__"))
