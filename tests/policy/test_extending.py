"""A longer limit needs somebody's consent, before the first one is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from huiyin.policy.calendar import WorkCalendar
from huiyin.policy.clocks import TICK
from huiyin.policy.effects import Extend, Refusal
from huiyin.policy.extending import consent_needs, extended
from huiyin.policy.state import OpenObligation
from tests.policy.workshop import CHIEF, CLERK, HEAD, HOLDERS, at_work, one
from tests.policy.worlds import UNIT, shanghai, waiting

DUE = shanghai("2026-03-05 00:00")
WAITS = waiting(duty="duty", line="duty", due="2026-03-05 00:00", holder=CLERK)
RULE = {"until": "1w", "from": "consent", "consent": "chief", "reason": "required"}


def ask(
    now: Any = "2026-03-04 10:00", by: int = CHIEF, waits: OpenObligation = WAITS, **rule: Any
) -> Any:
    clauses = {"5.c": "extend.consent", "5.d": "extend.until", "5.e": "extend.from"}
    firm = at_work(one(on="reel.cut", extend={**RULE, **rule}, clauses=clauses))
    at = shanghai(now) if isinstance(now, str) else now
    return extended(firm, waits, consented_by=by, holders=HOLDERS, now=at)


def test_it_is_counted_from_the_consent() -> None:
    found = ask()

    assert isinstance(found, Extend)
    assert (found.due, found.obligation) == (shanghai("2026-03-12 00:00"), WAITS.id)
    assert found.why.clauses == ("5.d",)


def test_it_may_be_counted_from_the_first_limit() -> None:
    assert ask(**{"from": "due"}).due == shanghai("2026-03-13 00:00")


@pytest.mark.parametrize(("off", "late"), [(-TICK, False), (timedelta(0), False), (TICK, True)])
def test_it_has_to_be_asked_for_in_time(off: timedelta, late: bool) -> None:
    found = ask(DUE + off)

    assert isinstance(found, Refusal) is late
    if late:
        assert found.clauses == ("5.e",)


def test_only_a_holder_of_the_role_consents() -> None:
    found = ask(by=HEAD)

    assert isinstance(found, Refusal)
    assert found.clauses == ("5.c",)
    assert "经理" in found.message["zh"]


def test_nobody_consents_to_his_own_extension() -> None:
    assert isinstance(ask(waits=replace(WAITS, holder=CHIEF)), Refusal)


def test_a_policy_without_extensions_gives_none() -> None:
    firm = at_work(one(on="reel.cut"))

    found = extended(
        firm, WAITS, consented_by=CHIEF, holders=HOLDERS, now=shanghai("2026-03-04 10:00")
    )

    assert isinstance(found, Refusal)
    assert consent_needs(firm.policy.duties["duty"], WAITS) == frozenset()


@pytest.mark.parametrize("until", ["eod", "1d", "24h"])
def test_an_extension_that_is_none_is_refused_and_shortens_nothing(until: str) -> None:
    found = ask("2026-03-03 10:00", until=until)

    assert isinstance(found, Refusal)
    assert found.clauses == ("5.d",)


def test_who_may_consent_is_asked_for_the_unit_of_the_obligation() -> None:
    firm = at_work(one(on="reel.cut", extend=RULE))

    assert consent_needs(firm.policy.duties["duty"], WAITS) == {("chief", UNIT)}


def test_it_rolls_and_says_so_like_the_first_limit() -> None:
    confirmed = WorkCalendar(confirmed=frozenset({2026}))
    firm = at_work(one(on="reel.cut", roll="forward", extend={**RULE, "until": "10d"}))
    now = shanghai("2026-03-04 10:00")

    known = extended(
        replace(firm, calendar=confirmed), WAITS, consented_by=CHIEF, holders=HOLDERS, now=now
    )
    unknown = extended(firm, WAITS, consented_by=CHIEF, holders=HOLDERS, now=now)

    assert isinstance(known, Extend)
    assert isinstance(unknown, Extend)
    assert known.due == unknown.due == shanghai("2026-03-17 00:00")
    assert (known.provisional, unknown.provisional) == (False, True)
