"""The real requests of New York: `make real DATA=<folder>` imports the four files as live repairs.

Every number is compared with `expectation.py`, which reads the same files by itself. Without the
folder these tests are skipped and counted.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Count

from huiyin.config.scratch import scratch_database
from huiyin.imports.exporting import write_refusals
from huiyin.imports.maps import load_map
from huiyin.imports.models import ImportBatch
from huiyin.imports.queries import refusals, summary
from huiyin.imports.services import Order, import_file
from huiyin.ledger.models import Fact, Target
from huiyin.obligations.models import Obligation, ShareCount, ShareItem
from huiyin.subjects.importing import IMPORTER
from huiyin.subjects.models import Subject
from tests.real import expectation
from tests.real.expectation import SHARES, Expectation, Visit
from tests.real.firm import city_firm

DATA = Path(os.environ.get("HUIYIN_REAL_DATA") or "absent")
MAPS = Path(__file__).parent / "maps"
NOW = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)

pytestmark = pytest.mark.skipif(
    not all((DATA / name).exists() for name in expectation.FILES),
    reason="the real requests are not here: make real DATA=<folder>",
)


@dataclass
class Run:
    """What the two imports came to, and what must come out."""

    expected: Expectation
    first: list[ImportBatch]
    second: list[ImportBatch]
    before_second: dict[str, int]
    after_second: dict[str, int]
    seconds: dict[str, float] = field(default_factory=dict)


def bring_in(name: str, *, by: int, now: datetime) -> ImportBatch:
    path = DATA / name
    order = Order(
        path=path,
        map_file=load_map(MAPS / f"{path.stem}.yaml"),
        mode="live",
        zone=ZoneInfo("UTC"),
        by=by,
    )
    return import_file(order, importer=IMPORTER, now=now)


def table_sizes() -> dict[str, int]:
    models = (Fact, Target, Subject, Obligation, ShareCount, ShareItem)
    return {model.__name__: model.objects.count() for model in models}


@pytest.fixture(scope="module")
def run(django_db_blocker: pytest.FixtureRequest) -> Iterator[Run]:
    with django_db_blocker.unblock(), scratch_database():  # type: ignore[attr-defined]
        firm = city_firm(now=NOW)
        times = [time.monotonic()]
        first = [bring_in(name, by=firm.clerk, now=NOW) for name in expectation.FILES]
        times.append(time.monotonic())
        before = table_sizes()
        second = [bring_in(name, by=firm.clerk, now=LATER) for name in expectation.FILES]
        times.append(time.monotonic())
        after = table_sizes()
        expected = expectation.expect(DATA)
        times.append(time.monotonic())
        spans = [later - sooner for sooner, later in zip(times, times[1:], strict=False)]
        seconds = dict(zip(("first", "second", "expectation"), spans, strict=True))
        yield Run(expected, first, second, before, after, seconds)


def report(run: Run) -> str:
    """The sums for whoever runs this by hand."""
    lines = [
        f"{found['file']}: {found['rows']} rows, {found['accepted']} accepted, "
        f"{found['refused']} refused {found['refused_by']}, {found['duplicate']} duplicate"
        for found in map(summary, [*run.first, *run.second])
    ]
    seconds = {key: round(value, 1) for key, value in run.seconds.items()}
    return "\n  ".join(["", *lines, f"expected {run.expected.sums()}", f"seconds {seconds}\n"])


def test_the_sums(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        sys.stdout.write(report(run))
    sums = run.expected.sums()
    totals = Counter[str]()
    codes = Counter[str]()
    for found in map(summary, run.first):
        totals.update({key: found[key] for key in ("rows", "accepted", "refused", "duplicate")})
        codes.update(found["refused_by"])

    assert totals["rows"] == sums["rows"] == 20_555
    assert sums["completed"] == 16_644
    assert sums["completed_before_created"] == 258  # one of them in 1900, which is no moment
    assert codes == {"order": 257, "year": 1, "unknown_unit": 2_012}
    assert totals["accepted"] == sums["accepted"]
    assert totals["refused"] == sums["refused"]
    assert totals["duplicate"] == 0
    assert all(batch.state == "applied" for batch in run.first)


def test_every_refused_row_is_named_with_column_value_and_remedy(run: Run, tmp_path: Path) -> None:
    for batch in run.first:
        wanted = {
            row.row: row.refused
            for row in run.expected.requests
            if row.file == batch.file_name and row.refused
        }

        found = dict(batch.rows.filter(outcome="refused").values_list("number", "code"))

        assert found == wanted
        assert all(
            row.column and row.value and row.problem and row.remedy for row in refusals(batch)
        )
        assert write_refusals(batch, tmp_path / f"{batch.pk}.csv") == len(wanted)


def test_what_happened_keeps_its_time_and_place(run: Run) -> None:
    wanted = {
        (row.number, row.unit, row.category, row.created, row.completed)
        for row in run.expected.requests
        if not row.refused
    }
    completed = dict(
        Fact.objects.filter(kind="repair.completed").values_list("target_id", "happened_at")
    )

    found = {
        (
            row.number,
            row.target.unit.as_unit.name,
            row.fields["category"],
            row.created_at,
            completed.get(row.pk),
        )
        for row in Subject.objects.select_related("target__unit__as_unit")
    }

    assert found == wanted
    assert set(Fact.objects.filter(kind__startswith="repair.").values_list("recorded_at")) == {
        (NOW,)
    }


def test_each_completion_has_exactly_its_obligations(run: Run) -> None:
    numbers = dict(Subject.objects.values_list("target_id", "number"))

    rows = Obligation.objects.filter(target__kind="repair")

    found = Counter(
        Visit(numbers[target], roles[0] if len(roles) == 1 else str(roles), due)
        for target, roles, due in rows.values_list("target_id", "owed_roles", "due_at")
    )

    assert found == Counter(run.expected.visits)
    assert set(rows.values_list("policy", "duty")) == {("property-management", "repair_visit")}
    # What else there is comes with the year, whatever was repaired.
    assert not Obligation.objects.exclude(target__kind="repair").filter(period=None).exists()
    openers = rows.values_list("opener__kind", "opener__target_id", "target_id")
    assert all(kind == "repair.completed" and about == of for kind, about, of in openers)


def test_shares_hold_after_every_single_completion(run: Run) -> None:
    items = Counter[object]()
    allotted = Counter[tuple[object, str]]()
    rows = ShareItem.objects.order_by("fact_id").values_list("count__period", "allotted")

    for period, roles in rows.iterator():
        items[period] += 1
        allotted.update((period, role) for role in roles)
        assert roles
        for role, share in SHARES:
            assert allotted[period, role] >= share * items[period], (period, role)

    kept = {count.period: count.counts for count in ShareCount.objects.all()}
    assert {
        period: {role: tuple(numbers) for role, numbers in counts.items()}
        for period, counts in kept.items()
    } == run.expected.counts


def test_a_second_run_changes_nothing(run: Run) -> None:
    assert run.after_second == run.before_second
    for first, second in zip(run.first, run.second, strict=True):
        assert second.accepted == 0
        assert second.duplicate == first.accepted
        assert second.refused == first.refused
        outcomes = second.rows.order_by().values_list("outcome").annotate(n=Count("id"))
        assert dict(outcomes).keys() <= {"refused", "duplicate"}
