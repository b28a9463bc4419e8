"""`huiyin policy …` as people and CI call it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from huiyin.adoption.models import Adoption
from huiyin.cli import main
from huiyin.config.scratch import Scratch
from tests.people import small_firm
from tests.scenarios.writing import SCENE

GOOD = (
    '    当"WX-1" 发生 "完工"\n'
    '    那么"经理" 应在 "2026-03-05 24:00" 前履行 "B.2.c" 对 "WX-1"\n'
    '    并且"B.2.c" 对 "WX-1" 为 "待办"\n'
)
BAD = '    当"WX-1" 发生 "完工"\n    那么"B.2.c" 对 "WX-1" 为 "按时"\n'

Called = Callable[..., tuple[int, dict]]


@pytest.fixture
def small_pack(folder: Path, tmp_path: Path) -> Path:
    """The property manager's rules with one scenario of their own."""
    for name in ("policy.yaml", "clauses.yaml"):
        shutil.copy(folder / name, tmp_path / name)
    write(tmp_path, GOOD)
    return tmp_path


def write(folder: Path, lines: str) -> None:
    (folder / "scenarios").mkdir(exist_ok=True)
    text = SCENE.format(tags="@B.2.c") + lines
    (folder / "scenarios" / "a.feature").write_text(text, "utf-8")


@pytest.fixture
def called(
    capsys: pytest.CaptureFixture[str],
    django_db_setup: None,
    django_db_blocker: pytest.FixtureRequest,
) -> Called:
    """Exit status and what was printed as JSON."""

    def call(*arguments: object) -> tuple[int, dict]:
        with django_db_blocker.unblock():  # type: ignore[attr-defined]
            status = main(["policy", *map(str, arguments), "--json"])
        return status, json.loads(capsys.readouterr().out)

    return call


def test_a_pack_whose_scenarios_pass(called: Called, small_pack: Path) -> None:
    status, found = called("test", small_pack)

    assert status == 0
    assert (found["scenarios"], found["passed"], found["failed"]) == (1, 1, [])


def test_a_scenario_that_fails_is_named_with_its_line(called: Called, small_pack: Path) -> None:
    write(small_pack, BAD)

    status, found = called("test", small_pack)

    assert status == 1
    [failed] = found["failed"]
    assert (failed["line"], failed["step"]) == (16, '那么"B.2.c" 对 "WX-1" 为 "按时"')


def test_a_pack_without_scenarios_does_not_pass(called: Called, small_pack: Path) -> None:
    shutil.rmtree(small_pack / "scenarios")

    assert called("test", small_pack)[0] == 1


def test_coverage_of_a_part(called: Called, small_pack: Path) -> None:
    proven, found = called("coverage", small_pack, "--clauses", "B.2.c")
    unproven, rest = called("coverage", small_pack, "--clauses", "B.2.*")

    assert (proven, unproven) == (0, 1)
    assert found["policies"]["property-management"]["proven"] == 1
    assert rest["policies"]["property-management"]["unproven"] == ["B.2.a", "B.2.b"]


@pytest.mark.long
def test_survivors_are_named_and_found_again(called: Called, small_pack: Path) -> None:
    first = called("mutate", small_pack, "--sample", "1%", "--seed", "3")
    again = called("mutate", small_pack, "--sample", "1%", "--seed", "3")

    assert first[0] == 1
    assert first == again
    assert first[1]["mutants"] == first[1]["killed"] + len(first[1]["survived"])


def test_scenarios_that_fail_anyway_prove_no_mutant(
    small_pack: Path,
    capsys: pytest.CaptureFixture[str],
    django_db_setup: None,
    django_db_blocker: pytest.FixtureRequest,
) -> None:
    write(small_pack, BAD)

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        status = main(["policy", "mutate", str(small_pack), "--sample", "1%"])

    assert status == 1
    assert "应为：按时" in capsys.readouterr().err


def test_lint_names_file_line_and_column(called: Called, small_pack: Path) -> None:
    text = (small_pack / "policy.yaml").read_text("utf-8")
    (small_pack / "policy.yaml").write_text(text.replace("leak: 3d", "leak: 3 dais"), "utf-8")

    status, found = called("lint", small_pack)

    assert status == 1
    [finding] = [one for one in found["findings"] if one["level"] == "error"]
    line = text.splitlines()[finding["line"] - 1]
    assert "leak: 3d" in line
    assert line[finding["column"] - 1 :].startswith(("leak", "3d"))


def test_lint_names_steps_and_tags_that_are_none(called: Called, small_pack: Path) -> None:
    write(small_pack, GOOD.replace("应在", "该在"))
    feature = small_pack / "scenarios" / "a.feature"
    feature.write_text(feature.read_text("utf-8").replace("@B.2.c", "@B.9.z"), "utf-8")

    status, found = called("lint", small_pack)

    assert status == 1
    errors = [one for one in found["findings"] if one["level"] == "error"]
    assert [one["line"] for one in errors] == [4, 16]


def test_explain_leads_from_clause_to_leaf(called: Called, small_pack: Path) -> None:
    status, found = called("explain", small_pack, "B.2.c")

    [clause] = found["clauses"]
    assert status == 0
    assert clause["leaves"] == ["duties.repair_visit.within.leak"]
    assert "漏水 3 天" in clause["text"]


def test_a_clause_that_is_not_there_is_named_beside_those_that_are(
    small_pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", "explain", str(small_pack), "B.9"]) == 2

    assert "没有“B.9”这样的条款；有：" in capsys.readouterr().err


def adopt(*more: str) -> int:
    return main(["policy", "adopt", "property-management", "--from", "2026-03-01", *more])


def test_two_people_put_a_pack_into_force(scratch_db: Scratch) -> None:
    small_firm(datetime(2026, 1, 1, tzinfo=UTC))

    assert adopt("--by", "P1", "--approve", "P2") == 0

    adoption = Adoption.objects.get()
    assert (adoption.state, adoption.mode) == ("in_force", "force")
    assert adoption.starts_at == datetime(2026, 2, 28, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    "people", [("--by", "P1"), ("--by", "P1", "--approve", "P1"), ("--by", "P1", "--approve", "?")]
)
def test_one_person_alone_may_not(scratch_db: Scratch, people: tuple[str, ...]) -> None:
    small_firm(datetime(2026, 1, 1, tzinfo=UTC))

    assert adopt(*people) == 1
    assert not Adoption.objects.exists()


def test_one_person_may_try_it(scratch_db: Scratch) -> None:
    small_firm(datetime(2026, 1, 1, tzinfo=UTC))

    assert adopt("--by", "P1", "--trial") == 0
    assert Adoption.objects.get().mode == "trial"


def test_an_unknown_pack_is_refused_with_those_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["policy", "lint", "no-such-pack"]) == 2
    assert "property-management" in capsys.readouterr().err
