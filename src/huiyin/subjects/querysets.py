from __future__ import annotations

from django.db import models
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Concat

from huiyin.accounts.visibility import Viewer, visible
from huiyin.ledger.models import Fact


class SubjectQuerySet(models.QuerySet):
    """The vocabulary of subjects; every read for a page starts with ``visible_to``."""

    def visible_to(self, viewer: Viewer) -> SubjectQuerySet:
        return self.filter(visible(viewer, prefix="target__"))

    def of_kind(self, kind: str) -> SubjectQuerySet:
        return self.filter(kind=kind)

    def matching(self, words: str) -> SubjectQuerySet:
        """By part of its number, of its customer's number, or of the place written on it."""
        words = words.strip()
        if not words:
            return self
        return self.filter(
            Q(number__icontains=words)
            | Q(customer__number__icontains=words)
            | Q(fields__place__icontains=words)
        )

    def with_last_event(self) -> SubjectQuerySet:
        """``event`` (the kind of its last standing fact) and ``event_at``.

        Read from the ledger per row of the page, so it cannot differ from what happened.
        """
        last = (
            Fact.objects.standing()
            .filter(target=OuterRef("pk"), kind__startswith=Concat(OuterRef("kind"), Value(".")))
            .order_by("-happened_at", "-id")
        )
        return self.annotate(
            event=Subquery(last.values("kind")[:1]),
            event_at=Subquery(last.values("happened_at")[:1]),
        )
