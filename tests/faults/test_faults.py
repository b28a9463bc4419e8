"""A few of the faults of `make faults`: processes killed, connections cut, workers paused."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from tests.faults.cuts import all_cut
from tests.proof.test_every_write import lines

KILLS = 3


def test_a_connection_that_ends_with_its_transaction_loses_and_doubles_nothing(
    django_db_blocker: pytest.FixtureRequest, now: datetime
) -> None:
    few = list(lines())[5::20]
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        cut = list(all_cut(now, few))

    assert [str(each) for each in cut if each.wrong] == []
    assert len(cut) == len(few) + 2
    assert all(each.cuts == 3 for each in cut), [str(each) for each in cut]


@pytest.mark.long
def test_what_is_killed_loses_nothing_doubles_nothing_and_leaves_no_half(tmp_path: Path) -> None:
    journal = tmp_path / "kills.jsonl"
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.faults",
            "kills",
            "--kills",
            f"{KILLS}",
            "--journal",
            journal,
        ],
        capture_output=True,
        text=True,
        timeout=1200,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    kills = [json.loads(line) for line in journal.read_text().splitlines()]
    # None of the operations is left out.
    assert len(kills) == max(KILLS, len({kill["operation"] for kill in kills}))
