"""The pack of a fund manager's return visits alone: facts in, effects out."""

from __future__ import annotations

from typing import Any

import pytest

from huiyin.policy.effects import Extend, Open, Refusal, Tell
from huiyin.policy.extending import extended
from huiyin.policy.facts import Fact
from huiyin.policy.planning import Member, periods_due, plan, population
from tests.policy.books import Books
from tests.policy.packs_of import books_of, filed, opened, refused, shipped, told
from tests.policy.worlds import UNIT, of, shanghai

VISITOR, MANAGER, COMPLIANCE = 1, 2, 3
ROUND, INVESTOR, SPECIAL, CASE = 100, 200, 201, 400
HOLDERS = {
    "fund_visitor": (VISITOR,), "fund_supervisor": (MANAGER,), "fund_compliance": (COMPLIANCE,),
}  # fmt: skip
LISTS = {"fund_visit_plan.investors": [INVESTOR], "fund_visit_plan.specials": [SPECIAL]}
HARMLESS = {"violation": "none", "improper": "no", "promised": "no", "disclosed": "yes"}


def books() -> Books:
    return books_of("pe-fund-visits", HOLDERS)


def round_fact(kind: str, at: str, *, purpose: str = "routine") -> Fact:
    values = {"fund_round.staff": VISITOR, "fund_round.kind": purpose}
    return told(f"fund_round.{kind}", at, target=ROUND, by=VISITOR, values=values)


def record(at: str = "2026-03-02 10:00", **answers: str) -> Fact:
    named = {f"fund_visit_record.{key}": v for key, v in {**HARMLESS, **answers}.items()}
    return filed("fund_visit_record", at, target=INVESTOR, by=VISITOR, **named, **{"record.id": 77})


def due_of(here: Books, duty: str) -> Any:
    [found] = [o.due for o in here.open() if o.duty == duty]
    return found


def test_all_clauses_are_restated_and_bound() -> None:
    clauses = shipped("pe-fund-visits").clauses

    assert len(clauses) == 40
    assert {c.id for c in clauses.values() if c.declarative} == {"1", "4.3.3.c", "5.1", "5.2"}
    assert all(clause.en.isascii() for clause in clauses.values())


@pytest.mark.parametrize(
    ("duty", "target", "due"),
    [
        ("fund_routine_visit", INVESTOR, "2027-01-01 00:00"),
        ("fund_special_visit", SPECIAL, "2026-04-01 00:00"),
    ],
)
def test_each_class_is_visited_at_its_interval(duty: str, target: int, due: str) -> None:
    here = books()
    rule = here.in_force.policy.duties[duty]
    today = shanghai("2026-03-02 09:00").date()
    period = periods_due(here.in_force, rule, since=None, today=today)[-1]
    members = [
        Member(INVESTOR, UNIT, values={"customer.class": "fund_investor"}),
        Member(SPECIAL, UNIT, values={"customer.class": "fund_special"}),
    ]

    found = plan(here.in_force, rule, period, population(here.in_force, rule, members), here.full())

    assert [(o.target, o.due, o.roles) for o in found] == [
        (target, shanghai(due), ("fund_visitor",))
    ]
    here.plan(found, shanghai("2026-03-02 09:00"))
    held = {"at": "2026-03-02 10:00", "target": target, "by": VISITOR}
    here.record(told("followup.held", **held, values={"followup.channel": "visit"}))
    assert here.duties() == [duty]
    here.record(told("followup.held", **held, values={"followup.channel": "phone"}))
    assert here.duties() == []


@pytest.mark.parametrize(("purpose", "target"), [("routine", INVESTOR), ("special", SPECIAL)])
def test_a_plan_opens_a_purpose_for_everybody_on_its_list(purpose: str, target: int) -> None:
    here = books()
    here.record(round_fact("begun", "2026-03-02 09:00", purpose=purpose))
    assert due_of(here, "fund_plan") == shanghai("2026-03-08 00:00")

    effects = here.record(
        filed("fund_visit_plan", "2026-03-03 09:00", target=ROUND, by=VISITOR, **LISTS)
    )

    assert [(o.target, o.due, o.holder) for o in of(Open, effects)] == [
        (target, shanghai("2026-03-09 00:00"), VISITOR)
    ]


def test_no_call_before_its_purpose_and_none_but_by_phone() -> None:
    here = books()
    here.record(round_fact("begun", "2026-03-02 09:00"))
    here.record(filed("fund_visit_plan", "2026-03-02 10:00", target=ROUND, by=VISITOR, **LISTS))
    call = {"customer.class": "fund_investor", "followup.channel": "phone"}
    asked = {"at": "2026-03-02 12:00", "target": INVESTOR, "by": VISITOR}

    assert refused(here, "followup.hold", **asked, **call) == {"4.1.3"}
    here.record(filed("fund_visit_aim", "2026-03-02 11:00", target=INVESTOR, by=VISITOR))
    assert refused(here, "followup.hold", **asked, **call) == set()
    assert refused(here, "followup.hold", **asked, **{**call, "followup.channel": "visit"}) == {
        "4.3.1"
    }


def test_a_call_is_on_record_the_same_day() -> None:
    here = books()

    here.record(filed("fund_call", "2026-03-02 17:00", target=INVESTOR, by=VISITOR))

    assert due_of(here, "fund_record") == shanghai("2026-03-03 00:00")
    here.record(record("2026-03-02 18:00"))
    assert here.duties() == ["fund_record_review"]


@pytest.mark.parametrize(
    ("answers", "is_told"),
    [
        ({}, False),
        ({"violation": "found"}, True),
        ({"improper": "yes"}, True),
        ({"promised": "yes"}, True),
        ({"disclosed": "no"}, True),
    ],
)
def test_violations_go_to_compliance_and_the_manager_knows(
    answers: dict[str, str], is_told: bool
) -> None:
    here = books()

    effects = here.record(record(**answers))

    assert ("fund_violation" in opened(effects)) is is_told
    assert [tell.person for tell in of(Tell, effects)] == ([MANAGER] if is_told else [])
    sent = {"record.form": "fund_violation_notice", "record.to": COMPLIANCE}
    here.record(told("record.sent", "2026-03-02 15:00", target=INVESTOR, by=VISITOR, values=sent))
    assert here.duties() == ["fund_record_review"]


@pytest.mark.parametrize(
    ("kind", "origin", "is_owed"),
    [
        ("problem", "fund_call", True),
        ("complaint", "fund_call", True),
        ("finding", "fund_call", True),
        ("question", "fund_call", False),
        ("complaint", "call", False),
    ],
)
def test_the_manager_passes_problems_on_in_a_working_day(
    kind: str, origin: str, is_owed: bool
) -> None:
    here = books()

    effects = here.record(
        told("case.raised", "2026-03-06 10:00", target=CASE, by=VISITOR,
             values={"case.kind": kind, "case.origin": origin})
    )  # fmt: skip

    expected = {"fund_problem": shanghai("2026-03-10 00:00")} if is_owed else {}
    assert opened(effects) == expected


def test_the_report_moves_off_a_weekend_and_the_material_does_not() -> None:
    here = books()

    effects = here.record(round_fact("ended", "2026-03-06 10:00"))

    assert opened(effects) == {
        "fund_report": shanghai("2026-03-10 00:00"),
        "fund_submission": shanghai("2026-03-10 00:00"),
        "fund_archive": shanghai("2026-04-06 00:00"),
    }
    effects = books().record(round_fact("ended", "2026-03-05 10:00"))
    assert opened(effects)["fund_submission"] == shanghai("2026-03-09 00:00")


@pytest.mark.parametrize(
    ("by", "at", "outcome"),
    [
        (MANAGER, "2026-03-04 10:00", "2026-03-12 00:00"),
        (COMPLIANCE, "2026-03-04 10:00", "4.4.1.c"),
        (MANAGER, "2026-03-06 00:01", "4.4.1.d"),
    ],
)
def test_with_consent_in_time_a_week_from_the_consent(by: int, at: str, outcome: str) -> None:
    here = books()
    here.record(round_fact("ended", "2026-03-02 10:00"))
    [waits] = [o for o in here.open() if o.duty == "fund_submission"]

    found = extended(here.in_force, waits, consented_by=by, holders=here.holders, now=shanghai(at))

    if isinstance(found, Extend):
        assert found.due == shanghai(outcome)
    else:
        assert isinstance(found, Refusal)
        assert found.clauses == (outcome,)


def test_handing_in_opens_the_review_of_just_that_report() -> None:
    here = books()
    here.record(round_fact("ended", "2026-03-02 10:00"))
    sent = {"record.form": "fund_visit_report", "record.to": MANAGER, "record.id": 78}
    here.record(told("record.sent", "2026-03-02 15:00", target=ROUND, by=VISITOR, values=sent))
    assert due_of(here, "fund_report_review") == shanghai("2026-03-10 00:00")

    for reviewed, waits in ((77, True), (78, False)):
        review = {"record.of": reviewed}
        here.record(
            filed("fund_report_review", "2026-03-03 10:00", target=ROUND, by=MANAGER, **review)
        )
        assert ("fund_report_review" in here.duties()) is waits


def test_the_archive_waits_for_plan_and_report() -> None:
    here = books()
    asked = {"at": "2026-03-04 10:00", "target": ROUND, "by": VISITOR}
    archive = {"record.form": "fund_archive", "target.kind": "fund_round"}
    here.record(round_fact("begun", "2026-03-02 09:00"))
    here.record(round_fact("ended", "2026-03-02 10:00"))
    assert refused(here, "record.file", **asked, **archive) == {"3.4.a", "4.5.a"}

    here.record(filed("fund_visit_plan", "2026-03-02 11:00", target=ROUND, by=VISITOR, **LISTS))
    assert refused(here, "record.file", **asked, **archive) == {"3.4.a", "4.5.a"}
    here.record(filed("fund_visit_report", "2026-03-02 12:00", target=ROUND, by=VISITOR))
    assert refused(here, "record.file", **asked, **archive) == set()


@pytest.mark.parametrize(
    ("kind", "replied", "handled", "clauses"),
    [
        ("question", False, False, {"4.3.3.a"}),
        ("question", True, False, set()),
        ("complaint", True, False, {"4.3.3.b"}),
        ("complaint", False, True, {"4.3.3.b"}),
        ("complaint", True, True, set()),
    ],
)
def test_what_a_call_brought_back_is_closed_with_an_answer(
    kind: str, replied: bool, handled: bool, clauses: set[str]
) -> None:
    here = books()
    if handled:
        here.record(told("case.handled", "2026-03-02 10:00", target=CASE, by=MANAGER))
    values = {"case.kind": kind, "case.origin": "fund_call"}
    values |= {"case.reply_to_customer": "已说明"} if replied else {}

    asked = {"target": CASE, "by": VISITOR, **values}
    assert refused(here, "case.close", "2026-03-02 12:00", **asked) == clauses
