from __future__ import annotations

from datetime import UTC, datetime

from django.db import models
from django.db.models import Exists, Min, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from huiyin.accounts.visibility import Viewer, visible
from huiyin.core import search
from huiyin.customers.models import Customer
from huiyin.obligations.models import Obligation
from huiyin.obligations.queries import mine
from huiyin.subjects.models import Subject

# Sorts after every real deadline, so that one key serves rows with and without a clock.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class CaseQuerySet(models.QuerySet):
    """The vocabulary of cases; every read for a page starts with ``visible_to``."""

    def visible_to(self, viewer: Viewer) -> CaseQuerySet:
        """The one visibility predicate on the target, or a case one raised or has to put right."""
        seen = visible(viewer, prefix="target__")
        if viewer.person_id is not None:
            seen |= Q(repairer__in=viewer.persons) | Q(raised_by__in=viewer.persons)
        return self.filter(seen)

    def managed_by(self, viewer: Viewer) -> CaseQuerySet:
        """Those of ``visible_to`` that the viewer leads, by his units or because he raised them."""
        if viewer.heads_all:
            return self
        led = Q(target__unit__in=viewer.headed) | Q(raised_by__in=viewer.persons)
        return self.filter(led)

    def owed_by(self, viewer: Viewer, *, now: datetime) -> CaseQuerySet:
        """Those about which the viewer owes something, or that he has been told to put right."""
        if viewer.person_id is None:
            return self.none()
        owed = mine(viewer.person_id, now=now).filter(target=OuterRef("pk"))
        told = Q(repairer__in=viewer.persons, stage="notified")
        return self.filter(Exists(owed) | told)

    def open(self) -> CaseQuerySet:
        return self.exclude(stage="closed")

    def closed(self) -> CaseQuerySet:
        return self.filter(stage="closed")

    def about(self, *subjects: int) -> CaseQuerySet:
        return self.filter(subject__in=subjects)

    def matching(self, words: str, viewer: Viewer) -> CaseQuerySet:
        """By parts of number and description, or by customer or subject, found in any way.

        Only customers and subjects that the viewer sees: a search tells nothing about others.
        """
        asked = search.read(words)
        if asked.blank:
            return self
        customers = Customer.objects.visible_to(viewer).matching(words)
        subjects = Subject.objects.visible_to(viewer).filter(number__startswith=words.strip())
        found = search.among("customer", customers.values_list("pk", flat=True))
        found |= search.among("subject", subjects.values_list("pk", flat=True))
        if asked.words:
            found |= search.contains(asked.words)
        return self.filter(found)

    def with_due(self) -> CaseQuerySet:
        """``due``: the strictest deadline that still runs on the case; ``NEVER`` without one."""
        first = (
            Obligation.objects.open()
            .filter(target=OuterRef("pk"), due_at__isnull=False)
            .order_by()
            .values("target")
            .annotate(first=Min("due_at"))
            .values("first")
        )
        return self.annotate(due=Coalesce(Subquery(first), Value(NEVER)))

    def for_pages(self) -> CaseQuerySet:
        return self.select_related("target", "customer", "subject", "repairer", "raised_by")
