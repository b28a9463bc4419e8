"""The refused rows as a file that a spreadsheet opens without executing anything in it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from xlsxwriter import Workbook

from huiyin.imports.models import ImportBatch
from huiyin.imports.queries import refusals

# A cell that starts so is taken for a formula; full-width signs are folded by some programs.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def write_refusals(batch: ImportBatch, path: Path) -> int:
    """Write the refused rows as XLSX or CSV (UTF-8 with BOM), by the name's ending. Returns how many."""
    rows = [_header(), *_rows(batch)]
    if path.suffix.lower() == ".xlsx":
        _write_workbook(rows, path)
    else:
        _write_text(rows, path)
    return len(rows) - 1


def inert(text: str) -> str:
    """The text with an apostrophe before whatever a spreadsheet would calculate."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def _header() -> list[object]:
    return [_("行"), _("列"), _("值"), pgettext("refused row", "问题"), _("办法")]


def _rows(batch: ImportBatch) -> Iterator[list[object]]:
    for found in refusals(batch):
        texts = (found.column, found.value, found.problem, found.remedy)
        yield [found.row, *map(inert, texts)]


def _write_text(rows: list[list[object]], path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)


def _write_workbook(rows: list[list[object]], path: Path) -> None:
    # Neither formulas nor links are made of text, whatever it says.
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
    with Workbook(str(path), plain) as workbook:
        sheet = workbook.add_worksheet(_("拒绝的行"))
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
