"""When something is due. Days end at 24:00 in the firm's zone; hours are exact instants.

The first day is not counted: three days from 2 March, at whatever hour, end with 5 March.
24:00 is kept as the next day's 00:00, in UTC. On time iff t <= due; overdue iff now > due.
"""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from huiyin.policy.lengths import Length

TICK = timedelta(microseconds=1)
"""The smallest step of the database's clock: the first moment after ``due``."""


def due_after(start: datetime, length: Length, zone: ZoneInfo) -> datetime:
    """The deadline of ``length`` counted from ``start`` (aware), in UTC."""
    if length.is_exact:
        return start.astimezone(UTC) + timedelta(hours=length.amount)
    return end_of_day(move_date(start.astimezone(zone).date(), length), zone)


def shift(moment: datetime, length: Length, zone: ZoneInfo) -> datetime:
    """``moment`` moved on by ``length``; days, weeks and months keep the time on the wall."""
    if length.is_exact:
        return moment.astimezone(UTC) + timedelta(hours=length.amount)
    local = moment.astimezone(zone)
    if length.unit == "eod":
        return end_of_day(local.date(), zone)
    moved = datetime.combine(move_date(local.date(), length), local.time(), tzinfo=zone)
    return moved.astimezone(UTC)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """24:00 of a day in the zone, which is 00:00 of the next day, in UTC."""
    following = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
    return following.astimezone(UTC)


def move_date(day: date, length: Length) -> date:
    """A date moved by days, weeks or months; 31 January + 1 month is the end of February."""
    if length.unit == "mo":
        return _add_months(day, length.amount)
    days = {"eod": 0, "d": length.amount, "w": 7 * length.amount}[length.unit]
    return day + timedelta(days=days)


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def due_at(value: str, zone: ZoneInfo) -> datetime:
    """The deadline that a field states: the end of a date, or an instant. Raises ValueError."""
    if len(value) == len("2026-03-05"):
        return end_of_day(date.fromisoformat(value), zone)
    moment = datetime.fromisoformat(value)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def period_of(moment: datetime, per: str, zone: ZoneInfo) -> date:
    """The first day of the month, quarter or year in which ``moment`` lies in the firm's zone."""
    day = moment.astimezone(zone).date()
    month = {"month": day.month, "quarter": (day.month - 1) // 3 * 3 + 1, "year": 1}[per]
    return date(day.year, month, 1)


def period_end(start: date, per: str) -> date:
    """The first day after the period that starts with ``start``."""
    return _add_months(start, {"month": 1, "quarter": 3, "year": 12}[per])
