"""今日 beside its rows, and the list of everything owed: progress, units, several policies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huiyin.obligations import services as obligations
from huiyin.obligations.models import Obligation
from tests.app import scene as on
from tests.app.desk.test_doing import browser, owed, send, text
from tests.people import SmallFirm
from tests.second_policy import second

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def place(founded: on.Scene, now: datetime) -> on.Scene:
    place = founded
    second(place.firm, now=now)
    obligations.plan(now=now)
    return place


@pytest.fixture
def firm(place: on.Scene) -> SmallFirm:
    return place.firm


def test_a_quota_says_how_far_it_is_what_is_left_and_its_last_day(
    place: on.Scene, firm: SmallFirm, now: datetime
) -> None:
    client = browser(firm, "repair_lead")
    before = text(send(client, "/", now))
    for number in range(2):
        subject = on.completed(place, f"WX-{number}")
        on.visit(subject.pk, firm.repair_lead, now + HOUR)

    after = text(send(client, "/", now + 2 * HOUR))
    row = owed("calls", holder=firm.repair_lead.pk)
    page = text(send(client, f"/obligations/{row.pk}/", now + 2 * HOUR))

    assert "每月回访次数" in before and "0 / 3" in before
    assert "2 / 3" in after and "还差 1 次，最后一天 2026-03-31" in after
    assert "2 / 3" in page and "还差 1 次" in page


def test_a_full_quota_stays_on_the_page_as_done(
    place: on.Scene, firm: SmallFirm, now: datetime
) -> None:
    for number in range(3):
        on.visit(on.completed(place, f"WX-{number}").pk, firm.repair_lead, now + HOUR)

    page = text(send(browser(firm, "repair_lead"), "/", now + 2 * HOUR))

    assert "3 / 3" in page and "已完成" in page


def test_what_returns_says_how_much_of_the_period_is_done(firm: SmallFirm, now: datetime) -> None:
    client = browser(firm, "supervisor")
    before = text(send(client, "/", now))
    given = {"total": "1", "signed": on.drawing(), "key": "k"}
    row = owed("monthly")
    send(client, f"/forms/monthly_sheet/{row.target_id}/", now, given)

    after = text(send(client, "/", now))

    assert "月度汇总" in before and "0 / 1" in before
    assert "还差 1 项，最后一天 2026-03-31" in before
    assert "1 / 1" in after


def test_nobody_sees_the_progress_of_others(firm: SmallFirm, now: datetime) -> None:
    page = text(send(browser(firm, "far_officer"), "/", now))

    assert "月度汇总" not in page and "每月回访次数" not in page and "本单位" not in page


def test_who_oversees_units_sees_how_they_stand(
    place: on.Scene, firm: SmallFirm, now: datetime
) -> None:
    on.completed(place)
    client = browser(firm, "manager")
    late = datetime(2026, 3, 5, 16, 0, 1, tzinfo=UTC)

    page = text(send(client, "/", late))
    listed = text(send(client, "/obligations/?standing=late", late))

    assert "/obligations/?standing=late" in page
    assert "维修回访" in listed and "逾期未办" in listed and "WX-1" in listed


def test_one_visit_for_two_policies_is_told_on_both_rows(
    place: on.Scene, firm: SmallFirm, now: datetime
) -> None:
    on.completed(place)

    page = text(send(browser(firm, "repair_lead"), "/", now))

    assert "一次办结，同时满足：维修回访（物业公司客户回访制度 § B.2.c）" in page
    assert "以更早的时限为准，同一件事：维修回访（加急）（第二制度 § 3.b）" in page


def duties(client: Client, query: str, now: datetime) -> list[str]:
    answer = send(client, f"/obligations/?{query}", now)
    assert answer.status_code == 200
    return [row["first"].text for row in answer.context["rows"]]


def test_the_list_holds_ones_own_and_what_one_oversees(
    place: on.Scene, firm: SmallFirm, now: datetime
) -> None:
    on.completed(place)
    head, other = browser(firm, "manager"), browser(firm, "far_officer")
    lead = browser(firm, "repair_lead")

    assert duties(other, "", now) == []
    assert "月度汇总" in duties(head, "", now)
    assert "月度汇总" not in duties(head, "whose=mine", now)
    assert "每月回访次数" in duties(lead, "whose=mine", now)
    assert duties(head, "duty=second.inspect", now) == ["巡查"]
    assert duties(head, "duty=second.inspect&standing=settled", now) == []
    assert duties(head, "duty=second.inspect&standing=blocked", now) == []
    assert duties(head, "q=WX-1&duty=second.inspect", now) == ["巡查"]
    assert duties(head, "q=丙负责&duty=second.visit_too", now) == ["维修回访（加急）"]
    assert duties(head, "q=no-such", now) == []


def test_the_list_takes_the_same_statements_at_any_length(
    place: on.Scene, firm: SmallFirm, now: datetime
) -> None:
    client, counts = browser(firm, "repair_lead"), []
    send(client, "/obligations/", now)
    for many in (1, 20):
        for number in range(many):
            on.completed(place, f"W{many}-{number}")
        with CaptureQueriesContext(connection) as queries:
            assert send(client, "/obligations/", now).status_code == 200
        counts.append(len(queries))

    # What goes beyond one page is counted.
    assert counts[0] == counts[1] - 1 < 30, counts


def test_what_is_settled_is_found_again(place: on.Scene, firm: SmallFirm, now: datetime) -> None:
    on.completed(place)
    row = Obligation.objects.filter(duty="repair_visit").exclude(holder=firm.manager.pk)[0]
    obligations.waive(row, by=firm.manager.pk, reason="外出", now=now)

    found = duties(browser(firm, "manager"), "standing=settled", now)

    assert found == ["维修回访"] * Obligation.objects.filter(state="waived").count()


def test_a_follow_up_begins_where_there_is_something_to_pick(
    place: on.Scene, manager: Client
) -> None:
    begins = manager.get("/").context["start_url"]
    before = manager.get(begins)
    told = manager.get(before["Location"]).content.decode()
    on.completed(place)

    after = manager.get(begins)

    assert begins == f"{reverse('subjects:list', args=['repair'])}?for=followup"
    assert (before.status_code, before["Location"]) == (302, reverse("customers:list"))
    assert "还没有可以回访的维修单：请先登记，或选一户记其他回访。" in told
    assert after.status_code == 200 and after.context["rows"]
