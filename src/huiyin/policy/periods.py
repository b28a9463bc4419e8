"""Periods in which something is owed again and again, and moments inside or after them.

A cadence says how the calendar is cut: ``day workday week week(sat) month quarter year holiday``.
The day in brackets is the FIRST day of the week: ``week(sat)`` runs from Saturday to Friday, a week
that ends with Saturday is ``week(sun)``; ``week`` alone starts on Monday (GB/T 7408).
A length such as ``7d`` or ``1mo`` is a cadence counted from an anchor (see ``anchored``).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Literal
from zoneinfo import ZoneInfo

from huiyin.policy.calendar import DAY, PLAIN, Direction, WorkCalendar
from huiyin.policy.clocks import (
    PER_MONTHS,
    Deadline,
    LastDay,
    count,
    first_of,
    move_date,
    period_end,
    start_of_day,
)
from huiyin.policy.lengths import Length, NotALength, parse_length

WEEK = timedelta(days=7)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Off = Literal["previous workday", "next workday"]


class NotACadence(ValueError):
    """The text says no cadence."""


class NotAMoment(ValueError):
    """The text says no moment of a period."""


class NeedsAnchor(ValueError):
    """Steps of a length have no place of their own; they are counted from an anchor."""


@dataclass(frozen=True, slots=True)
class Cadence:
    """How the calendar is cut into periods.

    ``weekday``: the first day of the week, Monday is 0. ``length``: only of ``unit`` "length".
    """

    unit: str
    weekday: int = 0
    length: Length | None = None

    def __str__(self) -> str:
        if self.length is not None:
            return str(self.length)
        return f"week({WEEKDAYS[self.weekday]})" if self.weekday else self.unit

    @property
    def is_anchored(self) -> bool:
        return self.length is not None


@dataclass(frozen=True, slots=True)
class Period:
    """The days ``[first, after)`` in the firm's zone. ``name``: of a holiday."""

    first: date
    after: date
    name: str = field(default="", compare=False)

    @property
    def last(self) -> date:
        """The last day, included."""
        return self.after - DAY

    def starts(self, zone: ZoneInfo) -> datetime:
        """The first instant, in UTC."""
        return start_of_day(self.first, zone)

    def ends(self, zone: ZoneInfo) -> datetime:
        """The first instant after it, in UTC."""
        return start_of_day(self.after, zone)

    def holds(self, day: date) -> bool:
        return self.first <= day < self.after

    def label(self, language: str) -> str:
        """``2026-03-02  2026-W10  2026-03  2026-Q1  2026``, a holiday's name, or first and last."""
        if self.name:
            return f"{self.first:%Y}{'年' if language.startswith('zh') else ' '}{self.name}"
        if label := self._code():
            return label
        to = "至" if language.startswith("zh") else "to"
        return f"{self.first.isoformat()} {to} {self.last.isoformat()}"

    def _code(self) -> str:
        if self.first == self.last:
            return self.first.isoformat()
        if self.first.weekday() == 0 and self.after - self.first == WEEK:
            return f"{self.first:%G-W%V}"
        if self.first.day != 1:
            return ""
        spans = {period_end(self.first, per): per for per in PER_MONTHS}
        per = spans.get(self.after)
        if per is None or first_of(self.first, per) != self.first:
            return ""
        quarter = f"{self.first:%Y}-Q{(self.first.month + 2) // 3}"
        return {"month": f"{self.first:%Y-%m}", "quarter": quarter, "year": f"{self.first:%Y}"}[per]


_SIMPLE = ("day", "workday", "week", *PER_MONTHS, "holiday")
_WEEK = re.compile(rf"week\(({'|'.join(WEEKDAYS)})\)")


def parse_cadence(text: str) -> Cadence:
    """Read ``week``, ``week(sat)``, ``quarter``, ``7d`` …; raises NotACadence.

    Hours and ``eod`` are none: periods are made of whole days. Neither is a step of nothing.
    """
    if text in _SIMPLE:
        return Cadence(text)
    if found := _WEEK.fullmatch(text):
        return Cadence("week", WEEKDAYS.index(found[1]))
    try:
        return Cadence("length", length=_days(text))
    except NotALength:
        raise NotACadence(text) from None


def _days(text: str) -> Length:
    """A length of at least one whole day; raises NotALength."""
    length = parse_length(text)
    if length.is_exact or not length.amount:
        raise NotALength(text)
    return length


def period_at(cadence: Cadence, day: date, calendar: WorkCalendar) -> Period | None:
    """The period that holds ``day``; None when the day lies in none (no workday, no holiday).

    Raises NeedsAnchor for a length.
    """
    if cadence.unit == "week":
        first = day - (day.weekday() - cadence.weekday) % 7 * DAY
        return Period(first, first + WEEK)
    if cadence.unit in PER_MONTHS:
        first = first_of(day, cadence.unit)
        return Period(first, period_end(first, cadence.unit))
    if cadence.unit == "day":
        return Period(day, day + DAY)
    if cadence.unit == "workday":
        return Period(day, day + DAY) if calendar.is_workday(day) else None
    if cadence.unit == "holiday":
        return next(iter(_holidays(calendar, day, day)), None)
    raise NeedsAnchor(str(cadence))


def periods_between(
    cadence: Cadence, first: date, last: date, calendar: WorkCalendar
) -> list[Period]:
    """Every period that starts on a day from ``first`` to ``last``, in their order.

    Raises NeedsAnchor for a length.
    """
    if cadence.unit == "holiday":
        return [each for each in _holidays(calendar, first, last) if each.first >= first]
    found = []
    period = _first_from(cadence, first, calendar)
    while period is not None and period.first <= last:
        found.append(period)
        period = next_period(cadence, period, calendar)
    return found


def _first_from(cadence: Cadence, day: date, calendar: WorkCalendar) -> Period | None:
    """The first period that starts on ``day`` or later."""
    if cadence.unit == "workday":
        day = calendar.roll(day, "forward")
    period = period_at(cadence, day, calendar)
    if period is None or period.first >= day:
        return period
    return next_period(cadence, period, calendar)


def next_period(cadence: Cadence, period: Period, calendar: WorkCalendar) -> Period | None:
    """The period that follows; None after the last holiday that is known.

    Raises NeedsAnchor for a length.
    """
    if cadence.unit == "workday":
        return period_at(cadence, calendar.add_workdays(period.first, 1), calendar)
    if cadence.unit == "holiday":
        return next(iter(_holidays(calendar, period.after, date.max)), None)
    return period_at(cadence, period.after, calendar)


def _holidays(calendar: WorkCalendar, first: date, last: date) -> list[Period]:
    return [
        Period(span.first, span.last + DAY, span.name)
        for span in calendar.holiday_spans(first, last)
    ]


def anchored(anchor: date, length: Length, number: int, calendar: WorkCalendar = PLAIN) -> Period:
    """The period that begins ``number`` steps after ``anchor``; number 0 begins with it.

    Each step is counted from the anchor itself, so a month's end stays one: 31 January, 28
    February, 31 March; and 29 February comes back in leap years.
    """
    first, after = (
        move_date(anchor, Length(length.amount * steps, length.unit), calendar)
        for steps in (number, number + 1)
    )
    return Period(first, after)


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of a period (`by:`).

    ``weekday`` of the period, or ``length`` counted from an ``edge`` of it: to its so-many-th day
    (no edge), or ``after`` or before its start or end. Neither: its last day. ``end_of_work``: then
    the firm's end of work, else 24:00.
    """

    weekday: int | None = None
    length: Length | None = None
    edge: str = ""
    after: bool = True
    end_of_work: bool = False

    def __str__(self) -> str:
        words = [WEEKDAYS[self.weekday]] if self.weekday is not None else []
        words += [str(self.length)] if self.length else []
        words += [f"{'after' if self.after else 'before'} {self.edge}"] if self.edge else []
        words += ["end_of_work"] if self.end_of_work else [] if words else ["eod"]
        return " ".join(words)


_MOMENT = re.compile(
    rf"(?:(?P<weekday>{'|'.join(WEEKDAYS)})"
    r"|(?P<length>[0-9]+[a-z]+)(?: (?P<side>after|before) (?P<edge>start|end))?)?"
    r"(?:(?:^|(?<=.) )(?P<time>end_of_work|eod))?"
)


def parse_moment(text: str) -> Moment:
    """Read ``sat end_of_work``, ``mon eod``, ``sun``, ``eod``, ``15d``, ``10wd after end``,
    ``3d before start`` …; raises NotAMoment.
    """
    found = _MOMENT.fullmatch(text)
    if not text or found is None:
        raise NotAMoment(text)
    try:
        length = _days(found["length"]) if found["length"] else None
    except NotALength:
        raise NotAMoment(text) from None
    if length and not found["edge"] and length.unit not in ("d", "wd"):
        raise NotAMoment(text)  # the third week or month of a period is no day
    return Moment(
        weekday=WEEKDAYS.index(found["weekday"]) if found["weekday"] else None,
        length=length,
        edge=found["edge"] or "",
        after=found["side"] != "before",
        end_of_work=found["time"] == "end_of_work",
    )


def moment_in(
    moment: Moment,
    period: Period,
    zone: ZoneInfo,
    calendar: WorkCalendar,
    off: Off | None = None,
) -> Deadline:
    """The moment as a deadline; ``off`` moves a day that is not worked, as far as it takes.

    A weekday is the last one of its name in the period, or the first after a period that has
    none. The so-many-th day is the last day of a period that is shorter.
    """
    day = _day_of(moment, period, calendar).rolled(_OFF[off], calendar)
    return day.at(calendar.end_of_work, zone) if moment.end_of_work else day.at_end(zone)


_OFF: dict[Off | None, Direction | None] = {
    None: None,
    "previous workday": "backward",
    "next workday": "forward",
}


def _day_of(moment: Moment, period: Period, calendar: WorkCalendar) -> LastDay:
    if moment.weekday is not None:
        return LastDay(_weekday_of(moment.weekday, period))
    if moment.length is None:
        return LastDay(period.last)
    if moment.edge:
        base = period.last if moment.edge == "end" else period.first
        return count(base, moment.length, calendar, 1 if moment.after else -1)
    found = count(period.first - DAY, moment.length, calendar)
    return found if found.day < period.after else LastDay(period.last, found.unconfirmed)


def _weekday_of(weekday: int, period: Period) -> date:
    day = period.last - (period.last.weekday() - weekday) % 7 * DAY
    return day if period.holds(day) else day + WEEK


def workday_share(
    period: Period, calendar: WorkCalendar, absent: Collection[date] = ()
) -> Fraction:
    """The part of the period's working days on which somebody is there.

    0 for a period without a working day: nothing can be asked of it.
    """
    days = [period.first + number * DAY for number in range((period.after - period.first).days)]
    worked = [day for day in days if calendar.is_workday(day)]
    if not worked:
        return Fraction(0)
    return Fraction(sum(day not in absent for day in worked), len(worked))
