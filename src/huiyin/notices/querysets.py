"""The vocabulary of questions about notices and what is on its way."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Case, ExpressionWrapper, Q, Value, When

from huiyin.ledger.visibility import Viewer, visible

IS_READ = ExpressionWrapper(Q(read_at__isnull=False), output_field=models.BooleanField())


class NoticeQuerySet(models.QuerySet[Any]):
    def to(self, person_id: int) -> NoticeQuerySet:
        return self.filter(recipient_id=person_id)

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at=None)

    def visible_to(self, viewer: Viewer) -> NoticeQuerySet:
        """Told to the viewer, or about something that he may see."""
        mine = Q(recipient_id=viewer.person_id)
        return self.filter(mine | visible(viewer, "about__"))

    def with_sight(self, viewer: Viewer) -> NoticeQuerySet:
        """`hidden`: the viewer, to whom it was told, may not see any more what it is about.

        Who saw it when he was told has lost that since. Who never did was told for a tie of his
        own (he repaired it, he raised it): he reads it as long as he holds any post.
        """
        lost = Value(True) if not viewer.owns else models.F("in_sight")
        return self.annotate(
            hidden=Case(
                When(visible(viewer, "about__"), then=Value(False)),
                default=lost,
                output_field=models.BooleanField(),
            )
        )

    def unread_first(self) -> NoticeQuerySet:
        """`is_read` sorts before the moment; an index holds both."""
        return self.annotate(is_read=IS_READ)


class RouteQuerySet(models.QuerySet[Any]):
    def waiting_for_digest(self) -> RouteQuerySet:
        """For the next digest of its reader, and in none yet."""
        return self.filter(way="digest", delivery=None, reason="")


class DeliveryQuerySet(models.QuerySet[Any]):
    def queued(self) -> DeliveryQuerySet:
        return self.filter(state="queued")

    def due(self, now: datetime) -> DeliveryQuerySet:
        return self.queued().filter(next_try_at__lte=now).order_by("next_try_at", "id")

    def failed(self) -> DeliveryQuerySet:
        return self.filter(state="failed")

    def in_hand(self, id: int, tries: int, claimed_at: datetime) -> DeliveryQuerySet:
        """The delivery if the try that somebody began is still the running one."""
        return self.filter(pk=id, state="sending", tries=tries, claimed_at=claimed_at)
