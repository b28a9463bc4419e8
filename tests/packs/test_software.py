"""The software vendor: every mechanism of its policy alone, facts in, effects out."""

from __future__ import annotations

from typing import Any

import pytest

from huiyin.policy.effects import Ask
from huiyin.policy.state import State
from tests.packs.worlds import TARGET, books, everywhere, fact, filed, firm, owed, refused
from tests.policy.books import Books
from tests.policy.worlds import of

NAME = "software-vendor-visits"
OFFICER, CHAIRMAN, CFO, TECH, EXPERT, MARKETING, SALES, MANAGER, SECOND = range(1, 10)
HOLDERS = everywhere(
    followup_officer=(OFFICER, SECOND),
    chairman=CHAIRMAN,
    cfo=CFO,
    technical_director=TECH,
    technical_specialist=EXPERT,
    marketing_director=MARKETING,
    sales_rep=SALES,
    bu_general_manager=MANAGER,
)
AT = "2026-03-06 10:00"


def world() -> Books:
    return books(firm(NAME), HOLDERS)


def asked(topic: str, unit: str | None = "headquarters") -> Any:
    values = {"sw_question.topic": topic, **({"customer.sw_unit": unit} if unit else {})}
    return fact("sw_question.asked", AT, values=values)


@pytest.mark.parametrize(
    ("topic", "unit", "opened"),
    [
        ("basic", "headquarters", ["sw_answer_basic"]),
        ("basic", None, ["sw_answer_basic"]),
        ("technical", "headquarters", ["sw_assign_technical", *["sw_notify_technical"] * 2]),
        (
            "technical",
            "business_unit",
            ["sw_assign_technical_unit", *["sw_notify_technical_unit"] * 2],
        ),
        ("price", "headquarters", ["sw_assign_marketing", "sw_notify_marketing"]),
        ("sales_policy", "headquarters", ["sw_assign_marketing", "sw_notify_marketing"]),
        ("commitment", "business_unit", ["sw_assign_marketing_unit", "sw_notify_marketing_unit"]),
    ],
)
def test_each_topic_goes_its_way(topic: str, unit: str | None, opened: list[str]) -> None:
    here = world()
    here.record(asked(topic, unit))

    assert here.duties() == opened


def test_where_a_customer_belongs_nowhere_the_cfo_decides() -> None:
    here = world()
    effects = here.record(asked("price", None))

    assert of(Ask, effects)
    assert here.duties() == ["sw_route"]
    here.record(fact("sw_route.answered", AT, by=CFO, values={"sw_route.result": "marketing"}))
    assert here.duties() == ["sw_assign_marketing", "sw_notify_marketing"]


def test_both_have_to_get_the_notice() -> None:
    here = world()
    here.record(asked("technical"))
    for reached, left in ((TECH, 1), (TECH, 1), (SALES, 0)):
        sent = {"record.to": reached}
        here.record(filed("sw_question_record", AT, kind="record.sent", values=sent))
        assert here.duties().count("sw_notify_technical") == left


def answered(topic: str, assigner: int, answerer: int) -> Books:
    here = world()
    here.record(asked(topic))
    here.record(
        filed("sw_assignment", AT, by=assigner, values={"sw_assignment.answerer": answerer})
    )
    here.record(filed("sw_answer", AT, by=answerer))
    return here


@pytest.mark.parametrize(
    ("topic", "assigner", "answerer", "confirm"),
    [
        ("technical", TECH, EXPERT, "sw_confirm_technical"),
        ("price", MARKETING, SALES, "sw_confirm_commercial"),
    ],
)
def test_an_answer_is_confirmed_by_a_second_visit(
    topic: str, assigner: int, answerer: int, confirm: str
) -> None:
    here = answered(topic, assigner, answerer)
    assert (confirm, "03-11 00:00") in owed(here)

    for said, left in (("open", True), ("confirmed", False)):
        here.record(filed("sw_confirmation", AT, values={"sw_confirmation.confirmed": said}))
        assert (confirm in here.duties()) is left


def test_whoever_answered_does_not_confirm_it() -> None:
    here = answered("technical", TECH, OFFICER)
    [waiting] = [o for o in here.open() if o.duty == "sw_confirm_technical"]

    assert (waiting.excluded, waiting.holder) == (OFFICER, SECOND)


DEAL = {
    "sw_deal.stage": "contracted",
    "sw_deal.channel": "agent",
    "sw_deal.party": "agent",
    "sw_deal.developed_by": "own",
    "sw_deal.source": "introduced",
    "target.kind": "sw_deal",
}
CONTACT = {"contact.function": "签约代表"}


def seen(*facts: str) -> State:
    return State(seen=frozenset((kind, TARGET) for kind in facts))


def deal(**changed: str) -> dict[str, str]:
    return {**DEAL, **CONTACT, **{f"sw_deal.{key}": value for key, value in changed.items()}}


ACCEPTED, SHIPPED, PAID, INSTALLED, FAILED = (
    "sw_deal.accepted", "sw_deal.shipped", "sw_deal.paid", "sw_deal.installed", "sw_failed.decided",
)  # fmt: skip
DIRECT = {"channel": "direct", "party": "direct_customer"}


@pytest.mark.parametrize(
    ("changed", "facts", "clauses"),
    [
        ({}, [INSTALLED, ACCEPTED], set()),
        ({}, [INSTALLED, PAID], set()),
        ({}, [INSTALLED, SHIPPED], {"3.4.a", "3.4.b"}),
        ({}, [ACCEPTED, PAID], {"3.4.a", "3.4.b"}),
        ({"party": "direct_customer"}, [INSTALLED, ACCEPTED], {"3.1.a"}),
        (DIRECT, [ACCEPTED], set()),
        (DIRECT, [SHIPPED, PAID], set()),
        (DIRECT, [SHIPPED], {"3.3.a", "3.3.b"}),
        (DIRECT, [PAID], {"3.3.a", "3.3.b"}),
        ({**DIRECT, "stage": "trial"}, [], set()),
        ({"stage": "trial"}, [], {"3.2.a"}),
        ({"stage": "trial", "party": "end_customer"}, [], {"3.2.a", "3.2.b"}),
        ({"stage": "trial", "party": "end_customer", "channel": "direct",
          "developed_by": "agent"}, [], {"3.2.a", "3.5.c"}),
        ({**DIRECT, "stage": "failed"}, [FAILED], set()),
        ({**DIRECT, "stage": "failed"}, [], {"3.5.b"}),
        ({**DIRECT, "stage": "failed", "source": ""}, [FAILED], {"3.5.a"}),
        ({"stage": "failed", "channel": "direct", "party": "end_customer"}, [FAILED], {"3.5.b"}),
    ],
)  # fmt: skip
def test_whom_an_appointment_may_be_made_with(
    changed: dict[str, str], facts: list[str], clauses: set[str]
) -> None:
    assert refused(firm(NAME), "followup.plan", deal(**changed), state=seen(*facts)) == clauses


@pytest.mark.parametrize(
    ("changed", "facts", "allowed", "clause"),
    [
        ({}, [INSTALLED, ACCEPTED], ["签约代表"], "3.1.b"),
        ({**DIRECT, "stage": "trial"}, [], ["签约代表", "签约代表指定人"], "3.2.c"),
        ({**DIRECT, "stage": "failed"}, [FAILED], ["登记本人"], "3.5.d"),
    ],
)
def test_who_has_to_be_met(
    changed: dict[str, str], facts: list[str], allowed: list[str], clause: str
) -> None:
    for function in ("签约代表", "签约代表指定人", "登记本人", "采购", ""):
        asked_for = {**deal(**changed), "contact.function": function}
        found = refused(firm(NAME), "followup.hold", asked_for, state=seen(*facts))
        assert found == (set() if function in allowed else {clause})


def test_a_visit_about_something_else_is_no_matter_of_deals() -> None:
    assert refused(firm(NAME), "followup.plan", {"target.kind": "customer"}) == set()


@pytest.mark.parametrize(
    ("topic", "roles", "clauses"),
    [
        ("price", {"followup_officer"}, {"2.3.a", "2.3.e"}),
        ("price", {"followup_officer", "sales_rep"}, {"2.3.a"}),
        ("commitment", {"sales_rep"}, set()),
        ("sales_policy", {"technical_specialist"}, {"2.3.e"}),
        ("technical", {"technical_specialist"}, set()),
        ("technical", {"followup_officer"}, {"2.2.d"}),
        ("basic", {"followup_officer"}, set()),
    ],
)
def test_who_may_answer_what(topic: str, roles: set[str], clauses: set[str]) -> None:
    values = {"record.form": "sw_answer", "sw_question.topic": topic, "target.kind": "sw_question"}
    state = State(holders={("followup_officer", 5): (1,)}, roles_of={1: frozenset(roles)})
    found = refused(firm(NAME), "record.file", values, state=state)

    assert found - {"2.1.b"} == clauses


def test_a_customer_is_visited_once_and_when_both_have_happened() -> None:
    here = world()
    direct = {
        "sw_deal.stage": "contracted",
        "sw_deal.channel": "direct",
        "sw_deal.party": "direct_customer",
    }
    for kind in ("accepted", "accepted", "shipped"):
        here.record(fact(f"sw_deal.{kind}", AT, values=direct))
    assert here.duties() == ["sw_visit_accepted"]
    here.record(fact("sw_deal.paid", AT, values=direct))

    assert owed(here) == [("sw_visit_accepted", "03-21 00:00"), ("sw_visit_paid", "03-21 00:00")]


@pytest.mark.parametrize(("reason", "opened"), [("competitor", []), ("other", ["sw_failed"])])
def test_only_a_purchase_elsewhere_settles_a_failure(reason: str, opened: list[str]) -> None:
    here = world()
    here.record(fact("sw_deal.ended", AT, values={"sw_deal.failure": reason}))

    assert here.duties() == opened
