from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL

from huiyin.accounts.visibility import Viewer, visible


class ObligationQuerySet(models.QuerySet):
    """The vocabulary of obligations; every read for a page starts with ``visible_to``."""

    def visible_to(self, viewer: Viewer) -> ObligationQuerySet:
        """The one visibility predicate on the target, or one's own, or an absent colleague's."""
        seen = visible(viewer, prefix="target__")
        if viewer.person_id is not None:
            seen |= Q(holder__in=viewer.persons)
        return self.filter(seen)

    def open(self) -> ObligationQuerySet:
        return self.filter(state="open")

    def waiting(self) -> ObligationQuerySet:
        """Open or blocked: not settled yet."""
        return self.filter(state__in=["open", "blocked"])

    def obstructed(self) -> ObligationQuerySet:
        """受阻: nobody may do it, whoever he is, until the obstacle is gone."""
        return self.filter(state="blocked").exclude(obstructed_by="")

    def free(self) -> ObligationQuerySet:
        """Nothing stands in its way but time and people."""
        return self.filter(obstructed_by="")

    def due_for_a_look(self, now: datetime) -> ObligationQuerySet:
        """Strictly before: at its very due moment an obligation is still on time."""
        # As a subquery, because to plan for a moment that is there to read the server would look
        # up the ends of the index, past everything that was swept away.
        moment = RawSQL("SELECT %s::timestamptz", [now], models.DateTimeField())
        return self.open().filter(next_look_at__lt=moment)

    def of_duty(self, named: str) -> ObligationQuerySet:
        """Of one duty, named with its policy: ``pack.duty``."""
        policy, _dot, duty = named.rpartition(".")
        return self.filter(policy=policy, duty=duty)

    def overdue(self, now: datetime) -> ObligationQuerySet:
        return self.filter(due_at__lt=now)

    def due_between(self, now: datetime, until: datetime) -> ObligationQuerySet:
        """Both included."""
        return self.filter(due_at__gte=now, due_at__lte=until)

    def about(self, *targets: int) -> ObligationQuerySet:
        return self.filter(target__in=targets)
