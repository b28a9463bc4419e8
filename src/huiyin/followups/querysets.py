from __future__ import annotations

from django.db import models
from django.db.models import Q

from huiyin.accounts.visibility import Viewer, visible


class FollowupQuerySet(models.QuerySet):
    """The vocabulary of follow-ups; every read for a page starts with ``visible_to``."""

    def visible_to(self, viewer: Viewer) -> FollowupQuerySet:
        """The one visibility predicate on the target, or a visit one planned or made."""
        seen = visible(viewer, prefix="about__")
        if viewer.person_id is not None:
            seen |= Q(planned_by=viewer.person_id) | Q(record__by=viewer.person_id)
        return self.filter(seen)

    def planned(self) -> FollowupQuerySet:
        return self.filter(state="planned")

    def held(self) -> FollowupQuerySet:
        return self.filter(state="held")

    def of_customer(self, customer: int | None) -> FollowupQuerySet:
        """An empty list for a target without a customer, never everybody's."""
        return self.filter(customer=customer) if customer else self.none()
