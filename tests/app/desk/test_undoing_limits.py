"""What is taken back leaves what somebody built on it, and says what to do instead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
import time_machine
from django.urls import reverse
from django.utils.translation import override

from huiyin.cases import services as cases
from huiyin.cases.models import Case
from huiyin.core.errors import Conflict
from huiyin.followups.models import Followup
from huiyin.ledger.models import Fact
from huiyin.obligations import services as obligations
from huiyin.records.models import Record
from huiyin.subjects.models import Subject
from tests.app import scene as on
from tests.app.desk.undone import (
    HOUR,
    PARCELS,
    case_of_desk,
    decided,
    owed,
    planned,
    registered,
    replied,
    state,
    subject,
    undo,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(founded: on.Scene, now: datetime) -> Iterator[on.Scene]:
    made = founded
    on.completed(made)
    with time_machine.travel(now + 5 * HOUR, tick=False):
        yield made


def test_a_planned_follow_up_waits_again(place: on.Scene) -> None:
    at = place.now + HOUR
    lead = planned(place, at)
    before = state(at + 2 * HOUR)
    on.visit(subject().pk, lead, at + HOUR)

    assert undo(lead).status_code == 302

    assert state(at + 2 * HOUR) == before
    assert Followup.objects.get().channel == "phone"


def test_an_appointment_that_met_a_duty_leaves_it_owed(place: on.Scene) -> None:
    at = place.now + HOUR
    lead = planned(place, at)

    assert undo(lead).status_code == 302

    assert Followup.objects.get().state == "cancelled"
    assert Fact.objects.get(kind="followup.planned").voided_by.recorded_by_id == lead.pk


def test_what_fell_due_meanwhile_is_late_when_it_is_owed_again(place: on.Scene) -> None:
    lead = place.firm.repair_lead
    on.visit(subject().pk, lead, place.now + HOUR)
    row = owed(place)
    late = row.due_at + HOUR

    with time_machine.travel(late, tick=False):
        undo(lead)
        obligations.tick(now=late)

    row.refresh_from_db()
    assert (row.state, row.missed, row.standing(late)) == ("open", True, "overdue")


def test_the_record_of_a_follow_up_that_was_taken_back_stays_and_says_so(
    place: on.Scene,
) -> None:
    lead = place.firm.repair_lead
    held = on.visit(subject().pk, lead, place.now + HOUR)
    record, client = held.record, on.signed_in(lead)
    assert record is not None

    undo(lead, reason="不是这一户")

    shown = client.get(reverse("records:page", args=[record.pk])).content.decode()
    listed = client.get(reverse("records:list")).content.decode()
    assert "这份记录已撤销，不再算数。原因：不是这一户" in shown
    assert reverse("desk:amendment", args=[record.pk]) not in shown
    assert "已撤销" in listed
    amended = client.post(
        reverse("desk:amendment", args=[record.pk]),
        on.SATISFIED | {"key": "k", "amended-why": "更正"},
    )
    assert amended.status_code == 409
    assert client.get(reverse("followups:page", args=[held.pk])).status_code == 404


def test_a_follow_up_that_was_taken_back_is_not_made_again_by_an_old_submission(
    place: on.Scene,
) -> None:
    lead, at = place.firm.repair_lead, place.now + HOUR
    on.visit(subject().pk, lead, at, key="k-1")
    assert undo(lead).status_code == 302

    with pytest.raises(Conflict, match="已经撤销"):
        on.visit(subject().pk, lead, at, key="k-1")

    assert not Followup.objects.exists()
    on.visit(subject().pk, lead, at + HOUR, key="k-2")


def test_a_case_that_was_taken_back_is_not_raised_again_by_an_old_submission(
    place: on.Scene,
) -> None:
    officer = place.firm.officer
    by = replace(on.doing(officer, place.now + HOUR), key="k-1")
    cases.raise_case(PARCELS, about=place.customer, origin="phone", doing=by)
    assert undo(officer).status_code == 302

    with pytest.raises(Conflict, match="已经撤销"):
        cases.raise_case(PARCELS, about=place.customer, origin="phone", doing=by)

    assert not Case.objects.exists()


def test_a_follow_up_whose_case_somebody_works_on_stays(place: on.Scene) -> None:
    at, lead = place.now + HOUR, place.firm.repair_lead
    case = on.case_of(place, subject(), at)
    by = on.doing(place.firm.manager, at + HOUR)
    cases.supplement(case, text="在厨房", doing=by)

    answer = undo(lead)

    assert answer.status_code == 409
    assert Case.objects.filter(pk=case.pk).exists()
    assert not Fact.objects.filter(kind="fact.voided").exists()


def test_a_case_that_somebody_went_on_with_stays(place: on.Scene) -> None:
    case_of_desk(place, PARCELS)
    decided(place, place.now + 2 * HOUR)

    assert undo(place.firm.officer).status_code == 409
    assert Case.objects.get().decision == "adopted"


def test_a_registration_with_something_on_it_stays(place: on.Scene) -> None:
    manager, at = place.firm.manager, place.now + HOUR
    registered(place, at)
    new = Subject.objects.get(number="WX-2")
    on.taken_down(place, PARCELS, place.firm.officer, at + HOUR, about=new.pk)

    answer = undo(manager)

    assert answer.status_code == 409 and "WT-2026-0" in answer.content.decode()
    assert Subject.objects.filter(pk=new.pk).exists()


def test_the_number_of_a_registration_that_was_taken_back_is_free(place: on.Scene) -> None:
    registered(place, place.now + HOUR)

    undo(place.firm.manager)

    registered(place, place.now + 2 * HOUR)
    assert Subject.objects.filter(number="WX-2").count() == 1


def test_an_earlier_reply_counts_again(place: on.Scene) -> None:
    case = case_of_desk(place, PARCELS)
    by = on.doing(place.firm.manager, place.now + 2 * HOUR)
    cases.reply(case, text="先答一次", channel="visit", doing=by)
    replied(place, place.now + 3 * HOUR)

    undo(place.firm.manager)

    case = Case.objects.get()
    assert (case.reply_to_customer, case.reply_channel) == ("先答一次", "visit")
    assert case.replied_at == place.now + 2 * HOUR


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("paper", "更改记录 {newest}"),
        ("revisit", "更改记录 {newest}"),
        ("referral", "打开事项 {number}"),
    ],
)
def test_what_cannot_be_taken_back_leads_to_what_can_be_done(
    place: on.Scene, act: str, words: str
) -> None:
    at, firm = place.now + HOUR, place.firm
    lead = firm.repair_lead
    case = on.case_of(place, subject(), at)
    if act == "referral":
        by = on.doing(lead, at + HOUR)
        cases.refer(case, to=firm.manager.pk, text="请示", doing=by)
    else:
        case = on.notice(case, lead, at + HOUR)
    if act == "revisit":
        case = on.rectified(on.handed_over(case, lead, at + HOUR), at + 2 * HOUR)
        on.visit(case.pk, lead, at + 3 * HOUR)
    client = on.signed_in(lead)

    page, today = client.get("/undo/").content.decode(), client.get("/").content.decode()

    newest = Record.objects.order_by("-pk").first()
    said = words.format(newest=newest and newest.number, number=case.number)
    assert said in page and said in today
    assert '<form class="form"' not in page and "撤销最近的登记</a>" not in today
    assert undo(lead).status_code == 409


def test_today_offers_to_take_back_what_can_be(place: on.Scene) -> None:
    lead = place.firm.repair_lead
    on.visit(subject().pk, lead, place.now + HOUR)

    assert "撤销最近的登记</a>" in on.signed_in(lead).get("/").content.decode()
    assert "最近的登记</a>" in on.signed_in(place.firm.officer).get("/").content.decode()


def test_an_act_needs_a_reason_and_the_page_names_the_field(place: on.Scene) -> None:
    on.visit(subject().pk, place.firm.repair_lead, place.now + HOUR)

    answer = undo(place.firm.repair_lead, reason=" ")

    assert answer.status_code == 422 and 'href="#field-reason"' in answer.content.decode()
    assert not Fact.objects.filter(kind="fact.voided").exists()


def test_the_page_speaks_english(place: on.Scene) -> None:
    on.visit(subject().pk, place.firm.repair_lead, place.now + HOUR)
    client = on.signed_in(place.firm.repair_lead)
    client.cookies["django_language"] = "en"

    with override("en"):
        shown = client.get("/undo/").content.decode()

    assert 'lang="en"' in shown and "Undo the latest entry" in shown
