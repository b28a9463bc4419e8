from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from huiyin.accounts.visibility import Viewer, visible
from huiyin.cases.models import Case
from huiyin.core import search
from huiyin.records.models import Record
from huiyin.subjects.models import Subject


class FollowupQuerySet(models.QuerySet):
    """The vocabulary of follow-ups; every read for a page starts with ``visible_to``."""

    def visible_to(self, viewer: Viewer) -> FollowupQuerySet:
        """The one visibility predicate on the target, or a visit one planned or made."""
        seen = visible(viewer, prefix="about__")
        if viewer.person_id is not None:
            seen |= Q(planned_by__in=viewer.persons) | Q(record__by__in=viewer.persons)
        return self.filter(seen)

    def matching(self, words: str, viewer: Viewer) -> FollowupQuerySet:
        """By the subject or case that it is about, found in any way, or by its record's whole number."""
        if search.read(words).blank:
            return self
        subjects = Subject.objects.visible_to(viewer).matching(words, viewer)
        cases = Case.objects.visible_to(viewer).matching(words, viewer)
        records = Record.objects.filter(number=words.strip())
        return self.filter(
            search.among("about", subjects.values_list("pk", flat=True))
            | search.among("about", cases.values_list("pk", flat=True))
            | search.among("record", records.values_list("pk", flat=True))
        )

    def with_moment(self) -> FollowupQuerySet:
        """``at``: when it was held; when it is planned for, as long as it was not."""
        return self.annotate(at=Coalesce("held_at", "planned_for"))

    def planned(self) -> FollowupQuerySet:
        return self.filter(state="planned")

    def held(self) -> FollowupQuerySet:
        return self.filter(state="held")

    def of_customer(self, customer: int | None) -> FollowupQuerySet:
        """An empty list for a target without a customer, never everybody's."""
        return self.filter(customer=customer) if customer else self.none()
