"""From a cell to a typed value. What cannot be read for certain is refused, never guessed."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from huiyin.core import phones
from huiyin.core.punctuation import listed
from huiyin.core.signs import CONTROL, as_code, as_name, as_text, has_wrong_signs
from huiyin.imports.cells import text_of
from huiyin.imports.moments import Calendar, read_date, read_moment
from huiyin.imports.reading import MAX_CELL
from huiyin.imports.refusals import BadValue
from huiyin.imports.workbooks import BROKEN_CELL

Type = Literal[
    "text", "code", "name", "choice", "boolean", "number", "date", "datetime", "phone", "phones"
]
Json = str | int | float | bool | list[str] | dict[str, str] | None
"""``dict``: of a date that could not be read, the code of its remedy and the detail."""

# A long number as a spreadsheet shows it, and so saves it as text: 1.10101E+17.
SCIENTIFIC = re.compile(r"[1-9](?:\.\d+)?E\+\d{2,3}")
TAKEN_FOR_A_DAY = re.compile(r"\d{1,2}月\d{1,2}日")
PRECISE_DIGITS = 15  # a spreadsheet keeps no more digits of a number
YES = frozenset({"是", "有", "对", "√", "y", "yes", "true", "1", "真"})
NO = frozenset({"否", "无", "错", "×", "x", "n", "no", "false", "0", "假"})
UNITS_OF_TEN = {"万": 10_000, "亿": 100_000_000}


@dataclass(frozen=True, slots=True)
class Expected:
    """What an importer wants under one name: its type, whether it must be there, its choices.

    ``choices`` are titled as files name them, ``shown`` as the reader does.

    For people who choose: its ``title``; ``aliases``, other titles that a column of it may bear;
    ``parts``, titles of columns that make it up together; ``joins``, several columns may;
    ``stand_ins``, words in the title of a column that is taken for it where nothing better is there;
    ``fronts``, names one of which may be put before it, where each has numbers of its own;
    ``known``, which of many texts are numbers of what is there already;
    ``constant``, one value may stand for all rows, and ``one_of`` says which; ``names_one``,
    whether a text names one of those as it stands: of others a person says what they mean.

    ``needed``: though no row is refused without it, what comes of it when nothing says it;
    ``forgiving``: a date that cannot be read is left for the importer to say, and refuses no row.
    """

    type: Type
    required: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)
    title: Any = ""
    aliases: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    stand_ins: tuple[str, ...] = ()
    joins: bool = False
    fronts: tuple[str, ...] = ()
    constant: bool = False
    forgiving: bool = False
    needed: Any = ""
    one_of: tuple[str, ...] = ()
    names_one: Callable[[str], bool] | None = field(default=None, compare=False)
    known: Callable[[Collection[str]], Collection[str]] | None = field(default=None, compare=False)


def convert(cell: object, *, to: Expected, calendar: Calendar) -> Json:
    """The value of a cell, or None when it is empty. Moments are ISO text in UTC.

    Raises BadValue with the code of a remedy.
    """
    _refuse_unreadable(cell)
    if cell is None or (isinstance(cell, str) and not clean(cell)):
        return None
    if to.type == "choice":
        return read_choice(cell, to.choices)
    if to.type in ("date", "datetime"):
        return _when(cell, to, calendar)
    return READERS[to.type](cell)


def _when(cell: object, to: Expected, calendar: Calendar) -> Json:
    found = _temporal(cell)
    try:
        read = read_date if to.type == "date" else read_moment
        return read(found, calendar).isoformat()
    except BadValue as bad:
        if not to.forgiving:
            raise
        return {"code": bad.code, "detail": bad.detail}


def _refuse_unreadable(cell: object) -> None:
    if cell is BROKEN_CELL:
        raise BadValue("broken_cell")
    if isinstance(cell, float) and not math.isfinite(cell):
        raise BadValue("number")


def clean(text: str) -> str:
    """NFC, lines end in LF, nothing invisible at the ends. Raises BadValue for control characters."""
    composed = as_text(text)
    if CONTROL.search(composed):
        raise BadValue("control")
    return composed


def read_text(cell: object) -> str:
    """A cell as text. A whole number is written without `.0`; one that lost digits is refused."""
    text = _as_text(cell)
    if SCIENTIFIC.fullmatch(text):
        raise BadValue("scientific")
    return text


def _as_text(cell: object) -> str:
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float | int):
        return _digits(cell)
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    text = clean(str(cell))
    if len(text) > MAX_CELL:
        raise BadValue("too_long")
    return text


def read_name(cell: object) -> str:
    """A name: text in which nothing is invisible and nothing turns the direction of writing."""
    name = as_name(read_text(cell))
    if has_wrong_signs(name):
        raise BadValue("control")
    return name


def read_code(cell: object) -> str:
    """A number by which things are told apart: as one types it on a keyboard.

    `3-12` that a spreadsheet took for a day is refused: nobody knows what it was.
    """
    if isinstance(cell, date | time):
        raise BadValue("date_cell", detail=str(cell))
    code = as_code(read_name(cell))
    if TAKEN_FOR_A_DAY.fullmatch(code):
        raise BadValue("date_cell")
    return code


def _digits(number: float) -> str:
    if abs(number) >= 10**PRECISE_DIGITS:
        raise BadValue("digits_lost")
    return str(int(number)) if number == int(number) else repr(number)


def read_choice(cell: object, choices: Mapping[str, str]) -> str:
    """The key of a choice, given as its key or as its title."""
    text = _as_text(cell)
    by_title = {title: key for key, title in choices.items()}
    key = text if text in choices else by_title.get(text)
    if key is None:
        raise BadValue("choice", detail=listed(choices.values()))
    return key


def read_boolean(cell: object) -> bool:
    if isinstance(cell, bool):
        return cell
    text = unicodedata.normalize("NFKC", _as_text(cell)).casefold()
    if text in YES or text in NO:
        return text in YES
    raise BadValue("boolean")


def read_number(cell: object) -> int | float:
    """A number: full-width digits, thousands commas and 万/亿 are understood; NaN is refused."""
    if isinstance(cell, bool):
        raise BadValue("number")
    if isinstance(cell, int | float):
        return _shown(cell)
    text = unicodedata.normalize("NFKC", _as_text(cell)).replace(" ", "")
    times = UNITS_OF_TEN.get(text[-1:], 1)
    bare = text.rstrip("万亿")
    if not re.fullmatch(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?", bare) or len(text) - len(bare) > 1:
        raise BadValue("number")
    try:
        number = Decimal(bare.replace(",", "")) * times
    except InvalidOperation as error:
        raise BadValue("number") from error
    if len(number.as_tuple().digits) > PRECISE_DIGITS:
        raise BadValue("digits_lost")
    return int(number) if number == int(number) else float(number)


def _shown(number: float) -> int | float:
    """The number as a spreadsheet shows it: 0.1 + 0.2 is 0.3 there."""
    shown = float(f"{number:.{PRECISE_DIGITS}g}")
    return int(shown) if shown.is_integer() else shown


def read_phone(cell: object) -> str:
    """A phone number in the form that the address book keeps."""
    try:
        return phones.normalize(_as_text(cell))
    except ValueError as error:
        raise BadValue("phone") from error


def read_phones(cell: object) -> list[str]:
    """Every phone number of a cell in the form that the address book keeps; as written what is none.

    Whether a row is worth having without a number, its importer knows.
    """
    is_long = isinstance(cell, int | float) and abs(cell) >= 10**PRECISE_DIGITS
    return phones.as_far_as_numbers(text_of(cell) if is_long else _as_text(cell))


def _temporal(cell: object) -> date | time | str | float:
    if isinstance(cell, bool):
        raise BadValue("date")
    if isinstance(cell, date | time | int | float):
        return cell
    return clean(str(cell))


READERS: Mapping[str, Callable[[object], Json]] = {
    "text": read_text,
    "code": read_code,
    "name": read_name,
    "boolean": read_boolean,
    "number": read_number,
    "phone": read_phone,
    "phones": read_phones,
}
"""What reads a cell as each type, where neither choices nor a calendar are needed."""
