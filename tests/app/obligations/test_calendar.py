"""A duty in working days: due by the firm's calendar, provisional where that is not confirmed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine

from huiyin.accounts import calendar_services
from huiyin.adoption import services as adoption
from huiyin.ledger.models import Fact
from huiyin.obligations import services as obligations
from huiyin.obligations.models import Obligation
from tests.adopted import sources
from tests.app import scene as on
from tests.app.obligations.test_repairs import completed
from tests.people import SmallFirm, small_firm

pytestmark = pytest.mark.django_db

BEFORE_THE_HOLIDAY = datetime(2026, 9, 28, 2, tzinfo=UTC)
END_OF_YEAR = datetime(2026, 12, 30, 2, tzinfo=UTC)
DAY_OF_DUE = datetime(2027, 1, 4, 2, tzinfo=UTC)
WORDS = "2027 年的工作日历还没有确认"


@pytest.fixture
def firm(now: datetime) -> SmallFirm:
    """A leak is visited within three working days."""
    firm = small_firm(now)
    texts = sources()
    policy = texts["policy.yaml"].replace("leak: 3d", "leak: 3wd")
    proposed = adoption.propose(
        texts | {"policy.yaml": policy},
        starts_on=date(2026, 1, 2),
        mode="trial",
        by=firm.manager.pk,
        now=now,
    )
    adoption.approve(proposed, by=firm.manager.pk, now=now)
    return firm


def due_of(repair: int) -> tuple[datetime, bool]:
    [found] = set(Obligation.objects.filter(target=repair).values_list("due_at", "provisional"))
    return found


def test_it_is_due_by_the_calendar(firm: SmallFirm) -> None:
    [repair] = completed(firm, "WX-1", now=BEFORE_THE_HOLIDAY)

    assert due_of(repair) == (datetime(2026, 10, 8, 16, tzinfo=UTC), False)


def test_an_own_day_of_the_firm_counts_from_then_on_and_moves_nothing_that_is_set(
    firm: SmallFirm, now: datetime
) -> None:
    [first] = completed(firm, "WX-1", now=BEFORE_THE_HOLIDAY)
    calendar_services.add_day(
        date(2026, 9, 30), worked=False, reason="年会", by=firm.manager.pk, now=BEFORE_THE_HOLIDAY
    )

    [second] = completed(firm, "WX-2", now=BEFORE_THE_HOLIDAY)

    assert due_of(first)[0] == datetime(2026, 10, 8, 16, tzinfo=UTC)
    assert due_of(second)[0] == datetime(2026, 10, 9, 16, tzinfo=UTC)


def test_in_a_year_that_is_not_confirmed_it_is_provisional(firm: SmallFirm) -> None:
    [repair] = completed(firm, "WX-1", now=END_OF_YEAR)

    assert due_of(repair) == (datetime(2027, 1, 4, 16, tzinfo=UTC), True)


def test_once_the_year_is_confirmed_it_is_final(firm: SmallFirm, now: datetime) -> None:
    calendar_services.import_notice("2027-01-01,休,元旦\n", by=firm.manager.pk, now=now)
    calendar_services.confirm_year(2027, source="通知", by=firm.manager.pk, now=now)

    [repair] = completed(firm, "WX-1", now=END_OF_YEAR)

    assert due_of(repair) == (datetime(2027, 1, 5, 16, tzinfo=UTC), False)


def test_a_provisional_deadline_is_counted_anew_and_the_first_one_kept(firm: SmallFirm) -> None:
    [repair] = completed(firm, "WX-1", now=END_OF_YEAR)

    notice = "2027-01-01,休,元旦\n2027-01-04,休,元旦\n"
    calendar_services.import_notice(notice, by=firm.manager.pk, now=END_OF_YEAR)
    calendar_services.confirm_year(2027, source="通知", by=firm.manager.pk, now=END_OF_YEAR)

    rows = Obligation.objects.filter(target=repair)
    assert due_of(repair) == (datetime(2027, 1, 6, 16, tzinfo=UTC), False)
    assert set(rows.values_list("first_due_at", "next_look_at")) == {
        (datetime(2027, 1, 4, 16, tzinfo=UTC), datetime(2027, 1, 6, 16, tzinfo=UTC))
    }
    stated = Fact.objects.filter(kind="obligation.rescheduled", target=repair)
    assert {row.values["obligation.id"] for row in stated} == {row.pk for row in rows}


def test_a_provisional_deadline_that_has_passed_does_not_move(firm: SmallFirm) -> None:
    [repair] = completed(firm, "WX-1", now=END_OF_YEAR)
    later = datetime(2027, 1, 4, 16, 1, tzinfo=UTC)
    obligations.tick(now=later)

    notice = "2027-01-01,休,元旦\n2027-01-04,休,元旦\n"
    calendar_services.import_notice(notice, by=firm.manager.pk, now=later)
    calendar_services.confirm_year(2027, source="通知", by=firm.manager.pk, now=later)

    assert due_of(repair)[0] == datetime(2027, 1, 4, 16, tzinfo=UTC)


def test_the_pages_say_so_until_it_is_done_with(firm: SmallFirm) -> None:
    completed(firm, "WX-1", now=END_OF_YEAR)
    row = Obligation.objects.get(holder=firm.supervisor.pk)

    with time_machine.travel(DAY_OF_DUE, tick=False):
        client = on.signed_in(firm.supervisor)
        today = client.get("/").content.decode()
        page = client.get(f"/obligations/{row.pk}/").content.decode()
        obligations.waive(row, by=firm.manager.pk, reason="住户外出", now=DAY_OF_DUE)
        afterwards = client.get(f"/obligations/{row.pk}/").content.decode()

    for html in (today, page):
        assert "暂定" in html and WORDS in html
    assert "暂定" not in afterwards


def test_a_final_deadline_is_not_called_provisional(firm: SmallFirm) -> None:
    completed(firm, "WX-1", now=BEFORE_THE_HOLIDAY)
    row = Obligation.objects.get(holder=firm.supervisor.pk)

    with time_machine.travel(BEFORE_THE_HOLIDAY, tick=False):
        html = on.signed_in(firm.supervisor).get(f"/obligations/{row.pk}/").content.decode()

    assert "2026-10-08 24:00" in html
    assert "暂定" not in html
