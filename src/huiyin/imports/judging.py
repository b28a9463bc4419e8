"""How the staged rows of a batch end, against what is there at that moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime

from django.db import connection
from django.db.models import Count

from huiyin.imports.binding import SHOWN
from huiyin.imports.cells import as_they_stood, written
from huiyin.imports.importer import CREATE, UPDATE, Candidate, Importer, Judged, Occasion
from huiyin.imports.models import ImportBatch, Progress
from huiyin.imports.reading import Notice
from huiyin.imports.remedies import REMARKS
from huiyin.imports.staging import CHUNK, Outcome, Report, quiet, sealed

# An advisory lock: two files must not judge against the same state.
ONE_IMPORT_AT_A_TIME = 4_871_010


def judge(
    batch: ImportBatch,
    importer: Importer,
    *,
    now: datetime,
    report: Report = quiet,
    trial: bool = False,
) -> list[Judged]:
    """Ask the importer about every readable row and keep the answers; holds all other imports."""
    report(Progress.Phase.CHECKING, 0, batch.row_count)
    alone()
    readable = batch.rows.filter(readable=True).order_by("number").values_list("number", "values")
    candidates = [Candidate(number, values) for number, values in readable.iterator(CHUNK)]
    judged = importer.judge(candidates, occasion=replace(occasion_of(batch, now), trial=trial))
    assert [row.number for row in judged] == [row.number for row in candidates]
    report(Progress.Phase.CHECKING, batch.row_count, batch.row_count)
    _keep_outcomes(batch, judged)
    _keep_remarks(batch, importer.remarks([r for r in judged if r.outcome == Outcome.ACCEPTED]))
    _keep_counts(batch)
    return judged


def alone() -> None:
    """Wait for the end of every other import, and hold the next ones until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [ONE_IMPORT_AT_A_TIME])


def occasion_of(batch: ImportBatch, now: datetime, report: Report = quiet) -> Occasion:
    live = batch.mode == ImportBatch.Mode.LIVE
    total = batch.accepted

    def written(done: int) -> None:
        report(Progress.Phase.WRITING, done, total)

    return Occasion(batch.kind, live, batch.by_id, now, source_of(batch), written)


def source_of(batch: ImportBatch) -> str:
    """What the facts of a batch say of their origin, before the number of the row."""
    return f"import:{batch.pk}"


def _keep_outcomes(batch: ImportBatch, judged: Sequence[Judged]) -> None:
    # Judged anew: what was refused a minute ago may be right by now.
    batch.rows.filter(readable=True).update(
        outcome=Outcome.ACCEPTED, act=CREATE, column="", value="", code="", detail=""
    )
    others = [
        row for row in judged if (row.outcome, row.act, row.code) != (Outcome.ACCEPTED, CREATE, "")
    ]
    if not others:
        return
    numbers, outcomes, acts, columns, values, codes, details = map(
        list, zip(*_columns(batch, others, _written(batch, others)), strict=True)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "update imports_stagedrow r set outcome = v.outcome, act = v.act, \"column\" = v.col,"
            " value = v.val, code = v.code, detail = v.detail"
            " from unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],"
            " %s::text[]) as v(number, outcome, act, col, val, code, detail)"
            " where r.batch_id = %s and r.number = v.number",
            [
                numbers, outcomes, acts, columns, sealed("value", values), codes,
                sealed("detail", details), batch.pk,
            ],
        )  # fmt: skip


def _keep_remarks(batch: ImportBatch, remarks: Sequence[Notice]) -> None:
    """Judged anew, what was remarked before may no longer hold; what was read stays."""
    read = [notice for notice in batch.notices if notice["code"] not in REMARKS]
    notices = [*(asdict(remark) for remark in remarks), *read]
    if notices != batch.notices:
        batch.notices = notices
        batch.save(update_fields=["notices"])


def _written(batch: ImportBatch, rows: Iterable[Judged]) -> dict[int, str]:
    """By row, what stands in the file where a value is wrong: the value itself is as it was read."""
    names = {row.number: row.name for row in rows if row.code}
    kept = batch.rows.filter(number__in=names).values_list("number", "cells")
    return {
        number: written(as_they_stood(cells or []), batch.places.get(names[number], ()))[:SHOWN]
        for number, cells in kept.iterator(CHUNK)
    }


def _columns(
    batch: ImportBatch, rows: Iterable[Judged], stood: Mapping[int, str]
) -> Iterator[tuple[object, ...]]:
    for row in rows:
        title = batch.titles.get(row.name, row.name)
        act = row.act if row.outcome == Outcome.ACCEPTED else ""
        value = stood.get(row.number) or row.value
        yield row.number, str(row.outcome), act, title, value, row.code, row.detail


def _keep_counts(batch: ImportBatch) -> None:
    counted = batch.rows.order_by().values_list("outcome", "act").annotate(n=Count("id"))
    counts = {(outcome, act): n for outcome, act, n in counted}
    batch.created = counts.get((Outcome.ACCEPTED, CREATE), 0)
    batch.updated = counts.get((Outcome.ACCEPTED, UPDATE), 0)
    batch.accepted = batch.created + batch.updated
    batch.refused = sum(n for (outcome, _act), n in counts.items() if outcome == Outcome.REFUSED)
    batch.duplicate = counts.get((Outcome.DUPLICATE, ""), 0)
    batch.in_doubt = batch.rows.in_doubt().count()
    batch.save(update_fields=["created", "updated", "accepted", "refused", "duplicate", "in_doubt"])
