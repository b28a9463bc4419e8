"""The vocabulary of questions about notices."""

from __future__ import annotations

from typing import Any

from django.db import models

from huiyin.ledger.visibility import Viewer, visible


class NoticeQuerySet(models.QuerySet[Any]):
    def to(self, person_id: int) -> NoticeQuerySet:
        return self.filter(recipient_id=person_id)

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at=None)

    def visible_to(self, viewer: Viewer) -> NoticeQuerySet:
        """Told to the viewer, or about something that he may see."""
        mine = models.Q(recipient_id=viewer.person_id)
        return self.filter(mine | visible(viewer, "about__"))
