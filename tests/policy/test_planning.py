"""What a period asks for: once, several times, levelled, drawn; for the firm, a person, a member."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from huiyin.policy.calendar import WorkCalendar
from huiyin.policy.effects import Open
from huiyin.policy.periods import Period
from huiyin.policy.planning import (
    Member,
    draw_size,
    drawn,
    is_in_time,
    level_day,
    lot,
    plan,
    plan_people,
    population,
    seed_of,
    workdays,
)
from huiyin.policy.state import InForce, State
from tests.policy.workshop import (
    CHIEF,
    CLERK,
    HEAD,
    HEADS,
    HOLDERS,
    SECOND_CLERK,
    SHEET,
    STAFFED,
    WORKER,
    at_work,
    mill,
)
from tests.policy.worlds import UNIT, shanghai

FIRM = 7
MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))
WEEK = Period(date(2026, 3, 2), date(2026, 3, 9))


def firm(changed: Any = None, **duty: Any) -> InForce:
    rule = {"every": "month", "owed_by": "clerk", "proof": SHEET, **duty}
    return at_work(mill(duties={"duty": rule}), **(changed or {}))


def planned(
    members: Any, period: Period = MARCH, state: State = STAFFED, **duty: Any
) -> list[Open]:
    here = firm(**{"over": "reel", **duty})
    return plan(here, here.policy.duties["duty"], period, members, state)


def people(state: State = STAFFED, period: Period = MARCH, **duty: Any) -> list[Open]:
    here = firm(**duty)
    return plan_people(here, here.policy.duties["duty"], period, FIRM, state)


def reels(count: int, **changed: Any) -> list[Member]:
    return [Member(target=100 + n, unit=UNIT, **changed) for n in range(count)]


# For whom


def test_what_the_firm_owes_is_about_the_firm() -> None:
    [opened] = people()

    assert (opened.target, opened.roles, opened.period) == (FIRM, ("clerk",), MARCH.first)
    assert (opened.due, opened.period_after) == (shanghai("2026-04-01 00:00"), MARCH.after)


def test_each_holder_of_the_role_owes_it_about_himself() -> None:
    two = State(holders={**HOLDERS, ("clerk", None): (SECOND_CLERK, CLERK)})

    assert [(o.target, o.holder, o.roles) for o in people(two, each="person")] == [
        (CLERK, CLERK, ()), (SECOND_CLERK, SECOND_CLERK, ())
    ]  # fmt: skip


def test_a_role_that_nobody_holds_plans_for_nobody() -> None:
    assert people(State(), each="person") == []
    assert [o.holder for o in people(State())] == [None]


def test_every_member_is_owed_about_by_the_role_in_its_unit() -> None:
    holders = {("clerk", 5): (CLERK,), ("clerk", 6): (SECOND_CLERK, WORKER)}
    members = [Member(100, 5), Member(101, 6), Member(102, None)]

    found = planned(members, state=State(holders=holders))

    assert [(o.target, o.holder) for o in found] == [(100, CLERK), (101, None), (102, None)]


@pytest.mark.parametrize(
    ("owed_by", "holder", "blocked"),
    [
        ("target.owner", WORKER, ""),
        ("reel.worker", CLERK, ""),
        ({"head_of": "target.owner"}, HEAD, ""),
        ({"head_of": "reel.worker"}, HEAD, ""),
        ({"any_of": ["clerk"], "not": "reel.worker"}, None, "no_eligible_holder"),
    ],
)
def test_a_members_own_people_may_owe_it(owed_by: Any, holder: int | None, blocked: str) -> None:
    member = Member(100, UNIT, owner=WORKER, values={"reel.worker": CLERK})

    [opened] = planned([member], owed_by=owed_by)

    assert (opened.holder, opened.blocked) == (holder, blocked)


def test_a_member_that_is_entrusted_to_nobody_is_blocked_not_left_out() -> None:
    [opened] = planned([Member(100, UNIT)], owed_by="target.owner")

    assert (opened.holder, opened.blocked) == (None, "no_eligible_holder")


def test_the_one_excluded_is_kept() -> None:
    holders = {("clerk", UNIT): (CLERK, SECOND_CLERK)}
    member = Member(100, UNIT, values={"reel.worker": CLERK})

    [opened] = planned([member], state=State(holders=holders),
                       owed_by={"any_of": ["clerk"], "not": "reel.worker"})  # fmt: skip

    assert (opened.excluded, opened.holder) == (CLERK, SECOND_CLERK)


# Who belongs


def test_only_those_of_whom_the_condition_surely_holds_belong() -> None:
    here = firm(over={"reel": {"grade": "a"}})
    members = [
        Member(n, UNIT, values={"reel.grade": g}) for n, g in enumerate(["a", "b", None, ""])
    ]

    assert [m.target for m in population(here, here.policy.duties["duty"], members)] == [0]


def test_a_population_may_be_chosen_by_what_the_firm_settled() -> None:
    rule = {"every": "month", "owed_by": "clerk", "proof": SHEET,
            "over": {"of": "reel", "where": {"weight": {"ge": {"setting": "least"}}}}}  # fmt: skip
    least = {"least": {"title": "最少", "type": "number", "default": "5", "owner": "head"}}
    policy = mill(settings=least, duties={"duty": rule})
    members = [Member(n, UNIT, values={"reel.weight": n}) for n in (4, 5, 6)]

    def belong(**settled: Any) -> list[int]:
        here = at_work(policy, **settled)
        return [m.target for m in population(here, policy.duties["duty"], members)]

    assert belong() == [5, 6]
    assert belong(settings={"least": "6"}) == [6]


@pytest.mark.parametrize(
    ("joined", "next_period", "now"),
    [
        (None, True, True),
        (date(2026, 2, 28), True, True),
        (date(2026, 3, 1), True, True),
        (date(2026, 3, 2), False, True),
        (date(2026, 3, 31), False, True),
        (date(2026, 4, 1), False, False),
    ],
)
def test_late_joiners_are_asked_for_at_once_or_from_the_next_period(
    joined: date | None, next_period: bool, now: bool
) -> None:
    member = Member(100, UNIT, joined=joined)

    for word, expected in (("next_period", next_period), ("now", now)):
        here = firm(over="reel", joined=word)
        duty = here.policy.duties["duty"]
        assert is_in_time(duty, member, MARCH) is expected
        assert bool(population(here, duty, [member], MARCH)) is expected


# How often and when


def test_several_times_are_told_apart_by_their_number() -> None:
    found = planned(reels(2), times=3)

    assert [(o.target, o.ordinal) for o in found] == [
        (100, 0), (100, 1), (100, 2), (101, 0), (101, 1), (101, 2)
    ]  # fmt: skip
    assert [o.ordinal for o in people(times=2)] == [0, 1]


@pytest.mark.parametrize(
    ("by", "off", "due"),
    [
        (None, None, "2026-03-09 00:00"),
        ("fri", None, "2026-03-07 00:00"),
        ("fri end_of_work", None, "2026-03-06 18:00"),
        ("sun end_of_work", "previous workday", "2026-03-06 18:00"),
        ("sun end_of_work", "next workday", "2026-03-09 18:00"),
        ("2d after end", None, "2026-03-11 00:00"),
        ("3d", None, "2026-03-05 00:00"),
    ],
)
def test_a_period_is_over_at_the_moment_that_it_names(
    by: str | None, off: str | None, due: str
) -> None:
    named = {key: value for key, value in (("by", by), ("off", off)) if value}

    [opened] = people(period=WEEK, every="week", **named)

    assert opened.due == opened.next_look == shanghai(due)


def test_a_moment_that_a_year_unknown_has_a_say_in_is_provisional() -> None:
    named = {"every": "week", "by": "sun", "off": "previous workday"}

    assert people(period=WEEK, **named)[0].provisional
    known = firm({"calendar": WorkCalendar(confirmed=frozenset({2026}))}, **named)
    duty = known.policy.duties["duty"]
    assert not plan_people(known, duty, WEEK, FIRM, STAFFED)[0].provisional


@given(count=st.integers(1, 60), times=st.integers(1, 4), days=st.integers(1, 25))
def test_levelled_work_is_spread_evenly_and_in_order(count: int, times: int, days: int) -> None:
    there = [date(2026, 3, 2) + timedelta(days=n) for n in range(days)]

    found = [
        [level_day(there, place, count, ordinal, times) for place in range(count)]
        for ordinal in range(times)
    ]

    flat = [day for each in found for day in each if day is not None]
    assert flat == sorted(flat)
    loads = [Counter(flat)[day] for day in there]
    assert max(loads) - min(loads) <= 1
    for place in range(count):
        mine = [each[place] for each in found]
        assert mine == sorted(mine, key=lambda d: d or date.min)


def test_levelled_work_lies_on_working_days() -> None:
    found = planned(reels(10), WEEK, every="week", level=True)

    assert Counter(o.plan_on for o in found) == {date(2026, 3, day): 2 for day in range(2, 7)}
    assert [o.plan_on for o in planned(reels(3), WEEK, every="week")] == [None] * 3


def test_a_period_without_a_working_day_uses_all_of_its_days() -> None:
    weekend = Period(date(2026, 3, 7), date(2026, 3, 9))

    assert workdays(weekend, WorkCalendar()) == [date(2026, 3, 7), date(2026, 3, 8)]


# Drawing lots

DRAW = {"draw": {"share": "10%", "least": 2}}


@pytest.mark.parametrize(
    ("share", "least", "count", "size"),
    [("10%", 1, 100, 10), ("10%", 1, 101, 11), ("10%", 2, 3, 2), ("10%", 5, 3, 3), ("10%", 1, 0, 0),
     ("100%", 1, 7, 7)],
)  # fmt: skip
def test_how_many_are_drawn(share: str, least: int, count: int, size: int) -> None:
    here = firm(over="reel", draw={"share": share, "least": least})
    draw = here.policy.duties["duty"].draw

    assert draw is not None
    assert draw_size(here, draw, count) == size


def test_a_share_may_be_settled_by_the_firm() -> None:
    part = {"part": {"title": "比例", "type": "percent", "default": "5%", "owner": "head"}}
    rule = {"every": "month", "over": "reel", "owed_by": "clerk", "proof": SHEET,
            "draw": {"share": {"setting": "part"}}}  # fmt: skip
    here = at_work(mill(settings=part, duties={"duty": rule}), settings={"part": "50%"})
    draw = here.policy.duties["duty"].draw

    assert draw is not None
    assert draw_size(here, draw, 10) == 5


def test_anybody_draws_the_same_lots_from_the_published_seed() -> None:
    here = firm(over="reel", **DRAW)
    duty = here.policy.duties["duty"]
    seed = seed_of(here, duty, MARCH)
    assert seed == "mill/duty/2026-03-01"

    found = drawn(here, duty, MARCH, reels(50))

    assert [m.target for m in found] == sorted(range(100, 150), key=lambda n: lot(seed, n))[:5]
    assert drawn(here, duty, MARCH, list(reversed(reels(50)))) == found


def test_another_period_draws_others() -> None:
    here = firm(over="reel", **DRAW)
    duty = here.policy.duties["duty"]
    april = Period(date(2026, 4, 1), date(2026, 5, 1))

    first, second = (drawn(here, duty, period, reels(100)) for period in (MARCH, april))

    assert {m.target for m in first} != {m.target for m in second}


def test_lots_favour_nobody() -> None:
    """Over many periods each of ten is drawn about as often: chi-square below the 0.1 % limit."""
    draws = Counter(
        target
        for number in range(2000)
        for target in sorted(range(10), key=lambda n: lot(f"mill/duty/{number}", n))[:3]
    )
    expected = 2000 * 3 / 10

    assert sum((draws[n] - expected) ** 2 / expected for n in range(10)) < 27.88


@pytest.mark.parametrize(
    "each", ["recipient", {"member": "reel.buyers"}], ids=["recipient", "member"]
)
def test_what_returns_is_not_for_each_recipient_or_member(each: Any) -> None:
    with pytest.raises(ValidationError, match="each"):
        firm(each=each, proof={**SHEET, "sent_to": ["bureau", "centre"]})


def test_what_returns_about_a_population_is_not_for_each_person() -> None:
    with pytest.raises(ValidationError, match="each"):
        firm(each="person", over="reel")


@given(st.permutations(list(range(6))))
def test_the_order_of_members_changes_nothing(order: list[int]) -> None:
    members = reels(6)
    kinds: dict[str, Any] = {"level": True, "times": 2, "every": "week"}

    assert planned([members[n] for n in order], WEEK, **kinds) == planned(members, WEEK, **kinds)


def test_nobody_above_is_said() -> None:
    found = planned([Member(100, UNIT, owner=CHIEF)], state=State(heads=HEADS),
                    owed_by={"head_of": "target.owner"})  # fmt: skip

    assert [(o.holder, o.blocked) for o in found] == [(None, "no_eligible_holder")]
