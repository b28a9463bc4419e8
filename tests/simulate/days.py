"""Days, lengths and periods as the reference counts them: plain, slow, from the design alone.

A day ends at 24:00, kept as the next 00:00; the first day is not counted; hours run on.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
MONTHS = {"month": 1, "quarter": 3, "year": 12}
NAMES = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

Due = tuple[datetime, bool]
"""A deadline, and whether it is provisional."""


@dataclass(frozen=True)
class Span:
    """The days ``[first, after)``."""

    first: date
    after: date


def length(text: str) -> tuple[int, str]:
    """How many of what: ``10wd`` is ten working days, ``eod`` none of a day."""
    number, unit = re.fullmatch(r"(\d*)([a-z]+)", text).groups()  # type: ignore[union-attr]
    return int(number or 0), unit


def months_on(day: date, count: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@dataclass
class Days:
    """The firm's zone and calendar; ``worked`` and ``holidays`` by day, ``confirmed`` by year."""

    zone: ZoneInfo
    worked: dict[date, bool] = field(default_factory=dict)
    holidays: dict[date, str] = field(default_factory=dict)
    confirmed: set[int] = field(default_factory=set)
    end_of_work: time = time(18)

    def is_worked(self, day: date) -> bool:
        return self.worked.get(day, day.weekday() < 5)

    def today(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def start(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def end(self, day: date) -> datetime:
        return self.start(day + DAY)

    def workdays_on(self, day: date, count: int) -> date:
        """The count-th working day after a day; before it if negative."""
        step = DAY if count > 0 else -DAY
        while count:
            day += step
            if self.is_worked(day):
                count -= 1 if step > timedelta() else -1
        return day

    def move(self, day: date, text: str, sign: int = 1) -> tuple[date, bool]:
        """A day so much later, and whether an unknown year had a say in it."""
        amount, unit = length(text)
        if unit == "wd":
            last = self.workdays_on(day, sign * amount)
            first = day + sign * DAY
            return last, amount > 0 and self._unknown(first, last)
        if unit == "mo":
            return months_on(day, sign * amount), False
        return day + sign * amount * {"d": DAY, "w": 7 * DAY, "eod": 0 * DAY}[unit], False

    def rolled(self, day: date, direction: str | None) -> tuple[date, bool]:
        if not direction:
            return day, False
        step = DAY if direction in ("forward", "next workday") else -DAY
        last = day
        while not self.is_worked(last):
            last += step
        return last, self._unknown(day, last)

    def _unknown(self, one: date, other: date) -> bool:
        low, high = min(one, other).year, max(one, other).year
        return any(year not in self.confirmed for year in range(low, high + 1))

    def due(self, start: datetime, text: str, roll: str | None = None) -> Due:
        amount, unit = length(text)
        if unit == "h":
            return start + timedelta(hours=amount), False
        day, vague = self.move(self.today(start), text)
        day, vaguer = self.rolled(day, roll)
        return self.end(day), vague or vaguer

    def later(self, moment: datetime, text: str) -> datetime:
        """A late step: so long after a due moment, at the same time on the wall."""
        amount, unit = length(text)
        if unit == "h":
            return moment + timedelta(hours=amount)
        local = moment.astimezone(self.zone)
        if unit == "wd" and local.time() == time():
            return self.end(self.workdays_on(local.date() - DAY, amount))
        day, _vague = self.move(local.date(), text)
        return datetime.combine(day, local.time(), self.zone).astimezone(UTC)

    def stated(self, text: str) -> datetime:
        """The end of a day that a field states."""
        return self.end(date.fromisoformat(text))

    def moment_in(self, span: Span, by: str | None, off: str | None) -> Due:
        """``by`` of a period: its end, a weekday of it, or a length before or after an edge."""
        if by is None:
            return self.start(span.after), False
        words = by.split()
        day, vague = span.after - DAY, False
        if words[0] in NAMES:
            while day.weekday() != NAMES.index(words[0]):
                day -= DAY
        elif len(words) == 3:
            base = span.first if words[2] == "start" else span.after - DAY
            day, vague = self.move(base, words[0], 1 if words[1] == "after" else -1)
        day, vaguer = self.rolled(day, off)
        if words[-1] == "end_of_work":
            at = datetime.combine(day, self.end_of_work, self.zone).astimezone(UTC)
            return at, vague or vaguer
        return self.end(day), vague or vaguer

    def spans(self, every: str, anchor: date, first: date, last: date) -> Iterator[Span]:
        """The periods that begin from ``first`` to ``last``; lengths count from ``anchor``."""
        if every[0].isdigit():
            yield from (s for s in self.steps(anchor, every, last) if s.first >= first)
            return
        day = first
        while day <= last:
            span = self._span(every, day)
            if span is not None and span.first == day:
                yield span
            day += DAY

    def _span(self, every: str, day: date) -> Span | None:
        if every.startswith("week"):
            begins = NAMES.index(every[5:8]) if "(" in every else 0
            return Span(day, day + 7 * DAY) if day.weekday() == begins else None
        if every == "holiday":
            name = self.holidays.get(day)
            if name is None or self.holidays.get(day - DAY) == name:
                return None
            after = day
            while self.holidays.get(after) == name:
                after += DAY
            return Span(day, after)
        months = MONTHS[every]
        begins_here = day.day == 1 and (day.month - 1) % months == 0
        return Span(day, months_on(day, months)) if begins_here else None

    def steps(self, anchor: date, every: str, last: date) -> Iterator[Span]:
        """Step after step from an anchor, each counted from the anchor itself."""
        amount, unit = length(every)
        number = 0
        while True:
            first, after = (
                self.move(anchor, f"{amount * steps}{unit}")[0] for steps in (number, number + 1)
            )
            if first > last:
                return
            yield Span(first, after)
            number += 1
