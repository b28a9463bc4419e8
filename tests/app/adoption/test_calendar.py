"""A policy in force knows the firm's work calendar, in the same statement, and asks for one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from huiyin.accounts import calendar_services
from huiyin.accounts.models import CalendarDay, CalendarYear, Firm
from huiyin.adoption import calendars, queries, services
from huiyin.core.errors import Refused
from huiyin.policy.calendar import PLAIN
from huiyin.policy.clocks import deadline
from huiyin.policy.lengths import parse_length
from tests.adopted import adopt, sources
from tests.people import SmallFirm, small_firm
from tests.policy.notices import china

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm(now: datetime) -> SmallFirm:
    return small_firm(now)


def in_workdays(text: str = "15wd") -> dict[str, str]:
    """The pack with one deadline in working days."""
    found = sources()
    assert "leak: 3d" in found["policy.yaml"]
    return found | {"policy.yaml": found["policy.yaml"].replace("leak: 3d", f"leak: {text}")}


def test_a_policy_in_force_has_the_published_years_of_a_new_firm(
    firm: SmallFirm, now: datetime
) -> None:
    adopt(firm, now=now)

    [(_adoption, in_force)] = queries.decided()

    assert in_force.calendar == china()


def test_the_calendar_comes_in_the_one_statement_and_is_read_once(
    firm: SmallFirm, now: datetime
) -> None:
    adopt(firm, now=now)
    queries.decided()
    calendars.calendar_from.cache_clear()

    with CaptureQueriesContext(connection) as asked:
        [(_first, one)], [(_second, other)] = queries.decided(), queries.decided()

    assert len(asked) == 2
    assert one.calendar is other.calendar
    assert calendars.calendar_from.cache_info().misses == 1


def test_a_change_counts_at_once_and_goes_with_its_transaction(
    firm: SmallFirm, now: datetime
) -> None:
    adopt(firm, now=now)
    day = date(2026, 3, 7)

    with transaction.atomic():
        calendar_services.add_day(day, worked=True, reason="盘点", by=firm.manager.pk, now=now)
        changed = queries.decided()[0][1].calendar
        transaction.set_rollback(True)
    afterwards = queries.decided()[0][1].calendar

    assert changed.is_workday(day)
    assert not afterwards.is_workday(day)


def test_what_the_firm_says_wins_over_the_notice_and_the_holiday_stays_one(
    firm: SmallFirm, now: datetime
) -> None:
    by = firm.manager.pk
    for text, worked in (("2026-10-03", True), ("2026-10-10", False), ("2026-03-04", False)):
        calendar_services.add_day(
            date.fromisoformat(text), worked=worked, reason="安排", by=by, now=now
        )

    found = calendars.work_calendar()

    assert found.is_workday(date(2026, 10, 3))
    assert not found.is_workday(date(2026, 10, 10)) and not found.is_workday(date(2026, 3, 4))
    assert found.holidays == china().holidays


def test_the_firms_end_of_work_is_read(firm: SmallFirm, now: datetime) -> None:
    calendar_services.set_end_of_work(time(17, 30), by=firm.manager.pk, now=now)

    assert calendars.work_calendar().end_of_work == time(17, 30)


def test_before_there_is_a_firm_nothing_is_known() -> None:
    assert calendars.work_calendar() == PLAIN


def test_a_calendar_of_another_country_is_weekends_only(firm: SmallFirm) -> None:
    Firm.objects.update(calendar="us")

    assert calendars.work_calendar() == PLAIN


@pytest.mark.parametrize("how", ["length", "setting", "late"])
def test_working_days_without_any_confirmed_year_are_refused_by_clause(
    firm: SmallFirm, now: datetime, how: str
) -> None:
    CalendarYear.objects.all().delete()
    texts, clause = in_workdays(), "B.2.c"
    if how == "setting":
        policy = sources()["policy.yaml"].replace("leak: 3d", "leak: {setting: rectify_within}")
        texts = sources() | {"policy.yaml": policy.replace("default: 7d", "default: 7wd", 1)}
    if how == "late":
        policy = sources()["policy.yaml"]
        assert "after: 0h" in policy
        texts, clause = (
            sources() | {"policy.yaml": policy.replace("after: 0h", "after: 1wd", 1)},
            "",
        )

    with pytest.raises(Refused) as refused:
        services.propose(
            texts, starts_on=date(2026, 1, 1), mode="trial", by=firm.manager.pk, now=now
        )

    assert "工作日历" in str(refused.value)
    assert clause in refused.value.clauses or (not clause and refused.value.clauses)


def test_with_one_confirmed_year_they_are_taken_and_natural_days_ask_for_none(
    firm: SmallFirm, now: datetime
) -> None:
    by = firm.manager.pk
    services.propose(in_workdays(), starts_on=date(2026, 1, 1), mode="trial", by=by, now=now)
    CalendarYear.objects.all().delete()

    services.propose(sources(), starts_on=date(2026, 1, 1), mode="trial", by=by, now=now)


def test_2027_is_provisional_until_it_is_confirmed(firm: SmallFirm, now: datetime) -> None:
    start = datetime(2026, 12, 20, 2, tzinfo=now.tzinfo)
    length, zone = parse_length("15wd"), queries.as_in_force(adopt(firm, now=now)).zone

    before = deadline(start, length, zone, calendars.work_calendar())
    CalendarDay.objects.create(
        calendar="cn", day=date(2027, 1, 1), worked=False, name="元旦", kind="public"
    )
    calendar_services.confirm_year(2027, source="通知", by=firm.manager.pk, now=now)
    after = deadline(start, length, zone, calendars.work_calendar())

    assert (before.provisional, after.provisional) == (True, False)
    assert after.moment - before.moment == timedelta(days=3)


def test_counting_says_in_words_what_was_not_counted(firm: SmallFirm, now: datetime) -> None:
    found = calendars.reach(date(2025, 9, 27), 6)
    back = calendars.reach(date(2026, 2, 24), -1)
    ahead = calendars.reach(date(2026, 12, 31), 1)

    assert found.day == date(2025, 10, 11) and not found.provisional
    assert found.why == (
        "9月28日（周日）：上班，计入",
        "10月1日至10月8日：国庆节、中秋节放假",
        "10月11日（周六）：上班，计入",
    )
    assert back.day == date(2026, 2, 14)
    assert ahead.provisional and "2027 年的工作日历还没有确认" in ahead.why[-1]


def test_a_roll_is_said_in_words(firm: SmallFirm, now: datetime) -> None:
    start = datetime(2026, 6, 17, 2, tzinfo=now.tzinfo)
    zone = queries.as_in_force(adopt(firm, now=now)).zone
    calendar = replace(calendars.work_calendar(), confirmed=frozenset())

    steps = deadline(start, parse_length("3d"), zone, calendar, "backward").steps

    assert calendars.in_words(steps) == [
        "6月19日至6月20日：端午节放假",
        "6月20日（周六）不上班，移到6月18日（周四）",
        "2026 年的工作日历还没有确认，确认后会重新计算。",
    ]


@pytest.mark.parametrize(
    ("due", "year"),
    [("2026-12-31T16:00", "2026"), ("2026-12-31T16:00:00.000001", "2027")],
)
def test_the_year_of_a_provisional_deadline_is_that_of_its_day(
    due: str, year: str, now: datetime
) -> None:
    """31 December 24:00 in Shanghai is stored as 1 January 00:00 and belongs to the old year."""
    moment = datetime.fromisoformat(due).replace(tzinfo=now.tzinfo)

    assert calendars.provisional_words(moment, ZoneInfo("Asia/Shanghai")).startswith(f"{year} 年")
