"""Two runs of one file, or a file and a page, at the same moment: what they say is written once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.db import connections, transaction

from huiyin.config.scratch import Scratch
from huiyin.core.errors import Conflict
from huiyin.imports import services, staging
from huiyin.imports.models import ImportBatch
from huiyin.imports.services import import_file
from huiyin.ledger.models import Fact
from huiyin.obligations.models import Obligation
from huiyin.subjects import services as subjects
from huiyin.subjects.importing import IMPORTER
from huiyin.subjects.models import Subject
from tests.app.imports import batches
from tests.app.imports.estate import HEADER, bring_in, counts, estate, order
from tests.people import SmallFirm, small_firm

LEAK = "WX-1,㐂园,水管漏水,P4,2026-02-27 08:00,2026-02-28 23:30\n"


def test_two_runs_of_one_file_at_once_write_it_once(scratch_db: Scratch, tmp_path: Path) -> None:
    at = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    estate(at)
    path = tmp_path / "repairs.csv"
    path.write_text(
        HEADER + "".join(LEAK.replace("WX-1", f"WX-{n}") for n in range(500)), encoding="utf-8"
    )

    def run(_n: int) -> tuple[int, int, int]:
        try:
            return counts(import_file(order(path), importer=IMPORTER, now=at))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(run, range(3)))

    assert sorted(found) == [(0, 0, 500), (0, 0, 500), (500, 0, 0)]
    assert Fact.objects.filter(kind="repair.completed").count() == 500


AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DONE = datetime(2026, 2, 28, 15, 30, tzinfo=UTC)
"""What LEAK says: half past eleven in the evening of 28 February in Shanghai."""


def enter(firm: SmallFirm, happened_at: datetime) -> Fact:
    """Somebody enters 完工 on the page of WX-1."""
    by = firm.repairer.pk
    repair = Subject.objects.get(number="WX-1")
    return subjects.record_event(
        repair, "completed", happened_at=happened_at, by=by, recorded_by=by, now=AT
    )


def registered(folder: Path) -> SmallFirm:
    """WX-1 is known and not done yet."""
    firm = estate(AT)
    bring_in(folder, LEAK.replace("2026-02-28 23:30", ""), now=AT)
    return firm


@pytest.mark.parametrize(
    ("earlier", "outcome"), [(timedelta(0), (0, 0, 1)), (timedelta(hours=1), (0, 1, 0))]
)
def test_a_row_that_is_entered_on_its_page_meanwhile_is_told_once(
    scratch_db: Scratch, tmp_path: Path, earlier: timedelta, outcome: tuple[int, int, int]
) -> None:
    firm = registered(tmp_path)

    def import_it() -> ImportBatch:
        try:
            return bring_in(tmp_path, LEAK, now=AT)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            entered = enter(firm, DONE - earlier)
            importing = pool.submit(import_it)
            with pytest.raises(TimeoutError):
                importing.result(1)
        batch = importing.result()

    assert counts(batch) == outcome
    if earlier:
        assert batch.rows.get().code == "changed"
    [fact] = Fact.objects.filter(kind="repair.completed")
    assert fact == entered
    assert set(Obligation.objects.values_list("opener", flat=True)) == {entered.pk}


def test_who_enters_on_a_page_what_an_import_has_just_told_is_told_so(
    scratch_db: Scratch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    firm = registered(tmp_path)
    judged, entering = Event(), Event()
    applied = IMPORTER.apply

    def apply_late(*args: Any, **given: Any) -> Any:
        judged.set()
        entering.wait(1.5)  # long enough for the page to come to its end, if nothing held it
        return applied(*args, **given)

    monkeypatch.setattr(
        type(IMPORTER), "apply", lambda self, *args, **given: apply_late(*args, **given)
    )

    def import_it() -> ImportBatch:
        try:
            return bring_in(tmp_path, LEAK, now=AT)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        importing = pool.submit(import_it)
        assert judged.wait(30)
        with pytest.raises(Conflict, match="已经登记过了"):
            enter(firm, DONE)
        entering.set()
        batch = importing.result()

    assert counts(batch) == (1, 0, 0)
    [fact] = Fact.objects.filter(kind="repair.completed")
    assert (fact.source or "").startswith(f"import:{batch.pk}")
    assert set(Obligation.objects.values_list("opener", flat=True)) == {fact.pk}


def test_a_trial_holds_nobody(scratch_db: Scratch, tmp_path: Path) -> None:
    firm = registered(tmp_path)

    def enter_it() -> Fact:
        try:
            return enter(firm, DONE)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        bring_in(tmp_path, LEAK, now=AT, dry_run=True)
        assert pool.submit(enter_it).result(30).kind == "repair.completed"


def test_a_check_waits_for_who_holds_the_batch(scratch_db: Scratch, now: datetime) -> None:
    batch = batches.chosen("A", by=small_firm(now).manager.pk, now=now)
    holding, letting_go = Event(), Event()

    def hold() -> None:
        try:
            assert staging.hold(batch)
            holding.set()
            assert letting_go.wait(30)
        finally:
            connections.close_all()

    def check() -> None:
        try:
            services.check(batch, now=now)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        holder = pool.submit(hold)
        assert holding.wait(30)
        checking = pool.submit(check)
        with pytest.raises(TimeoutError):
            checking.result(1)
        letting_go.set()  # it dies without having staged anything
        holder.result(30)
        checking.result(30)

    assert ImportBatch.objects.get(pk=batch.pk).state == ImportBatch.State.STAGED
