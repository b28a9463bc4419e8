"""Who owes it: holders of roles, persons in fields, somebody's head; never the one excluded."""

from __future__ import annotations

from typing import Any

import pytest

from huiyin.policy.effects import Ask, Open
from huiyin.policy.facts import Fact
from huiyin.policy.state import State
from tests.policy.workshop import (
    CHIEF,
    CLERK,
    HEAD,
    HEADS,
    HOLDERS,
    SECOND_CLERK,
    WORKER,
    fact,
    one,
    run,
)
from tests.policy.worlds import UNIT, of

TWO_CLERKS = {**HOLDERS, ("clerk", UNIT): (CLERK, SECOND_CLERK)}
CUT = fact(1, "reel.cut")


def opened(owed_by: Any, cut: Fact = CUT, **state: Any) -> Open:
    known = State(**{"holders": HOLDERS, "heads": HEADS, **state})
    [found] = of(Open, run(one(on="reel.cut", owed_by=owed_by), cut, state=known))
    return found  # type: ignore[no-any-return]


def test_the_only_holder_of_a_role_has_it() -> None:
    assert opened("clerk").holder == CLERK


def test_what_several_may_do_waits_for_any_of_them() -> None:
    found = opened("clerk", holders=TWO_CLERKS)

    assert (found.holder, found.roles, found.blocked) == (None, ("clerk",), "")


def test_of_two_the_one_excluded_leaves_it_to_the_other() -> None:
    found = opened({"any_of": ["clerk"], "not": "fact.by"}, holders=TWO_CLERKS)

    assert (found.holder, found.excluded) == (SECOND_CLERK, CLERK)


def test_somebody_of_several_roles_may_do_it() -> None:
    assert opened({"any_of": ["clerk", "head"]}).roles == ("clerk", "head")


def test_the_head_of_whoever_did_it_owes_it() -> None:
    assert opened({"head_of": "fact.by"}).holder == HEAD


def test_the_head_of_a_person_in_a_field_owes_it() -> None:
    found = opened({"head_of": "reel.worker"}, fact(1, "reel.cut", values={"reel.worker": HEAD}))

    assert found.holder == CHIEF


def test_a_head_who_is_excluded_leaves_it_to_the_next_above() -> None:
    cut = fact(1, "reel.cut", values={"reel.worker": HEAD})

    found = opened({"head_of": "fact.by", "not": "reel.worker"}, cut)

    assert (found.holder, found.excluded) == (CHIEF, HEAD)


def test_nobody_above_is_said_not_passed_over() -> None:
    found = opened({"head_of": "fact.by"}, heads={})

    assert (found.holder, found.blocked) == (None, "no_eligible_holder")


def test_whom_the_target_is_entrusted_to_owes_it() -> None:
    assert opened("target.owner", fact(1, "reel.cut", owner=WORKER)).holder == WORKER


@pytest.mark.parametrize(
    ("owed_by", "cut", "missing"),
    [
        ("target.owner", CUT, "target.owner"),
        ("fact.by", fact(1, "reel.cut", by=None), "fact.by"),
        ({"head_of": "fact.by"}, fact(1, "reel.cut", by=None), "fact.by"),
        ({"head_of": "reel.worker"}, fact(1, "reel.cut", values={"reel.worker": None}), "reel.worker"),
        ({"any_of": ["clerk"], "not": "reel.worker"},
         fact(1, "reel.cut", values={"reel.worker": ""}), "reel.worker"),
    ],
)  # fmt: skip
def test_a_person_who_is_not_named_is_asked_for(owed_by: Any, cut: Fact, missing: str) -> None:
    [ask] = run(one(on="reel.cut", owed_by=owed_by), cut)

    assert isinstance(ask, Ask)
    assert ask.missing == missing
