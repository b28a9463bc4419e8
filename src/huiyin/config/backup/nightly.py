"""The backup of each night: when it is due, and which old ones may go."""

from __future__ import annotations

import asyncio
import logging
import re
import sys
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from asgiref.sync import sync_to_async
from django.conf import settings

from huiyin.accounts.queries import zone
from huiyin.config.processes import die_with_parent
from huiyin.core import clock
from huiyin.core.models import BackupRun

logger = logging.getLogger(__name__)

HOUR = time(2)  # of the firm's clock, when the day's work is done
AGAIN_AFTER = timedelta(hours=2)  # a failed one is tried again
DAILY, WEEKLY = 7, 4
UNPROVEN = ".unproven"  # after the name of one that did not pass; the last is kept to look at
NAME = re.compile(r"huiyin-(\d{4}-\d\d-\d\dT\d{6})\.huiyin")


def folder() -> Path | None:
    """Where nightly backups go; None: nobody asked for them."""
    named = settings.HUIYIN_BACKUP_FOLDER
    return Path(named).expanduser().absolute() if named else None


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


async def run_if_due() -> bool:
    """Make the night's backup in a process of its own; returns whether one was due.

    Not in this process: a backup works on other databases, as another role. A failure is noted
    with its run, where the doctor and the banner look; the job itself has done its part.
    """
    if folder() is None or not await sync_to_async(_is_due_now)():
        return False
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "huiyin", "backup", "--no-key",
        stdin=asyncio.subprocess.DEVNULL,
        preexec_fn=die_with_parent,
    )  # fmt: skip
    try:
        status = await process.wait()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if status:
        logger.error("the nightly backup ended with status %s; huiyin doctor tells more", status)
    return True


def _is_due_now() -> bool:
    return is_due(clock.now(), zone())


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
