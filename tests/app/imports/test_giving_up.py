"""An import that somebody gives up, is quicker with, or leaves lying, while it is worked on."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from huiyin.core.errors import Conflict
from huiyin.customers.models import Customer
from huiyin.imports import forgetting, services, staging
from huiyin.imports.errors import ImportStopped
from huiyin.imports.importer import importer_of
from huiyin.imports.models import FilePart, ImportBatch, StagedRow
from tests.app import scene as on
from tests.app.imports import batches
from tests.app.imports.estate import order

MAP = """\
import: customers
columns:
  number: {column: number}
  class: {constant: household}
  name: {column: name}
"""

State = ImportBatch.State


class Died(BaseException):
    """The worker is killed."""


def named(folder: Path) -> staging.Order:
    """A file with its map, as a command is given it."""
    path = folder / "list.csv"
    path.write_text("number,name\nZ1,Ann\n", encoding="utf-8")
    return order(path, mode="history", text=MAP)


def state_of(batch: ImportBatch) -> str:
    return ImportBatch.objects.get(pk=batch.pk).state


@pytest.fixture
def by(founded: on.Scene) -> int:
    return founded.firm.manager.pk


@pytest.mark.django_db
def test_who_gives_up_what_is_being_read_leaves_no_row_of_it(
    by: int, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = batches.chosen("A", by=by, now=now)
    monkeypatch.setattr(staging, "CHUNK", 1)

    def report(_phase: str, done: int, _total: int) -> None:
        if done > 1:
            raise Died
        services.cancel(ImportBatch.objects.get(pk=batch.pk))

    with suppress(Died):
        services.check(batch, now=now, report=report)

    assert state_of(batch) == State.CANCELLED
    assert not StagedRow.objects.exists()


@pytest.mark.django_db
def test_what_a_given_up_import_still_holds_is_emptied(by: int, now: datetime) -> None:
    batch = batches.uploaded("A", by=by, now=now)
    services.cancel(batch)
    StagedRow.objects.create(batch=batch, number=2, values={"name": "Ann"}, outcome="read")
    FilePart.objects.create(batch=batch, place=0, content="QW5u")

    assert forgetting.forget(now=now) == 1
    assert forgetting.forget(now=now) == 0

    assert not StagedRow.objects.exists()
    assert not FilePart.objects.exists()


@pytest.mark.django_db
def test_a_given_up_import_does_not_come_back_as_failed(
    by: int, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = batches.chosen("A", by=by, now=now)

    def stop(*_given: Any, **_named: Any) -> None:
        services.cancel(ImportBatch.objects.get(pk=batch.pk))
        raise ImportStopped("import.too_long", "too long")

    monkeypatch.setattr(staging, "stage_into", stop)
    services.check(batch, now=now)

    assert state_of(batch) == State.CANCELLED


@pytest.mark.django_db
def test_an_import_that_a_colleague_applies_first_stays_applied(
    by: int, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    importer = importer_of("customers")
    apply = services.apply

    def late(batch: ImportBatch, **given: Any) -> ImportBatch:
        apply(ImportBatch.objects.get(pk=batch.pk), **given)
        return apply(batch, **given)

    monkeypatch.setattr(services, "apply", late)
    with pytest.raises(Conflict):
        services.import_file(named(tmp_path), importer=importer, now=now)

    batch = ImportBatch.objects.get()
    assert batch.state == State.APPLIED
    services.undo_later(batch, reason="Wrong file", by=by)
    services.discard(batch)
    assert services.undo(batch, importer=importer, now=now) == []
    assert not Customer.objects.filter(number="Z1").exists()


@pytest.mark.django_db
def test_one_that_moves_on_keeps_none_of_the_others(
    by: int, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = batches.applied("A", by=by, now=now)
    first, second = (batches.uploaded(prefix, by=by, now=now) for prefix in "BC")
    cancel = services.cancel

    def late(batch: ImportBatch) -> None:
        if batch.pk == first.pk:
            raise Conflict
        cancel(batch)

    monkeypatch.setattr(services, "cancel", late)

    assert forgetting.forget(now=now + timedelta(days=31)) == 2

    assert (state_of(first), state_of(second)) == (State.UPLOADED, State.CANCELLED)
    done.refresh_from_db()
    assert done.emptied_at == now + timedelta(days=31)


def lose_jobs() -> None:
    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_jobs")


@pytest.mark.django_db
def test_what_waits_for_a_job_that_is_gone_is_as_before_it(by: int, now: datetime) -> None:
    applying = batches.tried("A", by=by, now=now)
    services.apply_later(applying)
    undoing = batches.applied("B", by=by, now=now)
    services.undo_later(undoing, reason="Wrong file", by=by)
    checking = batches.chosen("C", by=by, now=now)
    waiting = (checking, applying, undoing)

    forgetting.forget(now=now)
    kept = [state_of(batch) for batch in waiting]
    lose_jobs()
    forgetting.forget(now=now)

    assert kept == [State.STAGING, State.APPLYING, State.UNDOING]
    assert [state_of(batch) for batch in waiting] == [State.FAILED, State.STAGED, State.APPLIED]


@pytest.mark.django_db
def test_what_a_command_stages_waits_for_no_job(by: int, now: datetime, tmp_path: Path) -> None:
    batch = services.stage(named(tmp_path), importer=importer_of("customers"), now=now)
    ImportBatch.objects.filter(pk=batch.pk).update(state=State.STAGING)

    forgetting.forget(now=now)

    assert state_of(batch) == State.STAGING
