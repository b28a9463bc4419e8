"""The chemicals distributor: every mechanism of its policy alone, facts in, effects out."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from huiyin.adoption.demands import unset_settings
from huiyin.policy.effects import Book, Tell
from huiyin.policy.periods import Period
from huiyin.policy.planning import Member, plan_people, plan_quota
from huiyin.policy.rhythms import plan_before, plan_since
from huiyin.policy.state import State
from tests.packs.worlds import TARGET, books, everywhere, fact, filed, firm, owed, pack, refused
from tests.policy.books import Books
from tests.policy.worlds import SHANGHAI, UNIT, of, shanghai

NAME = "chemical-distributor-visits"
STAFF, SECOND, SUPERVISOR, HEAD = 1, 2, 3, 4
HOLDERS = everywhere(service_staff=(STAFF, SECOND), service_supervisor=SUPERVISOR, dept_head=HEAD)
WEEK = Period(date(2026, 3, 1), date(2026, 3, 8))
"""From Sunday to Saturday."""
DAY = Period(date(2026, 3, 2), date(2026, 3, 3))
FIRM = 7
NOW = shanghai("2026-03-02 08:00")


def world() -> Books:
    return books(firm(NAME), HOLDERS)


def quotas(duty: str, period: Period, pool: int, there: Fraction = Fraction(1)) -> Books:
    here = world()
    opens = plan_quota(
        here.in_force, here.in_force.policy.duties[duty], period, FIRM, State(holders=HOLDERS),
        pools={STAFF: pool, SECOND: pool}, there={STAFF: there},
    )  # fmt: skip
    here.plan(opens, NOW)
    return here


def called(customer: int, channel: str = "phone", at: str = "2026-03-03 10:00") -> Any:
    values = {"followup.channel": channel, "followup.result": "reached"}
    return fact("followup.held", at, target=customer, by=STAFF, values=values, customer=customer)


@pytest.mark.parametrize(
    ("pool", "there", "needed"),
    [(30, 1, 18), (18, 1, 18), (5, 1, 5), (30, Fraction(3, 5), 11), (30, 0, None)],
)
def test_eighteen_a_week_fewer_where_there_are_fewer_or_one_is_away(
    pool: int, there: Any, needed: int | None
) -> None:
    here = quotas("chem_calls_week", WEEK, pool, Fraction(there))

    assert next((o.needed for o in here.open() if o.holder == STAFF), None) == needed


def test_a_customer_counts_once_and_only_by_telephone() -> None:
    here = quotas("chem_calls_week", WEEK, 2)

    here.record(called(200), called(200), called(201, "visit"))
    assert ("chem_calls_week", "03-08 00:00") in owed(here)
    here.record(called(201))

    assert here.duties(done=True) == ["chem_calls_week"]


def test_one_call_makes_a_day() -> None:
    here = quotas("chem_calls_day", DAY, 0)

    here.record(called(200, "visit", "2026-03-02 10:00"))
    assert here.duties(done=True) == []
    here.record(called(200, at="2026-03-02 10:00"))

    assert here.duties(done=True) == ["chem_calls_day"]


def test_the_week_is_compiled_before_friday_evening_when_saturday_is_off() -> None:
    here = firm(NAME)
    opens = plan_people(
        here, here.policy.duties["chem_week_report"], WEEK, FIRM, State(holders=HOLDERS)
    )

    assert {o.holder for o in opens} == {STAFF, SECOND}
    assert {f"{o.due.astimezone(SHANGHAI):%m-%d %H:%M}" for o in opens if o.due} == {"03-06 18:00"}


@pytest.mark.parametrize(
    ("now", "due"), [("2026-03-08 23:00", []), ("2026-03-09 08:00", ["03-11 00:00"])]
)
def test_a_week_of_silence_is_broken_within_a_day(now: str, due: list[str]) -> None:
    here = firm(NAME)
    member = Member(TARGET, UNIT, anchor=shanghai("2026-03-02 10:00"), owner=STAFF)
    duty = here.policy.duties["chem_quiet_week"]
    opens = plan_since(here, duty, [member], State(), shanghai(now))

    assert [f"{o.due.astimezone(SHANGHAI):%m-%d %H:%M}" for o in opens if o.due] == due


def test_payment_is_reminded_three_days_ahead_and_chased_each_week() -> None:
    here = firm(NAME)
    values = {"chem_contract.payment_due_on": "2026-03-20"}
    ahead = Member(TARGET, UNIT, owner=STAFF, values=values)
    due = Member(TARGET, UNIT, owner=STAFF, anchor=shanghai("2026-03-20 00:00"))
    duties = here.policy.duties

    [reminder] = plan_before(here, duties["chem_remind"], [ahead], State(), NOW)
    [chase] = plan_since(here, duties["chem_chase"], [due], State(), shanghai("2026-03-21 09:00"))

    assert reminder.due == shanghai("2026-03-18 00:00")
    assert chase.due == shanghai("2026-03-27 00:00")
    assert (reminder.holder, chase.holder) == (STAFF, STAFF)


def test_a_sheet_is_reviewed_by_the_supervisor_within_a_working_day_with_a_signature() -> None:
    here = world()
    sheet = {"chem_visit_sheet.buying": "none", "chem_visit_sheet.usage": "good", "record.id": 5}
    here.record(filed("chem_visit_sheet", "2026-03-06 10:00", values=sheet))
    assert owed(here) == [("chem_review", "03-10 00:00")]

    def review(of_: int, signed: str) -> Any:
        values = {"record.of": of_, "chem_sheet_review.signed": signed}
        return filed("chem_sheet_review", "2026-03-09 10:00", by=SUPERVISOR, values=values)

    here.record(review(6, "signed"), review(5, "refused"))
    assert here.duties(done=True) == []
    here.record(review(5, "signed"))

    assert here.duties(done=True) == ["chem_review"]


@pytest.mark.parametrize(
    ("answers", "opened"),
    [
        ({"buying": "agreed", "usage": "good"}, ["chem_contract_due", "chem_review"]),
        ({"buying": "considering", "usage": "adjust"}, ["chem_adjust", "chem_review"]),
    ],
)
def test_what_a_sheet_says_opens_what_follows(answers: dict[str, str], opened: list[str]) -> None:
    here = world()
    values = {f"chem_visit_sheet.{key}": value for key, value in answers.items()}
    here.record(filed("chem_visit_sheet", "2026-03-06 10:00", values=values))

    assert here.duties() == opened


def case(**values: Any) -> Any:
    usual = {"kind": "suggestion", "severity": "minor", "origin": "chem_visit_sheet", "at_visit": 1}
    given = {f"case.{key}": value for key, value in {**usual, **values}.items()}
    given["customer.class"] = "chem_active"
    given["case.at_visit"] = bool(given["case.at_visit"])
    return fact("case.raised", "2026-03-02 10:00", by=STAFF, values=given)


def test_what_a_visit_brings_back_is_sorted_the_same_day() -> None:
    here = world()
    here.record(case())
    assert owed(here) == [("chem_same_day", "03-03 00:00")]

    here.record(fact("case.sorted", "2026-03-02 18:00", by=HEAD))

    assert here.duties(done=True) == ["chem_same_day"]


def test_a_major_matter_goes_to_the_head_who_is_told() -> None:
    here = world()
    effects = here.record(case(at_visit=0, origin="call", severity="major"))

    assert owed(here) == [("chem_escalate", "03-03 00:00")]
    assert [tell.person for tell in of(Tell, effects)] == [HEAD]


def breach(clause: str, occurrence: str = "one") -> Any:
    values = {"breach.person": STAFF, "breach.clause": clause, "breach.occurrence": occurrence}
    return fact("breach.confirmed", "2026-03-02 10:00", target=STAFF, by=HEAD, values=values)


@pytest.mark.parametrize(("clause", "person"), [("4.1.6.b", -10), ("6.2.a", -20)])
def test_a_breach_costs_once_and_a_matter_not_reported_costs_twenty_instead(
    clause: str, person: int
) -> None:
    here = world()
    effects = here.record(breach(clause))
    assert (here.score(STAFF), here.score(HEAD)) == (person, -2)
    # Three working days for an objection: Monday to Thursday 24:00.
    assert {b.counts_at for b in of(Book, effects)} == {shanghai("2026-03-06 00:00")}

    here.record(breach(clause))
    assert (here.score(STAFF), here.score(HEAD)) == (person, -2)
    here.void("breach.confirmed", shanghai("2026-03-03 10:00"))


def test_a_finding_that_is_taken_back_takes_the_points_back() -> None:
    here = world()
    here.record(breach("4.1.6.b"))
    here.void("breach.confirmed", shanghai("2026-03-03 10:00"))

    assert (here.score(STAFF), here.score(HEAD)) == (0, 0)


FUNCTIONS = ("主要负责人", "采购", "收货验收", "出纳", "会计")


@pytest.mark.parametrize("missing", [None, *FUNCTIONS])
def test_all_five_contacts_before_the_information_sheet(missing: str | None) -> None:
    rows = [{"contact.function": each} for each in FUNCTIONS if each != missing]
    state = State(things={("contact", TARGET): rows})
    clauses = refused(firm(NAME), "record.file", {"record.form": "chem_customer_info"}, state=state)

    assert ("4.1.10" in clauses) is (missing is not None)


def test_without_an_interval_the_policy_does_not_come_into_force() -> None:
    assert "2.1" in unset_settings(pack(NAME).policy)["regular_every"]
