"""Acts refused with their clause: closing without an answer, visiting one's own repair."""

from typing import Any

import pytest

from huiyin.policy.effects import Refusal
from huiyin.policy.guards import ActAsked, check_act
from huiyin.policy.needs import act_needs
from huiyin.policy.schema import Policy
from huiyin.policy.state import State
from tests.policy.worlds import (
    HOLDERS,
    LEAD,
    MANAGER,
    REPAIRER,
    STAFFED,
    SUPERVISOR,
    UNIT,
    in_force,
    pack,
    shanghai,
    waiting,
)

NOW = shanghai("2026-03-09 12:00")
ANSWERED = {
    "case.kind": "problem",
    "case.origin": "repair_visit",
    "case.severity": "minor",
    "case.safety": False,
    "case.outcome": "已更换阀门",
    "case.reply_to_customer": "已电话答复",
}
VISITED_AGAIN = State(met=frozenset({("revisit", 100)}))
REPAIR = {"record.form": "repair_visit", "repair.repairer": REPAIRER, "repair.category": "leak"}


def check(act: str, values: dict[str, Any], state: State, policy: Policy | None = None) -> list:
    asked = ActAsked(act=act, target=100, unit=UNIT, by=SUPERVISOR, values=values)
    return check_act([in_force(policy)], asked, state, NOW)


def clauses(refusals: list[Refusal]) -> list[str]:
    return [clause for refusal in refusals for clause in refusal.clauses]


def test_a_case_with_outcome_answer_and_second_visit_may_be_closed() -> None:
    assert check("case.close", ANSWERED, VISITED_AGAIN) == []


@pytest.mark.parametrize("field", ["case.outcome", "case.reply_to_customer"])
@pytest.mark.parametrize("empty", [None, "", "  "])
def test_no_closing_without_outcome_and_answer(field: str, empty: str | None) -> None:
    refusals = check("case.close", {**ANSWERED, field: empty}, VISITED_AGAIN)

    assert clauses(refusals) == ["C.1.4.c"]
    assert refusals[0].missing == (field,)
    assert set(refusals[0].message) == {"zh", "en"}


@pytest.mark.parametrize(
    "state",
    [
        State(),
        State(met=frozenset({("revisit", 101)})),
        State(met=frozenset({("rectify", 100)})),
        # A first re-visit was made; a second rectification waits for its own.
        State(met=VISITED_AGAIN.met, open=(waiting(duty="revisit"),)),
    ],
)
def test_a_case_from_a_repair_visit_is_not_closed_before_the_second_visit(state: State) -> None:
    assert clauses(check("case.close", ANSWERED, state)) == ["B.4.b"]


def test_a_problem_of_another_origin_needs_its_second_visit_at_the_household() -> None:
    phoned = {**ANSWERED, "case.origin": "phone"}

    assert clauses(check("case.close", phoned, VISITED_AGAIN)) == ["B.4.b"]
    assert check("case.close", phoned, State(met=frozenset({("revisit_home", 100)}))) == []


@pytest.mark.parametrize("origin", [None, ""])
def test_an_unknown_origin_does_not_open_a_way_around_the_second_visit(origin: Any) -> None:
    refusals = check("case.close", {**ANSWERED, "case.origin": origin}, State())

    assert set(clauses(refusals)) == {"B.4.b"}
    assert {refusal.missing for refusal in refusals} == {("case.origin",)}


def test_an_open_visit_about_another_case_does_not_matter() -> None:
    state = State(met=VISITED_AGAIN.met, open=(waiting(duty="revisit", target=101),))

    assert check("case.close", ANSWERED, state) == []


def test_another_act_is_not_guarded() -> None:
    assert check("case.reply", {}, State()) == []


def test_a_policy_guards_only_while_it_is_in_force() -> None:
    asked = ActAsked("case.close", 100, UNIT, SUPERVISOR, {})

    assert check_act([in_force(ends=NOW)], asked, State(), NOW) == []
    assert check_act([in_force(starts=NOW)], asked, State(), NOW)


@pytest.mark.parametrize(
    ("present", "refused"),
    [
        ([MANAGER], False),
        ([LEAD, SUPERVISOR], False),
        ([77, LEAD], False),
        ([REPAIRER], True),
        ([REPAIRER, MANAGER], True),
        ([77], True),
    ],
)
def test_a_repair_is_visited_by_the_three_roles_and_never_by_its_repairer(
    present: list[int], refused: bool
) -> None:
    refusals = check("record.file", {**REPAIR, "record.present": present}, STAFFED)

    assert clauses(refusals) == ["B.1.a"] * refused


def test_a_head_may_not_visit_his_own_repair_though_he_has_the_role() -> None:
    values = {**REPAIR, "repair.repairer": LEAD, "record.present": [LEAD]}

    assert clauses(check("record.file", values, STAFFED)) == ["B.1.a"]


def test_whoever_was_assigned_may_file_without_the_role() -> None:
    assigned = waiting(duty="repair_visit", holder=77)
    state = State(holders=HOLDERS, open=(assigned,))

    assert check("record.file", {**REPAIR, "record.present": [77]}, state) == []


def test_without_names_whoever_files_counts_as_present() -> None:
    assert check("record.file", REPAIR, STAFFED) == []


def test_who_rectified_may_not_make_the_second_visit() -> None:
    about_case = {**REPAIR, "case.rectifier": LEAD, "case.origin": "repair_visit"}

    assert clauses(check("record.file", {**about_case, "record.present": [LEAD]}, STAFFED)) == [
        "B.4.b"
    ]
    assert check("record.file", {**about_case, "record.present": [MANAGER]}, STAFFED) == []


def test_the_kind_of_target_may_be_stated() -> None:
    values = {**REPAIR, "case.rectifier": LEAD, "record.present": [LEAD], "target.kind": "repair"}

    assert check("record.file", values, STAFFED) == []


def test_forms_that_prove_no_visit_are_open_to_all() -> None:
    notice = {**REPAIR, "record.form": "rectification_notice", "record.present": [REPAIRER]}

    assert check("record.file", notice, STAFFED) == []


def guarded(guard: dict[str, Any]) -> Policy:
    return Policy.of({**pack().policy.raw, "guards": {"g": guard}})


@pytest.mark.parametrize(("severity", "refused"), [("minor", False), ("major", True), (None, True)])
def test_what_is_denied_or_undecidable_is_refused(severity: str | None, refused: bool) -> None:
    policy = guarded({"before": "case.close", "deny": {"case.severity": {"above": "minor"}}})

    assert bool(check("case.close", {"case.severity": severity}, State(), policy)) is refused


def test_a_fact_that_must_have_been_seen() -> None:
    policy = guarded({"before": "case.close", "require": [{"seen": "case.replied"}]})
    asked = act_needs([in_force(policy)], [ActAsked("case.close", 100, UNIT, SUPERVISOR)])

    assert asked.seen == {("case.replied", 100)}
    assert check("case.close", {}, State(), policy)
    assert check("case.close", {}, State(seen=asked.seen), policy) == []


def test_needs_of_an_act_are_only_what_its_guards_read() -> None:
    closing = act_needs([in_force()], [ActAsked("case.close", 100, UNIT, SUPERVISOR)])
    filing = act_needs([in_force()], [ActAsked("record.file", 100, UNIT, SUPERVISOR)])

    assert (closing.met, closing.open_about) == (
        {("revisit", 100), ("revisit_home", 100)}, {100}
    )  # fmt: skip
    assert closing.holders == frozenset()
    assert ("manager", UNIT) in filing.holders
    assert (
        act_needs([in_force()], [ActAsked("case.reply", 100, UNIT, SUPERVISOR)]) == type(closing)()
    )


def test_a_guard_of_one_kind_says_nothing_of_another() -> None:
    policy = Policy.of(
        {
            **pack().policy.raw,
            "guards": {
                "closed_house": {
                    "before": "followup.hold",
                    "where": {"repair.category": "leak"},
                    "deny": {"followup.channel": "visit"},
                    "clauses": {"B.1.a": "deny"},
                }
            },
        }
    )
    held = {"followup.channel": "visit"}

    assert check("followup.hold", {**held, "target.kind": "customer"}, STAFFED, policy) == []
    leak = {**held, "target.kind": "repair", "repair.category": "leak"}
    assert clauses(check("followup.hold", leak, STAFFED, policy)) == ["B.1.a"]
    unknown = {**held, "target.kind": "repair"}
    assert clauses(check("followup.hold", unknown, STAFFED, policy)) == ["B.1.a"]
