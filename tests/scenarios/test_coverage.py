"""Which clauses count as bound and which as proven."""

from __future__ import annotations

from dataclasses import replace

from huiyin.policy.schema import Policy
from huiyin.scenarios.coverage import measure
from huiyin.scenarios.runner import Failure, Result, named_clauses
from huiyin.scenarios.stage import Stage
from tests.scenarios.writing import written

LINES = '    当"WX-1" 发生 "完工"\n    那么"B.2.c" 对 "WX-1" 为 "待办"\n'


def result(tags: str, *, passed: bool = True, lines: str = LINES) -> Result:
    scenario = written(lines, tags)
    failure = None if passed else Failure(None, "", 1)
    return Result(scenario, failure, named_clauses(scenario), 0.0)


def test_a_clause_is_proven_when_a_tagged_scenario_passes_and_names_it(stage: Stage) -> None:
    coverage = measure(stage.pack, [result("@B.2.c")], asked="B.2.c")

    assert coverage.holds
    assert coverage.as_json() == {
        "clauses": 1, "bound": 1, "declarative": 0, "proven": 1, "unproven": [],
    }  # fmt: skip


def test_naming_without_the_tag_proves_nothing(stage: Stage) -> None:
    assert measure(stage.pack, [result("@B.2.b")], asked="B.2.c").unproven == ("B.2.c",)


def test_the_tag_without_naming_proves_nothing(stage: Stage) -> None:
    assert measure(stage.pack, [result("@B.2.b")], asked="B.2.b").unproven == ("B.2.b",)


def test_a_scenario_that_fails_proves_nothing(stage: Stage) -> None:
    assert not measure(stage.pack, [result("@B.2.c", passed=False)], asked="B.2.c").holds


def test_a_clause_named_only_where_something_happens_is_not_proven(stage: Stage) -> None:
    lines = LINES + '    当"赵一" 免除 "B.1.b" 对 "WX-1" 原因 "住户不在"\n'

    assert not measure(stage.pack, [result("@B.1.b", lines=lines)], asked="B.1.b").holds


def test_asking_for_nothing_does_not_hold(stage: Stage) -> None:
    assert not measure(stage.pack, [result("@B.2.c")], asked="Z.*").holds


def test_a_pattern_asks_for_a_part(stage: Stage) -> None:
    coverage = measure(stage.pack, [result("@B.2.c")], asked="B.2.*")

    assert coverage.clauses == ("B.2.a", "B.2.b", "B.2.c")
    assert coverage.unproven == ("B.2.a", "B.2.b")


def test_clauses_that_no_leaf_carries_are_unbound(stage: Stage) -> None:
    raw = {key: each for key, each in stage.pack.policy.raw.items() if key != "indicators"}
    left_out = measure(replace(stage.pack, policy=Policy.of(raw)), [])
    coverage = measure(stage.pack, [])

    assert coverage.unbound == ()
    assert left_out.unbound == ("C.1.4.d", "C.1.4.e")
    assert coverage.declarative == ("A.1.2.a", "C.0", "C.1.2.a")
