"""Conditions on what happened, on settings, on spans and on what belongs to a target."""

from __future__ import annotations

from typing import Any

import pytest

from huiyin.policy.conditions import NotACondition, parse_condition
from huiyin.policy.effects import Ask, Open
from huiyin.policy.matching import Around, matches
from huiyin.policy.state import OpenObligation, State
from tests.policy.books import Books
from tests.policy.workshop import (
    HOLDERS,
    REEL,
    SHEET,
    at_work,
    fact,
    mill,
    one,
    run,
)
from tests.policy.worlds import SHANGHAI, of, shanghai, waiting

CUT = fact(1, "reel.cut")


def opens(
    where: Any, *facts: Any, settings: dict[str, str] | None = None, **known: Any
) -> bool | None:
    """Whether the duty opens; None if it asks instead."""
    state = State(**{"holders": HOLDERS, **known})
    firm = at_work(one(on="reel.cut", where=where), settings=settings or {})
    effects = run(firm, *(facts or (CUT,)), state=state)
    return None if of(Ask, effects) else bool(of(Open, effects))


def test_seen_and_never_look_at_what_happened_before_about_the_target() -> None:
    sold = frozenset({("reel.sold", REEL)})

    assert [opens({"seen": "reel.sold"}), opens({"seen": "reel.sold"}, seen=sold)] == [False, True]
    assert [opens({"never": "reel.sold"}), opens({"never": "reel.sold"}, seen=sold)] == [
        True,
        False,
    ]


def test_a_fact_is_no_history_of_itself() -> None:
    here = Books(at_work(one(on="reel.cut", where={"never": "reel.cut"})), dict(HOLDERS))

    here.record(fact(0, "reel.cut"))
    here.record(fact(0, "reel.cut"))

    assert here.duties() == ["duty"]


def test_within_one_decision_what_came_first_is_history_of_what_follows() -> None:
    sold = fact(2, "reel.sold")

    assert opens({"seen": "reel.sold"}, sold, CUT) is True
    assert opens({"seen": "reel.sold"}, CUT, sold) is False


def duty_open(**changed: Any) -> OpenObligation:
    return waiting(duty="before", line="before", target=REEL, holder=1, values={}, **changed)


def test_met_needs_one_that_is_met_and_none_that_waits() -> None:
    met = frozenset({("before", REEL)})
    policy = mill(
        duties={
            "before": {"on": "reel.sold", "within": "2d", "owed_by": "clerk", "proof": SHEET},
            "then": {"on": "reel.cut", "where": {"met": "before"}, "within": "2d",
                     "owed_by": "clerk", "proof": SHEET},
        }
    )  # fmt: skip

    def then(**known: Any) -> bool:
        return bool(of(Open, run(policy, CUT, state=State(holders=HOLDERS, **known))))

    assert not then()
    assert then(met=met)
    assert not then(met=met, open=(duty_open(),))


def test_a_condition_may_compare_with_what_the_firm_settled() -> None:
    policy = {"reel.weight": {"ge": {"setting": "least"}}}
    least = {"least": {"title": "最少", "type": "number", "default": "5", "owner": "head"}}
    firm = mill(settings=least, duties={"duty": {"on": "reel.cut", "where": policy, "within": "2d",
                                                 "owed_by": "clerk", "proof": SHEET}})  # fmt: skip

    assert of(Open, run(firm, CUT))
    assert not of(Open, run(at_work(firm, settings={"least": "6"}), CUT))


def test_a_setting_without_a_value_leaves_it_open() -> None:
    firm = mill(
        settings={"least": {"title": "最少", "type": "number", "owner": "head"}},
        duties={"duty": {"on": "reel.cut", "where": {"reel.weight": {"ge": {"setting": "least"}}},
                         "within": "2d", "owed_by": "clerk", "proof": SHEET}},
    )  # fmt: skip

    assert [type(effect) for effect in run(firm, CUT)] == [Ask]


@pytest.mark.parametrize(
    ("made", "length", "on", "within"),
    [
        ("2021-03-02", "60mo", "2026-03-01", True),
        ("2021-03-02", "60mo", "2026-03-02", True),
        ("2021-03-02", "60mo", "2026-03-03", False),
        ("2024-02-29", "12mo", "2025-02-28", True),
        ("2024-02-29", "12mo", "2025-03-01", False),
        ("2024-02-29", "48mo", "2028-02-29", True),
        ("2024-02-29", "48mo", "2028-03-01", False),
        ("2026-01-31", "1mo", "2026-02-28", True),
        ("2026-01-31", "1mo", "2026-03-01", False),
        ("2026-03-02", "2w", "2026-03-16", True),
        ("2026-03-02", "14d", "2026-03-17", False),
        ("2026-03-02", "14d", "2026-03-01", True),
    ],
)
def test_the_anniversary_itself_is_still_within(
    made: str, length: str, on: str, within: bool
) -> None:
    values = {"reel.made_on": made, "fact.happened": f"{on}T12:00:00+08:00"}
    around = Around(zone=SHANGHAI)

    for word, expected in (("within", within), ("beyond", not within)):
        span = parse_condition({"reel.made_on": {word: length, "of": "fact.happened"}})
        assert matches(span, values, around) is expected


@pytest.mark.parametrize(("instant", "within"), [("23:59:59", True), ("24:00", False)])
def test_a_span_ends_with_the_day_in_the_firms_zone(instant: str, within: bool) -> None:
    moment = shanghai("2026-03-03 00:00" if instant == "24:00" else f"2026-03-02 {instant}")
    values = {"reel.made_on": "2026-02-28", "fact.happened": moment.isoformat()}
    span = parse_condition({"reel.made_on": {"within": "2d", "of": "fact.happened"}})

    assert matches(span, values, Around(zone=SHANGHAI)) is within


@pytest.mark.parametrize("length", ["24h", "5wd", "eod"])
def test_a_span_is_made_of_days_weeks_or_months(length: str) -> None:
    with pytest.raises(NotACondition):
        parse_condition({"reel.made_on": {"within": length, "of": "fact.happened"}})


@pytest.mark.parametrize("empty", ["", None, "someday"])
def test_a_span_of_what_is_no_date_cannot_be_said(empty: Any) -> None:
    span = parse_condition({"reel.made_on": {"within": "1mo", "of": "fact.happened"}})

    assert matches(span, {"reel.made_on": empty, "fact.happened": "2026-03-02"}, Around()) is None


ROLLS = {
    "none": [],
    "light": [{"roll.weight": 2}, {"roll.weight": 3}],
    "heavy": [{"roll.weight": 2}, {"roll.weight": 9}],
    "unknown": [{"roll.weight": 2}, {}],
    "unknown and heavy": [{}, {"roll.weight": 9}],
}
HEAVY = {"of": "roll", "where": {"weight": {"gt": 5}}}


@pytest.mark.parametrize(
    ("condition", "answers"),
    [
        ({"some": HEAVY}, [False, False, True, None, True]),
        ({"none": HEAVY}, [True, True, False, None, False]),
        ({"every": HEAVY}, [True, False, False, False, None]),
        ({"some": {"of": "roll"}}, [False, True, True, True, True]),
        ({"count": {"of": "roll", "ge": 1}}, [False, True, True, True, True]),
        ({"count": {**HEAVY, "eq": 1}}, [False, False, True, None, None]),
        ({"sum": {"of": "roll", "field": "weight", "le": "reel.weight"}},
         [True, True, False, None, None]),
        ({"sum": {**HEAVY, "field": "weight", "eq": 9}}, [False, False, True, None, None]),
    ],
)  # fmt: skip
def test_what_belongs_to_a_target_is_counted_and_added(condition: Any, answers: list[Any]) -> None:
    parsed = parse_condition(condition)

    assert [
        matches(parsed, {"reel.weight": 5}, Around(items=lambda kind, rows=rows: rows))
        for rows in ROLLS.values()
    ] == answers


def test_a_kind_that_nobody_looked_up_cannot_be_said() -> None:
    assert matches(parse_condition({"none": HEAVY}), {}, Around(items=lambda kind: None)) is None
    assert matches(parse_condition({"none": HEAVY}), {}, Around()) is None


def test_sums_are_exact() -> None:
    rows = [{"roll.weight": 0.1}] * 3
    total = parse_condition({"sum": {"of": "roll", "field": "weight", "eq": 0.3}})

    assert matches(total, {}, Around(items=lambda kind: rows)) is True


def test_items_of_a_fact_are_those_of_its_target() -> None:
    things = {("roll", REEL): [{"roll.weight": 9}]}

    assert opens({"some": HEAVY}, things=things) is True
    assert opens({"some": HEAVY}, things={}) is None


def test_who_did_it_in_which_role_may_decide() -> None:
    where = {"by.role": "head"}

    assert opens(where, roles_of={1: frozenset({"head", "clerk"})}) is True
    assert opens(where, roles_of={1: frozenset({"clerk"})}) is False
    assert opens(where, roles_of={}) is None


def test_an_age_is_that_at_the_time_of_the_fact() -> None:
    age = {"reel.made_on": {"within": "25mo", "of": "fact.happened"}}

    assert opens(age, fact(1, "reel.cut", "2026-02-28 23:59")) is True
    assert opens(age, fact(1, "reel.cut", "2026-03-01 00:00")) is False


def test_a_waived_duty_before_lets_the_next_one_open() -> None:
    policy = mill(
        duties={
            "before": {"every": "1w", "since": "reel.sold", "until": "reel.paid", "over": "reel",
                       "owed_by": "clerk", "proof": SHEET},
            "then": {"on": "reel.paid", "where": {"met": "before"}, "within": "2d",
                     "owed_by": "clerk", "proof": SHEET},
        }
    )  # fmt: skip

    effects = run(policy, fact(2, "reel.paid", "2026-03-03 10:00"),
                  state=State(holders=HOLDERS, open=(duty_open(),)))  # fmt: skip

    assert [opened.duty for opened in of(Open, effects)] == ["then"]
