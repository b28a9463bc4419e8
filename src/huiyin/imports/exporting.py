"""Rows that are refused or in doubt, as a file that a spreadsheet opens without executing anything."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from xlsxwriter import Workbook

from huiyin.imports.cells import as_they_stood
from huiyin.imports.mapping import own_titles
from huiyin.imports.models import ImportBatch, StagedRow
from huiyin.imports.queries import Finding, doubts, refusals
from huiyin.imports.remedies import remedy_of, sentence

# A cell that starts so is taken for a formula; full-width signs are folded by some programs.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")

# Neither formulas nor links are made of text, whatever it says.
PLAIN = {"strings_to_formulas": False, "strings_to_urls": False}


def write_refusals(batch: ImportBatch, path: Path) -> int:
    """Write the refused rows as XLSX or CSV (UTF-8 with BOM), by the name's ending. Returns how many."""
    return _write(refusals(batch), _("拒绝的行"), path)


def write_doubts(batch: ImportBatch, path: Path) -> int:
    """Write the rows that are in doubt in the same way. Returns how many."""
    return _write(doubts(batch), _("待核对的行"), path)


def _write(findings: Iterable[Finding], title: str, path: Path) -> int:
    rows = [_header(), *_rows(findings)]
    if path.suffix.lower() == ".xlsx":
        _write_workbook(rows, title, path)
    else:
        _write_text(rows, path)
    return len(rows) - 1


def inert(text: str) -> str:
    """The text with an apostrophe before whatever a spreadsheet would calculate."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def _header() -> list[object]:
    return [_("行"), _("列"), _("值"), pgettext("refused row", "问题"), _("办法")]


def _rows(findings: Iterable[Finding]) -> Iterator[list[object]]:
    for found in findings:
        texts = (found.column, found.value, found.problem, found.remedy)
        yield [found.row, *map(inert, texts)]


def refused_rows(batch: ImportBatch) -> bytes:
    """The refused rows as XLSX: the cells as they stood, then the row's number and the reason.

    Put right, the file can be imported as it is: our own columns are left alone.
    """
    number, why, _doubt = own_titles()
    return _as_they_stood(batch, batch.rows.refused(), _("拒绝的行"), (number, why))


def rows_in_doubt(batch: ImportBatch) -> bytes:
    """The rows that are in doubt in the same form: what to ask about, and why."""
    number, _refused, why = own_titles()
    return _as_they_stood(batch, batch.rows.in_doubt(), _("待核对的行"), (number, why))


def _as_they_stood(
    batch: ImportBatch, rows: QuerySet[StagedRow], title: str, own: tuple[str, str]
) -> bytes:
    titles = list((batch.choices or {}).get("titles") or [])
    output = BytesIO()
    with Workbook(output, {**PLAIN, "in_memory": True}) as workbook:
        sheet = workbook.add_worksheet(title)
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet.write_row(0, 0, [*map(inert, titles), *own])
        for line, row in enumerate(rows.order_by("number").iterator(2_000), 1):
            for at, cell in enumerate(as_they_stood(row.cells or [])):
                if isinstance(cell, datetime):
                    sheet.write_datetime(line, at, cell, moment)
                elif isinstance(cell, date):
                    sheet.write_datetime(line, at, datetime.combine(cell, time.min), day)
                else:
                    sheet.write(line, at, inert(cell) if isinstance(cell, str) else cell)
            said = sentence(row.code, detail=row.detail)
            why = f"{said}。{remedy_of(row.code).remedy}"
            sheet.write_row(line, len(titles), [row.number, inert(why)])
    return output.getvalue()


def _write_text(rows: list[list[object]], path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)


def _write_workbook(rows: list[list[object]], title: str, path: Path) -> None:
    with Workbook(str(path), {**PLAIN, "constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet(title)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
