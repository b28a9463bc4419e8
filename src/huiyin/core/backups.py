"""How the backups of the house stand: one answer for the doctor and for a banner.

Silence is a failure: a backup that nobody heard of for 26 hours is as bad as one that failed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from huiyin.core.models import BackupRun

PATIENCE = timedelta(hours=26)
"""A night and two hours: how old the last verified backup may be."""


@dataclass(frozen=True, slots=True)
class BackupState:
    """`wanted`: a folder for nightly backups is set. `last`: the last attempt that has ended."""

    wanted: bool
    last: BackupRun | None
    last_good: BackupRun | None
    at: datetime

    @property
    def is_silent(self) -> bool:
        """No verified backup within the patience."""
        good = self.last_good
        return good is None or good.started_at < self.at - PATIENCE

    @property
    def has_failed(self) -> bool:
        """The last attempt ended with an error, or its archive could not be proven."""
        return self.last is not None and bool(self.last.error)

    @property
    def is_red(self) -> bool:
        """Nightly backups are wanted and not to be relied on."""
        return self.wanted and (self.is_silent or self.has_failed)


def state(now: datetime) -> BackupState:
    """How the backups stand at `now`; two small statements."""
    ended = BackupRun.objects.exclude(finished_at=None).order_by("-started_at", "-id")
    return BackupState(
        wanted=bool(settings.HUIYIN_BACKUP_FOLDER),
        last=ended.first(),
        last_good=ended.filter(verified=True).first(),
        at=now,
    )
