"""What became of an import, for pages, commands and JSON."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from huiyin.core.punctuation import bracketed, listed
from huiyin.imports.cells import masked
from huiyin.imports.models import ImportBatch, StagedRow
from huiyin.imports.remedies import NOTICES, REMARKS, remedy_of, sentence

PHONE, NAME = "phone", "number"
"""The names under which phone numbers stand, and what a row is called."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A row that is refused or in doubt for a reader: where, what stood there, what is wrong, what to do."""

    row: int
    column: str
    value: str
    problem: str
    remedy: str


def refusals(batch: ImportBatch) -> Iterator[Finding]:
    """Every refused row in the order of the file."""
    return _findings(batch.rows.refused())


def doubts(batch: ImportBatch) -> Iterator[Finding]:
    """Every row that is taken, and of which something has to be looked into."""
    return _findings(batch.rows.in_doubt())


def first_findings(batch: ImportBatch, rows: QuerySet[StagedRow], most: int) -> Iterator[Finding]:
    """The first of them as a screen may show them: numbers of people are masked."""
    phones = {title for name, title in batch.titles.items() if name == PHONE}
    for row in rows.order_by("number")[:most]:
        yield _finding(row, masked(row.value, phone=row.column in phones))


def _findings(rows: QuerySet[StagedRow]) -> Iterator[Finding]:
    for row in rows.order_by("number").iterator(2_000):
        yield _finding(row, row.value)


def _finding(row: StagedRow, value: str) -> Finding:
    return Finding(
        row=row.number,
        column=row.column,
        value=value,
        problem=sentence(row.code, detail=row.detail),
        remedy=str(remedy_of(row.code).remedy),
    )


@dataclass(frozen=True, slots=True)
class Noticed:
    """A notice for a reader: the first rows that it speaks of by their names, ``more`` beside them.

    ``url``: where all of them are, once they were brought in; ``warns``: it is better read first.
    """

    text: str
    rows: tuple[tuple[int, str], ...] = ()
    more: int = 0
    url: str = ""
    warns: bool = False


def noticed(batch: ImportBatch) -> list[Noticed]:
    """What was noticed about the file as a whole, as a screen may show it. Two statements at most."""
    numbers = {row for notice in batch.notices for row in notice.get("rows", ())}
    names = _names(batch, numbers) if numbers else {}
    applied = batch.state == ImportBatch.State.APPLIED
    return [
        Noticed(
            text=masked(_sentence(notice)),
            rows=tuple((row, names.get(row, "")) for row in notice.get("rows", ())),
            more=int(notice["text"]) - len(notice["rows"]) if notice.get("rows") else 0,
            url=notice.get("url", "") if applied else "",
            warns=notice["code"] in REMARKS,
        )
        for notice in batch.notices
    ]


def _names(batch: ImportBatch, numbers: Collection[int]) -> dict[int, str]:
    """By row, what it is called in the file, or once that is gone what it brought is called."""
    kept = batch.rows.filter(number__in=numbers).values_list("number", "values")
    made = batch.effects.filter(number__in=numbers).values_list("number", "target__label")
    in_file = {row: str(values[NAME]) for row, values in kept if values and values.get(NAME)}
    return {row: masked(name) for row, name in (dict(made) | in_file).items()}


def first_accepted(batch: ImportBatch, most: int) -> list[StagedRow]:
    """The first rows that would be brought in."""
    accepted = batch.rows.filter(outcome=StagedRow.Outcome.ACCEPTED).order_by("number")
    return list(accepted.only("number", "values")[:most])


def notices(batch: ImportBatch) -> list[str]:
    """What was noticed about the file as a whole, in sentences."""
    return [
        bracketed(_sentence(notice), _("第 %(rows)s 行") % {"rows": listed(notice["rows"])})
        if notice.get("rows")
        else _sentence(notice)
        for notice in batch.notices
    ]


def _sentence(notice: Mapping[str, Any]) -> str:
    return str(NOTICES[notice["code"]]) % notice


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
        "in_doubt": batch.in_doubt,
        "refused": batch.refused,
        "duplicate": batch.duplicate,
        "refused_by": dict(counted.annotate(n=Count("id"))),
        "notices": notices(batch),
    }
