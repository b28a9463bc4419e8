"""When something is due. Days end at 24:00 in the firm's zone; hours are exact instants.

The first day is not counted: three days from 2 March, at whatever hour, end with 5 March.
24:00 is kept as the next day's 00:00, in UTC. On time iff t <= due; overdue iff now > due.
Working days, and last days that are moved off a holiday, come from the firm's work calendar;
what an unconfirmed year has a say in is provisional.
"""

from __future__ import annotations

import calendar as months
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from huiyin.policy.calendar import DAY, PLAIN, SATURDAY, Direction, WorkCalendar
from huiyin.policy.lengths import Length

TICK = timedelta(microseconds=1)
"""The smallest step of the database's clock: the first moment after ``due``."""

Explained = tuple[str, Mapping[str, object]]
"""What the calendar had to say: the key of a sentence and its values; days are ISO texts.

``weekend first last`` · ``holiday name first last`` · ``off first last`` (the firm's own): not
counted. ``worked day``: counted though it is a weekend or a holiday. ``rolled day to direction``:
the last day moved. ``unconfirmed years``: of these the calendar is not confirmed.
"""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last moment on time, in UTC, and how the calendar led there."""

    moment: datetime
    provisional: bool = False
    steps: tuple[Explained, ...] = ()


@dataclass(frozen=True, slots=True)
class LastDay:
    """A day that was counted to, before it becomes a moment."""

    day: date
    unconfirmed: frozenset[int] = frozenset()
    steps: tuple[Explained, ...] = ()

    def rolled(self, direction: Direction | None, calendar: WorkCalendar) -> LastDay:
        """Moved to a working day if it is none; None leaves it and asks no calendar."""
        if direction is None:
            return self
        day = calendar.roll(self.day, direction)
        unconfirmed = self.unconfirmed | _unconfirmed(calendar, self.day, day)
        if day == self.day:
            return replace(self, unconfirmed=unconfirmed)
        between = (self.day, day - DAY) if day > self.day else (day + DAY, self.day)
        moved = {"day": self.day.isoformat(), "to": day.isoformat(), "direction": direction}
        steps = (*self.steps, *_explained(calendar, *between), ("rolled", moved))
        return LastDay(day, unconfirmed, steps)

    def at_end(self, zone: ZoneInfo) -> Deadline:
        """24:00 of the day."""
        return self._due(end_of_day(self.day, zone))

    def at(self, clock: time, zone: ZoneInfo) -> Deadline:
        """A time of the day on the wall."""
        return self._due(datetime.combine(self.day, clock, tzinfo=zone).astimezone(UTC))

    @property
    def why(self) -> tuple[Explained, ...]:
        """The steps, and at last what makes the day provisional."""
        if not self.unconfirmed:
            return self.steps
        return (*self.steps, ("unconfirmed", {"years": tuple(sorted(self.unconfirmed))}))

    def _due(self, moment: datetime) -> Deadline:
        return Deadline(moment, bool(self.unconfirmed), self.why)


def deadline(
    start: datetime,
    length: Length,
    zone: ZoneInfo,
    calendar: WorkCalendar = PLAIN,
    roll: Direction | None = None,
) -> Deadline:
    """The deadline of ``length`` counted from ``start`` (aware).

    Hours run through nights and holidays. Days, working days, weeks and months end at 24:00 of
    their last day (Civil Code art. 200-203); ``roll`` moves a last day that is not worked.
    Provisional iff working days or a roll touched a year that is not confirmed.
    """
    if length.is_exact:
        return Deadline(start.astimezone(UTC) + timedelta(hours=length.amount))
    last = count(start.astimezone(zone).date(), length, calendar)
    return last.rolled(roll, calendar).at_end(zone)


def due_after(
    start: datetime, length: Length, zone: ZoneInfo, calendar: WorkCalendar = PLAIN
) -> datetime:
    """The moment of ``deadline`` alone."""
    return deadline(start, length, zone, calendar).moment


def shift(
    moment: datetime, length: Length, zone: ZoneInfo, calendar: WorkCalendar = PLAIN
) -> datetime:
    """``moment`` moved on by ``length``; all but hours keep the time on the wall."""
    if length.is_exact:
        return moment.astimezone(UTC) + timedelta(hours=length.amount)
    local = moment.astimezone(zone)
    if length.unit == "eod":
        return end_of_day(local.date(), zone)
    if length.counts_workdays and local.time() == time():
        # Midnight is the end of a day: a working day after Friday 24:00 is Monday 24:00.
        return end_of_day(calendar.add_workdays(local.date() - DAY, length.amount), zone)
    day = move_date(local.date(), length, calendar)
    return datetime.combine(day, local.time(), tzinfo=zone).astimezone(UTC)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """24:00 of a day in the zone, which is 00:00 of the next day, in UTC."""
    return start_of_day(day + DAY, zone)


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """00:00 of a day in the zone, in UTC."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def move_date(day: date, length: Length, calendar: WorkCalendar = PLAIN, sign: int = 1) -> date:
    """A date moved by days, weeks, months or working days, back if ``sign`` is -1.

    31 January + 1 month is the end of February.
    """
    amount = sign * length.amount
    if length.unit == "mo":
        return add_months(day, amount)
    if length.counts_workdays:
        return calendar.add_workdays(day, amount)
    return day + {"eod": 0, "d": 1, "w": 7}[length.unit] * amount * DAY


def count(day: date, length: Length, calendar: WorkCalendar = PLAIN, sign: int = 1) -> LastDay:
    """``move_date`` with what the calendar had to say about the days between."""
    last = move_date(day, length, calendar, sign)
    if not length.counts_workdays or last == day:
        return LastDay(last)
    counted = (day + DAY, last) if last > day else (last, day - DAY)
    return LastDay(last, _unconfirmed(calendar, *counted), tuple(_explained(calendar, *counted)))


def _unconfirmed(calendar: WorkCalendar, one: date, other: date) -> frozenset[int]:
    years = range(min(one, other).year, max(one, other).year + 1)
    return frozenset(year for year in years if year not in calendar.confirmed)


def _explained(calendar: WorkCalendar, first: date, last: date) -> Iterator[Explained]:
    """Each run of days that are not worked, and each day that is though one might think not."""
    run: tuple[str, str, date] | None = None
    day = first
    while day <= last:
        kind, name = _kind(calendar, day)
        if run and run[:2] != (kind, name):
            yield _run(*run, day - DAY)
            run = None
        if kind == "worked":
            yield "worked", {"day": day.isoformat()}
        elif kind:
            run = run or (kind, name, day)
        day += DAY
    if run:
        yield _run(*run, last)


def _kind(calendar: WorkCalendar, day: date) -> tuple[str, str]:
    is_weekend = day.weekday() >= SATURDAY
    name = calendar.holidays.get(day, "")
    if calendar.is_workday(day):
        return ("worked", "") if is_weekend or name else ("", "")
    if name:
        return "holiday", name
    return ("weekend" if is_weekend else "off"), ""


def _run(kind: str, name: str, first: date, last: date) -> Explained:
    days = {"first": first.isoformat(), "last": last.isoformat()}
    return kind, {"name": name, **days} if name else days


def add_months(day: date, amount: int) -> date:
    """The same day of a later or earlier month, or its last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + amount, 12)
    last = months.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def due_at(value: str, zone: ZoneInfo) -> datetime:
    """The deadline that a field states: the end of a date, or an instant. Raises ValueError."""
    if len(value) == len("2026-03-05"):
        return end_of_day(date.fromisoformat(value), zone)
    moment = datetime.fromisoformat(value)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


PER_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def period_of(moment: datetime, per: str, zone: ZoneInfo) -> date:
    """The first day of the month, quarter or year in which ``moment`` lies in the firm's zone."""
    return first_of(moment.astimezone(zone).date(), per)


def first_of(day: date, per: str) -> date:
    """The first day of the month, quarter or year that holds ``day``."""
    length = PER_MONTHS[per]
    return date(day.year, (day.month - 1) // length * length + 1, 1)


def period_end(start: date, per: str) -> date:
    """The first day after the period that starts with ``start``."""
    return add_months(start, PER_MONTHS[per])
