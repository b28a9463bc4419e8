"""The vocabulary of questions about one-time links."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models


class LinkQuerySet(models.QuerySet[Any]):
    def open(self, now: datetime) -> LinkQuerySet:
        """Neither ended nor run out; the last moment counts."""
        return self.filter(ended_at=None, expires_at__gte=now)
