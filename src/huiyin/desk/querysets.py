"""The vocabulary of questions about saved views and exports."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from huiyin.accounts.models import Post
from huiyin.ledger.visibility import Viewer

KEPT = timedelta(days=7)
"""How long a sheet lies ready."""


class SavedViewQuerySet(models.QuerySet):
    def of(self, person: int) -> SavedViewQuerySet:
        return self.filter(owner=person)

    def offered_to(self, viewer: Viewer) -> SavedViewQuerySet:
        """His own, and those shared with a position that he holds on the day; own ones first."""
        if viewer.person_id is None or viewer.on is None:
            return self.none()
        held = Post.objects.held(viewer.on).filter(person=viewer.person_id).values("position")
        offered = self.filter(Q(owner=viewer.person_id) | Q(shared_with__in=held))
        return offered.annotate(is_own=Q(owner=viewer.person_id)).order_by("-is_own", "pk")


class ExportQuerySet(models.QuerySet):
    def of(self, person: int) -> ExportQuerySet:
        return self.filter(requested_by=person)

    def kept(self, now: datetime) -> ExportQuerySet:
        return self.filter(requested_at__gt=now - KEPT)

    def outlived(self, now: datetime) -> ExportQuerySet:
        return self.filter(requested_at__lte=now - KEPT)
