"""The firm's work calendar as the policy language reads it, and in the words of a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huiyin.accounts.calendar_notices import JOINED_BY
from huiyin.accounts.calendar_queries import calendar_text, read_calendar
from huiyin.accounts.models import Firm
from huiyin.core.once import once
from huiyin.core.punctuation import bracketed, explained, listed
from huiyin.policy.calendar import PLAIN, WorkCalendar
from huiyin.policy.clocks import Explained, count
from huiyin.policy.lengths import Length
from huiyin.ui.moments import WEEKDAYS, day_words

Values = Mapping[str, Any]


@lru_cache(maxsize=16)
def calendar_from(text: str | None) -> WorkCalendar:
    """The calendar that a text of `calendar_text` tells; the same text is read once per process."""
    told = read_calendar(text)
    days = [(date.fromisoformat(day), worked, name) for day, worked, name in told["days"]]
    return WorkCalendar(
        exceptions={day: worked for day, worked, _name in days},
        holidays={day: name for day, _worked, name in days if name},
        confirmed=frozenset(told["confirmed"]),
        end_of_work=time.fromisoformat(told["end_of_work"]),
    )


CALENDAR = "work calendar"
"""By what a page remembers the calendar, if another statement brought it."""


def work_calendar() -> WorkCalendar:
    """The calendar of the firm; weekends alone before there is a firm. One statement a page."""
    return once(CALENDAR, _work_calendar)


def _work_calendar() -> WorkCalendar:
    text = Firm.objects.values_list(calendar_text(), flat=True).first()
    return calendar_from(text) if text else PLAIN


@dataclass(frozen=True, slots=True)
class Reached:
    """Where counting working days led, and why there."""

    day: date
    provisional: bool
    why: tuple[str, ...]


def reach(start: date, workdays: int) -> Reached:
    """The so-many-th working day after ``start``, before it if negative; the first day is not counted."""
    length = Length(abs(workdays), "wd")
    last = count(start, length, work_calendar(), -1 if workdays < 0 else 1)
    return Reached(last.day, bool(last.unconfirmed), tuple(in_words(last.why)))


def said_of(day: date) -> str:
    """What kind of day it is for the firm: a holiday's name, a working day or a day off."""
    calendar = work_calendar()
    if calendar.is_workday(day):
        return _("工作日")
    name = calendar.holidays.get(day, "")
    return holiday_words(name) if name else _("休息日")


def in_words(steps: Iterable[Explained]) -> list[str]:
    """Each thing that the calendar had to say about a deadline, as a sentence."""
    return [_SENTENCES[key](values) for key, values in steps]


def provisional_words(due: datetime, zone: ZoneInfo) -> str:
    """Why a deadline is provisional; a day that ends at 24:00 is of its own year."""
    return unconfirmed_words([(due - timedelta(microseconds=1)).astimezone(zone).year])


def unconfirmed_words(years: Iterable[int]) -> str:
    """What it means that the calendars of these years are not confirmed."""
    return _("%s 年的工作日历还没有确认，确认后会重新计算。") % listed(years)


def holiday_words(name: str) -> str:
    """The names of public holidays in the language of the page; what a firm called one stays."""
    return listed(_(each) if each else "" for each in name.split(JOINED_BY))


# For the catalogues: `holiday_words` looks them up by their name.
HOLIDAYS = (
    gettext_lazy("元旦"), gettext_lazy("春节"), gettext_lazy("清明节"), gettext_lazy("劳动节"),
    gettext_lazy("端午节"), gettext_lazy("中秋节"), gettext_lazy("国庆节"),
)  # fmt: skip


def _span(values: Values) -> str:
    first, last = (date.fromisoformat(str(values[key])) for key in ("first", "last"))
    if first == last:
        return _day(first)
    return _("%(first)s至%(last)s") % {"first": day_words(first), "last": day_words(last)}


def _day(day: date) -> str:
    return bracketed(day_words(day), WEEKDAYS[day.weekday()])


def _rolled(values: Values) -> str:
    days = {key: _day(date.fromisoformat(str(values[key]))) for key in ("day", "to")}
    return _("%(day)s不上班，移到%(to)s") % days


ABOUT_DAYS = ("weekend", "holiday", "off", "worked", "rolled", "unconfirmed")
"""The keys of the steps that `in_words` can say."""

_SENTENCES: Mapping[str, Callable[[Values], str]] = {
    "weekend": lambda values: explained(_span(values), _("周末")),
    "holiday": lambda values: explained(
        _span(values), _("%s放假") % holiday_words(str(values["name"]))
    ),
    "off": lambda values: explained(_span(values), _("本单位休息")),
    "worked": lambda values: explained(
        _day(date.fromisoformat(str(values["day"]))), _("上班，计入")
    ),
    "rolled": _rolled,
    "unconfirmed": lambda values: unconfirmed_words(values["years"]),
}
