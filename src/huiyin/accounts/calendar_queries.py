"""Reads of the firm's work calendar."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import TextField
from django.db.models.expressions import RawSQL

from huiyin.accounts import calendar_notices as notices
from huiyin.accounts.models import CalendarDay, CalendarYear, Firm


def work_calendar() -> dict[str, Any]:
    """The firm's calendar as plain data; one statement.

    ``end_of_work`` (HH:MM), ``confirmed`` (years), ``days`` ([day, worked, the holiday's name or
    ""], in the order in which a later one wins). Without a firm: nothing is known.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT ({CALENDAR_TEXT})")
        return read_calendar(cursor.fetchone()[0])


def read_calendar(text: str | None) -> dict[str, Any]:
    """What ``calendar_text`` told, as plain data."""
    return json.loads(text) if text else {"end_of_work": "18:00", "confirmed": [], "days": []}


def calendar_text() -> RawSQL:
    """The calendar as a column of another statement, for whoever must not ask twice.

    A text, so that equal ones need not be read again: the text itself says what it is.
    """
    return RawSQL(CALENDAR_TEXT, (), output_field=TextField())


CALENDAR_TEXT = """
SELECT jsonb_build_object(
    'end_of_work', to_char(firm.end_of_work, 'HH24:MI'),
    'confirmed', (SELECT coalesce(jsonb_agg(year ORDER BY year), '[]')
                  FROM accounts_calendaryear WHERE calendar = firm.calendar),
    'days', (SELECT coalesce(jsonb_agg(jsonb_build_array(
                 day, worked, CASE WHEN kind = 'public' THEN name ELSE '' END
             ) ORDER BY kind = 'own', day), '[]')
             FROM accounts_calendarday WHERE calendar = firm.calendar)
)::text FROM accounts_firm firm
"""


@dataclass(frozen=True, slots=True)
class YearShown:
    """A year of the calendar as its page shows it.

    ``confirmed`` is None before somebody confirmed it; ``is_published``: its notice came with the
    software.
    """

    year: int
    days: tuple[CalendarDay, ...]
    confirmed: CalendarYear | None
    is_published: bool

    @property
    def has_notice(self) -> bool:
        return any(day.kind != CalendarDay.Kind.OWN for day in self.days)


def year_shown(firm: Firm, year: int) -> YearShown:
    """Everything that is not as its weekday says, in the order of the days; two statements."""
    days = (
        CalendarDay.objects.filter(calendar=firm.calendar)
        .filter(day__gte=date(year, 1, 1), day__lte=date(year, 12, 31))
        .select_related("changed_by__as_person")
        .order_by("day", "id")
    )
    confirmed = (
        CalendarYear.objects.filter(calendar=firm.calendar, year=year)
        .select_related("confirmed_by__as_person")
        .first()
    )
    published = year in notices.published_years(firm.calendar)
    return YearShown(year, tuple(days), confirmed, published)


def confirmed_years(firm: Firm) -> range:
    """From the first to the last confirmed year; empty before there is one."""
    years = list(CalendarYear.objects.filter(calendar=firm.calendar).values_list("year", flat=True))
    return range(min(years), max(years) + 1) if years else range(0)
