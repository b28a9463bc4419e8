"""The holidays of 2024 to 2026 as the State Council's notices state them, written down by hand.

First and last day off, and the weekend days that are worked for it. Where a notice says “with the
weekend” (与周末连休) the weekend is part of the days off.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from huiyin.policy.calendar import WorkCalendar

NOTICES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("元旦", "2023-12-30", "2024-01-01", ()),
    ("春节", "2024-02-10", "2024-02-17", ("2024-02-04", "2024-02-18")),
    ("清明节", "2024-04-04", "2024-04-06", ("2024-04-07",)),
    ("劳动节", "2024-05-01", "2024-05-05", ("2024-04-28", "2024-05-11")),
    ("端午节", "2024-06-08", "2024-06-10", ()),
    ("中秋节", "2024-09-15", "2024-09-17", ("2024-09-14",)),
    ("国庆节", "2024-10-01", "2024-10-07", ("2024-09-29", "2024-10-12")),
    ("元旦", "2025-01-01", "2025-01-01", ()),
    ("春节", "2025-01-28", "2025-02-04", ("2025-01-26", "2025-02-08")),
    ("清明节", "2025-04-04", "2025-04-06", ()),
    ("劳动节", "2025-05-01", "2025-05-05", ("2025-04-27",)),
    ("端午节", "2025-05-31", "2025-06-02", ()),
    ("国庆节、中秋节", "2025-10-01", "2025-10-08", ("2025-09-28", "2025-10-11")),
    ("元旦", "2026-01-01", "2026-01-03", ("2026-01-04",)),
    ("春节", "2026-02-15", "2026-02-23", ("2026-02-14", "2026-02-28")),
    ("清明节", "2026-04-04", "2026-04-06", ()),
    ("劳动节", "2026-05-01", "2026-05-05", ("2026-05-09",)),
    ("端午节", "2026-06-19", "2026-06-21", ()),
    ("中秋节", "2026-09-25", "2026-09-27", ()),
    ("国庆节", "2026-10-01", "2026-10-07", ("2026-09-20", "2026-10-10")),
)
YEARS = frozenset({2024, 2025, 2026})


def days_off() -> Mapping[date, str]:
    """Every day off of a holiday, weekends inside included, with the holiday's name."""
    return {
        day: name
        for name, first, last, _worked in NOTICES
        for day in _days(_day(first), _day(last))
    }


def made_up() -> Mapping[date, str]:
    """The weekend days that are worked, with the holiday that they are worked for."""
    return {_day(day): name for name, _first, _last, worked in NOTICES for day in worked}


def china() -> WorkCalendar:
    """The calendar of these three years, confirmed."""
    off = days_off()
    exceptions = dict.fromkeys(off, False) | dict.fromkeys(made_up(), True)
    return WorkCalendar(exceptions, off, YEARS)


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
