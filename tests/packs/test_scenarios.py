"""Every scenario of every pack, on the same runner as `huiyin policy test`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings

from huiyin.policy.loading import load_pack
from huiyin.scenarios import features
from huiyin.scenarios.features import Scenario
from huiyin.scenarios.linting import lint
from huiyin.scenarios.reports import result_text
from huiyin.scenarios.runner import play
from huiyin.scenarios.stage import Stage, stage_for

PACKS = sorted(place.parent for place in Path(settings.HUIYIN_PACKS).glob("*/policy.yaml"))
SCENARIOS = [(folder, one) for folder in PACKS for one in features.of_pack(folder)]


@pytest.fixture(scope="module")
def stages(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[dict]:
    """One stage at a time: a firm is one, and each pack gets its own."""
    with django_db_blocker.unblock(), ExitStack() as opened:  # type: ignore[attr-defined]
        yield {"opened": opened}


def stage_of(folder: Path, stages: dict) -> Stage:
    if stages.get("folder") != folder:
        stages["opened"].close()
        stages["stage"] = stages["opened"].enter_context(stage_for(load_pack(folder)))
        stages["folder"] = folder
    return stages["stage"]


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
def test_scenario(folder: Path, scenario: Scenario, stages: dict) -> None:
    result = play(scenario, stage_of(folder, stages))

    assert result.passed, result_text(result)


@pytest.mark.parametrize("folder", PACKS, ids=lambda folder: folder.name)
def test_pack_has_no_mistakes(folder: Path) -> None:
    assert [str(finding) for finding in lint(folder) if finding.level == "error"] == []


def test_packs_and_scenarios_are_found() -> None:
    assert "property-management" in {folder.name for folder in PACKS}
    assert len(SCENARIOS) > 50
