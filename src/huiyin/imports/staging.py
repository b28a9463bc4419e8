"""From a file to staged rows, a chunk a transaction; an interrupted run is taken up again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from huiyin.core.copying import copy_rows
from huiyin.imports.binding import Bound, Parsed, bind
from huiyin.imports.cells import keep
from huiyin.imports.errors import FileRefused, no_rows
from huiyin.imports.importer import Importer
from huiyin.imports.maps import MapFile
from huiyin.imports.models import ImportBatch, Progress, StagedRow
from huiyin.imports.reading import Table, read_table

CHUNK = 5_000  # rows of one staging transaction
# An advisory lock: two runs must not stage one batch.
STAGING_LOCK = 4_871_011
COLUMNS = (
    "batch_id", "number", "values", "cells", "readable", "outcome", "act", "column", "value", "code",
    "detail",
)  # fmt: skip

Outcome = StagedRow.Outcome
State = ImportBatch.State

Report = Callable[[str, int, int], None]
"""Hears the phase of the work, how many rows are done, and of how many."""


def quiet(phase: str, done: int, total: int) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: which file, read by which map, in which mode, by whom (a person's id).

    ``name`` is the file's name as the person knows it.
    """

    path: Path
    map_file: MapFile
    mode: str
    zone: ZoneInfo
    by: int | None = None
    name: str = ""


def read(order: Order, importer: Importer) -> tuple[Table, Bound]:
    """The file as the map reads it. Raises ImportStopped when either is wrong as a whole."""
    wanted = order.map_file.map
    table = read_table(order.path, sheet=wanted.sheet, delimiter=wanted.delimiter)
    expected = importer.expected(wanted.kind)
    return table, bind(order.map_file, table, expected=expected, zone=order.zone)


def begun(order: Order, table: Table, bound: Bound, now: datetime) -> ImportBatch:
    """The batch to stage into, held by this session: an interrupted one of the same, or new."""
    same = {
        "what": order.map_file.map.what,
        "kind": order.map_file.map.kind,
        "file_digest": file_digest(order.path),
        "map_digest": order.map_file.digest,
        "mode": order.mode,
        "by_id": order.by,
    }
    # What was uploaded has its choices, and its own run that takes it up.
    interrupted = ImportBatch.objects.filter(**same, state=State.STAGING, choices={})
    for batch in interrupted.order_by("-id"):
        if not hold(batch):
            continue
        # Between the look and the lock its own run may have come to the end of staging.
        if ImportBatch.objects.filter(pk=batch.pk, state=State.STAGING).exists():
            return batch
        let_go(batch)
    # Held before it can be seen: nobody takes a new batch for an interrupted one.
    with transaction.atomic():
        batch = ImportBatch.objects.create(
            **same,
            file_name=order.name or order.path.name,
            form=table.form,
            titles=dict(bound.titles),
            places=dict(bound.positions),
            created_at=now,
        )
        hold(batch)
    return batch


def stage_into(
    batch: ImportBatch, table: Table, bound: Bound, *, most_rows: int, report: Report = quiet
) -> None:
    """Add the rows that the batch has not yet, unless it is given up meanwhile. Raises ImportStopped."""
    last = batch.rows.aggregate(last=Max("number"))["last"] or 0
    count = batch.rows.count()
    rows = (row for row in bound.parsed() if row.number > last)
    while chunk := list(islice(rows, CHUNK)):
        count += len(chunk)
        if count > most_rows:
            raise FileRefused(
                code="import.too_long",
                message=_("文件超过 %(limit)d 行，请分几个文件导入。") % {"limit": most_rows},
            )
        with transaction.atomic():
            if not _is_staging(batch):
                return
            copy_rows(StagedRow, COLUMNS, (_staged(batch, row) for row in chunk))
        report(Progress.Phase.READING, count, table.length)
    if not count:
        raise no_rows()


def _is_staging(batch: ImportBatch) -> bool:
    """Whether its rows are wanted still; until the transaction ends nobody gives it up."""
    staging = ImportBatch.objects.filter(pk=batch.pk, state=State.STAGING)
    return bool(staging.select_for_update(no_key=True).values_list("pk"))


def _staged(batch: ImportBatch, row: Parsed) -> tuple[object, ...]:
    outcome = Outcome.REFUSED if row.code else Outcome.READ
    return (
        batch.pk, row.number, dict(row.values), keep(row.cells), not row.code,
        outcome.value, "", row.column, row.value, row.code, row.detail,
    )  # fmt: skip


def end(batch: ImportBatch, table: Table, bound: Bound) -> bool:
    """Whether it is staged now; where somebody gave the batch up meanwhile, its rows go."""
    rows = batch.rows.count()
    refused = batch.rows.filter(outcome=Outcome.REFUSED).count()
    said = {
        "state": State.STAGED,
        "form": table.form,
        "titles": dict(bound.titles),
        "places": dict(bound.positions),
        "notices": [asdict(notice) for notice in bound.notices],
        "row_count": rows,
        # Until the rows are judged, the read ones count as accepted.
        "refused": refused,
        "accepted": rows - refused,
        "duplicate": 0,
    }
    if not ImportBatch.objects.filter(pk=batch.pk, state=State.STAGING).update(**said):
        batch.rows.all().delete()
        return False
    for name, value in said.items():
        setattr(batch, name, value)
    return True


def hold(batch: ImportBatch) -> bool:
    """Whether this session may stage the batch; until it lets go, or dies."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s, %s::int)", [STAGING_LOCK, batch.pk])
        return bool(cursor.fetchone()[0])


def let_go(batch: ImportBatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_unlock(%s, %s::int)", [STAGING_LOCK, batch.pk])


@contextmanager
def held(batch: ImportBatch) -> Iterator[None]:
    """Hold the batch within the block, once any other session has let go of it or has died."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s, %s::int)", [STAGING_LOCK, batch.pk])
    try:
        yield
    finally:
        let_go(batch)


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, as hexadecimal text."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sealed(field: str, values: Iterable[object]) -> list[object]:
    """Values as the column of a staged row keeps them, for a statement of one's own."""
    column = StagedRow._meta.get_field(field)
    return [column.get_db_prep_save(value, connection) for value in values]
