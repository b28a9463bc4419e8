"""Decision tables: what they give, what they ask, and that nothing given is ever taken away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from huiyin.policy.effects import Ask, Cancel, Discharge, Emit, Open, Retract
from huiyin.policy.facts import Fact
from huiyin.policy.state import InForce
from tests.policy.books import Books
from tests.policy.workshop import CLERK, HEAD, HOLDERS, SHEET, at_work, fact, mill, run
from tests.policy.worlds import of, shanghai

ROUTE: dict[str, Any] = {
    "title": "去向",
    "on": ["reel.defect", "reel.cut"],
    "results": {"urgent": "急报", "quarterly": "季报"},
    "rows": [
        {"when": {"reel.severe": True}, "give": "urgent"},
        {"when": {"reel.grade": "b"}, "give": "quarterly"},
    ],
    "ask": "head",
}
REPORTS = {
    "report": {"on": "route.decided", "where": {"route.result": "urgent"}, "within": "72h",
               "from": {"fact": "reel.defect", "time": "known"}, "owed_by": "clerk", "proof": SHEET},
    "at_once": {"on": "route.decided", "where": {"route.result": "urgent"}, "within": "24h",
                "from": "known", "owed_by": "clerk", "proof": SHEET},
    "list": {"on": "route.decided", "where": {"route.result": "quarterly"}, "within": "1mo",
             "owed_by": "clerk", "proof": SHEET},
}  # fmt: skip


def firm(**table: Any) -> InForce:
    return at_work(mill(tables={"route": {**ROUTE, **table}}, duties=REPORTS))


def defect(
    at: str = "2026-03-02 10:00", *, severe: Any = True, grade: Any = "b", **more: Any
) -> Fact:
    values = {"reel.severe": severe, "reel.grade": grade}
    return fact(1, "reel.defect", at, values=values, **more)


def books(**table: Any) -> Books:
    return Books(firm(**table), dict(HOLDERS))


def results(effects: list[Any]) -> list[Any]:
    return [e.values["route.result"] for e in of(Emit, effects) if e.kind == "route.decided"]


def answer(result: Any, at: str = "2026-03-02 15:00", **more: Any) -> Fact:
    return fact(0, "route.answered", at, by=HEAD, values={"route.result": result, **more})


def test_the_first_row_that_holds_settles_it() -> None:
    assert results(run(firm(), defect())) == ["urgent"]
    assert results(run(firm(), defect(severe=False))) == ["quarterly"]


def test_all_rows_give_what_holds() -> None:
    assert results(run(firm(all_rows=True), defect())) == ["urgent", "quarterly"]


def test_a_result_opens_what_waits_for_it() -> None:
    assert [o.duty for o in of(Open, run(firm(), defect()))] == ["report", "at_once"]


def test_a_row_that_nobody_can_decide_stops_the_search_for_the_first() -> None:
    effects = run(firm(), defect(severe=None))

    assert results(effects) == []
    assert [ask.missing for ask in of(Ask, effects)] == ["reel.severe"]


def test_with_all_rows_what_can_be_decided_is_given_beside_the_question() -> None:
    effects = run(firm(all_rows=True), defect(severe=None))

    assert results(effects) == ["quarterly"]
    assert [ask.missing for ask in of(Ask, effects)] == ["reel.severe"]


def test_no_row_that_holds_is_a_question_too() -> None:
    effects = run(firm(), defect(severe=False, grade="a"))

    assert [ask.missing for ask in of(Ask, effects)] == ["route.result"]


def test_meanwhile_the_strictest_clock_runs_for_whoever_decides() -> None:
    effects = run(firm(), defect(severe=None, known="2026-03-02 12:00"))

    [asked] = of(Open, effects)
    assert (asked.duty, asked.line, asked.roles) == ("route", "route", ("head",))
    assert asked.due == shanghai("2026-03-03 12:00")


def test_only_what_it_may_still_give_sets_the_clock() -> None:
    here = books(all_rows=True)
    here.record(defect(severe=True, grade="a"))
    assert here.duties() == ["at_once", "report"]

    here.record(
        fact(0, "reel.cut", "2026-03-05 10:00", values={"reel.severe": None, "reel.grade": "a"})
    )

    [asked] = [o for o in here.open() if o.duty == "route"]
    assert asked.due == shanghai("2026-04-06 00:00")


def test_a_second_question_about_the_target_is_the_same_one() -> None:
    here = books()
    here.record(defect(severe=None))

    here.record(defect("2026-03-02 12:00", severe=None))

    assert here.duties() == ["route"]


def test_an_answer_gives_the_result_and_settles_the_question() -> None:
    here = books()
    here.record(defect(severe=None))

    effects = here.record(answer("urgent"))

    assert results(effects) == ["urgent"]
    assert here.duties() == ["at_once", "report"]
    assert here.duties(done=True) == ["route"]


def test_an_answer_that_comes_late_makes_nothing_due_later() -> None:
    here = books()
    here.record(defect(severe=None))
    moments = {f"route.{time}": "2026-03-02T10:00:00+08:00" for time in ("happened", "known")}

    here.record(answer("urgent", "2026-03-04 15:00", **moments))

    assert {o.duty: o.due for o in here.open()} == {
        "at_once": shanghai("2026-03-03 10:00"), "report": shanghai("2026-03-05 10:00")
    }  # fmt: skip


def test_several_results_may_be_answered_at_once() -> None:
    here = books()
    here.record(defect(severe=None))

    assert results(here.record(answer(["urgent", "quarterly"]))) == ["urgent", "quarterly"]


@pytest.mark.parametrize("nothing", [None, "", "no such result", []])
def test_an_answer_that_is_no_result_settles_nothing(nothing: Any) -> None:
    here = books()
    here.record(defect(severe=None))

    assert here.record(answer(nothing)) == []
    assert here.duties() == ["route"]


def test_inputs_that_arrive_settle_the_question_and_give_the_result() -> None:
    here = books()
    here.record(defect(severe=None))

    effects = here.record(fact(0, "reel.cut", "2026-03-02 12:00", values={"reel.severe": True}))

    assert results(effects) == ["urgent"]
    assert len(of(Discharge, effects)) == 1
    assert here.duties(done=True) == ["route"]


def test_a_later_fact_adds_a_result_and_moves_no_clock() -> None:
    here = books()
    here.record(defect())
    before = {o.id: o.due for o in here.open()}

    here.record(
        fact(0, "reel.cut", "2026-03-03 10:00", values={"reel.severe": False, "reel.grade": "b"})
    )

    assert here.duties() == ["at_once", "list", "report"]
    assert before.items() <= {o.id: o.due for o in here.open()}.items()


def test_a_result_that_was_given_is_not_given_again() -> None:
    here = books()
    here.record(defect())

    assert here.record(defect("2026-03-03 10:00")) == []


def test_two_facts_of_one_decision_give_a_result_once() -> None:
    assert results(run(firm(), defect(), replace(defect(), id=2))) == ["urgent"]


def test_history_is_not_classified() -> None:
    assert run(firm(), defect(live=False)) == []


def test_a_result_falls_with_its_fact_and_takes_along_what_it_opened() -> None:
    here = books()
    here.record(defect())

    effects = here.void("reel.defect", shanghai("2026-03-03 09:00"))

    assert sorted(type(e).__name__ for e in effects) == ["Cancel", "Cancel", "Retract"]
    assert here.duties() == []
    assert results(here.record(defect("2026-03-03 10:00"))) == ["urgent"]


def test_the_question_falls_with_its_fact() -> None:
    here = books()
    here.record(defect(severe=None))

    effects = here.void("reel.defect", shanghai("2026-03-03 09:00"))

    assert [type(e) for e in effects] == [Cancel]


def test_an_answer_taken_back_asks_again() -> None:
    here = books()
    here.record(defect(severe=None))
    here.record(answer("urgent"))

    effects = here.void("route.answered", shanghai("2026-03-03 09:00"))

    assert len(of(Retract, effects)) == 2  # that the question was met, and the result
    assert here.duties() == ["route"]


def test_a_table_may_look_at_what_was_met() -> None:
    rows = [{"when": {"met": "before"}, "give": "urgent"}, *ROUTE["rows"]]
    before = {"on": "reel.cut", "within": "2d", "owed_by": "clerk", "proof": {"fact": "reel.paid"}}
    table = {**ROUTE, "on": ["reel.defect"], "rows": rows}
    here = Books(
        at_work(mill(tables={"route": table}, duties={**REPORTS, "before": before})), dict(HOLDERS)
    )
    here.record(fact(0, "reel.cut"))
    here.record(fact(0, "reel.paid", by=CLERK))

    assert results(here.record(defect(severe=False, grade="a"))) == ["urgent"]
