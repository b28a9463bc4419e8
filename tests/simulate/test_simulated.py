"""The engine and the reference say the same after every step, whatever happens.

`make simulate` lives 200 seeds of a year; here are ten, of a few weeks each, and Hypothesis drives
the same rules, which it shrinks to the few steps that matter.
"""

from __future__ import annotations

import ast
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.simulate.life import BEGINNING, RULES, Life, Violation, live, rolled_back

HERE = Path(__file__).parent
INDEPENDENT = ("days", "ground", "openings", "periods", "reference")
SEEDS, DAYS = 10, 30
LATE_IN_THE_YEAR = datetime(2026, 12, 23, 1, tzinfo=UTC)
"""Its next days are of a year whose calendar nobody has confirmed."""


@pytest.mark.django_db
@pytest.mark.parametrize("began", [BEGINNING, LATE_IN_THE_YEAR])
def test_firms_live_as_the_reference_says(began: datetime) -> None:
    founded = Life(began)
    total: Counter[str] = Counter()

    for seed in range(1, SEEDS // 2 + 1):
        with rolled_back(founded) as life:
            live(life, Random(seed), DAYS)
            told = sum(life.reference.told.values())
            total += life.counts + Counter(opened=len(life.reference.owed), told=told)

    assert total["opened"] > 2 * SEEDS
    assert total["told"] > 0
    assert total["refused"] < total["steps"] / 4


class Firm(RuleBasedStateMachine):
    """One rule for all: which of them, and what it draws, is Hypothesis's to choose."""

    founded: Life

    def __init__(self) -> None:
        super().__init__()
        self.living = rolled_back(self.founded)
        self.life = self.living.__enter__()

    @rule(name=st.sampled_from(sorted(RULES)), random=st.randoms(use_true_random=False))
    def step(self, name: str, random: Random) -> None:
        self.life.step(name, random)

    def teardown(self) -> None:
        self.living.__exit__(None, None, None)


@pytest.mark.django_db
def test_whatever_comes_in_whatever_order() -> None:
    Firm.founded = Life()

    run_state_machine_as_test(
        Firm,
        settings=settings(
            max_examples=3,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db
def test_what_differs_is_told_with_the_steps_before_it() -> None:
    life = Life()
    life.step("order", Random(1))
    life.reference.owed.pop()

    with pytest.raises(Violation, match=r"(?s) order: .*stands ×1: version=1 duty="):
        life.compare()


@pytest.mark.django_db
def test_who_is_told_too_often_is_told_with_the_steps_before_it() -> None:
    life = Life()
    life.reference.told[life.firm.head.pk, life.firm.chief.pk] += 1

    with pytest.raises(Violation, match=r"(?s) order: .*told .* not"):
        life.step("order", Random(1))


@pytest.mark.parametrize("name", INDEPENDENT)
def test_the_reference_shares_no_line_with_the_engine(name: str) -> None:
    tree = ast.parse((HERE / f"{name}.py").read_text("utf-8"))

    imported = {
        each.name for node in ast.walk(tree) if isinstance(node, ast.Import) for each in node.names
    } | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    mine = {f"tests.simulate.{each}" for each in INDEPENDENT}

    assert not {each for each in imported if each.startswith(("huiyin", "tests", "django"))} - mine
