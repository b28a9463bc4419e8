"""Every row of the benchmark in a short form: that it runs."""

from __future__ import annotations

from importlib import import_module

import pytest

from huiyin.bench import web
from huiyin.bench.commands import GROUPS
from huiyin.bench.rows import Row, table, timed
from huiyin.core import clock

N = 2000


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_of_rows_runs(group: str, django_db_blocker: pytest.FixtureRequest) -> None:
    measure = import_module(f"huiyin.bench.{group}").measure

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        rows = measure(N, rounds=1, now=clock.now())

    assert rows and all(row.seconds or row.value is not None for row in rows)
    # Statements and scans are the same on every machine; durations are not, and memory and buffers
    # depend on what else this process and its server did before.
    assert [row.name for row in rows if row.unit in ("条", "次") and row.holds is False] == []


def test_a_followup_through_the_web_takes_twenty_five_statements(
    django_db_blocker: pytest.FixtureRequest,
) -> None:
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        (row,) = web.measure(10, rounds=1, now=clock.now())

    assert row.value == row.limit == 25


def test_a_row_holds_by_the_medians_of_its_rounds() -> None:
    row = timed("计划", 10, 1.5, [(1.4, 1.0), (9.0, 1.0), (1.5, 1.0)])

    assert (row.seconds, row.bare_seconds, row.holds) == (1.5, 1.0, True)
    assert timed("计划", 10, 1.5, [(1.6, 1.0)]).holds is False
    assert row.as_json() == {
        "name": "计划", "n": 10, "seconds": 1.5, "bare_seconds": 1.0, "ratio": 1.5, "limit": 1.5,
        "holds": True,
    }  # fmt: skip


def test_a_number_beside_its_limit_is_shown_with_its_unit() -> None:
    shown = table([Row("语句", 10, 12, value=13, unit="条"), Row("只说", 10, value=1)])

    assert "13 条" in shown and "≤ 12" in shown and shown.count("超出") == 1
