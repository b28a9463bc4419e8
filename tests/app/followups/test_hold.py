"""Holding a follow-up: what it proves, what it opens, and that it counts once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from huiyin.cases.given import Item
from huiyin.cases.models import Case
from huiyin.core.errors import Conflict, Invalid, Refused
from huiyin.followups import queries, services
from huiyin.followups.models import Followup
from huiyin.followups.services import Appointment
from huiyin.ledger.models import Fact
from huiyin.obligations.models import Obligation
from huiyin.records.models import Record
from huiyin.ui.fields import GivenSignature
from tests.app import scene as on

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def test_the_visit_meets_what_was_owed_and_opens_nothing(place: on.Scene, now: datetime) -> None:
    repair = on.completed(place)

    held = on.visit(repair.pk, place.firm.repair_lead, now + HOUR)

    outcome = queries.outcome_of(held)
    assert [row.standing(now + HOUR) for row in outcome.met] == ["met"]
    assert outcome.opened == []
    assert (held.state, held.customer_id, held.case) == ("held", place.customer, None)
    assert not held.raised.exists()


def test_a_joint_visit_meets_what_each_of_them_owed(place: on.Scene, now: datetime) -> None:
    people = (place.firm.repair_lead, place.firm.supervisor, place.firm.manager)
    # Ten repairs of a month give each of the three roles something to visit.
    repairs = [on.completed(place, f"WX-{n}") for n in range(10)]
    owing = {role for row in Obligation.objects.all() for role in row.owed_roles}
    assert owing == {"repair_lead", "supervisor", "manager"}

    for repair in repairs:
        on.visit(repair.pk, people[0], now + HOUR, present=tuple(p.pk for p in people))

    assert not Obligation.objects.waiting().exists()


def test_a_visit_entered_later_goes_by_when_it_happened(place: on.Scene, now: datetime) -> None:
    repair = on.completed(place)
    entered = now + timedelta(days=9)

    held = on.visit(
        repair.pk, place.firm.repair_lead, now + HOUR, now=entered, late_reason="手机坏了"
    )

    [met] = queries.outcome_of(held).met
    assert met.standing(entered) == "entered_late"


def test_an_answer_of_the_form_raises_the_case_by_itself(place: on.Scene, now: datetime) -> None:
    repair = on.completed(place)

    held = on.visit(repair.pk, place.firm.repair_lead, now + HOUR, answers=on.filled(on.UNSOLVED))

    case = held.raised.get()
    assert (case.kind, case.origin, case.severity) == ("problem", "repair_visit", "minor")
    assert case.description == "实地查看：未修好"
    [opened] = queries.outcome_of(held).opened
    assert opened.due_at == now + 25 * HOUR


def test_a_problem_in_ones_own_words_goes_before_the_forms(place: on.Scene, now: datetime) -> None:
    repair = on.completed(place)

    held = on.visit(
        repair.pk, place.firm.repair_lead, now + HOUR, answers=on.filled(on.UNSOLVED),
        problem=on.LEAKS,
    )  # fmt: skip

    case = held.raised.get()
    assert (case.description, case.severity) == ("水管接头还在滴水", "moderate")


@pytest.mark.parametrize("answer", [{"onsite_check": "not_fixed"}, {"fees": "mismatch"}])
def test_an_answer_that_is_a_problem_is_one_beside_a_complaint(
    place: on.Scene, now: datetime, answer: dict[str, str]
) -> None:
    repair = on.completed(place)
    complains = Item("complaint", "态度不好", "moderate")

    held = on.visit(
        repair.pk, place.firm.repair_lead, now + HOUR,
        answers=on.filled(on.SATISFIED | answer), problem=complains,
    )  # fmt: skip

    cases = {case.kind: case for case in held.raised.all()}
    assert set(cases) == {"complaint", "problem"}
    [notice] = Obligation.objects.filter(target=cases["problem"].pk, duty="rectification_notice")
    assert notice.due_at == now + 25 * HOUR


def test_an_incomplete_problem_is_told_beside_the_forms_own_errors(
    place: on.Scene, now: datetime
) -> None:
    repair = on.completed(place)
    answers = on.filled(signatures={"visited": GivenSignature("", False, "")})

    with pytest.raises(Invalid) as invalid:
        on.visit(
            repair.pk, place.firm.repair_lead, now + HOUR, answers=answers,
            problem=Item("problem", " ", ""),
        )  # fmt: skip

    assert invalid.value.errors.keys() == {
        "visited", "item-1-description", "item-1-severity",
    }  # fmt: skip
    assert not Record.objects.exists()
    assert not Case.objects.exists()


def test_the_same_key_gives_the_same_follow_up_and_one_effect(
    place: on.Scene, now: datetime
) -> None:
    repair = on.completed(place)
    lead = place.firm.repair_lead

    first = on.visit(repair.pk, lead, now + HOUR, key="once")
    second = on.visit(repair.pk, lead, now + 2 * HOUR, key="once")

    assert first.pk == second.pk
    assert Record.objects.count() == 1
    assert Fact.objects.filter(kind="followup.held").count() == 1


def test_the_same_key_for_other_answers_is_refused(place: on.Scene, now: datetime) -> None:
    repair = on.completed(place)
    on.visit(repair.pk, place.firm.repair_lead, now + HOUR, key="once")

    with pytest.raises(Conflict):
        on.visit(
            repair.pk, place.firm.repair_lead, now + HOUR, key="once",
            answers=on.filled(on.SATISFIED | {"service": "3"}),
        )  # fmt: skip


def test_a_key_whose_form_was_sent_back_can_be_used_again(place: on.Scene, now: datetime) -> None:
    repair = on.completed(place)
    lead = place.firm.repair_lead
    unsigned = on.filled(signatures={})
    with pytest.raises(Invalid):
        on.visit(repair.pk, lead, now + HOUR, key="once", answers=unsigned)

    held = on.visit(repair.pk, lead, now + HOUR, key="once")

    assert held.state == "held"


def test_the_repairer_cannot_visit_his_own_repair(place: on.Scene, now: datetime) -> None:
    repair = on.completed(place)

    with pytest.raises(Refused) as refused:
        on.visit(repair.pk, place.firm.repairer, now + HOUR)

    assert refused.value.clauses == ["B.1.a"]
    assert not Record.objects.exists()


def test_a_refused_signature_wants_its_reason(place: on.Scene, now: datetime) -> None:
    repair = on.completed(place)
    silent = on.filled(signatures={"visited": GivenSignature("", True, "")})
    told = on.filled(signatures={"visited": GivenSignature("", True, "赶着出门")})

    with pytest.raises(Invalid) as invalid:
        on.visit(repair.pk, place.firm.repair_lead, now + HOUR, answers=silent)
    held = on.visit(repair.pk, place.firm.repair_lead, now + HOUR, answers=told)

    assert "visited" in invalid.value.errors
    assert held.record is not None
    assert held.record.values["repair_visit.visited"] == "refused"


def plan(place: on.Scene, about: int, at: datetime) -> Followup:
    return services.plan(
        Appointment(about, "visit", at), by=place.firm.supervisor.pk, now=place.now
    )


def test_holding_fulfils_the_plan(place: on.Scene, now: datetime) -> None:
    repair = on.completed(place)
    planned = plan(place, repair.pk, now + 5 * HOUR)

    held = on.visit(repair.pk, place.firm.repair_lead, now + 5 * HOUR)

    assert held.pk == planned.pk
    assert (held.planned_by_id, held.state) == (place.firm.supervisor.pk, "held")


def test_a_second_appointment_for_the_same_is_refused(place: on.Scene, now: datetime) -> None:
    repair = on.completed(place)
    plan(place, repair.pk, now + 5 * HOUR)

    with pytest.raises(Conflict):
        plan(place, repair.pk, now + 6 * HOUR)

    assert Fact.objects.filter(kind="followup.planned").count() == 1


def test_an_appointment_lies_ahead(place: on.Scene, now: datetime) -> None:
    repair = on.completed(place)

    with pytest.raises(Invalid) as invalid:
        plan(place, repair.pk, now)

    assert "planned_for" in invalid.value.errors


def test_a_cancelled_appointment_makes_room_for_another(place: on.Scene, now: datetime) -> None:
    repair = on.completed(place)
    first = plan(place, repair.pk, now + 5 * HOUR)

    services.cancel(first, reason="住户出差", by=place.firm.supervisor.pk, now=now + HOUR)
    with pytest.raises(Conflict):
        services.cancel(first, reason="再来一次", by=place.firm.supervisor.pk, now=now + HOUR)

    assert plan(replace(place), repair.pk, now + 6 * HOUR).state == "planned"
