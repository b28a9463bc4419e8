"""Gates that look at who asks, at the matter, and at what belongs to the target."""

from __future__ import annotations

from typing import Any

import pytest

from huiyin.policy.effects import Refusal
from huiyin.policy.guards import ActAsked, check_act
from huiyin.policy.needs import act_needs
from huiyin.policy.schema import Policy
from huiyin.policy.state import State
from tests.policy.workshop import (
    BASE,
    CHIEF,
    CLERK,
    HEAD,
    HOLDERS,
    NOW,
    REEL,
    WORKER,
    at_work,
    mill,
)
from tests.policy.worlds import UNIT

CLERKS = {CLERK: frozenset({"clerk"}), HEAD: frozenset({"head", "clerk"})}


def gate(**guard: Any) -> Policy:
    clauses = {"7.a": "require.0", "7.b": "require.1", "7.c": "deny", "7.d": "where"}
    return mill(guards={"gate": {"before": "reel.cut", "clauses": clauses, **guard}},
                topics={"price": "价格", "use": "用法"})  # fmt: skip


def ask(
    policy: Policy,
    values: Any = None,
    *,
    by: int | None = CLERK,
    act: str = "reel.cut",
    **state: Any,
) -> list[Refusal]:
    known = State(**{"holders": HOLDERS, "roles_of": CLERKS, **state})
    return check_act([at_work(policy)], ActAsked(act, REEL, UNIT, by, values or {}), known, NOW)


def clauses(refusals: list[Refusal]) -> list[str]:
    return [clause for refusal in refusals for clause in refusal.clauses]


@pytest.mark.parametrize(
    ("topic", "by", "refused"),
    [
        ("price", CLERK, True),
        ("price", HEAD, True),
        ("price", CHIEF, True),
        ("use", CLERK, False),
        (None, CLERK, True),
    ],
)
def test_a_topic_is_not_for_everybody(topic: Any, by: int, refused: bool) -> None:
    """The head is a clerk too; of the chief's roles nothing is known here."""
    policy = gate(deny={"case.topic": ["price"], "by.role": "clerk"})

    assert bool(ask(policy, {"case.topic": topic}, by=by)) is refused


def test_somebody_of_another_role_may() -> None:
    policy = gate(deny={"case.topic": "price", "by.role": "clerk"})
    chiefs = {CHIEF: frozenset({"chief"})}

    assert ask(policy, {"case.topic": "price"}, by=CHIEF, roles_of=chiefs) == []


def test_somebody_without_any_role_cannot_be_judged_and_is_refused() -> None:
    policy = gate(deny={"by.role": "clerk"})

    assert clauses(ask(policy, by=WORKER, roles_of={})) == ["7.c"]
    assert clauses(ask(policy, by=None)) == ["7.c"]


def test_the_person_in_a_field_may_not() -> None:
    policy = gate(deny={"reel.worker": "fact.by"})

    assert clauses(ask(policy, {"reel.worker": CLERK})) == ["7.c"]
    assert ask(policy, {"reel.worker": WORKER}) == []
    assert clauses(ask(policy)) == ["7.c"]


def test_every_demand_that_fails_names_its_clause_and_what_is_missing() -> None:
    policy = gate(require=["reel.made_on", {"reel.grade": "a"}])

    [refusal] = ask(policy, {"reel.grade": "b"})

    assert refusal.clauses == ("7.a", "7.b")
    assert refusal.missing == ("reel.made_on",)
    assert "制造日" in refusal.message["zh"]


@pytest.mark.parametrize(
    ("grade", "refused"), [("a", ["7.a"]), ("b", []), (None, ["7.d", "7.a", "7.b", "7.c"])]
)
def test_a_gate_stands_only_where_it_says(grade: Any, refused: list[str]) -> None:
    policy = gate(where={"reel.grade": "a"}, require=["reel.made_on"])

    assert set(clauses(ask(policy, {"reel.grade": grade}))) == set(refused)


ROLLS = [{"roll.weight": 2}, {"roll.weight": 3}]


@pytest.mark.parametrize(
    ("rolls", "weight", "refused"),
    [
        (ROLLS, 5, []),
        (ROLLS, 4, ["7.a"]),
        ([], 5, ["7.b"]),
        ([{}], 5, ["7.a"]),
        (ROLLS, None, ["7.a"]),
    ],
)
def test_totals_and_counts_of_what_belongs_to_it(
    rolls: Any, weight: Any, refused: list[str]
) -> None:
    policy = gate(
        require=[
            {"sum": {"of": "roll", "field": "weight", "le": "reel.weight"}},
            {"count": {"of": "roll", "ge": 1}},
        ]
    )

    things = {("roll", REEL): rolls}
    assert clauses(ask(policy, {"reel.weight": weight}, things=things)) == refused


def test_what_nobody_looked_up_is_refused() -> None:
    assert clauses(ask(gate(require=[{"none": {"of": "roll"}}]))) == ["7.a"]


def test_items_are_asked_for_by_kind_and_target() -> None:
    policy = gate(
        require=[{"none": {"of": "roll"}}, {"seen": "reel.sold"}], deny={"by.role": "head"}
    )

    wanted = act_needs([at_work(policy)], [ActAsked("reel.cut", REEL, UNIT, CLERK)])

    assert wanted.things == {("roll", REEL)}
    assert wanted.seen == {("reel.sold", REEL)}
    assert wanted.roles_of == {CLERK}


def test_several_policies_are_all_asked() -> None:
    one, two = gate(require=["reel.made_on"]), gate(deny={"reel.grade": "b"})
    asked = ActAsked("reel.cut", REEL, UNIT, CLERK, {"reel.grade": "b"})

    refusals = check_act([at_work(one), at_work(two, adoption=2)], asked, State(), NOW)

    assert [(r.adoption, r.clauses) for r in refusals] == [(1, ("7.a",)), (2, ("7.c",))]


SHEET = {
    **BASE["forms"]["sheet"],
    "fields": {
        "strength": {"title": "强度", "type": "number", "by": "clerk"},
        "defects": {"title": "缺陷", "type": "text", "by": ["clerk", "head"]},
        "note": {"title": "备注", "type": "text"},
    },
    "clauses": {"3.a": "strength.by", "3.b": "defects"},
}


@pytest.mark.parametrize("act", ["record.file", "record.amend"])
@pytest.mark.parametrize(
    ("written", "by", "refused"),
    [
        (["strength"], CLERK, []),
        (["strength"], CHIEF, ["3.a"]),
        (["defects"], HEAD, []),
        (["strength", "defects"], CHIEF, ["3.a", "3.b"]),
        (["note", "no_such_field"], CHIEF, []),
        ([], CHIEF, []),
        (["strength"], None, ["3.a"]),
    ],
)
def test_a_field_is_written_by_its_roles_alone(
    act: str, written: list[str], by: int | None, refused: list[str]
) -> None:
    policy = mill(forms={"sheet": SHEET})
    values = {"record.form": "sheet", "record.written": written}
    roles = {CLERK: frozenset({"clerk"}), HEAD: frozenset({"head"}), CHIEF: frozenset({"chief"})}

    refusals = ask(policy, values, by=by, act=act, roles_of=roles)

    assert clauses(refusals) == refused
    assert all("只能由" in refusal.message["zh"] for refusal in refusals)


@pytest.mark.parametrize(
    ("written", "asked"), [(["strength"], {CHIEF}), (["note"], set()), ([], set())]
)
def test_roles_are_asked_for_where_a_written_field_belongs_to_some(
    written: list[str], asked: set[int]
) -> None:
    policy = mill(forms={"sheet": SHEET})
    values = {"record.form": "sheet", "record.written": written}

    wanted = act_needs([at_work(policy)], [ActAsked("record.file", REEL, UNIT, CHIEF, values)])

    assert wanted.roles_of == asked
