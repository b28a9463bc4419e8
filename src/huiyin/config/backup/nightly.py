"""The backup of each night: when it is due, and which old ones may go."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

from huiyin.core.models import BackupRun

HOUR = time(2)  # of the firm's clock, when the day's work is done
AGAIN_AFTER = timedelta(hours=2)  # a failed one is tried again
DAILY, WEEKLY = 7, 4
UNPROVEN = ".unproven"  # after the name of one that did not pass; the last is kept to look at
NAME = re.compile(r"huiyin-(\d{4}-\d\d-\d\dT\d{6})\.huiyin")


def folder() -> Path | None:
    """Where nightly backups go; None: nobody asked for them."""
    return Path(settings.HUIYIN_BACKUP_FOLDER) if settings.HUIYIN_BACKUP_FOLDER else None


def file_name(now: datetime, zone: ZoneInfo) -> str:
    """A name that sorts by time, in the firm's zone."""
    return f"huiyin-{now.astimezone(zone):%Y-%m-%dT%H%M%S}.huiyin"


def is_due(now: datetime, zone: ZoneInfo) -> bool:
    """Whether this night's backup is still to be made; a machine that was off makes up for it."""
    runs = BackupRun.objects.filter(
        started_at__gte=_last_night(now, zone), path__startswith=f"{folder()}/huiyin-"
    )
    last = runs.order_by("-started_at").first()
    if last is None:
        return True
    return not last.verified and last.started_at < now - AGAIN_AFTER


def _last_night(now: datetime, zone: ZoneInfo) -> datetime:
    local = now.astimezone(zone)
    tonight = datetime.combine(local.date(), HOUR, tzinfo=zone)
    return tonight if local >= tonight else tonight - timedelta(days=1)


def tidy(place: Path) -> list[Path]:
    """Remove what the plan keeps no longer, and halves of killed backups; returns what went."""
    archives = {path: moment for path in place.iterdir() if (moment := _moment(path))}
    staying = kept(archives.items())
    gone = [path for path in archives if path not in staying]
    gone += sorted(place.glob(f"huiyin-*.huiyin{UNPROVEN}"))[:-1]
    gone += [p for p in place.glob(".huiyin-*.part") if NAME.fullmatch(p.name[1:-5])]
    for path in gone:
        path.unlink(missing_ok=True)
    return sorted(gone)


def kept(archives: Iterable[tuple[Path, datetime]]) -> set[Path]:
    """The newest of each of the last seven days, and of each of the last four weeks, that have any."""
    newest_first = sorted(archives, key=lambda each: each[1], reverse=True)
    days: dict[object, Path] = {}
    weeks: dict[object, Path] = {}
    for path, moment in newest_first:
        days.setdefault(moment.date(), path)
        weeks.setdefault(moment.isocalendar()[:2], path)
    return {*list(days.values())[:DAILY], *list(weeks.values())[:WEEKLY]}


def _moment(path: Path) -> datetime | None:
    found = NAME.fullmatch(path.name)
    return datetime.strptime(found[1], "%Y-%m-%dT%H%M%S") if found else None  # noqa: DTZ007
