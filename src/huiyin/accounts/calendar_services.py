"""Changes of the work calendar; each is a fact, so that provisional deadlines can be set anew.

Facts: ``calendar.confirmed`` (a year) and ``calendar.changed`` (a day, the days of a notice, the end
of work), about the person who did it; the reason or the source is their note.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from huiyin.accounts import calendar_notices as notices
from huiyin.accounts.calendar_notices import Notice, NoticeDay
from huiyin.accounts.models import CalendarDay, CalendarYear, Firm
from huiyin.accounts.queries import holds_over
from huiyin.core.errors import Conflict, Forbidden, Invalid, NotFound
from huiyin.core.punctuation import explained
from huiyin.core.words import require_reason
from huiyin.ledger.services import NewFact, record

Kind = CalendarDay.Kind
MOST_SOURCE = 200


@dataclass(frozen=True, slots=True)
class Imported:
    """What a notice brought: its year, how many days it names, how many were other before."""

    year: int
    days: int
    changed: int


def seed(calendar: str) -> None:
    """Give a new firm the years whose notice came with the software, confirmed; no fact."""
    for year in notices.published_years(calendar):
        notice = notices.published(calendar, year)
        assert notice is not None  # it is one of the published years
        CalendarDay.objects.bulk_create(
            [_row(calendar, each) for each in notice.days], ignore_conflicts=True
        )
        CalendarYear.objects.get_or_create(
            calendar=calendar, year=year, defaults={"source": notices.source_of(year)}
        )


@transaction.atomic
def confirm_year(year: int, *, source: str, by: int, now: datetime) -> CalendarYear:
    """From now on the year's calendar counts as known. ``source``: what it was confirmed by.

    A year whose notice came with the software and that has no days yet gets them.
    Raises Forbidden, Invalid without a source, Conflict: confirmed already, or nothing to confirm.
    """
    firm = _locked_firm(by, now)
    source = _require_source(source)
    if CalendarYear.objects.filter(calendar=firm.calendar, year=year).exists():
        raise Conflict(_("%s 年的工作日历已经确认过了。") % year, code="year_confirmed")
    if not _has_notice(firm.calendar, year):
        notice = notices.published(firm.calendar, year)
        if notice is None:
            raise Conflict(
                _("%s 年还没有任何节假日，请先导入通知，再确认。") % year, code="year_empty"
            )
        _take(firm.calendar, notice, by=by, now=now)
    row = CalendarYear.objects.create(
        calendar=firm.calendar, year=year, source=source, confirmed_by_id=by, confirmed_at=now
    )
    values = {"calendar.code": firm.calendar, "calendar.year": year}
    _state("calendar.confirmed", [values], note=source, by=by, now=now)
    return row


@transaction.atomic
def import_notice(text: str, *, by: int, now: datetime) -> Imported:
    """Take over the days of a notice; those that the year had before and it does not name go.

    The firm's own days stay. The year is not confirmed by that. Raises Forbidden, Invalid.
    """
    firm = _locked_firm(by, now)
    notice = notices.read_notice(text)
    changed = _take(firm.calendar, notice, by=by, now=now)
    years = sorted({day.year for day in changed})
    values = [
        {
            "calendar.code": firm.calendar,
            "calendar.year": year,
            "calendar.days": sum(day.year == year for day in changed),
        }
        for year in years
    ]
    _state("calendar.changed", values, by=by, now=now)
    return Imported(notice.year, len(notice.days), len(changed))


@transaction.atomic
def add_day(day: date, *, worked: bool, reason: str, by: int, now: datetime) -> CalendarDay:
    """The firm works on a day on which others do not, or the other way round.

    Raises Forbidden, Invalid (no reason, a day that is so anyway), Conflict when the firm has said
    something about the day already.
    """
    firm = _locked_firm(by, now)
    reason = require_reason(reason, missing=_("请写明原因，例如“春节值班”或“公司年会”。"))
    if day.year not in notices.YEARS:
        raise Invalid({"day": [_("“%s”不在能用的年份里。") % day]})
    rows = CalendarDay.objects.filter(calendar=firm.calendar, day=day)
    if any(row.kind == Kind.OWN for row in rows):
        raise Conflict(_("%s 已经另有规定，请先撤去。") % day, code="own_day_exists")
    before = next((row.worked for row in rows), day.weekday() < notices.SATURDAY)
    if worked == before:
        text = _("%s 本来就上班。") if worked else _("%s 本来就休息。")
        raise Invalid({"day": [text % day]})
    row = CalendarDay.objects.create(
        calendar=firm.calendar,
        day=day,
        worked=worked,
        kind=Kind.OWN,
        reason=reason,
        changed_by_id=by,
        changed_at=now,
    )
    _state("calendar.changed", [_of_day(row, worked=worked)], note=reason, by=by, now=now)
    return row


@transaction.atomic
def remove_day(id: int, *, reason: str, by: int, now: datetime) -> date:
    """Take back what the firm said about a day; the notice or the weekday counts again.

    Raises Forbidden, Invalid without a reason, NotFound for no own day of the firm.
    """
    firm = _locked_firm(by, now)
    own = CalendarDay.objects.filter(calendar=firm.calendar, kind=Kind.OWN, pk=id)
    row = own.first()
    if row is None:
        raise NotFound
    reason = require_reason(reason, missing=_("请写明撤去的原因。"))
    own.delete()
    _state("calendar.changed", [_of_day(row, worked=not row.worked)], note=reason, by=by, now=now)
    return row.day


@transaction.atomic
def set_end_of_work(clock: time, *, by: int, now: datetime) -> None:
    """Until when people work, for deadlines “before the end of work”; in the firm's zone.

    Raises Forbidden.
    """
    firm = _locked_firm(by, now)
    if firm.end_of_work == clock:
        return
    Firm.objects.update(end_of_work=clock)
    values = {"calendar.code": firm.calendar, "calendar.end_of_work": f"{clock:%H:%M}"}
    _state("calendar.changed", [values], by=by, now=now)


def _locked_firm(by: int, at: datetime) -> Firm:
    """The firm, locked: of two changes of the calendar the second sees the first.

    Raises Forbidden for whoever does not head the whole firm.
    """
    if not holds_over(by, None, at=at):
        raise Forbidden(_("只有管辖整个公司的人（如经理、主管）可以改动工作日历。"))
    return Firm.objects.select_for_update().get()


def _require_source(text: str) -> str:
    source = text.strip()
    if not source:
        raise Invalid({"source": [_("请写明依据，例如通知的名称或文号。")]})
    if len(source) > MOST_SOURCE:
        wrong = _("最多 %(most)s 个字，现在有 %(given)s 个，请写短一些。")
        told = wrong % {"most": MOST_SOURCE, "given": len(source)}
        raise Invalid({"source": [explained(_("依据"), told)]})
    return source


def _has_notice(calendar: str, year: int) -> bool:
    days = CalendarDay.objects.filter(calendar=calendar, day__year=year)
    return days.exclude(kind=Kind.OWN).exists()


def _take(calendar: str, notice: Notice, *, by: int, now: datetime) -> list[date]:
    """Put the notice in the place of what was there; the days on which something changed."""
    told = CalendarDay.objects.filter(calendar=calendar).exclude(kind=Kind.OWN)
    there = {
        row.day: row
        for row in told.filter(day__year=notice.year)
        | told.filter(day__in=[each.day for each in notice.days])
    }
    wanted = {each.day: each for each in notice.days}
    new = [each for each in notice.days if _differs(there.get(each.day), each)]
    gone = [day for day in there if day not in wanted]
    told.filter(day__in=[*gone, *(each.day for each in new)]).delete()
    CalendarDay.objects.bulk_create([_row(calendar, each, by=by, now=now) for each in new])
    return sorted([*gone, *(each.day for each in new)])


def _differs(row: CalendarDay | None, told: NoticeDay) -> bool:
    return row is None or (row.worked, row.name) != (told.worked, told.name)


def _row(
    calendar: str, told: NoticeDay, *, by: int | None = None, now: datetime | None = None
) -> CalendarDay:
    return CalendarDay(
        calendar=calendar,
        day=told.day,
        worked=told.worked,
        name=told.name,
        kind=Kind.MAKEUP if told.worked else Kind.PUBLIC,
        changed_by_id=by,
        changed_at=now,
    )


def _of_day(row: CalendarDay, *, worked: bool) -> dict[str, Any]:
    return {
        "calendar.code": row.calendar,
        "calendar.year": row.day.year,
        "calendar.day": row.day.isoformat(),
        "calendar.worked": worked,
    }


def _state(
    kind: str, rows: Sequence[dict[str, Any]], *, note: str = "", by: int, now: datetime
) -> None:
    facts: Iterable[NewFact] = (
        NewFact(kind, by, by, by, happened_at=now, known_at=now, values=values, note=note)
        for values in rows
    )
    record(list(facts), now=now)
