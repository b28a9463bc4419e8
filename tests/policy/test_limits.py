"""From when a duty's clock runs and when it is over: just before, exactly at, just after."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from huiyin.policy.calendar import WorkCalendar
from huiyin.policy.clocks import TICK
from huiyin.policy.effects import Ask, Discharge, Emit, Open
from huiyin.policy.facts import Fact
from huiyin.policy.look import look
from huiyin.policy.state import Moments, State
from tests.policy.books import Books
from tests.policy.workshop import HOLDERS, REEL, at_work, fact, filed, mill, one, run
from tests.policy.worlds import of, shanghai

FRIDAY = "2026-03-06 10:00"


def due(policy: Any, *facts: Fact, **more: Any) -> Any:
    [opened] = of(Open, run(policy, *facts, **more))
    return opened.due


def cut(at: str = "2026-03-02 10:00", **more: Any) -> Fact:
    return fact(1, "reel.cut", at, **more)


TIMES = {
    "happened": "2026-03-02 10:00",
    "known": "2026-03-03 11:00",
    "recorded": "2026-03-04 12:00",
}


@pytest.mark.parametrize(("start", "day"), [("happened", 2), ("known", 3), ("recorded", 4)])
def test_a_clock_runs_from_the_moment_that_it_names(start: str, day: int) -> None:
    policy = one(on="reel.cut", within="24h", **{"from": start})

    assert due(policy, cut(**TIMES)) == shanghai(f"2026-03-0{day + 1} {8 + day}:00")


def test_a_clock_may_count_from_the_first_fact_of_another_kind() -> None:
    first = {("reel.defect", REEL): Moments(*(shanghai(TIMES[t]) for t in TIMES))}
    policy = one(on="reel.cut", within="72h", **{"from": {"fact": "reel.defect", "time": "known"}})

    known = State(holders=HOLDERS, firsts=first)
    assert due(policy, cut("2026-03-05 09:00"), state=known) == shanghai("2026-03-06 11:00")


def test_the_first_fact_may_come_in_the_same_decision() -> None:
    policy = one(on="reel.cut", within="24h", **{"from": {"fact": "reel.defect"}})
    facts = [fact(7, "reel.defect", "2026-03-01 09:00"), fact(8, "reel.defect", "2026-03-02 09:00")]

    assert due(policy, *facts, cut()) == shanghai("2026-03-02 09:00")


def test_the_first_fact_is_the_earliest_not_the_one_entered_first() -> None:
    policy = one(on="reel.cut", within="24h", **{"from": {"fact": "reel.defect"}})
    facts = [fact(7, "reel.defect", "2026-03-02 09:00"), fact(8, "reel.defect", "2026-03-01 09:00")]

    assert due(policy, *facts, cut()) == shanghai("2026-03-02 09:00")


def test_the_opener_itself_may_be_the_first_fact() -> None:
    policy = one(on="reel.cut", within="24h", **{"from": {"fact": "reel.cut", "time": "known"}})

    assert due(policy, cut(**TIMES)) == shanghai("2026-03-04 11:00")


def test_a_clock_that_counts_from_what_never_happened_is_asked_about() -> None:
    policy = one(on="reel.cut", within="24h", **{"from": {"fact": "reel.defect"}})

    [ask] = of(Ask, run(policy, cut()))

    assert ask.missing == "reel.defect"


def test_a_clock_of_the_same_length_counts_from_where_that_duty_counts() -> None:
    policy = mill(
        duties={
            "one": {"on": "reel.sold", "within": "24h", "from": {"fact": "reel.defect"},
                    "owed_by": "clerk", "proof": {"record": "sheet"}},
            "two": {"on": "reel.cut", "within": {"same_as": "one"}, "owed_by": "clerk",
                    "proof": {"record": "sheet"}},
        }
    )  # fmt: skip
    here = Books(at_work(policy), dict(HOLDERS))
    here.record(fact(0, "reel.defect", "2026-03-01 09:00"))

    here.record(cut())

    assert [o.due for o in here.open()] == [shanghai("2026-03-02 09:00")]


HOLIDAYS = WorkCalendar(
    exceptions={day.date(): False for day in (shanghai("2026-03-09 08:00"),)}
    | {shanghai("2026-03-14 08:00").date(): True},
    confirmed=frozenset({2026}),
)
"""Monday 9 March is off, Saturday 14 March is worked."""


@pytest.mark.parametrize(
    ("roll", "length", "expected"),
    [
        (None, "2d", "2026-03-09 00:00"),
        ("forward", "2d", "2026-03-11 00:00"),
        ("backward", "2d", "2026-03-07 00:00"),
        ("forward", "8d", "2026-03-15 00:00"),
        ("forward", "24h", "2026-03-07 10:00"),
    ],
)
def test_a_last_day_that_is_not_worked_moves_as_the_duty_says(
    roll: str | None, length: str, expected: str
) -> None:
    policy = one(on="reel.cut", within=length, **({"roll": roll} if roll else {}))

    opened = of(Open, run(at_work(policy, calendar=HOLIDAYS), cut(FRIDAY)))[0]

    assert (opened.due, opened.provisional) == (shanghai(expected), False)


@pytest.mark.parametrize(
    ("length", "roll", "provisional"),
    [("5wd", None, True), ("3d", None, False), ("3d", "forward", True), ("24h", "forward", False)],
)
def test_a_deadline_of_a_year_that_nobody_confirmed_is_provisional(
    length: str, roll: str | None, provisional: bool
) -> None:
    policy = one(on="reel.cut", within=length, **({"roll": roll} if roll else {}))

    assert of(Open, run(policy, cut()))[0].provisional is provisional


def test_a_setting_decides_the_length_and_the_firm_the_setting() -> None:
    policy = one(on="reel.cut", within={"setting": "soon"})

    assert due(policy, cut()) == shanghai("2026-03-05 00:00")
    assert due(at_work(policy, settings={"soon": "1d"}), cut()) == shanghai("2026-03-04 00:00")


@pytest.mark.parametrize("unset", ["soon if you can", "7 dais"])
def test_a_setting_that_is_no_length_is_asked_for(unset: str) -> None:
    [ask] = of(Ask, run(at_work(one(on="reel.cut", within={"setting": "soon"}),
                                settings={"soon": unset}), cut()))  # fmt: skip

    assert ask.missing == "setting.soon"


def test_a_field_that_is_the_deadline_counts_to_the_end_of_its_day() -> None:
    policy = one(on="reel.cut", at="reel.pay_on")

    assert due(policy, cut(values={"reel.pay_on": "2026-03-09"})) == shanghai("2026-03-10 00:00")
    moment = {"reel.pay_on": "2026-03-09T15:30:00+08:00"}
    assert due(policy, cut(values=moment)) == shanghai("2026-03-09 15:30")
    assert of(Ask, run(policy, cut(values={"reel.pay_on": "soon"})))[0].missing == "reel.pay_on"


CLOCKS: dict[str, tuple[dict[str, Any], str]] = {
    "hours": ({"within": "24h"}, "2026-03-03 10:00"),
    "days": ({"within": "2d"}, "2026-03-05 00:00"),
    "working days": ({"within": "5wd"}, "2026-03-10 00:00"),
    "weeks": ({"within": "1w"}, "2026-03-10 00:00"),
    "months": ({"within": "1mo"}, "2026-04-03 00:00"),
    "the end of the day": ({"within": "eod"}, "2026-03-03 00:00"),
    "a picked length": ({"within": {"pick": "reel.grade", "a": "3d", "else": "9d"}}, "2026-03-06 00:00"),
    "a date": ({"at": "reel.pay_on"}, "2026-03-10 00:00"),
}  # fmt: skip


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize(("off", "late"), [(-TICK, False), (timedelta(0), False), (TICK, True)])
def test_on_time_is_up_to_the_very_moment(clock: str, off: timedelta, late: bool) -> None:
    rule, expected = CLOCKS[clock]
    policy = at_work(one(on="reel.cut", **rule))
    here = Books(policy, dict(HOLDERS))
    here.record(cut(values={"reel.pay_on": "2026-03-09"}))
    [waiting] = here.open()
    assert waiting.due == shanghai(expected)

    effects = look([policy], waiting, State(holders=HOLDERS), waiting.due + off)

    assert bool(of(Emit, effects)) is late
    done = here.record(filed(0, present=(1,), happened="2026-03-02 11:00"), now=waiting.due + off)
    assert len(of(Discharge, done)) == 1
