"""Points: found by a head, seen by whom they are about, contested, decided, taken back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huiyin.ledger.models import Fact
from huiyin.obligations import services as obligations
from huiyin.obligations.models import ScoreEntry
from tests.app import scene as on
from tests.app.desk.test_doing import browser, send, text
from tests.people import SmallFirm
from tests.second_policy import second

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
FOUND = {"clause": "second:1.c", "reason": "没有巡查", "occurrence": "a1"}


@pytest.fixture
def firm(founded: on.Scene, now: datetime) -> SmallFirm:
    place = founded
    second(place.firm, now=now)
    obligations.plan(now=now)
    return place.firm


def found(firm: SmallFirm, now: datetime, who: str = "repair_lead", **more: str) -> ScoreEntry:
    person = getattr(firm, who)
    path = f"/people/{person.pk}/breaches/"
    assert send(browser(firm, "manager"), path, now, FOUND | more).status_code == 302
    return ScoreEntry.objects.latest("id")


def test_a_breach_books_points_that_wait_for_an_objection(firm: SmallFirm, now: datetime) -> None:
    entry = found(firm, now)
    client = browser(firm, "repair_lead")

    page = text(send(client, f"/people/{firm.repair_lead.pk}/points/", now))
    today = text(send(client, "/", now))
    one = text(send(client, f"/points/{entry.pk}/", now))

    assert "违反制度" in page and "-10" in page and "待生效 -10" in page and "待生效" in today
    assert "没有巡查" in one and "提出异议" in one and "撤销认定" not in one
    over = send(client, f"/points/{entry.pk}/", now + 5 * DAY)
    assert "已生效" in text(over) and "提出异议" not in text(over)


def test_the_same_matter_counts_once(firm: SmallFirm, now: datetime) -> None:
    for _time in range(2):
        found(firm, now, matter="WX-1")

    assert ScoreEntry.objects.count() == 1


@pytest.mark.parametrize(("decision", "points"), [("upheld", 0), ("dismissed", -10)])
def test_who_is_above_decides_an_objection(
    firm: SmallFirm, now: datetime, decision: str, points: int
) -> None:
    entry = found(firm, now)
    own, head = browser(firm, "repair_lead"), browser(firm, "manager")
    path = f"/points/{entry.pk}/"

    assert send(own, f"{path}contest/", now, {"reason": ""}).status_code == 422
    assert send(head, f"{path}contest/", now, {"reason": "x"}).status_code == 409
    assert send(own, f"{path}contest/", now, {"reason": "当天停电"}).status_code == 302
    assert send(own, f"{path}contest/", now, {"reason": "再说"}).status_code == 409
    assert "裁决异议" in text(send(head, path, now))
    given = {"decision": decision, "reason": "查明"}
    assert send(own, f"{path}ruling/", now, given).status_code == 403
    assert send(head, f"{path}ruling/", now, {"reason": "查明"}).status_code == 422
    assert send(head, f"{path}ruling/", now, given).status_code == 302
    assert send(head, f"{path}ruling/", now, given).status_code == 409

    page = text(send(own, f"/people/{firm.repair_lead.pk}/points/", now + 5 * DAY))
    assert f"<b>{points}</b>" in page


def test_a_finding_that_was_wrong_is_taken_back_with_its_points(
    firm: SmallFirm, now: datetime
) -> None:
    entry = found(firm, now)
    head = browser(firm, "manager")
    path = f"/points/{entry.pk}/withdrawal/"

    own = send(browser(firm, "repair_lead"), path, now, {"reason": "x"})
    assert own.status_code == 403
    assert send(head, path, now, {"reason": "看错了人"}).status_code == 302

    entry.refresh_from_db()
    assert entry.reversed
    assert Fact.objects.filter(voids=entry.fact_id).exists()
    assert "已冲销" in text(send(head, f"/points/{entry.pk}/", now))


def test_only_who_is_above_finds_a_breach(firm: SmallFirm, now: datetime) -> None:
    path = f"/people/{firm.repair_lead.pk}/breaches/"

    for who, status in (("repair_lead", 403), ("far_officer", 404), ("repairer", 404)):
        assert send(browser(firm, who), path, now, FOUND).status_code == status, who
    for wrong in ({"clause": "second:9.z"}, {"reason": " "}, {"occurrence": ""}):
        assert send(browser(firm, "manager"), path, now, FOUND | wrong).status_code == 422
    assert not ScoreEntry.objects.exists()


def test_points_of_others_are_nobodys_business(firm: SmallFirm, now: datetime) -> None:
    entry = found(firm, now)
    client = browser(firm, "far_officer")

    for path in (f"/points/{entry.pk}/", f"/people/{firm.repair_lead.pk}/points/"):
        assert send(client, path, now).status_code == 404


def test_a_month_takes_the_same_statements_for_one_entry_and_for_many(
    firm: SmallFirm, now: datetime, django_assert_num_queries
) -> None:
    client, path = browser(firm, "repair_lead"), f"/people/{firm.repair_lead.pk}/points/"
    found(firm, now)
    send(client, path, now)
    with CaptureQueriesContext(connection) as first:
        send(client, path, now)
    statements = len(first)
    for number in range(12):
        found(firm, now, matter=f"M{number}")

    with django_assert_num_queries(statements):
        send(client, path, now)
