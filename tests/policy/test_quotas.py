"""A number that each holder owes in a period: what counts, what counts once, when it is enough."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.policy.effects import Ask, Discharge, Tick
from huiyin.policy.facts import Fact
from huiyin.policy.periods import Period
from huiyin.policy.planning import number_of, plan_quota
from huiyin.policy.quotas import needed
from huiyin.policy.state import State
from tests.policy.books import Books
from tests.policy.workshop import (
    CLERK,
    HEAD,
    HOLDERS,
    NOW,
    OTHER_REEL,
    REEL,
    SECOND_CLERK,
    at_work,
    fact,
    mill,
    voiding,
)
from tests.policy.worlds import of, shanghai

WEEK = Period(date(2026, 3, 1), date(2026, 3, 8))
"""From Sunday to Saturday."""
FIRM = 7
TWO_CLERKS = {**HOLDERS, ("clerk", None): (CLERK, SECOND_CLERK)}


def quota(**changed: Any) -> dict[str, Any]:
    usual = {"at_least": 2, "per": "week(sun)", "of": "followup.held"}
    return {"quota": {**usual, **changed}, "owed_by": "clerk"}


def books(pools: Any = None, there: Any = None, settings: Any = None, **changed: Any) -> Books:
    rules = {"calls": quota(**changed)}
    here = Books(at_work(mill(duties=rules), settings=settings or {}), dict(TWO_CLERKS))
    duty = here.in_force.policy.duties["calls"]
    state = State(holders=TWO_CLERKS)
    opens = plan_quota(here.in_force, duty, WEEK, FIRM, state, pools=pools or {}, there=there or {})
    here.plan(opens, NOW)
    return here


def held(
    at: str = "2026-03-03 10:00", *, by: int = CLERK, present: Any = None, **more: Any
) -> Fact:
    values = {"followup.channel": "phone", **more.pop("values", {})}
    if present is not None:
        values["record.present"] = present
    return fact(0, "followup.held", at, by=by, values=values, **more)


def counted(here: Books, person: int = CLERK) -> int:
    [found] = [o for o in here.obligations.values() if o.target == person]
    return len(here.ticks[found.id])


def test_every_holder_owes_his_own() -> None:
    here = books()

    here.record(held(), held(by=SECOND_CLERK), held())

    assert [(o.holder, o.done) for o in here.obligations.values()] == [
        (CLERK, True), (SECOND_CLERK, False)
    ]  # fmt: skip


def test_it_is_done_with_the_call_that_makes_it_full() -> None:
    here = books()
    here.record(held())

    effects = here.record(held("2026-03-04 10:00"))

    assert [type(e).__name__ for e in effects] == ["Tick", "Discharge", "Emit"]
    assert of(Discharge, effects)[0].happened == shanghai("2026-03-04 10:00")


def test_everybody_who_took_part_is_counted_once() -> None:
    here = books()

    here.record(held(by=HEAD, present=[CLERK, SECOND_CLERK, CLERK]))

    assert (counted(here), counted(here, SECOND_CLERK)) == (1, 1)


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        ("2026-02-28 23:59:59", 0),
        ("2026-03-01 00:00", 1),
        ("2026-03-07 23:59:59", 1),
        ("2026-03-08 00:00", 0),
    ],
)
def test_a_week_runs_from_its_first_day_to_the_end_of_its_last(at: str, counts: int) -> None:
    here = books()

    here.record(held(at, recorded="2026-03-09 09:00"))

    assert counted(here) == counts


def test_what_is_entered_late_and_in_any_order_counts_in_its_week() -> None:
    here = books()

    here.record(held("2026-03-05 10:00", recorded="2026-03-10 09:00"))
    here.record(held("2026-03-02 10:00", recorded="2026-03-11 09:00"))

    assert here.duties(done=True) == ["calls"]


@pytest.mark.parametrize(
    ("distinct", "counts"), [(None, 3), ("target", 2), ("customer", 1), ("reel.grade", 2)]
)
def test_what_counts_once(distinct: str | None, counts: int) -> None:
    here = books(at_least=9, **({"distinct": distinct} if distinct else {}))

    here.record(
        held(target=REEL, customer=300, values={"reel.grade": "a"}),
        held(target=REEL, customer=300, values={"reel.grade": "b"}),
        held(target=OTHER_REEL, customer=300, values={"reel.grade": "a"}),
    )

    assert counted(here) == counts


def test_a_customer_is_his_own_customer() -> None:
    here = books(at_least=9, distinct="customer")

    here.record(held(target=300), held(target=REEL, customer=300), held(target=301))

    assert counted(here) == 2


def test_a_value_that_looks_like_a_number_is_the_same_the_next_day() -> None:
    here = books(distinct="reel.weight")
    here.record(held(values={"reel.weight": 12}))

    here.record(held("2026-03-04 10:00", values={"reel.weight": "12"}))

    assert (counted(here), here.duties(done=True)) == (1, [])


def test_a_value_that_has_to_tell_them_apart_is_asked_for() -> None:
    here = books(distinct="reel.grade")

    effects = here.record(held())

    assert [type(e) for e in effects] == [Ask]
    assert counted(here) == 0


def test_only_what_the_condition_holds_for_counts() -> None:
    here = books(where={"followup.channel": "phone"})

    effects = here.record(
        held(values={"followup.channel": "visit"}),
        held(values={"followup.channel": None}),
        held(),
    )

    assert [type(e) for e in effects] == [Ask, Tick]
    assert of(Ask, effects)[0].missing == "followup.channel"


def test_history_counts_like_anything_else() -> None:
    here = books()

    here.record(held(live=False))

    assert counted(here) == 1


def test_another_kind_of_fact_counts_nothing() -> None:
    here = books()

    assert here.record(fact(0, "reel.cut")) == []


def test_a_key_that_two_facts_brought_counts_until_both_are_gone() -> None:
    here = books(distinct="target", at_least=1)
    here.record(held(target=REEL))
    here.record(held(target=REEL))
    first, second = (f.id for f in here.standing() if f.kind == "followup.held")

    here.record(voiding(0, first))
    still = here.duties(done=True)
    here.record(voiding(0, second))

    assert (still, here.duties(done=True)) == (["calls"], [])


def test_what_counts_while_a_quota_is_waived_fills_it_when_the_waiver_is_taken_back() -> None:
    here = books()
    [mine] = [o for o in here.obligations.values() if o.target == CLERK]
    waiver = here.record(fact(0, "obligation.waived", target=CLERK)) or here.newest(
        "obligation.waived"
    )
    assert isinstance(waiver, Fact)
    here._settle(mine.id, done=False, settled_by=waiver.id, waived=True)
    here.record(held(), held())
    assert counted(here) == 2

    here.void(waiver.id, shanghai("2026-03-05 09:00"))

    [mine] = [o for o in here.obligations.values() if o.target == CLERK]
    assert (mine.done, mine.waived) == (True, False)


# How much each owes


@pytest.mark.parametrize(
    ("pool", "there", "owed"),
    [
        (None, "1", 18),
        (100, "1", 18),
        (17, "1", 17),
        (0, "1", 0),
        (100, "3/5", 11),
        (10, "3/5", 10),
        (100, "0", 0),
    ],
)
def test_a_small_pool_and_days_of_leave_lower_the_number(
    pool: int | None, there: str, owed: int
) -> None:
    rule = at_work(
        mill(duties={"calls": quota(at_least=18, when_pool_smaller="all", leave="prorata")})
    )
    found = rule.policy.duties["calls"].quota

    assert found is not None
    assert needed(found, 18, pool=pool, there=Fraction(there)) == owed


def test_a_policy_may_keep_the_number_whatever_the_pool_and_the_leave() -> None:
    rule = at_work(mill(duties={"calls": quota(at_least=18)})).policy.duties["calls"].quota

    assert rule is not None
    assert needed(rule, 18, pool=3, there=Fraction(1, 5)) == 18


@given(number=st.integers(0, 200), days=st.integers(1, 23), away=st.integers(0, 23))
def test_leave_never_asks_for_more_and_never_rounds_down(number: int, days: int, away: int) -> None:
    rule = at_work(mill(duties={"calls": quota(leave="prorata")})).policy.duties["calls"].quota
    there = Fraction(max(0, days - away), days)
    assert rule is not None

    owed = needed(rule, number, pool=None, there=there)

    assert number * there <= owed <= number


def test_whoever_owes_nothing_gets_no_obligation() -> None:
    here = books(pools={CLERK: 0, SECOND_CLERK: 1}, when_pool_smaller="all")

    assert [(o.target, o.needed) for o in here.obligations.values()] == [(SECOND_CLERK, 1)]


@pytest.mark.parametrize(("settled", "number"), [({}, 18), ({"calls": "20"}, 20)])
def test_the_number_may_be_settled_by_the_firm(settled: dict[str, str], number: int) -> None:
    calls = {"calls": {"title": "次数", "type": "number", "default": "18", "owner": "head"}}
    policy = mill(settings=calls, duties={"calls": quota(at_least={"setting": "calls"})})
    found = policy.duties["calls"].quota

    assert found is not None
    assert number_of(at_work(policy, settings=settled), found.at_least) == number
