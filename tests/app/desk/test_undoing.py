"""撤销刚才的登记: one's own last act is as if it had not been, but for the facts of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.urls import reverse

from huiyin.adoption.queries import current
from huiyin.cases import services as cases
from huiyin.cases.given import Item
from huiyin.cases.models import Case
from huiyin.core import health
from huiyin.core.health import Look
from huiyin.customers import consenting
from huiyin.customers.consenting import Statement
from huiyin.followups import services as followups
from huiyin.followups.models import Followup
from huiyin.followups.services import Appointment
from huiyin.insights.verdicts import verdicts
from huiyin.ledger.models import Fact
from huiyin.obligations import services as obligations
from huiyin.obligations.models import Obligation, ShareCount
from huiyin.records.models import Record
from huiyin.subjects.models import Subject
from tests.app import scene as on

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RUDE = Item("complaint", "物管员不接电话", "moderate")
PARCELS = Item("suggestion", "快递柜挪到门口")
LAMP = Item("question", "地下车库何时换灯", answer="周五换")


@pytest.fixture
def place(now: datetime) -> Iterator[on.Scene]:
    made = on.scene(now)
    on.completed(made)
    with time_machine.travel(now + 5 * HOUR, tick=False):
        yield made


def state(now: datetime) -> dict[str, Any]:
    """All that is read of what happened, without the facts; what is voided is not there."""
    owed = Obligation.objects.exclude(state="voided").order_by("pk")
    return {
        "obligations": list(
            owed.values_list(
                "pk", "state", "due_at", "first_due_at", "done_at", "done_recorded_at",
                "settled_by", "met_fact", "missed", "holder", "counted", "level",
            )
        ),
        "shares": list(ShareCount.objects.order_by("pk").values_list("pk", "counts")),
        "cases": list(Case.objects.order_by("pk").values()),
        "followups": list(Followup.objects.order_by("pk").values()),
        "subjects": list(Subject.objects.order_by("pk").values()),
        "records": list(Record.objects.standing().values_list("pk", flat=True)),
        "verdicts": [
            (clause, month, verdict.conclusion)
            for adoption, pack in current()
            for (clause, month), verdict in verdicts(
                adoption, pack, months=[now.date().replace(day=1)], now=now
            ).items()
        ],
    }  # fmt: skip


def undo(person: Any, *, reason: str = "登记错了", act: int | None = None) -> Any:
    """As the page sends it: with the act that it shows."""
    client = on.signed_in(person)
    if act is None:
        last = client.get("/undo/").context["last"]
        act = last.fact.pk if last else 0
    return client.post("/undo/", {"reason": reason, "act": act})


def subject() -> Subject:
    return Subject.objects.get(number="WX-1")


def owed(place: on.Scene) -> Obligation:
    return Obligation.objects.get(holder=place.firm.repair_lead.pk, duty="repair_visit")


def _said(place: on.Scene, at: datetime) -> Any:
    said = Statement("withdrawn", "phone", "followup", "phone", "录音 12", at)
    household = subject().customer
    assert household is not None
    consenting.state(household, said, by=place.firm.officer.pk, now=at)
    return place.firm.officer


def _waived(place: on.Scene, at: datetime) -> Any:
    obligations.waive(owed(place), by=place.firm.manager.pk, reason="住户外出", now=at)
    return place.firm.manager


def _case(place: on.Scene, item: Item) -> Case:
    return on.taken_down(place, item, place.firm.officer, place.now + HOUR)


def _closed(place: on.Scene, at: datetime) -> Any:
    case = on.fresh(Case.objects.get())
    by = on.doing(place.firm.manager, at)
    cases.close(case, outcome="explained", doing=by)
    return place.firm.manager


def _replied(place: on.Scene, at: datetime) -> Any:
    case, by = on.fresh(Case.objects.get()), on.doing(place.firm.manager, at)
    cases.reply(case, text="已经安排", channel="phone", doing=by)
    return place.firm.manager


def _decided(place: on.Scene, at: datetime) -> Any:
    case, by = on.fresh(Case.objects.get()), on.doing(place.firm.manager, at)
    cases.decide(case, decision="adopted", reason="方便", doing=by)
    return place.firm.manager


def _handled(place: on.Scene, at: datetime) -> Any:
    case, by = on.fresh(Case.objects.get()), on.doing(place.firm.manager, at)
    cases.handle(case, text="属实，已道歉", doing=by)
    return place.firm.manager


def _reclassified(place: on.Scene, at: datetime) -> Any:
    case, by = on.fresh(Case.objects.get()), on.doing(place.firm.manager, at)
    cases.reclassify(case, kind="opinion", severity="minor", reason="不是投诉", doing=by)
    return place.firm.manager


def _supplemented(place: on.Scene, at: datetime) -> Any:
    case, by = on.fresh(Case.objects.get()), on.doing(place.firm.manager, at)
    cases.supplement(case, text="是东门的", doing=by)
    return place.firm.manager


def _withdrawn(place: on.Scene, at: datetime) -> Any:
    case, by = on.fresh(Case.objects.get()), on.doing(place.firm.manager, at)
    cases.withdraw(case, reason="不用了", doing=by)
    return place.firm.manager


def _raised(item: Item) -> Callable[[on.Scene, datetime], Any]:
    def act(place: on.Scene, at: datetime) -> Any:
        on.taken_down(place, item, place.firm.officer, at)
        return place.firm.officer

    return act


def _visited(**more: Any) -> Callable[[on.Scene, datetime], Any]:
    def act(place: on.Scene, at: datetime) -> Any:
        on.visit(subject().pk, place.firm.repair_lead, at, **more)
        return place.firm.repair_lead

    return act


def _registered(place: on.Scene, at: datetime) -> Any:
    on.repair(on.Scene(place.firm, place.customer, at), "WX-2")
    return place.firm.manager


def _planned(place: on.Scene, at: datetime) -> Any:
    when = Appointment(subject().pk, "phone", at + DAY, owed(place).pk)
    followups.plan(when, by=place.firm.repair_lead.pk, now=at)
    return place.firm.repair_lead


KINDS: dict[str, tuple[Item | None, Callable[[on.Scene, datetime], Any]]] = {
    "a statement about consent": (None, _said),
    "a release from an obligation": (None, _waived),
    "a decision on a suggestion": (PARCELS, _decided),
    "what was done about a complaint": (RUDE, _handled),
    "a reply": (PARCELS, _replied),
    "a reply after an answer": (LAMP, _replied),
    "another kind": (RUDE, _reclassified),
    "a supplement": (PARCELS, _supplemented),
    "a withdrawal with what it released": (PARCELS, _withdrawn),
    "a closing": (LAMP, _closed),
    "a suggestion at the front desk": (None, _raised(PARCELS)),
    "a complaint at the front desk": (None, _raised(RUDE)),
    "a question that was answered at once": (None, _raised(LAMP)),
    "a follow-up": (None, _visited()),
    "a follow-up with a problem": (
        None, _visited(answers=on.filled(on.UNSOLVED), problem=on.LEAKS),
    ),
    "a follow-up with several items": (None, _visited(items=[PARCELS, LAMP])),
    "a registration": (None, _registered),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_everything_is_again_as_it_was_before(place: on.Scene, kind: str) -> None:
    before_it, act = KINDS[kind]
    if before_it:
        _case(place, before_it)
    at = place.now + 2 * HOUR
    before = state(at + HOUR)
    person = act(place, at)
    changed = state(at + HOUR)
    facts = set(Fact.objects.values_list("pk", flat=True))

    answer = undo(person)

    assert answer.status_code == 302, answer.content.decode()
    assert state(at + HOUR) == before
    assert (changed != before) or kind in ("a supplement", "a statement about consent")
    assert facts < set(Fact.objects.values_list("pk", flat=True))
    voids = Fact.objects.filter(kind="fact.voided", recorded_by=person.pk).select_related("note")
    assert voids and {void.note.text for void in voids} == {"登记错了"}


@pytest.mark.parametrize("kind", KINDS)
def test_no_invariant_is_broken_and_a_second_click_does_nothing_more(
    place: on.Scene, kind: str
) -> None:
    before_it, act = KINDS[kind]
    if before_it:
        _case(place, before_it)
    person = act(place, place.now + 2 * HOUR)
    shown = on.signed_in(person).get("/undo/").context["last"].fact.pk

    first = undo(person, act=shown)
    voided = Fact.objects.filter(kind="fact.voided").count()
    second = undo(person, act=shown)

    assert (first.status_code, second.status_code) == (302, 302)
    assert Fact.objects.filter(kind="fact.voided").count() == voided
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    look = Look(place.now + 5 * HOUR, full=True)
    broken = [(str(each.invariant.holds), each.rows) for each in health.broken(look)]
    assert broken == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_somebody_else_did_is_not_offered(place: on.Scene, kind: str) -> None:
    before_it, act = KINDS[kind]
    if before_it:
        _case(place, before_it)
    person = act(place, place.now + 2 * HOUR)
    mine = on.signed_in(person).get("/undo/").context["last"].fact.pk
    other = place.firm.supervisor

    assert on.signed_in(other).get("/undo/").context["last"] is None
    assert undo(other, act=mine).status_code == 409
    assert not Fact.objects.filter(kind="fact.voided").exists()


def test_a_planned_follow_up_waits_again(place: on.Scene) -> None:
    at = place.now + HOUR
    lead = _planned(place, at)
    before = state(at + 2 * HOUR)
    on.visit(subject().pk, lead, at + HOUR)

    assert undo(lead).status_code == 302

    assert state(at + 2 * HOUR) == before
    assert Followup.objects.get().channel == "phone"


def test_an_appointment_that_met_a_duty_leaves_it_owed(place: on.Scene) -> None:
    at = place.now + HOUR
    lead = _planned(place, at)

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
    lead, page = place.firm.repair_lead, reverse("followups:workbench", args=[subject().pk])
    sent = on.SATISFIED | {"visited": on.drawing(), "key": "k-1"}
    client = on.signed_in(lead)
    assert client.post(page, sent).status_code == 302
    undo(lead)

    again = client.post(page, sent)

    assert again.status_code == 409 and "已经撤销" in again.content.decode()
    assert client.post(page, sent | {"key": "k-2"}).status_code == 302


def test_a_case_that_was_taken_back_is_not_raised_again_by_an_old_submission(
    place: on.Scene,
) -> None:
    page = reverse("cases:intake", args=[place.customer])
    sent = {"origin": "phone", "item-kind": "suggestion", "item-description": "灯暗", "key": "k-1"}
    client = on.signed_in(place.firm.officer)
    assert client.post(page, sent).status_code == 302
    undo(place.firm.officer)

    assert client.post(page, sent).status_code == 409
    assert client.post(page, sent | {"key": "k-2"}).status_code == 302
    assert Case.objects.count() == 1


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
    _case(place, PARCELS)
    _decided(place, place.now + 2 * HOUR)

    assert undo(place.firm.officer).status_code == 409
    assert Case.objects.get().decision == "adopted"


def test_a_registration_with_something_on_it_stays(place: on.Scene) -> None:
    manager, at = place.firm.manager, place.now + HOUR
    _registered(place, at)
    new = Subject.objects.get(number="WX-2")
    on.taken_down(place, PARCELS, place.firm.officer, at + HOUR, about=new.pk)

    answer = undo(manager)

    assert answer.status_code == 409 and "WT-2026-0" in answer.content.decode()
    assert Subject.objects.filter(pk=new.pk).exists()


def test_the_number_of_a_registration_that_was_taken_back_is_free(place: on.Scene) -> None:
    _registered(place, place.now + HOUR)

    undo(place.firm.manager)

    _registered(place, place.now + 2 * HOUR)
    assert Subject.objects.filter(number="WX-2").count() == 1


def test_an_earlier_reply_counts_again(place: on.Scene) -> None:
    case = _case(place, PARCELS)
    by = on.doing(place.firm.manager, place.now + 2 * HOUR)
    cases.reply(case, text="先答一次", channel="visit", doing=by)
    _replied(place, place.now + 3 * HOUR)

    undo(place.firm.manager)

    case = Case.objects.get()
    assert (case.reply_to_customer, case.reply_channel) == ("先答一次", "visit")
    assert case.replied_at == place.now + 2 * HOUR


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("paper", "更改这份记录"),
        ("revisit", "更改这份记录"),
        ("referral", "打开这件"),
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

    assert words in page and words in today
    assert '<form class="form"' not in page and "撤销刚才的登记</a>" not in today
    assert undo(lead).status_code == 409


def test_today_offers_to_take_back_what_can_be(place: on.Scene) -> None:
    lead = place.firm.repair_lead
    on.visit(subject().pk, lead, place.now + HOUR)

    assert "撤销刚才的登记</a>" in on.signed_in(lead).get("/").content.decode()
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

    shown = client.get("/undo/")

    assert shown.status_code == 200 and 'lang="en"' in shown.content.decode()
