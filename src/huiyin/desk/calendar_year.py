"""A year of the work calendar as a page draws it: twelve months of marked days, and a list."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from huiyin.accounts.calendar_models import CalendarDay, CalendarYear
from huiyin.accounts.calendar_notices import SATURDAY, source_of
from huiyin.accounts.calendar_queries import YearShown
from huiyin.adoption.calendars import holiday_words
from huiyin.core.punctuation import bracketed, sentences
from huiyin.ui.moments import WEEKDAYS, day_words

DAY = timedelta(days=1)
Kind = CalendarDay.Kind

# Kind of day → the sign on it and what the sign means; a colour alone would not do.
MARKS = {
    "holiday": (pgettext_lazy("day mark", "休"), gettext_lazy("放假")),
    "makeup": (pgettext_lazy("day mark", "班"), gettext_lazy("调休上班")),
    "own-off": (pgettext_lazy("day mark", "*休"), gettext_lazy("本单位休息")),
    "own-work": (pgettext_lazy("day mark", "*班"), gettext_lazy("本单位上班")),
    "weekend": ("", gettext_lazy("周末")),
    "workday": ("", gettext_lazy("工作日")),
}
NARROW = (
    pgettext_lazy("Monday", "一"), pgettext_lazy("Tuesday", "二"), pgettext_lazy("Wednesday", "三"),
    pgettext_lazy("Thursday", "四"), pgettext_lazy("Friday", "五"), pgettext_lazy("Saturday", "六"),
    pgettext_lazy("Sunday", "日"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """One day: its kind (see MARKS), its sign, and what is said of it to who cannot see signs."""

    day: date
    kind: str
    mark: Any = ""
    words: str = ""
    is_today: bool = False


@dataclass(frozen=True, slots=True)
class Month:
    title: str
    weeks: tuple[tuple[Cell | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """Consecutive days of which the same is said; ``own_id`` where the firm said it."""

    first: date
    days: str
    kind: Any
    words: str
    by: str = ""
    own_id: int | None = None


def months(shown: YearShown, *, today: date) -> list[Month]:
    """The twelve months, weeks from Monday."""
    told: dict[date, list[CalendarDay]] = {}
    for row in shown.days:
        told.setdefault(row.day, []).append(row)
    return [_month(date(shown.year, number, 1), told, today) for number in range(1, 13)]


def _month(first: date, told: dict[date, list[CalendarDay]], today: date) -> Month:
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    return Month(
        title=date_format(first, pgettext("date format", "n月")),
        weeks=tuple(
            tuple(
                _cell(day, told.get(day, ()), today) if day.month == first.month else None
                for day in week
            )
            for week in weeks
        ),
    )


def _cell(day: date, rows: Sequence[CalendarDay], today: date) -> Cell:
    kind, said = day_kind(day, rows)
    mark, meaning = MARKS[kind]
    words = bracketed(meaning, said) if said else str(meaning)
    return Cell(day, kind, mark, words if mark else "", is_today=day == today)


def day_kind(day: date, rows: Sequence[CalendarDay]) -> tuple[str, str]:
    """What a day is, and the holiday's name or the firm's reason; the firm's word comes first."""
    own = next((row for row in rows if row.kind == Kind.OWN), None)
    told = next((row for row in rows if row.kind != Kind.OWN), None)
    if own is not None:
        return ("own-work" if own.worked else "own-off"), own.reason
    if told is not None:
        return ("makeup" if told.worked else "holiday"), holiday_words(told.name)
    return ("weekend" if day.weekday() >= SATURDAY else "workday"), ""


def entries(shown: YearShown) -> list[Entry]:
    """What is not as its weekday says, as a list: a holiday is one line."""
    found = [*_holidays(shown), *_single(shown)]
    return sorted(found, key=lambda entry: entry.first)


def _holidays(shown: YearShown) -> Iterator[Entry]:
    run: list[CalendarDay] = []
    for row in (*(row for row in shown.days if row.kind == Kind.PUBLIC), None):
        if run and (row is None or row.name != run[-1].name or row.day != run[-1].day + DAY):
            days = _span(run[0].day, run[-1].day)
            yield Entry(run[0].day, days, MARKS["holiday"][1], holiday_words(run[0].name))
            run = []
        if row is not None:
            run.append(row)


def _single(shown: YearShown) -> Iterator[Entry]:
    for row in shown.days:
        if row.kind == Kind.PUBLIC:
            continue
        kind, said = day_kind(row.day, [row])
        own = row.kind == Kind.OWN
        yield Entry(
            row.day,
            _with_weekday(row.day),
            MARKS[kind][1],
            said,
            by=row.changed_by.as_person.name if own and row.changed_by else "",
            own_id=row.pk if own else None,
        )


def _span(first: date, last: date) -> str:
    if first == last:
        return _with_weekday(first)
    return _("%(first)s至%(last)s") % {"first": day_words(first), "last": day_words(last)}


def _with_weekday(day: date) -> str:
    return bracketed(day_words(day), WEEKDAYS[day.weekday()])


def standing(shown: YearShown) -> tuple[str, str]:
    """Whether the year is confirmed, in words, and the tone of the message."""
    if shown.confirmed is not None:
        return _confirmed(shown.confirmed), ""
    if shown.has_notice:
        words = _(
            "%s 年的工作日历还没有确认，用到它的时限都是暂定的。节假日已经导入，请核对后确认。"
        )
    elif shown.is_published:
        words = _("%s 年的工作日历还没有确认，暂按周末计算。软件里有这一年的通知，确认后即采用。")
    else:
        words = _("%s 年的工作日历还没有确认，暂按周末计算。通知公布后，请导入并确认。")
    return words % shown.year, "due"


def _confirmed(row: CalendarYear) -> str:
    source = source_words(row.year) if row.source == source_of(row.year) else row.source
    words = _("%(year)s 年的工作日历已确认。依据：%(source)s") % {
        "year": row.year,
        "source": source,
    }
    if row.confirmed_at is None:
        return bracketed(words, _("随软件提供"))
    name = row.confirmed_by.as_person.name if row.confirmed_by else ""
    day = date_format(row.confirmed_at, "Y-m-d")
    return sentences([words, _("%(name)s %(day)s 确认") % {"name": name, "day": day}])


def source_words(year: int) -> str:
    """The name of a year's notice in the language of the page."""
    return _("国务院办公厅关于%s年部分节假日安排的通知") % year


def beside(year: int, *, known: range, now: int) -> tuple[int | None, int | None]:
    """The years before and after that are worth leafing to: what is known, and one year ahead."""
    first, last = min((now, *known[:1])), max((now, *known[-1:])) + 1
    return (year - 1 if year > first else None), (year + 1 if year < last else None)
