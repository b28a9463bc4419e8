"""Every input that is made to cost: its answer, in time, and in half a gigabyte."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from huiyin.config.scratch import Scratch, scratch_database
from tests.bad_input.answers import File, Refused, wrong_words
from tests.bad_input.costly import BOMBS, LONG, TEXTS
from tests.bad_input.heavy import MEGABYTES, SECONDS, Cost

ROOT = Path(__file__).resolve().parents[2]


def costs(scratch: Scratch, files: Iterable[File]) -> dict[str, Cost]:
    """What each costs, by its name: all in one process of their own, forked for each."""
    names = list(map(str, files))
    done = subprocess.run(
        [sys.executable, "-m", "tests.bad_input.heavy", *names],
        env=scratch.environment(), cwd=ROOT, capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return {line["name"]: Cost(**line) for line in map(json.loads, done.stdout.splitlines())}


@pytest.fixture(scope="module")
def scratch(django_db_blocker: Any) -> Iterator[Scratch]:
    with django_db_blocker.unblock(), scratch_database(use=False) as made:
        yield made


@pytest.fixture(scope="module")
def measured(scratch: Scratch) -> dict[str, Cost]:
    return costs(scratch, [*TEXTS, *BOMBS])


def wrong(file: File, cost: Cost) -> list[str]:
    refused = isinstance(file.answer, Refused)
    found = wrong_words(file.answer, cost.text)
    found += [f"status {cost.status}"] if cost.status != (2 if refused else 0) else []
    found += ["something was written"] if refused and not cost.untouched else []
    found += [f"{cost.seconds:.1f} s"] if cost.seconds > SECONDS else []
    return found + ([f"{cost.megabytes} MB"] if cost.megabytes > MEGABYTES else [])


@pytest.mark.parametrize("file", [*TEXTS, *BOMBS], ids=str)
def test_what_is_made_to_cost_costs_little(measured: dict[str, Cost], file: File) -> None:
    assert wrong(file, measured[str(file)]) == []


@pytest.mark.long
def test_what_takes_long_to_make_costs_no_more(scratch: Scratch) -> None:
    """Only its memory: seconds go by for every hundred megabytes that an honest sheet has too."""
    found = costs(scratch, LONG)

    assert {str(file): wrong_words(file.answer, found[str(file)].text) for file in LONG} == {
        str(file): [] for file in LONG
    }
    assert max(cost.megabytes for cost in found.values()) <= MEGABYTES
