"""``needs`` names everything that a decision asks, whatever comes.

The machine drives it with the wide pack; here stand the ways that are easily forgotten.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from huiyin.policy.effects import Open
from huiyin.policy.needs import look_needs, needs, needs_behind
from huiyin.policy.periods import Period
from huiyin.policy.planning import plan_quota
from huiyin.policy.state import Needs, State
from tests.policy.books import Books
from tests.policy.named import Named, Unnamed
from tests.policy.workshop import (
    CHIEF,
    CLERK,
    HEAD,
    HEADS,
    HOLDERS,
    NOW,
    REEL,
    SHEET,
    WORKER,
    at_work,
    fact,
    filed,
    mill,
    one,
)
from tests.policy.worlds import UNIT, of, shanghai


def books(**parts: Any) -> Books:
    return Books(at_work(mill(**parts)), dict(HOLDERS), HEADS)


def duty(**rule: Any) -> dict[str, Any]:
    return {"within": "2d", "owed_by": "clerk", "proof": SHEET, **rule}


def test_a_fact_that_no_rule_mentions_asks_for_nothing() -> None:
    assert needs([at_work(one(on="reel.cut"))], [fact(1, "reel.paid")]) == Needs()


def test_what_is_asked_but_was_not_named_is_an_error() -> None:
    with pytest.raises(Unnamed):
        Named({}, [("clerk", UNIT)]).get(("head", UNIT))
    assert Named({("clerk", UNIT): (CLERK,)}, [("clerk", UNIT)]).get(("clerk", UNIT)) == (CLERK,)


def test_heads_of_persons_whom_only_the_opener_named() -> None:
    rules = {
        "one": duty(on="reel.cut"),
        "two": duty(on="one.met", owed_by={"head_of": "reel.worker"}),
    }
    here = books(duties=rules)
    here.record(fact(0, "reel.cut"))

    effects = here.record(filed(0))

    assert [(o.duty, o.holder) for o in of(Open, effects)] == [("two", HEAD)]


def test_heads_of_persons_whom_an_opener_of_the_same_decision_named() -> None:
    rules = {
        "one": duty(on="reel.cut"),
        "two": duty(on="one.met", owed_by={"head_of": "reel.worker"}),
    }
    here = books(duties=rules)

    effects = here.record(fact(0, "reel.cut"), filed(0))

    assert [o.holder for o in of(Open, effects)] == [CLERK, HEAD]


def test_a_share_that_an_engine_fact_opens_counts_on() -> None:
    share = {"per": "month", "clerk": "30%", "head": "70%", "each": 1}
    rules = {"one": duty(on="reel.cut"),
             "two": {"on": "one.met", "within": "2d", "share": share, "proof": {"fact": "reel.sold"}}}  # fmt: skip
    here = books(duties=rules)

    for reel in range(10):
        here.record(fact(0, "reel.cut", target=reel + 100), filed(0, target=reel + 100))

    [counts] = here.counts.values()
    assert [counts[role].items for role in ("clerk", "head")] == [10, 10]
    assert (counts["clerk"].allotted, counts["head"].allotted) == (4, 7)


def test_what_follows_from_a_miss_is_known_to_the_sweep() -> None:
    rules = {
        "one": duty(on="reel.cut"),
        "above": duty(on="one.missed", owed_by={"head_of": "obligation.holder"}),
        "above_worker": duty(on="one.missed", owed_by={"head_of": "reel.worker"}),
        "once": duty(on="one.missed", once="target", where={"never": "reel.sold"}),
        "shared": {"on": "one.missed", "within": "2d", "proof": SHEET,
                   "share": {"per": "month", "clerk": "50%", "head": "50%"}},
    }  # fmt: skip
    here = books(duties=rules)
    here.record(fact(0, "reel.cut"))
    here.record(fact(0, "reel.cut"))

    effects = here.look(shanghai("2026-03-06 00:00"))

    assert sorted(o.duty for o in of(Open, effects)) == [
        "above", "above", "above_worker", "above_worker", "once", "shared", "shared"
    ]  # fmt: skip
    assert {o.holder for o in of(Open, effects) if o.duty == "above"} == {HEAD}


def test_what_is_not_overdue_asks_only_for_whom_to_tell() -> None:
    here = books(duties={"one": duty(on="reel.cut"), "above": duty(on="one.missed", once="target")})
    here.record(fact(0, "reel.cut"))
    [waits] = here.open()
    assert waits.due is not None

    assert look_needs([here.in_force], [waits], waits.due).existing == frozenset()
    later = look_needs([here.in_force], [waits], shanghai("2026-03-06 00:00"))
    assert later.existing == {("above", REEL)}


def test_what_a_full_quota_opens_is_about_the_person_and_his_unit() -> None:
    calls = {"quota": {"at_least": 1, "per": "week", "of": "followup.held"}, "owed_by": "clerk"}
    rules = {"calls": calls, "praise": duty(on="calls.met", once="target", owed_by="head")}
    here = books(duties=rules)
    week = Period(date(2026, 3, 2), date(2026, 3, 9))
    rule = here.in_force.policy.duties["calls"]
    state = State(holders=HOLDERS)
    here.holders[("head", 7)] = (CHIEF,)
    here.plan(plan_quota(here.in_force, rule, week, 7, state, pools={}, there={}), NOW)

    effects = here.record(fact(0, "followup.held", "2026-03-03 10:00"))

    assert [(o.target, o.holder) for o in of(Open, effects)] == [(CLERK, CHIEF)]


def test_a_quota_is_asked_for_by_person_and_day_of_the_firm() -> None:
    calls = {"quota": {"at_least": 1, "per": "week", "of": "followup.held"}, "owed_by": "clerk"}
    here = at_work(mill(duties={"calls": calls}))
    night = fact(1, "followup.held", "2026-03-03 00:00", values={"record.present": [CLERK, HEAD]})

    assert needs([here], [night]).quotas == {
        (CLERK, date(2026, 3, 3)), (HEAD, date(2026, 3, 3))
    }  # fmt: skip


def test_nothing_is_asked_behind_what_no_fact_meets() -> None:
    here = books(duties={"one": duty(on="reel.cut")})
    here.record(fact(0, "reel.cut"))

    assert needs_behind([here.in_force], [fact(5, "reel.paid")], here.open()) == Needs()


def test_roles_are_asked_only_where_a_rule_about_facts_reads_them() -> None:
    plain = at_work(one(on="reel.cut"))
    asking = at_work(one(on="reel.cut", where={"by.role": "clerk"}))

    assert needs([plain], [fact(1, "reel.cut", by=WORKER)]).roles_of == frozenset()
    assert needs([asking], [fact(1, "reel.cut", by=WORKER)]).roles_of == {WORKER}
