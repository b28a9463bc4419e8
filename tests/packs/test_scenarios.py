"""Every scenario of every pack, on the same runner as `huiyin policy test`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings

from huiyin.policy.loading import load_pack
from huiyin.scenarios import features
from huiyin.scenarios.features import Scenario
from huiyin.scenarios.linting import lint
from huiyin.scenarios.reports import result_text
from huiyin.scenarios.runner import Result, run
from huiyin.scenarios.stage import Stage, stage_for

PACKS = sorted(place.parent for place in Path(settings.HUIYIN_PACKS).glob("*/policy.yaml"))
SCENARIOS = [(folder, one) for folder in PACKS for one in features.of_pack(folder)]


@pytest.fixture(scope="module")
def results(
    django_db_setup: None, django_db_blocker: pytest.FixtureRequest
) -> Iterator[Callable[[Path, Scenario], Result]]:
    """How a scenario ended; its whole file is played when the first of it is asked for.

    One stage at a time: a firm is one, and each pack gets its own.
    """
    found: dict[tuple[Path, int], Result] = {}
    stages: dict[Path, Stage] = {}
    with django_db_blocker.unblock(), ExitStack() as opened:  # type: ignore[attr-defined]

        def result_of(folder: Path, scenario: Scenario) -> Result:
            if (scenario.path, scenario.line) not in found:
                if folder not in stages:
                    opened.close()
                    stages.clear()
                    stages[folder] = opened.enter_context(stage_for(load_pack(folder)))
                beside = [one for _, one in SCENARIOS if one.path == scenario.path]
                for each in run(beside, stages[folder]):
                    found[each.scenario.path, each.scenario.line] = each
            return found[scenario.path, scenario.line]

        yield result_of


@pytest.mark.parametrize(
    ("folder", "scenario"),
    [
        pytest.param(
            folder,
            one,
            id=f"{folder.name}-{one.path.stem}-{one.line}",
            # Drafts are played by `huiyin policy test` and the long run.
            marks=[] if folder.name == "property-management" else pytest.mark.long,
        )
        for folder, one in SCENARIOS
    ],
)
def test_scenario(
    folder: Path, scenario: Scenario, results: Callable[[Path, Scenario], Result]
) -> None:
    result = results(folder, scenario)

    assert result.passed, result_text(result)


@pytest.mark.parametrize("folder", PACKS, ids=lambda folder: folder.name)
def test_pack_has_no_mistakes(folder: Path) -> None:
    assert [str(finding) for finding in lint(folder) if finding.level == "error"] == []


def test_packs_and_scenarios_are_found() -> None:
    assert "property-management" in {folder.name for folder in PACKS}
    assert len(SCENARIOS) > 50
