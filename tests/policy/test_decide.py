"""From a completed repair to a closed case: what every fact opens and proves."""

from typing import Any

import pytest

from huiyin.policy.decide import decide
from huiyin.policy.effects import Ask, Cancel, Discharge, Effect, Emit, Open
from huiyin.policy.errors import UnknownAdoption
from huiyin.policy.facts import Fact
from huiyin.policy.needs import needs
from huiyin.policy.state import State
from tests.policy.worlds import (
    HOLDERS,
    LEAD,
    MANAGER,
    REPAIRER,
    STAFFED,
    SUPERVISOR,
    UNIT,
    completed,
    fact,
    in_force,
    of,
    shanghai,
    visited,
    waiting,
)

NOW = shanghai("2026-03-02 12:00")
CASE = {
    "case.kind": "problem",
    "case.origin": "repair_visit",
    "case.severity": "minor",
    "case.safety": False,
    "case.answered_at_once": False,
    "repair.category": "leak",
    "case.repairer": REPAIRER,
    "repair.repairer": REPAIRER,
}


def raised(at: str = "2026-03-02 11:00", **changed: Any) -> Fact:
    return fact(1, "case.raised", at, values={**CASE, **changed.pop("values", {})}, **changed)


def sent(to: int = REPAIRER, at: str = "2026-03-02 15:00", **values: Any) -> Fact:
    named = {
        "record.form": "rectification_notice",
        "record.to": to,
        "case.repairer": REPAIRER,
        "rectification_notice.rectify_by": "2026-03-09",
        **values,
    }
    return fact(2, "record.sent", at, values=named)


def rectified(at: str = "2026-03-08 09:00", rectifier: int = REPAIRER) -> Fact:
    return fact(3, "case.rectified", at, values={**CASE, "case.rectifier": rectifier})


def run(*facts: Fact, state: State = STAFFED) -> list[Effect]:
    return decide([in_force()], state, facts, NOW)


def duties(effects: list[Effect]) -> list[str]:
    return [opened.duty for opened in of(Open, effects)]


@pytest.mark.parametrize(
    ("category", "due", "clause"),
    [
        ("safety", "2026-03-05 00:00", "B.2.b"),
        ("leak", "2026-03-06 00:00", "B.2.c"),
        ("other", "2026-03-10 00:00", "B.2.a"),
    ],
)
def test_the_category_picks_the_deadline(category: str, due: str, clause: str) -> None:
    opened = of(Open, run(completed(1, category=category)))[0]

    assert opened.due == opened.next_look == shanghai(due)
    assert clause in opened.why.clauses


def test_the_clock_of_a_visit_runs_from_the_completion_not_from_its_entry() -> None:
    late_entry = completed(1, known=shanghai("2026-03-04 08:00"), recorded=NOW)

    assert of(Open, run(late_entry))[0].due == shanghai("2026-03-06 00:00")


def test_the_clock_of_a_notice_runs_from_when_the_problem_became_known() -> None:
    opened = of(Open, run(raised(known=shanghai("2026-03-02 11:30"), recorded=NOW)))[0]

    assert opened.due == shanghai("2026-03-03 11:30")
    assert (opened.duty, opened.holder, opened.recipient) == (
        "rectification_notice", SUPERVISOR, REPAIRER
    )  # fmt: skip
    assert opened.why.clauses == ("B.4.a",)


def test_a_problem_of_another_origin_goes_to_whom_its_notice_names() -> None:
    phoned = raised(values={"case.origin": "phone", "case.repairer": None})
    effects = run(phoned, sent())

    assert duties(effects) == ["rectification_notice", "rectify"]
    assert [opened.holder for opened in of(Open, effects)] == [SUPERVISOR, REPAIRER]
    assert of(Discharge, run(phoned, sent(to=LEAD))) == []


def test_an_empty_value_is_asked_for_never_taken_as_no() -> None:
    effects = run(raised(values={"case.kind": None}), completed(5, category=None))

    asked = {(ask.rule, ask.missing) for ask in of(Ask, effects)}
    assert asked > {("rectification_notice", "case.kind"), ("repair_visit", "repair.category")}
    assert of(Open, effects) == []


def test_an_unknown_repairer_is_asked_for_since_nobody_could_be_excluded() -> None:
    effects = run(completed(1, repairer=None))

    assert [ask.missing for ask in of(Ask, effects)] == ["repair.repairer"]
    assert len(effects) == 1


def test_handing_the_notice_over_proves_it_and_opens_the_rectification() -> None:
    effects = run(raised(), sent())

    discharge = of(Discharge, effects)[0]
    assert discharge.obligation == of(Open, effects)[0].ref
    assert discharge.happened == shanghai("2026-03-02 15:00")
    rectify = of(Open, effects)[1]
    assert (rectify.duty, rectify.holder) == ("rectify", REPAIRER)
    assert rectify.due == shanghai("2026-03-10 00:00")
    assert rectify.opener == of(Emit, effects)[0].ref
    assert rectify.why.clauses == ("B.4.b",)


def test_filing_the_notice_without_handing_it_over_proves_nothing() -> None:
    filed = fact(
        2, "record.filed", "2026-03-02 15:00",
        values={"record.form": "rectification_notice", "record.present": [SUPERVISOR]},
    )  # fmt: skip

    assert of(Discharge, run(raised(), filed)) == []


def test_a_notice_to_somebody_else_proves_nothing() -> None:
    assert of(Discharge, run(raised(), sent(to=LEAD))) == []


def test_another_form_proves_nothing() -> None:
    assert of(Discharge, run(raised(), sent(**{"record.form": "rectification_answer"}))) == []


def test_a_notice_without_its_date_is_asked_about() -> None:
    effects = run(raised(), sent(**{"rectification_notice.rectify_by": None}))

    assert [ask.missing for ask in of(Ask, effects)] == ["rectification_notice.rectify_by"]


def test_engine_facts_come_right_behind_and_carry_both_values() -> None:
    effects = run(raised(), sent(), rectified())

    assert [type(e).__name__ for e in effects] == [
        "Open", "Discharge", "Emit", "Open", "Discharge", "Emit", "Open"
    ]  # fmt: skip
    met = of(Emit, effects)[0]
    assert met.kind == "rectification_notice.met"
    assert met.values["case.origin"] == "repair_visit"
    assert met.values["record.to"] == REPAIRER


def test_after_the_rectification_somebody_else_visits_again_by_the_same_clock() -> None:
    opened = of(Open, run(rectified()))[0]

    assert (opened.duty, opened.roles) == ("revisit", ("manager", "supervisor", "repair_lead"))
    assert opened.excluded == REPAIRER
    assert opened.due == shanghai("2026-03-12 00:00")
    assert opened.why.clauses == ("B.4.b",)


def test_a_head_who_rectified_himself_may_not_prove_the_visit() -> None:
    by_himself = visited(4, "2026-03-09 10:00", target=100, present=[LEAD])
    by_the_manager = visited(5, "2026-03-09 11:00", target=100, present=[LEAD, MANAGER])

    effects = run(rectified(rectifier=LEAD), by_himself, by_the_manager)

    assert [discharge.fact for discharge in of(Discharge, effects)] == [5]


def test_a_joint_visit_discharges_everyones_obligation() -> None:
    joint = visited(2, "2026-03-03 10:00", target=1001, present=[MANAGER, LEAD])

    effects = run(completed(1), joint)

    opened = {o.roles[0]: o.ref for o in of(Open, effects)}
    assert [d.obligation for d in of(Discharge, effects)] == [
        opened["manager"], opened["repair_lead"]
    ]  # fmt: skip


def test_a_visit_by_somebody_without_the_role_discharges_nothing() -> None:
    effects = run(completed(1), visited(2, "2026-03-03 10:00", target=1001, present=[77]))

    assert of(Discharge, effects) == []


def test_a_record_about_another_target_discharges_nothing() -> None:
    effects = run(completed(1), visited(2, "2026-03-03 10:00", target=1002, present=[MANAGER]))

    assert of(Discharge, effects) == []


def test_whoever_was_assigned_may_do_it_without_the_role() -> None:
    assigned = waiting(duty="revisit", holder=77, excluded=REPAIRER, roles=("manager",))

    effects = run(
        visited(2, "2026-03-03 10:00", target=100, present=[77]), state=State(open=(assigned,))
    )

    assert of(Discharge, effects)[0].obligation == assigned.id


def test_a_done_obligation_is_not_done_twice() -> None:
    first = visited(2, "2026-03-03 10:00", target=1001, present=[MANAGER])
    second = visited(3, "2026-03-03 11:00", target=1001, present=[MANAGER])

    assert [d.fact for d in of(Discharge, run(completed(1), first, second))] == [2]


def test_voiding_cancels_also_what_is_done() -> None:
    done = waiting(done=True)
    voiding = fact(9, "case.raised", "2026-03-03 09:00", voids=1)

    assert [c.obligation for c in of(Cancel, run(voiding, state=State(open=(done,))))] == [done.id]


def test_a_voided_obligation_cannot_be_proven_any_more() -> None:
    voiding = fact(9, "case.raised", "2026-03-02 13:00", voids=1)

    assert of(Discharge, run(raised(), voiding, sent())) == []


def test_history_opens_nothing_but_still_proves() -> None:
    assert run(raised(live=False)) == []
    effects = run(sent(), state=State(holders=HOLDERS, open=(waiting(),)))
    assert duties(effects) == ["rectify"]
    past = fact(2, "record.sent", "2026-03-02 15:00", values=sent().values, live=False)
    assert of(Discharge, run(past, state=State(open=(waiting(),))))
    assert duties(run(past, state=State(open=(waiting(),)))) == []


@pytest.mark.parametrize(
    ("happened", "opens"),
    [
        ("2026-02-28 23:59:59", False),
        ("2026-03-01 00:00", True),
        ("2026-03-31 23:59:59", True),
        ("2026-04-01 00:00", False),
    ],
)
def test_a_policy_applies_to_what_happened_while_it_was_in_force(
    happened: str, opens: bool
) -> None:
    march = in_force(starts=shanghai("2026-03-01 00:00"), ends=shanghai("2026-04-01 00:00"))

    effects = decide([march], STAFFED, [raised(happened)], NOW)

    assert bool(of(Open, effects)) is opens


def test_open_work_goes_on_by_its_own_version() -> None:
    old = in_force(starts=shanghai("2026-01-01 00:00"), ends=shanghai("2026-03-02 12:00"))
    new = in_force(starts=shanghai("2026-03-02 12:00"))
    new = type(new)(adoption=2, policy=new.policy, zone=new.zone, starts=new.starts)

    effects = decide([old, new], STAFFED, [raised(), sent()], NOW)

    assert [(o.duty, o.adoption) for o in of(Open, effects)] == [
        ("rectification_notice", 1), ("rectify", 1)
    ]  # fmt: skip


def test_an_obligation_of_an_unknown_adoption_is_an_error() -> None:
    with pytest.raises(UnknownAdoption):
        run(sent(), state=State(open=(waiting(adoption=8),)))


def test_the_given_state_stays_as_it_was() -> None:
    state = State(holders=HOLDERS, open=(waiting(),))

    once = run(sent(), completed(5), state=state)

    assert run(sent(), completed(5), state=state) == once


def test_facts_that_no_rule_mentions_need_and_do_nothing() -> None:
    unrelated = fact(1, "phone.revealed", "2026-03-02 10:00")

    assert run(unrelated) == []
    assert needs([in_force()], [unrelated]) == type(needs([], []))()


def test_needs_name_every_key_that_decide_looks_up() -> None:
    wanted = needs([in_force()], [completed(1), sent(), fact(9, "x", "2026-03-02 10:00", voids=4)])

    roles = {role for role, unit in wanted.holders if unit == UNIT}
    assert roles >= {"manager", "supervisor", "repair_lead"}
    assert wanted.open_about == {100}
    assert wanted.opened_by == wanted.items == {4}
    assert {(a, duty) for a, duty, _ in wanted.shares} == {(1, "repair_visit")}
