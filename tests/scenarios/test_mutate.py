"""Mutants live or die by the scenarios of their own clause."""

from __future__ import annotations

from pathlib import Path

import pytest

from huiyin.policy.mutation import Mutant
from huiyin.scenarios import cache
from huiyin.scenarios.equivalents import read_equivalents
from huiyin.scenarios.errors import Misused
from huiyin.scenarios.features import Scenario
from huiyin.scenarios.mutate import Mutation, choose, identity, mutate
from huiyin.scenarios.runner import play
from huiyin.scenarios.stage import Stage
from tests.scenarios.writing import written

DUE = written(
    '    当"WX-1" 发生 "完工"\n'
    '    那么"经理" 应在 "2026-03-05 24:00" 前履行 "B.2.c" 对 "WX-1"\n'
    '    并且"B.2.c" 对 "WX-1" 为 "待办"\n'
)
BLIND = written('    当"WX-1" 发生 "完工"\n    那么"B.2.c" 对 "WX-1" 为 "待办"\n')
OF_ANOTHER_CLAUSE = written(
    '    当"WX-1" 发生 "完工"\n'
    '    那么"经理" 应在 "2026-03-05 24:00" 前履行 "B.2.c" 对 "WX-1"\n'
    '    并且"B.2.c" 对 "WX-1" 为 "待办"\n',
    tags="@B.2.b",
)


def judged(
    stage: Stage, *scenarios: Scenario, equivalents: dict[str, str] | None = None
) -> Mutation:
    mutant = one(stage)
    return mutate([mutant], scenarios, stage, equivalents=equivalents or {}, hints={})


def one(stage: Stage) -> Mutant:
    """Three days for a leak become four."""
    [found] = [m for m in choose(stage.pack) if m.path.endswith("within.leak") and m.after == "4d"]
    return found


def test_a_scenario_that_states_the_moment_kills(stage: Stage) -> None:
    found = judged(stage, BLIND, DUE)

    assert found.holds
    assert found.of("killed")[0].killer == DUE.place


def test_a_scenario_that_looks_away_lets_it_live(stage: Stage) -> None:
    found = judged(stage, BLIND)

    assert not found.holds
    assert found.as_json() == {
        "policy": "property-management",
        "mutants": 1,
        "killed": 0,
        "equivalent": 0,
        "survived": [{"clause": "B.2.c", "change": one(stage).change}],
    }


def test_a_scenario_of_another_clause_does_not_count(stage: Stage) -> None:
    assert judged(stage, OF_ANOTHER_CLAUSE).of("survived")


def test_an_equivalent_is_counted_apart(stage: Stage) -> None:
    found = judged(stage, BLIND, equivalents={identity(one(stage)): "为试"})

    assert found.holds
    assert found.as_json()["equivalent"] == 1


def test_the_policy_is_whole_again_afterwards(stage: Stage) -> None:
    judged(stage, DUE)

    assert play(DUE, stage).passed


def test_nothing_judged_does_not_hold(stage: Stage) -> None:
    assert not mutate([], [DUE], stage, equivalents={}, hints={}).holds


@pytest.mark.long
def test_a_part_is_repeatable(stage: Stage) -> None:
    first, again = (choose(stage.pack, share=0.1, seed=7) for _time in range(2))
    other = choose(stage.pack, share=0.1, seed=8)

    assert list(map(identity, first)) == list(map(identity, again))
    assert list(map(identity, first)) != list(map(identity, other))
    assert 0 < len(first) < len(choose(stage.pack)) / 5


def test_every_mutant_has_a_name_of_its_own(stage: Stage) -> None:
    names = list(map(identity, choose(stage.pack)))

    assert len(names) == len(set(names))


def test_an_equivalent_without_a_reason_is_refused(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "equivalent.yaml").write_text("- {clause: B.2.c, change: x 3d → 4d}\n", "utf-8")

    with pytest.raises(Misused):
        read_equivalents(tmp_path, stage.pack)


def test_an_equivalent_is_read_with_its_reason(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "equivalent.yaml").write_text(
        "- {clause: B.2.c, change: x 3d → 4d, reason: 看不出分别}\n", "utf-8"
    )

    assert read_equivalents(tmp_path, stage.pack) == {"B.2.c x 3d → 4d": "看不出分别"}


def test_findings_are_kept_until_pack_or_engine_changes(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("a", "utf-8")
    before = cache.digest(tmp_path)
    cache.save(tmp_path / "deep" / "kept.json", {"digest": before})

    (tmp_path / "policy.yaml").write_text("b", "utf-8")

    assert cache.load(tmp_path / "deep" / "kept.json") == {"digest": before}
    assert cache.digest(tmp_path) != before


def test_broken_findings_are_no_findings(tmp_path: Path) -> None:
    (tmp_path / "kept.json").write_text("{", "utf-8")

    assert cache.load(tmp_path / "kept.json") == {}
