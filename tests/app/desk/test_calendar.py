"""设置 → 工作日历: what each person sees, what is asked of the database, what a mistake gives."""

from __future__ import annotations

from datetime import date, datetime

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from huiyin.accounts import calendar_services as services
from huiyin.accounts.calendar_queries import year_shown
from huiyin.accounts.models import CalendarDay, CalendarYear
from huiyin.desk.calendar_year import beside, entries, months
from tests.app import scene as on
from tests.people import SmallFirm

pytestmark = pytest.mark.django_db

PAGE = "/settings/calendar/2026/"


@pytest.fixture
def manager(firm: SmallFirm, now: datetime) -> Client:
    with time_machine.travel(now, tick=False):
        return on.signed_in(firm.manager)


def page(client: Client, path: str, now: datetime) -> str:
    with time_machine.travel(now, tick=False):
        answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_bare_address_leads_to_the_running_year(manager: Client, now: datetime) -> None:
    with time_machine.travel(now, tick=False):
        assert manager.get("/settings/calendar/").headers["Location"] == PAGE


def test_settings_lead_to_it(manager: Client, now: datetime) -> None:
    assert 'href="/settings/calendar/"' in page(manager, "/settings/", now)


def test_a_page_takes_the_same_statements_however_much_is_settled(
    firm: SmallFirm, manager: Client, now: datetime, django_assert_max_num_queries
) -> None:
    for number in range(1, 28):
        day = date(2026, 7, number)
        services.add_day(day, worked=day.weekday() > 4, reason="安排", by=firm.manager.pk, now=now)
    page(manager, PAGE, now)

    with django_assert_max_num_queries(22), time_machine.travel(now, tick=False):
        manager.get(f"{PAGE}?start=2026-03-02&count=3")


def test_only_who_heads_the_firm_is_offered_changes(
    firm: SmallFirm, manager: Client, now: datetime
) -> None:
    with time_machine.travel(now, tick=False):
        repairer = on.signed_in(firm.repairer)

    assert 'name="end_of_work"' in page(manager, PAGE, now)
    assert "<form" not in page(repairer, PAGE, now).partition("<main")[2].partition("算一算")[0]
    assert 'name="end_of_work"' not in page(repairer, PAGE, now)
    assert "只有管辖整个公司的人" in page(repairer, PAGE, now)


def test_a_confirmed_year_says_by_what_and_by_whom(
    firm: SmallFirm, manager: Client, now: datetime
) -> None:
    services.import_notice("2027-01-01,休,元旦\n", by=firm.manager.pk, now=now)
    before = page(manager, "/settings/calendar/2027/", now)
    services.confirm_year(2027, source="国办发〔2026〕1号", by=firm.manager.pk, now=now)
    after = page(manager, "/settings/calendar/2027/", now)

    assert "节假日已经导入，请核对后确认" in before and "确认 2027 年" in before
    assert "国办发〔2026〕1号" in after and "甲经理 2026-03-02 确认" in after
    assert "确认 2027 年" not in after
    assert "随软件提供" in page(manager, PAGE, now)


def test_a_year_of_which_nothing_is_known_offers_no_confirmation(
    manager: Client, now: datetime
) -> None:
    html = page(manager, "/settings/calendar/2027/", now)

    assert "暂按周末计算" in html
    assert "确认 2027 年" not in html


def test_a_year_that_came_with_a_later_release_is_taken_over_by_confirming_it(
    manager: Client, now: datetime
) -> None:
    CalendarDay.objects.filter(day__year=2026).delete()
    CalendarYear.objects.filter(year=2026).delete()

    assert "软件里有这一年的通知" in page(manager, PAGE, now)
    with time_machine.travel(now, tick=False):
        manager.post(f"{PAGE}confirmation/", {"source": "通知"})
    assert "国庆节" in page(manager, PAGE, now)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_file_is_read_in_the_encodings_that_spreadsheets_write(
    manager: Client, now: datetime, encoding: str
) -> None:
    text = "日期,班休,名称\r\n2027/1/1,休,元旦\r\n"
    file = SimpleUploadedFile("2027.csv", text.encode(encoding), "text/csv")

    with time_machine.travel(now, tick=False):
        answer = manager.post(f"{PAGE}notices/", {"file": file})

    assert answer.headers["Location"] == "/settings/calendar/2027/"
    assert CalendarDay.objects.get(day=date(2027, 1, 1)).name == "元旦"


def test_a_mistake_keeps_what_was_entered_and_opens_its_form(
    manager: Client, now: datetime
) -> None:
    with time_machine.travel(now, tick=False):
        answer = manager.post(
            f"{PAGE}days/", {"day": "2026-03-07", "worked": "off", "reason": "盘点"}
        )

    html = answer.content.decode()
    assert answer.status_code == 422
    assert "2026-03-07 本来就休息" in html
    assert 'value="2026-03-07"' in html and 'value="盘点"' in html
    assert html.count('class="folded" open') == 1
    assert not CalendarDay.objects.filter(kind="own").exists()


@pytest.mark.parametrize(
    "query", ["start=x&count=1", "start=2026-03-02", "start=2026-03-02&count=501"]
)
def test_a_question_that_makes_no_sense_is_answered_beside_its_field(
    manager: Client, now: datetime, query: str
) -> None:
    with time_machine.travel(now, tick=False):
        answer = manager.get(f"{PAGE}?{query}")

    assert answer.status_code == 422
    assert "field--wrong" in answer.content.decode()


def test_every_day_of_a_year_is_drawn_once_in_its_column(firm: SmallFirm, now: datetime) -> None:
    shown = months(year_shown(firm.firm, 2026), today=now.date())

    cells = [cell for month in shown for week in month.weeks for cell in week if cell]
    assert [cell.day for cell in cells] == [
        date.fromordinal(n)
        for n in range(date(2026, 1, 1).toordinal(), date(2027, 1, 1).toordinal())
    ]
    assert all(
        cell is None or cell.day.weekday() == column
        for month in shown
        for week in month.weeks
        for column, cell in enumerate(week)
    )
    assert [cell.day for cell in cells if cell.is_today] == [date(2026, 3, 2)]
    assert sum(cell.kind == "holiday" for cell in cells) == 33
    assert sum(cell.kind == "makeup" for cell in cells) == 6


def test_a_holiday_is_one_line_and_the_firms_word_stands_beside_it(
    firm: SmallFirm, now: datetime
) -> None:
    services.add_day(date(2025, 10, 3), worked=True, reason="值班", by=firm.manager.pk, now=now)

    found = [
        (entry.days, str(entry.kind), entry.words, entry.by)
        for entry in entries(year_shown(firm.firm, 2025))
        if entry.first.month == 10
    ]

    assert found == [
        ("10月1日至10月8日", "放假", "国庆节、中秋节", ""),
        ("10月3日（周五）", "本单位上班", "值班", "甲经理"),
        ("10月11日（周六）", "调休上班", "国庆节、中秋节", ""),
    ]


@pytest.mark.parametrize(
    ("year", "found"),
    [(2024, (None, 2025)), (2026, (2025, 2027)), (2027, (2026, None)), (2030, (2029, None))],
)
def test_one_leafs_through_what_is_known_and_one_year_ahead(
    year: int, found: tuple[int | None, int | None]
) -> None:
    assert beside(year, known=range(2024, 2027), now=2026) == found


def test_before_any_year_is_known_one_sees_this_one_and_the_next(now: datetime) -> None:
    assert beside(2026, known=range(0), now=2026) == (None, 2027)


def test_the_day_says_what_it_is_on_today(firm: SmallFirm, now: datetime) -> None:
    with time_machine.travel(datetime(2026, 10, 1, 2, tzinfo=now.tzinfo), tick=False):
        client = on.signed_in(firm.manager)
        holiday = client.get("/").content.decode()
    with time_machine.travel(datetime(2026, 10, 10, 2, tzinfo=now.tzinfo), tick=False):
        made_up = on.signed_in(firm.manager).get("/").content.decode()

    assert "周 · 国庆节" in holiday and "周 · 工作日" in made_up
