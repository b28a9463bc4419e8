"""Cells as they stand in a file, kept so that a refused row can be given back as it came."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime, time

from huiyin.core import phones
from huiyin.imports.workbooks import BROKEN_CELL

Kept = str | int | float | bool | list[str] | None

# A mobile, what begins like one and lacks digits, a landline with its area code, a mobile as a
# spreadsheet shows it, or a number as long as that of an identity card; half or full width.
PERSONAL = re.compile(
    r"(?<!\d)1[3-9]\d(?:[\s-]?\d{4}){2}(?!\d)"
    r"|(?<![\dA-Za-z.-])[1１][3-9３-９]\d{5,8}(?!\d)"
    r"|(?<!\d)0\d{2,3}[\s)）-]*\d{7,8}(?!\d)"
    r"|\d\.\d{6,}[eE]\+?1\d"
    r"|\d{11,}[\dXx]?"
)


def keep(cells: Iterable[object]) -> list[Kept]:
    """As JSON: days and moments as pairs of their kind and their ISO text. Empty ends go."""
    kept = [_kept(cell) for cell in cells]
    while kept and kept[-1] in (None, ""):
        kept.pop()
    return kept


def _kept(cell: object) -> Kept:
    if cell is None or isinstance(cell, bool | int | float):
        return cell
    if isinstance(cell, datetime):
        return ["datetime", cell.isoformat()]
    if isinstance(cell, date):
        return ["date", cell.isoformat()]
    if isinstance(cell, time):
        return ["time", cell.isoformat()]
    if cell is BROKEN_CELL:
        return ["broken", ""]
    return str(cell).replace("\0", "")


def as_they_stood(kept: Sequence[Kept]) -> list[object]:
    """The cells again; what was broken is empty."""
    return [_cell(each) for each in kept]


def _cell(kept: Kept) -> object:
    if not isinstance(kept, list):
        return kept
    kind, text = kept
    read = {"datetime": datetime, "date": date, "time": time}.get(kind)
    return read.fromisoformat(text) if read else None


def text_of(cell: object) -> str:
    """A cell in a line of words, as a person reads it."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip().strip("\ufeff\u200b")


def written(row: Sequence[object], places: Sequence[int]) -> str:
    """What stands in these columns (from 1) of a row, as a person reads it."""
    found = [row[at - 1] if at <= len(row) else None for at in places]
    return " | ".join(map(text_of, found)).strip(" |")


def masked(text: str, *, phone: bool = False) -> str:
    """The text as a screen may show it: numbers of people with their ends alone.

    ``phone``: it stands in a column of phone numbers, so whatever digits there are belong to one.
    """
    if not phone:
        return PERSONAL.sub(lambda found: _masked(found[0]), text)
    with suppress(phones.NotAPhone):
        return phones.mask(phones.normalize(text))
    digits = [at for at, sign in enumerate(text) if sign.isdigit()]
    hidden = set(digits[:-2])
    return "".join("•" if at in hidden else sign for at, sign in enumerate(text))


def _masked(number: str) -> str:
    try:
        return phones.mask(phones.normalize(number))
    except phones.NotAPhone:
        return phones.mask(number)
