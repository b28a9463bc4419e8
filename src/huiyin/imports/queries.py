"""What became of an import, for pages, commands and JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from huiyin.imports.cells import masked
from huiyin.imports.models import ImportBatch, StagedRow
from huiyin.imports.remedies import NOTICES, REMEDIES, sentence

PHONE = "phone"
"""The name under which phone numbers stand."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused row for a reader: where, what stood there, what is wrong, what to do."""

    row: int
    column: str
    value: str
    problem: str
    remedy: str


def refusals(batch: ImportBatch) -> Iterator[Refusal]:
    """Every refused row in the order of the file."""
    for row in _refused(batch).iterator(2_000):
        yield _refusal(row, row.value)


def first_refusals(batch: ImportBatch, most: int) -> Iterator[Refusal]:
    """The first of them as a screen may show them: numbers of people are masked."""
    phones = {title for name, title in batch.titles.items() if name == PHONE}
    for row in _refused(batch)[:most]:
        yield _refusal(row, masked(row.value, phone=row.column in phones))


def _refused(batch: ImportBatch) -> QuerySet[StagedRow]:
    return batch.rows.filter(outcome=StagedRow.Outcome.REFUSED).order_by("number")


def _refusal(row: StagedRow, value: str) -> Refusal:
    return Refusal(
        row=row.number,
        column=row.column,
        value=value,
        problem=sentence(row.code, detail=row.detail),
        remedy=str(REMEDIES[row.code].remedy),
    )


def first_accepted(batch: ImportBatch, most: int) -> list[StagedRow]:
    """The first rows that would be brought in."""
    accepted = batch.rows.filter(outcome=StagedRow.Outcome.ACCEPTED).order_by("number")
    return list(accepted.only("number", "values")[:most])


def notices(batch: ImportBatch) -> list[str]:
    """What was noticed about the file as a whole, in sentences."""
    return [str(NOTICES[notice["code"]]) % notice for notice in batch.notices]


def summary(batch: ImportBatch) -> dict[str, Any]:
    """The sums of a batch, as `huiyin import … --json` prints them."""
    counted = batch.rows.filter(outcome="refused").order_by("code").values_list("code")
    return {
        "batch": batch.pk,
        "file": batch.file_name,
        "form": batch.form,
        "mode": batch.mode,
        "state": batch.state,
        "rows": batch.row_count,
        "accepted": batch.accepted,
        "refused": batch.refused,
        "duplicate": batch.duplicate,
        "refused_by": dict(counted.annotate(n=Count("id"))),
        "notices": notices(batch),
    }
