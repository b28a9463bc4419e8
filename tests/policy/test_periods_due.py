"""Which periods of a cadence are planned: those that begin in force, up to the running one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from huiyin.policy.calendar import WorkCalendar
from huiyin.policy.periods import Period
from huiyin.policy.planning import periods_due
from huiyin.policy.state import InForce
from tests.policy.workshop import SHEET, at_work, mill
from tests.policy.worlds import NEW_YORK, shanghai


def firm(changed: Any = None, **duty: Any) -> InForce:
    rule = {"every": "month", "owed_by": "clerk", "proof": SHEET, **duty}
    return at_work(mill(duties={"duty": rule}), **(changed or {}))


def dues(since: str | None, today: str, changed: Any = None, **duty: Any) -> list[str]:
    here = firm(changed, **duty)
    found = periods_due(
        here, here.policy.duties["duty"],
        since=date.fromisoformat(since) if since else None, today=date.fromisoformat(today),
    )  # fmt: skip
    return [period.label("en") for period in found]


FROM_MID_MARCH = {"starts": shanghai("2026-03-15 00:00")}


def test_periods_run_from_the_last_planned_to_the_running_one() -> None:
    assert dues("2026-02-01", "2026-04-30") == ["2026-02", "2026-03", "2026-04"]
    assert dues("2026-03-01", "2026-03-31") == ["2026-03"]
    assert dues("2026-03-01", "2026-04-01") == ["2026-03", "2026-04"]


def test_a_new_version_starts_with_the_next_period() -> None:
    assert dues(None, "2026-03-31", FROM_MID_MARCH) == []
    assert dues(None, "2026-04-01", FROM_MID_MARCH) == ["2026-04"]
    assert dues("2026-02-01", "2026-04-01", FROM_MID_MARCH) == ["2026-04"]


def test_a_version_that_starts_with_a_period_has_it() -> None:
    changed = {"starts": shanghai("2026-03-01 00:00")}

    assert dues(None, "2026-03-01", changed) == ["2026-03"]


@pytest.mark.parametrize(
    ("ends", "last"),
    [
        ("2026-03-01 00:00", "2026-02"),
        ("2026-03-01 00:00:01", "2026-03"),
        ("2026-04-01 00:00", "2026-03"),
    ],
)
def test_an_ended_policy_plans_the_periods_that_began_in_it(ends: str, last: str) -> None:
    assert dues(None, "2026-06-30", {"ends": shanghai(ends)})[-1] == last


def test_a_first_day_is_that_of_the_firms_zone() -> None:
    changed = {"starts": shanghai("2026-03-01 00:00"), "zone": NEW_YORK}

    assert dues(None, "2026-03-31", changed)[0] == "2026-03"


def test_a_length_is_counted_from_the_first_day_in_force() -> None:
    found = dues(None, "2026-04-20", FROM_MID_MARCH, every="2w")

    assert [each[:10] for each in found] == ["2026-03-15", "2026-03-29", "2026-04-12"]


@pytest.mark.parametrize(
    ("planned", "firsts"),
    [
        (("2026-03-29", "2026-04-12"), ["2026-03-29", "2026-04-12"]),
        (("2026-03-25", "2026-04-04"), ["2026-03-25", "2026-04-04", "2026-04-18"]),
        (("2026-03-05", "2026-03-18"), ["2026-03-18", "2026-04-01", "2026-04-15"]),
        (("2026-03-01", "2026-03-15"), ["2026-03-15", "2026-03-29", "2026-04-12"]),
    ],
)
def test_a_length_goes_on_from_the_end_of_what_was_cut_otherwise(
    planned: tuple[str, str], firsts: list[str]
) -> None:
    first, after = map(date.fromisoformat, planned)
    policy = firm(FROM_MID_MARCH, every="2w")

    found = periods_due(
        policy, policy.policy.duties["duty"], since=first, today=date(2026, 4, 20),
        planned=Period(first, after),
    )  # fmt: skip

    assert [period.first.isoformat() for period in found] == firsts


def test_a_length_may_stand_in_a_setting() -> None:
    rhythm = {"rhythm": {"title": "定期", "default": "1mo", "owner": "head"}}
    rule = {"every": {"setting": "rhythm"}, "owed_by": "clerk", "proof": SHEET}
    here = at_work(mill(settings=rhythm, duties={"duty": rule}))

    def firsts(policy: InForce) -> list[date]:
        due = periods_due(policy, policy.policy.duties["duty"], since=None, today=date(2026, 2, 1))
        return [period.first for period in due]

    assert firsts(here) == [date(2026, 1, 1), date(2026, 2, 1)]
    assert firsts(replace(here, settings={"rhythm": "3w"})) == [date(2026, 1, 1), date(2026, 1, 22)]
    assert firsts(replace(here, settings={"rhythm": "now and then"})) == []


def test_every_working_day_is_a_period_and_a_holiday_is_none() -> None:
    off = {"calendar": WorkCalendar(exceptions={date(2026, 3, 4): False})}

    assert dues("2026-03-02", "2026-03-08", off, every="workday") == [
        "2026-03-02", "2026-03-03", "2026-03-05", "2026-03-06"
    ]  # fmt: skip
