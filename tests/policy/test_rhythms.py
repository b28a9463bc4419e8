"""Counted from the last fact: a rhythm, a silence. Counted to a date: a reminder ahead of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huiyin.policy import rhythms
from huiyin.policy.lengths import Length
from huiyin.policy.periods import Period, anchored
from huiyin.policy.planning import Member
from huiyin.policy.rhythms import longest, plan_before, plan_since, proves_since, running_step
from huiyin.policy.state import InForce, State
from tests.policy.workshop import CLERK, SHEET, STAFFED, at_work, mill
from tests.policy.worlds import NEW_YORK, SHANGHAI, UNIT, shanghai

SOLD = shanghai("2026-03-02 10:00")


def firm(changed: Any = None, **duty: Any) -> InForce:
    usual = {
        "every": "7d",
        "since": "reel.sold",
        "over": "reel",
        "owed_by": "clerk",
        "proof": SHEET,
    }
    return at_work(mill(duties={"duty": {**usual, **duty}}), **(changed or {}))


def owed(
    now: str, planned: str | None = None, anchor: Any = SOLD, **duty: Any
) -> list[tuple[str, str]]:
    """The steps that are owed at a moment: first day and due moment in the firm's zone."""
    here = firm(**duty)
    member = Member(100, UNIT, anchor=anchor)
    found = plan_since(here, here.policy.duties["duty"], [member], STAFFED, shanghai(now),
                       date.fromisoformat(planned) if planned else None)  # fmt: skip
    return [
        (str(o.period), f"{o.due.astimezone(SHANGHAI):%m-%d %H:%M}" if o.due else "") for o in found
    ]


# A rhythm: the running step is owed until its end


@pytest.mark.parametrize(
    ("now", "first", "due"),
    [
        ("2026-03-02 10:00:00.000001", "2026-03-02", "03-09 00:00"),
        ("2026-03-08 23:59:59", "2026-03-02", "03-09 00:00"),
        ("2026-03-09 00:00", "2026-03-09", "03-16 00:00"),
        ("2026-03-09 00:00:01", "2026-03-09", "03-16 00:00"),
    ],
)
def test_a_rhythm_owes_the_running_step(now: str, first: str, due: str) -> None:
    assert owed(now) == [(first, due)]


def test_before_its_fact_nothing_is_owed() -> None:
    assert owed("2026-03-02 10:00") == []
    assert owed("2026-03-09 00:00", anchor=None) == []


# Silence: once a whole step has passed, so much time is left


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-08 23:59:59", []),
        ("2026-03-09 00:00", [("2026-03-09", "03-10 00:00")]),
        ("2026-03-15 23:59:59", [("2026-03-09", "03-10 00:00")]),
        ("2026-03-16 00:00", [("2026-03-16", "03-17 00:00")]),
    ],
)
def test_silence_is_broken_when_a_whole_step_has_passed_and_again(now: str, expected: Any) -> None:
    assert owed(now, within="eod") == expected


def test_the_time_that_silence_leaves_is_counted_like_any_other() -> None:
    assert owed("2026-03-09 00:00", within="1d") == [("2026-03-09", "03-11 00:00")]
    assert owed("2026-03-09 00:00", within="24h") == [("2026-03-09", "03-10 00:00")]


def test_a_length_that_nobody_settled_owes_nothing_yet() -> None:
    assert owed("2026-03-09 00:00", within={"setting": "nothing"}) == []
    assert owed("2026-03-09 00:00", every={"setting": "nothing"}) == []


# After a stop


def test_after_a_stop_every_step_that_began_in_it_is_made_up_for() -> None:
    assert [first for first, _due in owed("2026-03-28 09:00", "2026-03-05")] == [
        "2026-03-09", "2026-03-16", "2026-03-23"
    ]  # fmt: skip
    assert [first for first, _due in owed("2026-03-28 09:00", "2026-03-09")] == [
        "2026-03-16", "2026-03-23"
    ]  # fmt: skip
    assert [first for first, _due in owed("2026-03-28 09:00", "2026-03-28")] == ["2026-03-23"]
    assert [first for first, _due in owed("2026-03-28 09:00")] == ["2026-03-23"]


def test_what_was_running_before_the_stop_is_not_made_up_for_a_second_time() -> None:
    assert "2026-03-02" not in dict(owed("2026-03-28 09:00", "2026-03-05"))


def test_a_step_of_silence_before_the_first_whole_one_is_never_owed() -> None:
    assert owed("2026-03-08 09:00", "2026-02-01", within="eod") == []


@given(
    start=st.dates(date(2026, 3, 2), date(2026, 3, 8)),
    days=st.lists(st.integers(1, 12), min_size=1, max_size=6),
    silent=st.booleans(),
)
@settings(max_examples=25)
def test_however_often_it_runs_the_same_steps_are_owed(
    start: date, days: list[int], silent: bool
) -> None:
    rule = {"within": "eod"} if silent else {}
    found: set[tuple[str, str]] = set()
    day: date = start
    planned: str | None = None
    for step in days:
        found |= set(owed(f"{day} 12:00", planned, **rule))
        planned, day = str(day), day + timedelta(days=step)
    last = date.fromisoformat(planned or str(start))

    daily: set[tuple[str, str]] = set()
    each = start
    while each <= last:
        daily |= set(owed(f"{each} 12:00", **rule))
        each += timedelta(days=1)

    assert found == daily


@given(
    anchor=st.dates(date(2025, 9, 1), date(2026, 1, 1)),
    length=st.builds(Length, st.integers(1, 40), st.sampled_from(["d", "wd", "w", "mo"])),
    day=st.dates(date(2026, 1, 1), date(2026, 4, 1)),
)
@settings(max_examples=60)
def test_the_running_step_is_the_one_that_holds_the_day(
    anchor: date, length: Length, day: date
) -> None:
    step = running_step(anchor, length, day)

    assert step.first <= day < step.after
    assert step.after - step.first <= longest(length) + timedelta(days=1)
    assert any(anchored(anchor, length, n) == step for n in range((day - anchor).days + 1))


def test_an_old_anchor_takes_no_long_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    walked: list[int] = []

    def counting(anchor: date, length: Length, number: int) -> Period:
        walked.append(number)
        return anchored(anchor, length, number)

    monkeypatch.setattr(rhythms, "anchored", counting)

    step = running_step(date(2000, 1, 31), Length(1, "mo"), date(2026, 3, 31))

    assert (step.first, step.after) == (date(2026, 3, 31), date(2026, 4, 30))
    assert len(walked) < 12


def test_a_months_end_stays_one() -> None:
    end = shanghai("2026-01-31 10:00")

    assert owed("2026-02-27 12:00", anchor=end, every="1mo") == [("2026-01-31", "02-28 00:00")]
    assert owed("2026-02-28 12:00", anchor=end, every="1mo") == [("2026-02-28", "03-31 00:00")]


def test_days_are_those_of_the_firms_zone() -> None:
    here = firm({"zone": NEW_YORK})
    evening = Member(100, UNIT, anchor=shanghai("2026-03-02 08:00"))  # still the first in New York

    [opened] = plan_since(here, here.policy.duties["duty"], [evening], STAFFED,
                          shanghai("2026-03-03 12:00"))  # fmt: skip

    assert opened.period == date(2026, 3, 1)


# Ahead of a date


def ahead(now: str, on: Any = "2026-03-20", state: State = STAFFED, **duty: Any) -> list[Any]:
    usual = {
        "before": "reel.pay_on",
        "lead": "3d",
        "over": "reel",
        "owed_by": "clerk",
        "proof": SHEET,
    }
    here = at_work(mill(duties={"duty": {**usual, **duty}}))
    member = Member(100, UNIT, values={"reel.pay_on": on})
    return plan_before(here, here.policy.duties["duty"], [member], state, shanghai(now))


def test_it_is_due_so_many_days_ahead_at_the_end_of_that_day() -> None:
    [opened] = ahead("2026-03-10 09:00")

    assert opened.due == shanghai("2026-03-18 00:00")
    assert (opened.period, opened.holder) == (date(2026, 3, 20), CLERK)


@pytest.mark.parametrize(
    ("now", "opens"),
    [("2026-02-15 23:59:59", False), ("2026-02-16 00:00", True), ("2026-02-16 00:00:01", True)],
)
def test_it_opens_a_month_before_it_is_due(now: str, opens: bool) -> None:
    assert bool(ahead(now)) is opens


def test_what_was_due_before_the_policy_is_nobodys_debt() -> None:
    assert ahead("2026-03-10 09:00", on="2026-01-03") == []
    assert len(ahead("2026-03-10 09:00", on="2026-01-04")) == 1


def test_a_date_that_was_missed_in_a_stop_is_late_not_lost() -> None:
    [opened] = ahead("2026-04-10 09:00")

    assert opened.due == shanghai("2026-03-18 00:00")


@pytest.mark.parametrize("on", [None, "", "soon", 20260320])
def test_without_a_date_there_is_nothing_ahead(on: Any) -> None:
    assert ahead("2026-03-10 09:00", on=on) == []


@pytest.mark.parametrize(
    ("on", "day", "due"),
    [
        ("2026-03-20T00:00:00+08:00", date(2026, 3, 20), "2026-03-18 00:00"),
        ("2026-03-19T16:00:00+00:00", date(2026, 3, 20), "2026-03-18 00:00"),
        ("2026-03-20T23:59:00+08:00", date(2026, 3, 20), "2026-03-18 00:00"),
    ],
)
def test_an_instant_counts_by_its_day_in_the_firms_zone(on: str, day: date, due: str) -> None:
    [opened] = ahead("2026-03-10 09:00", on=on)

    assert (opened.period, opened.due) == (day, shanghai(due))


@pytest.mark.parametrize(("lead", "due"), [("1w", "03-14"), ("5wd", "03-14"), ("1mo", "02-21")])
def test_the_lead_may_be_any_length_of_days(lead: str, due: str) -> None:
    [opened] = ahead("2026-03-10 09:00", lead=lead)

    assert opened.due == shanghai(f"2026-{due} 00:00")


def test_what_happened_while_it_was_open_proves_a_reminder_though_its_date_is_to_come() -> None:
    [opened] = ahead("2026-03-10 09:00")
    here = firm()
    rule = mill(duties={"duty": {"before": "reel.pay_on", "lead": "3d", "over": "reel",
                                 "owed_by": "clerk", "proof": SHEET}}).duties["duty"]  # fmt: skip
    period = running_step(date(2026, 3, 20), Length(1, "d"), date(2026, 3, 20))

    assert proves_since(rule, period, opened.due, SHANGHAI) == opened.due - timedelta(days=30)
    assert proves_since(here.policy.duties["duty"], period, opened.due, SHANGHAI) == shanghai(
        "2026-03-20 00:00"
    )
