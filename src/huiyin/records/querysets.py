from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from huiyin.accounts.visibility import Viewer, visible


class RecordQuerySet(models.QuerySet):
    """The vocabulary of records; every read for a page starts with ``visible_to``."""

    def visible_to(self, viewer: Viewer) -> RecordQuerySet:
        """Whoever may see what the record is about, and whoever made it."""
        own = Q(by=viewer.person_id) | Q(recorded_by=viewer.person_id)
        return self.filter(visible(viewer, prefix="about__") | own)

    def current(self) -> RecordQuerySet:
        """The newest version of each number."""
        return self.filter(amended_by=None)

    def versions_of(self, record: Any) -> RecordQuerySet:
        """All versions under the number of a record, the newest last."""
        return self.filter(form=record.form, number=record.number).order_by("version")

    def about(self, *targets: int) -> RecordQuerySet:
        return self.filter(about__in=targets)
