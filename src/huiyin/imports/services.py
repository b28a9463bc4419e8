"""Taking a file in: stage its rows in chunks, judge them all, apply them at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Count, Max
from django.utils.translation import gettext as _

from huiyin.core.copying import copy_rows
from huiyin.core.errors import Conflict
from huiyin.imports.binding import Bound, Parsed, bind
from huiyin.imports.importer import Candidate, Importer, Judged, Occasion
from huiyin.imports.maps import MapFile
from huiyin.imports.models import ImportBatch, StagedRow
from huiyin.imports.reading import read_table

CHUNK = 5_000  # rows of one staging transaction
# Advisory locks: two files must not judge against the same state, nor two runs stage one batch.
ONE_IMPORT_AT_A_TIME = 4_871_010
STAGING_LOCK = 4_871_011
COLUMNS = ("batch_id", "number", "values", "outcome", "column", "value", "code", "detail")

Outcome = StagedRow.Outcome
State = ImportBatch.State


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


def import_file(
    order: Order, *, importer: Importer, now: datetime, dry_run: bool = False
) -> ImportBatch:
    """Stage a file and apply it, or with ``dry_run`` only tell what applying would do.

    Every row ends accepted, refused (with column, value and remedy) or duplicate. Raises
    ImportStopped when the file or the map is wrong as a whole; nothing is applied then.
    """
    batch = stage(order, importer=importer, now=now)
    if dry_run:
        return try_out(batch, importer=importer, now=now)
    try:
        return apply(batch, importer=importer, now=now)
    except Exception as error:
        # The rows stay for whoever looks into it; what the import wrote is rolled back.
        ImportBatch.objects.filter(pk=batch.pk).update(state=State.FAILED, error=repr(error)[:2000])
        raise


def stage(order: Order, *, importer: Importer, now: datetime) -> ImportBatch:
    """Read the file into staged rows, a chunk a transaction; an interrupted run is taken up again."""
    table = read_table(
        order.path, sheet=order.map_file.map.sheet, delimiter=order.map_file.map.delimiter
    )
    expected = importer.expected(order.map_file.map.kind)
    bound = bind(order.map_file, table, expected=expected, zone=order.zone)
    batch = _begun(order, bound, table.form, now)
    try:
        last = batch.rows.aggregate(last=Max("number"))["last"] or 0
        rows = (row for row in bound.parsed() if row.number > last)
        while chunk := list(islice(rows, CHUNK)):
            _write_chunk(batch, chunk)
        _end_staging(batch, bound)
    finally:
        _let_go(batch)
    return batch


def try_out(batch: ImportBatch, *, importer: Importer, now: datetime) -> ImportBatch:
    """Judge the staged rows against what is there now, and write nothing else."""
    with transaction.atomic():
        _judge(batch, importer, now)
    return batch


@transaction.atomic
def apply(batch: ImportBatch, *, importer: Importer, now: datetime) -> ImportBatch:
    """Judge the staged rows and write what the accepted ones mean, all or nothing.

    Raises Conflict when the batch was applied already.
    """
    judged = _judge(batch, importer, now)
    claimed = ImportBatch.objects.filter(pk=batch.pk, state=State.STAGED)
    if not claimed.update(state=State.APPLIED, applied_at=now):
        raise Conflict(_("这批数据已经导入过了。"), code="import.applied")
    accepted = [row for row in judged if row.outcome == Outcome.ACCEPTED]
    importer.apply(accepted, occasion=_occasion(batch, now))
    batch.state, batch.applied_at = State.APPLIED, now
    return batch


def discard(batch: ImportBatch) -> None:
    """Forget a batch that was not applied, with the values of its rows."""
    ImportBatch.objects.filter(pk=batch.pk).exclude(state=State.APPLIED).delete()


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, as hexadecimal text."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _begun(order: Order, bound: Bound, form: str, now: datetime) -> ImportBatch:
    """The batch to stage into, held by this session: an interrupted one of the same, or new."""
    same = {
        "what": order.map_file.map.what,
        "kind": order.map_file.map.kind,
        "file_digest": file_digest(order.path),
        "map_digest": order.map_file.digest,
        "mode": order.mode,
        "by_id": order.by,
    }
    for interrupted in ImportBatch.objects.filter(**same, state=State.STAGING).order_by("-id"):
        if not _hold(interrupted):
            continue
        # Between the look and the lock its own run may have come to the end of staging.
        if ImportBatch.objects.filter(pk=interrupted.pk, state=State.STAGING).exists():
            return interrupted
        _let_go(interrupted)
    # Held before it can be seen: nobody takes a new batch for an interrupted one.
    with transaction.atomic():
        batch = ImportBatch.objects.create(
            **same,
            file_name=order.name or order.path.name,
            form=form,
            titles=dict(bound.titles),
            created_at=now,
        )
        _hold(batch)
    return batch


def _hold(batch: ImportBatch) -> bool:
    # A lock of the session: it goes when its process dies, and only then may another go on.
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s, %s::int)", [STAGING_LOCK, batch.pk])
        return bool(cursor.fetchone()[0])


def _let_go(batch: ImportBatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_unlock(%s, %s::int)", [STAGING_LOCK, batch.pk])


def _end_staging(batch: ImportBatch, bound: Bound) -> None:
    batch.state = State.STAGED
    batch.notices = [asdict(notice) for notice in bound.notices]
    batch.row_count = batch.rows.count()
    # Until the rows are judged, the read ones count as accepted and the unreadable as refused.
    batch.refused = batch.rows.filter(outcome=Outcome.REFUSED).count()
    batch.accepted = batch.row_count - batch.refused
    batch.save(update_fields=["state", "notices", "row_count", "refused", "accepted"])


@transaction.atomic
def _write_chunk(batch: ImportBatch, rows: Iterable[Parsed]) -> None:
    copy_rows(StagedRow, COLUMNS, (_staged(batch, row) for row in rows))


def _staged(batch: ImportBatch, row: Parsed) -> tuple[object, ...]:
    outcome = Outcome.REFUSED if row.code else Outcome.READ
    return (
        batch.pk, row.number, dict(row.values), outcome.value,
        row.column, row.value, row.code, row.detail,
    )  # fmt: skip


def _judge(batch: ImportBatch, importer: Importer, now: datetime) -> list[Judged]:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [ONE_IMPORT_AT_A_TIME])
    readable = batch.rows.filter(code="").order_by("number").values_list("number", "values")
    candidates = [Candidate(number, values) for number, values in readable.iterator(CHUNK)]
    judged = importer.judge(candidates, occasion=_occasion(batch, now))
    assert [row.number for row in judged] == [row.number for row in candidates]
    _keep_outcomes(batch, judged)
    _keep_counts(batch)
    return judged


def _occasion(batch: ImportBatch, now: datetime) -> Occasion:
    live = batch.mode == ImportBatch.Mode.LIVE
    return Occasion(batch.kind, live, batch.by_id, now, f"import:{batch.pk}")


def _keep_outcomes(batch: ImportBatch, judged: Sequence[Judged]) -> None:
    batch.rows.filter(code="").update(outcome=Outcome.ACCEPTED)
    others = [row for row in judged if row.outcome != Outcome.ACCEPTED]
    if not others:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            'update imports_stagedrow r set outcome = v.outcome, "column" = v.col,'
            " value = v.val, code = v.code, detail = v.detail"
            " from unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])"
            " as v(number, outcome, col, val, code, detail)"
            " where r.batch_id = %s and r.number = v.number",
            [*map(list, zip(*_columns(batch, others), strict=True)), batch.pk],
        )


def _columns(batch: ImportBatch, rows: Iterable[Judged]) -> Iterator[tuple[object, ...]]:
    for row in rows:
        title = batch.titles.get(row.name, row.name)
        yield row.number, str(row.outcome), title, row.value, row.code, row.detail


def _keep_counts(batch: ImportBatch) -> None:
    counted = batch.rows.order_by().values_list("outcome").annotate(n=Count("id"))
    counts = dict(counted)
    batch.accepted = counts.get(Outcome.ACCEPTED, 0)
    batch.refused = counts.get(Outcome.REFUSED, 0)
    batch.duplicate = counts.get(Outcome.DUPLICATE, 0)
    batch.save(update_fields=["accepted", "refused", "duplicate"])
