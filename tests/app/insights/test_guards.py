"""A guard counts the acts that its condition spoke of, and no others."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from huiyin.adoption import services as adoption
from huiyin.adoption.queries import policy_in_force
from huiyin.cases import services as cases
from huiyin.cases.given import Item
from huiyin.cases.models import Case
from huiyin.insights.verdicts import LeafVerdict, Verdict, verdicts
from tests.adopted import sources
from tests.app import scene as on

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
MARCH = date(2026, 3, 1)
LAMP = Item("question", "地下车库何时换灯")
RUDE = Item("complaint", "物管员不接电话")
COLLAPSE = Item("complaint", "围墙倒塌", "major")


def verdict(clause: str, at: datetime, *, policy: str = "property-management") -> Verdict:
    adopted, pack = policy_in_force(policy)
    return verdicts(adopted, pack, months=[MARCH], now=at)[clause, MARCH]


def guards(clause: str, at: datetime, **more: str) -> dict[str, int]:
    found: list[LeafVerdict] = [
        leaf for leaf in verdict(clause, at, **more).leaves if leaf.kind == "guard"
    ]
    return {leaf.leaf: leaf.part for leaf in found}


def closed(place: on.Scene, item: Item, at: datetime) -> Case:
    """Taken down, handled where it is a complaint, replied to and closed by the director."""
    firm = place.firm
    case = on.taken_down(place, item, firm.officer, at)
    by = on.doing(firm.director, at + HOUR)
    if item.kind == "complaint":
        cases.handle(case, text="已查明", doing=by)
    if item.severity == "major":
        on.ruled(on.fresh(case), firm.director, firm.head_office, at + HOUR)
    cases.reply(on.fresh(case), text="已告知", channel="phone", doing=by)
    cases.close(on.fresh(case), outcome="explained", doing=by)
    return on.fresh(case)


def test_a_closed_question_says_nothing_of_complaints_majors_and_rectifications(
    place: on.Scene, now: datetime
) -> None:
    closed(place, replace(LAMP, promised_reply_at=now + 2 * HOUR), now)
    after = now + 3 * HOUR

    assert guards("C.1.4.c", after) == {"close_needs_answer": 1}
    assert guards("C.1.4.a", after) == {"close_needs_handling": 0}
    assert guards("C.1.4.b", after) == {"close_needs_ruling": 0}
    assert guards("B.4.b", after)["close_needs_revisit"] == 0
    assert verdict("C.1.4.b", after).conclusion == "nothing"


def test_a_closed_complaint_counts_for_complaints_only(place: on.Scene, now: datetime) -> None:
    closed(place, RUDE, now)
    after = now + 3 * HOUR

    assert guards("C.1.4.a", after) == {"close_needs_handling": 1}
    assert guards("C.1.4.b", after) == {"close_needs_ruling": 0}


def test_one_of_several_conditions_is_enough(place: on.Scene, now: datetime) -> None:
    closed(place, COLLAPSE, now)

    assert guards("C.1.4.b", now + 3 * HOUR) == {"close_needs_ruling": 1}


def test_an_item_answered_at_once_needed_no_promise(place: on.Scene, now: datetime) -> None:
    on.taken_down(place, replace(LAMP, answer="下周"), place.firm.officer, now)
    answered = guards("A.1.3", now + HOUR)
    on.taken_down(place, replace(LAMP, promised_reply_at=now + HOUR), place.firm.officer, now)

    assert answered == {"answer_or_promise": 0}
    assert guards("A.1.3", now + HOUR) == {"answer_or_promise": 1}


def test_a_withdrawal_that_was_let_pass_counts_as_well(place: on.Scene, now: datetime) -> None:
    case = on.taken_down(place, COLLAPSE, place.firm.officer, now)
    case = on.ruled(case, place.firm.director, place.firm.head_office, now + HOUR)

    cases.withdraw(case, reason="算了", doing=on.doing(place.firm.officer, now + HOUR))

    assert guards("C.1.4.b", now + 3 * HOUR) == {"close_needs_ruling": 1}


IN_PERSON = """
guards:
  leaks_in_person:
    title: {zh: 漏水须登门, en: A leak is visited}
    before: followup.hold
    where: {repair.category: leak, customer.class: household}
    deny: {followup.channel: phone}
    clauses: {C.1.2.b: [where, deny]}
"""


def test_what_an_act_does_not_say_itself_was_known_of_its_target(
    place: on.Scene, now: datetime
) -> None:
    texts = sources()
    texts["policy.yaml"] = (
        texts["policy.yaml"].replace("\nguards:\n", IN_PERSON).replace("version: 1}", "version: 2}")
    )
    firm = place.firm
    proposed = adoption.propose(
        texts, starts_on=date(2026, 3, 2), mode="force", by=firm.supervisor.pk, now=now
    )
    adoption.approve(proposed, by=firm.manager.pk, now=now)
    for number, category in (("WX-1", "leak"), ("WX-2", "other"), ("WX-3", "leak")):
        about = on.completed(place, number, category=category).pk
        if number != "WX-3":
            on.visit(about, firm.repair_lead, now + HOUR)

    assert guards("C.1.2.b", now + 2 * HOUR)["leaks_in_person"] == 1


SINCE = """
guards:
  by_then_in_person:
    title: {zh: 三月三日起登门, en: Visited from the third of March on}
    before: followup.hold
    where: {fact.happened: {ge: "2026-03-02T16:00:00+00:00"}}
    deny: {followup.channel: phone}
    clauses: {C.1.2.b: [where, deny]}
"""


def test_when_an_act_happened_is_told_by_its_fact(place: on.Scene, now: datetime) -> None:
    texts = sources()
    texts["policy.yaml"] = (
        texts["policy.yaml"].replace("\nguards:\n", SINCE).replace("version: 1}", "version: 2}")
    )
    firm = place.firm
    proposed = adoption.propose(
        texts, starts_on=date(2026, 3, 2), mode="force", by=firm.supervisor.pk, now=now
    )
    adoption.approve(proposed, by=firm.manager.pk, now=now)
    for number, later in (("WX-1", timedelta(hours=1)), ("WX-2", timedelta(days=1))):
        on.visit(on.completed(place, number).pk, firm.repair_lead, now + later)

    assert guards("C.1.2.b", now + timedelta(days=3))["by_then_in_person"] == 1


def test_a_visit_of_a_repair_is_no_visit_after_a_rectification(
    place: on.Scene, now: datetime
) -> None:
    on.visit(on.completed(place).pk, place.firm.repair_lead, now + HOUR)

    assert guards("B.1.a", now + 2 * HOUR) == {"repair_visit.share.not": 1}
    assert set(guards("B.4.b", now + 2 * HOUR).values()) == {0}
    assert verdict("B.4.b", now + 2 * HOUR).conclusion == "nothing"
