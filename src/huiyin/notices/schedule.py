"""When mail goes out: quiet hours, the digest's moment, the waits between tries.

Pure functions of moments and settings. Moments are aware; times of day are on the wall of the
firm's zone; answers are in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)
"""How long to wait after the first, second … try that failed; after one more it is given up."""

STALE_AFTER = timedelta(minutes=15)
"""Longer than one mail can take: every step of a conversation ends within its own time-out."""

QUIET_HOURS, DUE_FIRST = "quiet_hours", "due_first"
"""Why a single mail waits, and why it does not wait although it is quiet."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Quiet from `start` until just before `end`, over midnight when it ends before it starts."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Turn:
    """When a single mail goes out, and why then; no reason: at once, as always."""

    at: datetime
    reason: str = ""


def quiet_until(now: datetime, quiet: Quiet | None, zone: tzinfo) -> datetime | None:
    """The end of the quiet hours that `now` lies in; None when it is not quiet.

    Quiet hours that end when they start are none.
    """
    if quiet is None or quiet.start == quiet.end:
        return None
    local = now.astimezone(zone)
    at, day = local.time(), local.date()
    if quiet.start < quiet.end:
        inside = quiet.start <= at < quiet.end
    else:
        inside = at >= quiet.start or at < quiet.end
        if at >= quiet.start:
            day += timedelta(days=1)
    if not inside:
        return None
    # Where clocks are put back an hour comes twice: the end meant is the one after `now`.
    end = datetime.combine(day, quiet.end, zone).replace(fold=local.fold)
    return end.astimezone(UTC)


def single_turn(now: datetime, *, due: datetime | None, quiet: Quiet | None, zone: tzinfo) -> Turn:
    """A single mail waits for the end of the quiet hours, unless its matter falls due before.

    What is overdue already waits: nothing is saved by waking somebody up.
    """
    end = quiet_until(now, quiet, zone)
    if end is None:
        return Turn(now)
    if due is not None and now <= due < end:
        return Turn(now, DUE_FIRST)
    return Turn(end, QUIET_HOURS)


def last_digest(now: datetime, at: time, zone: tzinfo) -> datetime:
    """The latest moment of a digest that is not after `now`."""
    day = now.astimezone(zone).date()
    moment = _on(day, at, zone)
    return moment if moment <= now else _on(day - timedelta(days=1), at, zone)


def next_digest(now: datetime, at: time, zone: tzinfo) -> datetime:
    """The first moment of a digest after `now`: what is written at the moment itself waits."""
    day = now.astimezone(zone).date()
    moment = _on(day, at, zone)
    return moment if moment > now else _on(day + timedelta(days=1), at, zone)


def wait_after(tries: int) -> timedelta | None:
    """How long to wait after so many tries that failed; None: give up."""
    return WAITS[tries - 1] if tries <= len(WAITS) else None


def _on(day: date, at: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)
