"""Points: for whom, how many, once for what, from when on they count, and what takes their place."""

from __future__ import annotations

from typing import Any

import pytest

from huiyin.policy.effects import Ask, Book, Emit
from huiyin.policy.facts import Fact
from huiyin.policy.scoring import counts_at
from huiyin.policy.state import State
from tests.policy.books import Books
from tests.policy.workshop import (
    CHIEF,
    CLERK,
    HEAD,
    HEADS,
    HOLDERS,
    SECOND_CLERK,
    SHEET,
    at_work,
    fact,
    mill,
    run,
)
from tests.policy.worlds import UNIT, of, shanghai

PLAIN: dict[str, Any] = {
    "on": "breach.confirmed",
    "account": "B",
    "points": -10,
    "to": "breach.person",
}
OCCURRENCE = ["breach.occurrence", "breach.clause"]


def breach(
    number: int = 1, clause: Any = "6.2.a", occurrence: str = "one", at: str = "2026-03-02 10:00"
) -> Fact:
    values = {"breach.person": CLERK, "breach.clause": clause, "breach.occurrence": occurrence}
    return fact(number, "breach.confirmed", at, by=HEAD, values=values)


def booked(scores: Any, *facts: Fact, **more: Any) -> list[tuple[str, int, int]]:
    effects = run(at_work(mill(scores=scores), **more), *(facts or (breach(),)))
    return [(b.rule, b.person, b.points) for b in of(Book, effects)]


def test_points_go_to_the_person_named() -> None:
    assert booked({"plain": PLAIN}) == [("plain", CLERK, -10)]


def test_points_go_to_the_nearest_head_alone() -> None:
    assert booked({"plain": {**PLAIN, "to": {"head_of": "breach.person"}}}) == [
        ("plain", HEAD, -10)
    ]


def test_points_go_to_everybody_who_holds_the_role() -> None:
    two = State(holders={**HOLDERS, ("clerk", UNIT): (CLERK, SECOND_CLERK)}, heads=HEADS)
    policy = mill(scores={"plain": {**PLAIN, "to": "clerk"}})

    assert [b.person for b in of(Book, run(policy, breach(), state=two))] == [CLERK, SECOND_CLERK]


@pytest.mark.parametrize("to", ["chief_of_nothing", {"head_of": "breach.person"}])
def test_points_for_nobody_are_asked_about(to: Any) -> None:
    to = "chief" if isinstance(to, str) else to
    policy = mill(scores={"plain": {**PLAIN, "to": to}})

    [ask] = run(policy, breach(), state=State())

    assert isinstance(ask, Ask)


def test_one_occurrence_counts_once_whatever_the_facts() -> None:
    scores = {"plain": {**PLAIN, "once_per": OCCURRENCE}}
    here = Books(at_work(mill(scores=scores)), dict(HOLDERS), HEADS)

    here.record(breach(), breach(2), breach(3, occurrence="two"), breach(4, clause="6.2.b"))
    here.record(breach())

    assert here.score(CLERK) == -30


def test_without_once_per_every_fact_counts() -> None:
    here = Books(at_work(mill(scores={"plain": PLAIN})), dict(HOLDERS), HEADS)

    here.record(breach(), breach(2))

    assert here.score(CLERK) == -20


DRAFT: dict[str, Any] = {
    "breach_person": {**PLAIN, "once_per": OCCURRENCE, "unless": "not_escalated", "contest": "3wd"},
    "breach_head": {**PLAIN, "points": -2, "to": {"head_of": "breach.person"}, "once_per": OCCURRENCE},
    "not_escalated": {**PLAIN, "points": -20, "where": {"breach.clause": "6.2.a"},
                      "once_per": "breach.occurrence"},
}  # fmt: skip


def test_of_two_scores_for_one_fact_the_special_one_takes_the_place() -> None:
    assert booked(DRAFT) == [("breach_head", HEAD, -2), ("not_escalated", CLERK, -20)]


def test_another_clause_gets_the_general_points() -> None:
    assert booked(DRAFT, breach(clause="1.a")) == [
        ("breach_person", CLERK, -10), ("breach_head", HEAD, -2)
    ]  # fmt: skip


def test_what_might_take_its_place_and_nobody_can_say_books_nothing_yet() -> None:
    policy = mill(scores={key: DRAFT[key] for key in ("breach_person", "not_escalated")})

    effects = run(policy, breach(clause=None))

    assert of(Book, effects) == []
    assert {ask.missing for ask in of(Ask, effects)} == {"breach.clause"}


@pytest.mark.parametrize(
    ("contest", "counts"),
    [(None, "2026-03-02 10:00"), ("3wd", "2026-03-06 00:00"), ("24h", "2026-03-03 10:00")],
)
def test_points_count_when_the_time_for_objections_is_over(
    contest: str | None, counts: str
) -> None:
    score = {**PLAIN, **({"contest": contest} if contest else {})}

    [book] = of(Book, run(mill(scores={"plain": score}), breach()))

    assert (book.counts_at, book.confirm) == (shanghai(counts), "")


def test_what_has_to_be_confirmed_does_not_count_by_itself() -> None:
    [book] = of(Book, run(mill(scores={"plain": {**PLAIN, "confirm": "head"}}), breach()))

    assert (book.counts_at, book.confirm) == (None, "head")


def test_objections_run_from_when_it_was_recorded() -> None:
    late = fact(1, "breach.confirmed", "2026-03-02 10:00", recorded="2026-03-05 10:00",
                values={"breach.person": CLERK, "breach.clause": "1.a"})  # fmt: skip
    firm = at_work(mill(scores={"plain": {**PLAIN, "contest": "1d"}}))

    assert counts_at(firm, firm.policy.scores["plain"], late.recorded) == shanghai(
        "2026-03-07 00:00"
    )
    [book] = of(Book, run(firm, late))
    assert (book.counts_at, book.period.isoformat()) == (shanghai("2026-03-07 00:00"), "2026-03-01")


@pytest.mark.parametrize(("settled", "points"), [({}, -5), ({"fine": "-7"}, -7)])
def test_the_firm_may_settle_how_many_points(settled: dict[str, str], points: int) -> None:
    policy = mill(
        settings={"fine": {"title": "扣分", "type": "number", "default": "-5", "owner": "head"}},
        scores={"plain": {**PLAIN, "points": {"setting": "fine"}}},
    )

    [book] = of(Book, run(at_work(policy, settings=settled), breach()))

    assert book.points == points


@pytest.mark.parametrize("settled", ["many", "1.5"])
def test_points_that_are_no_number_are_asked_about(settled: str) -> None:
    policy = mill(
        settings={"fine": {"title": "扣分", "type": "number", "owner": "head"}},
        scores={"plain": {**PLAIN, "points": {"setting": "fine"}}},
    )

    assert [type(e) for e in run(at_work(policy, settings={"fine": settled}), breach())] == [Ask]
    assert [type(e) for e in run(policy, breach())] == [Ask]


def test_what_was_booked_for_a_fact_is_reversed_with_it_and_may_be_booked_again() -> None:
    here = Books(at_work(mill(scores=DRAFT)), dict(HOLDERS), HEADS)
    here.record(breach())

    here.void("breach.confirmed", shanghai("2026-03-03 09:00"))
    after = here.score(CLERK), here.score(HEAD)
    here.record(breach())

    assert (after, here.score(CLERK), here.score(HEAD)) == ((0, 0), -20, -2)


MISSED: dict[str, Any] = {
    "duties": {"duty": {"on": "reel.cut", "within": "2d", "owed_by": "clerk", "proof": SHEET}},
    "scores": {"slow": {"on": "duty.missed", "account": "B", "points": -1, "once_per": "obligation.id",
                        "to": "obligation.holder"},
               "slow_head": {"on": "duty.missed", "account": "B", "points": -1,
                             "once_per": "obligation.id", "to": {"head_of": "obligation.holder"}}},
}  # fmt: skip


def test_a_missed_duty_costs_its_holder_and_his_head_points() -> None:
    here = Books(at_work(mill(**MISSED)), dict(HOLDERS), HEADS)
    here.record(fact(0, "reel.cut"))

    effects = here.look(shanghai("2026-03-06 00:00"))

    assert [e.kind for e in of(Emit, effects)] == ["duty.missed"]
    assert (here.score(CLERK), here.score(HEAD), here.score(CHIEF)) == (-1, -1, 0)
    here.void("reel.cut", shanghai("2026-03-07 00:00"))
    assert (here.score(CLERK), here.score(HEAD)) == (0, 0)
