"""The work calendar: what a new firm knows, its own days, notices, confirmed years, all as facts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from threading import Barrier, Thread

import pytest
from django.db import connections

from huiyin.accounts import calendar_notices as notices
from huiyin.accounts import calendar_queries as queries
from huiyin.accounts import calendar_services as services
from huiyin.accounts.models import CalendarDay, CalendarYear, Firm
from huiyin.core.errors import Conflict, Forbidden, HuiyinError, Invalid, NotFound
from huiyin.ledger.models import Fact
from tests.people import SmallFirm, small_firm
from tests.policy.notices import days_off, made_up

SATURDAY, WEDNESDAY = date(2026, 3, 7), date(2026, 3, 4)
NOTICE = "日期,班休,名称\n2027-01-01,休,元旦\n2027-01-02,休,元旦\n2027-01-03,班,元旦\n"


@pytest.fixture
def firm(db: None, now: datetime) -> SmallFirm:
    return small_firm(now)


def facts(kind: str) -> list[dict[str, object]]:
    return list(Fact.objects.filter(kind=kind).order_by("id").values_list("values", flat=True))


def test_a_new_firm_knows_the_published_years_and_no_other(firm: SmallFirm) -> None:
    years = CalendarYear.objects.order_by("year")
    days = CalendarDay.objects.all()

    assert list(years.values_list("year", flat=True)) == [2024, 2025, 2026]
    assert {row.day: row.name for row in days if not row.worked} == days_off()
    assert {row.day: row.name for row in days if row.worked} == made_up()
    assert facts("calendar.confirmed") == facts("calendar.changed") == []


def test_a_firm_elsewhere_starts_with_weekends_only(db: None) -> None:
    from huiyin.accounts.services import create_firm

    create_firm("Sample", time_zone="America/New_York", calendar="us")

    assert not CalendarDay.objects.exists() and not CalendarYear.objects.exists()


@pytest.mark.parametrize(
    ("day", "worked"),
    [(SATURDAY, True), (WEDNESDAY, False), (date(2026, 10, 1), True), (date(2026, 10, 10), False)],
)
def test_the_firm_says_otherwise_of_a_day(
    firm: SmallFirm, now: datetime, day: date, worked: bool
) -> None:
    row = services.add_day(day, worked=worked, reason=" 盘点 ", by=firm.manager.pk, now=now)

    assert (row.worked, row.reason, row.kind) == (worked, "盘点", "own")
    [fact] = Fact.objects.filter(kind="calendar.changed")
    assert fact.target_id == fact.by_id == firm.manager.pk
    assert {key: value for key, value in fact.values.items() if key != "note"} == {
        "calendar.code": "cn",
        "calendar.year": 2026,
        "calendar.day": day.isoformat(),
        "calendar.worked": worked,
    }
    assert fact.note.text == "盘点"


@pytest.mark.parametrize(
    ("day", "worked", "words"),
    [
        (SATURDAY, False, "本来就休息"),
        (WEDNESDAY, True, "本来就上班"),
        (date(2026, 10, 1), False, "本来就休息"),
        (date(2026, 10, 10), True, "本来就上班"),
        (date(1999, 1, 1), False, "不在能用的年份"),
    ],
)
def test_what_is_so_anyway_is_refused(
    firm: SmallFirm, now: datetime, day: date, worked: bool, words: str
) -> None:
    with pytest.raises(Invalid) as invalid:
        services.add_day(day, worked=worked, reason="安排", by=firm.manager.pk, now=now)

    assert words in str(invalid.value)
    assert facts("calendar.changed") == []


def test_a_reason_is_asked_for_both_ways(firm: SmallFirm, now: datetime) -> None:
    by = firm.manager.pk
    with pytest.raises(Invalid):
        services.add_day(SATURDAY, worked=True, reason=" ", by=by, now=now)
    row = services.add_day(SATURDAY, worked=True, reason="盘点", by=by, now=now)
    with pytest.raises(Invalid):
        services.remove_day(row.pk, reason="", by=by, now=now)

    assert CalendarDay.objects.filter(kind="own").count() == 1


def test_a_day_has_one_word_of_the_firm(firm: SmallFirm, now: datetime) -> None:
    by = firm.manager.pk
    services.add_day(SATURDAY, worked=True, reason="盘点", by=by, now=now)

    with pytest.raises(Conflict):
        services.add_day(SATURDAY, worked=False, reason="不盘点", by=by, now=now)


def test_taken_back_the_notice_counts_again(firm: SmallFirm, now: datetime) -> None:
    by, day = firm.manager.pk, date(2026, 10, 1)
    row = services.add_day(day, worked=True, reason="值班", by=by, now=now)

    assert services.remove_day(row.pk, reason="取消值班", by=by, now=now) == day

    assert [each["calendar.worked"] for each in facts("calendar.changed")] == [True, False]
    assert list(CalendarDay.objects.filter(day=day).values_list("kind", flat=True)) == ["public"]
    with pytest.raises(NotFound):
        services.remove_day(row.pk, reason="取消值班", by=by, now=now)


def test_a_day_of_a_notice_is_not_taken_back_one_by_one(firm: SmallFirm, now: datetime) -> None:
    public = CalendarDay.objects.filter(kind="public").earliest("day")

    with pytest.raises(NotFound):
        services.remove_day(public.pk, reason="不要", by=firm.manager.pk, now=now)


def test_a_notice_brings_the_days_and_confirms_nothing(firm: SmallFirm, now: datetime) -> None:
    found = services.import_notice(NOTICE, by=firm.manager.pk, now=now)

    assert (found.year, found.days, found.changed) == (2027, 3, 3)
    assert not CalendarYear.objects.filter(year=2027).exists()
    assert facts("calendar.changed") == [
        {"calendar.code": "cn", "calendar.year": 2027, "calendar.days": 3}
    ]


def test_the_same_notice_twice_changes_nothing(firm: SmallFirm, now: datetime) -> None:
    services.import_notice(NOTICE, by=firm.manager.pk, now=now)

    again = services.import_notice(NOTICE, by=firm.manager.pk, now=now)

    assert again.changed == 0
    assert len(facts("calendar.changed")) == 1


def test_a_corrected_notice_takes_the_place_of_the_first_and_leaves_the_firms_own(
    firm: SmallFirm, now: datetime
) -> None:
    by = firm.manager.pk
    services.import_notice(NOTICE, by=by, now=now)
    services.add_day(date(2027, 1, 2), worked=True, reason="值班", by=by, now=now)
    corrected = NOTICE.replace("2027-01-03,班,元旦", "2026-12-31,休,元旦")

    found = services.import_notice(corrected, by=by, now=now)

    days = CalendarDay.objects.filter(day__gte=date(2026, 12, 1)).order_by("day", "kind")
    assert [(str(row.day), row.kind) for row in days] == [
        ("2026-12-31", "public"),
        ("2027-01-01", "public"),
        ("2027-01-02", "own"),
        ("2027-01-02", "public"),
    ]
    assert found.changed == 2
    assert [each["calendar.year"] for each in facts("calendar.changed")[-2:]] == [2026, 2027]
    of_2026 = [day for day in (*days_off(), *made_up()) if day.year == 2026]
    assert CalendarDay.objects.filter(day__year=2026).count() == len(of_2026) + 1


def test_a_notice_with_a_mistake_changes_nothing(firm: SmallFirm, now: datetime) -> None:
    with pytest.raises(Invalid):
        services.import_notice(NOTICE + "2027-02-30,休,春节\n", by=firm.manager.pk, now=now)

    assert not CalendarDay.objects.filter(day__year=2027).exists()


def test_a_year_is_confirmed_with_its_source_once(firm: SmallFirm, now: datetime) -> None:
    by = firm.manager.pk
    services.import_notice(NOTICE, by=by, now=now)

    row = services.confirm_year(2027, source="国办通知", by=by, now=now)

    assert (row.confirmed_by_id, row.confirmed_at, row.source) == (by, now, "国办通知")
    [fact] = Fact.objects.filter(kind="calendar.confirmed")
    assert (fact.values["calendar.year"], fact.note.text) == (2027, "国办通知")
    with pytest.raises(Conflict):
        services.confirm_year(2027, source="国办通知", by=by, now=now)


def test_a_year_of_which_nothing_is_known_cannot_be_confirmed(
    firm: SmallFirm, now: datetime
) -> None:
    by = firm.manager.pk
    services.add_day(date(2027, 3, 3), worked=False, reason="年会", by=by, now=now)

    with pytest.raises(Conflict) as refused:
        services.confirm_year(2027, source="国办通知", by=by, now=now)

    assert "先导入" in str(refused.value)
    assert not CalendarYear.objects.filter(year=2027).exists()


@pytest.mark.parametrize("source", ["", "  ", "长" * 201])
def test_a_year_is_not_confirmed_without_a_source(
    firm: SmallFirm, now: datetime, source: str
) -> None:
    services.import_notice(NOTICE, by=firm.manager.pk, now=now)

    with pytest.raises(Invalid):
        services.confirm_year(2027, source=source, by=firm.manager.pk, now=now)


def test_a_year_that_a_later_release_knows_gets_its_days_when_it_is_confirmed(
    firm: SmallFirm, now: datetime
) -> None:
    CalendarDay.objects.filter(day__year=2026).delete()
    CalendarYear.objects.filter(year=2026).delete()

    services.confirm_year(2026, source="国办通知", by=firm.manager.pk, now=now)

    days = CalendarDay.objects.filter(day__year=2026)
    assert {row.day for row in days if row.worked} == {d for d in made_up() if d.year == 2026}
    assert {row.changed_by_id for row in days} == {firm.manager.pk}


def test_the_end_of_work_is_the_firms(firm: SmallFirm, now: datetime) -> None:
    services.set_end_of_work(time(17, 30), by=firm.manager.pk, now=now)
    services.set_end_of_work(time(17, 30), by=firm.manager.pk, now=now)

    assert queries.work_calendar()["end_of_work"] == "17:30"
    assert facts("calendar.changed") == [{"calendar.code": "cn", "calendar.end_of_work": "17:30"}]


def test_only_who_heads_the_firm_changes_the_calendar(firm: SmallFirm, now: datetime) -> None:
    own = services.add_day(SATURDAY, worked=True, reason="盘点", by=firm.manager.pk, now=now)
    by = firm.repair_lead.pk
    changes: list[Callable[[], object]] = [
        lambda: services.add_day(WEDNESDAY, worked=False, reason="年会", by=by, now=now),
        lambda: services.remove_day(own.pk, reason="取消", by=by, now=now),
        lambda: services.import_notice(NOTICE, by=by, now=now),
        lambda: services.confirm_year(2027, source="通知", by=by, now=now),
        lambda: services.set_end_of_work(time(17), by=by, now=now),
    ]

    for change in changes:
        with pytest.raises(Forbidden):
            change()
    assert CalendarDay.objects.filter(kind="own").count() == 1
    assert Firm.objects.get().end_of_work == time(18)


def test_plain_data_names_holidays_and_lets_the_firms_word_come_last(
    firm: SmallFirm, now: datetime
) -> None:
    services.add_day(date(2024, 2, 10), worked=True, reason="值班", by=firm.manager.pk, now=now)

    found = queries.work_calendar()

    assert found["confirmed"] == [2024, 2025, 2026]
    assert ["2024-02-10", False, "春节"] in found["days"]
    assert ["2024-02-04", True, ""] in found["days"]
    assert found["days"][-1] == ["2024-02-10", True, ""]


def test_a_year_is_shown_in_two_statements(firm: SmallFirm, django_assert_num_queries) -> None:
    with django_assert_num_queries(2):
        shown = queries.year_shown(firm.firm, 2026)

    assert shown.confirmed and shown.is_published and shown.has_notice
    assert shown.days[0].day == date(2026, 1, 1)
    assert not queries.year_shown(firm.firm, 2027).has_notice


def test_of_two_who_change_the_calendar_at_once_the_second_sees_the_first(
    scratch_db: object, now: datetime
) -> None:
    by = small_firm(now).manager.pk
    services.import_notice(NOTICE, by=by, now=now)
    barrier, told = Barrier(6), []

    def confirm() -> None:
        try:
            barrier.wait()
            services.confirm_year(2027, source="通知", by=by, now=now)
            told.append("confirmed")
        except HuiyinError as error:
            told.append(error.code)
        finally:
            connections.close_all()

    threads = [Thread(target=confirm) for _n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(told) == ["confirmed", *["year_confirmed"] * 5]
    assert len(facts("calendar.confirmed")) == 1


def test_the_software_knows_no_notice_that_is_not_out() -> None:
    assert notices.published("cn", 2027) is None
    assert notices.published("us", 2026) is None
