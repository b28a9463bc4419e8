"""The work calendar: which days are worked, and of which years that is known for sure.

Monday to Friday are worked, unless a public notice or the firm says otherwise of a day: holidays,
the Saturdays and Sundays that make up for them, the firm's own days. All days are days in the
firm's zone. A year counts as known once its calendar is confirmed; before that everything that
asks for working days gets an answer from weekends alone, and has to call it provisional.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Literal

Direction = Literal["forward", "backward"]

DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Holiday:
    """Consecutive days of one public holiday; ``last`` is included."""

    name: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """A firm's calendar.

    ``exceptions``: day → is it worked, before Monday to Friday. ``holidays``: the days of public
    holidays with the holiday's name, weekends inside included; a firm that works on one says so
    in ``exceptions``. ``confirmed``: the years whose calendar is confirmed.
    """

    exceptions: Mapping[date, bool] = field(default_factory=dict)
    holidays: Mapping[date, str] = field(default_factory=dict)
    confirmed: frozenset[int] = frozenset()
    end_of_work: time = time(18)

    def is_workday(self, day: date) -> bool:
        return self.exceptions.get(day, day.weekday() < SATURDAY)

    def is_confirmed(self, *days: date) -> bool:
        """Whether every year from the earliest to the latest of ``days`` is confirmed."""
        if not days:
            return True
        years = range(min(days).year, max(days).year + 1)
        return all(year in self.confirmed for year in years)

    def add_workdays(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day``, before it if negative; 0 is ``day`` itself.

        The first day is not counted, whether it is worked or not (Civil Code art. 201).
        """
        step = DAY if count > 0 else -DAY
        left = abs(count)
        while left:
            day += step
            left -= self.is_workday(day)
        return day

    def roll(self, day: date, direction: Direction) -> date:
        """``day`` if it is worked, else the nearest working day in that direction."""
        return day if self.is_workday(day) else self.add_workdays(day, _SIGNS[direction])

    def holiday_spans(self, first: date, last: date) -> list[Holiday]:
        """The holidays that have a day from ``first`` to ``last``, each in its full length."""
        return [span for span in self._spans() if span.last >= first and span.first <= last]

    def _spans(self) -> Iterator[Holiday]:
        found: Holiday | None = None
        for day in sorted(self.holidays):
            name = self.holidays[day]
            if found and found.name == name and found.last + DAY == day:
                found = Holiday(name, found.first, day)
                continue
            if found:
                yield found
            found = Holiday(name, day, day)
        if found:
            yield found


_SIGNS: Mapping[Direction, int] = {"forward": 1, "backward": -1}

PLAIN = WorkCalendar()
"""Weekends only, and nothing confirmed."""
