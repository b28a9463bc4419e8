"""A list as an XLSX workbook: typed cells, nothing that a spreadsheet would execute.

The same rows at the same moment make the same bytes. Text is written as text, whatever it says;
what looks like a formula has an apostrophe before it as well, since people copy cells elsewhere.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from xlsxwriter import Workbook

from huiyin.core.lists import Cell, Column, Row
from huiyin.core.punctuation import bracketed, listed, sentences
from huiyin.imports.exporting import FORMULA_STARTS, inert

LONGEST = 32_767
"""Characters that a cell holds; what is longer ends in an ellipsis."""

MOST_ROWS = 1_048_575
"""Rows of a sheet below its head."""

EXACT = 10**15
"""A spreadsheet keeps fifteen digits of a number; a longer one stays text."""

FIRST_YEAR = 1900
NOT_IN_A_SHEET_NAME = re.compile(
    r"[\[\]:*?/\\\x00-\x1f\x7f'\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
NOT_IN_A_FILE_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]')


@dataclass(frozen=True, slots=True)
class About:
    """What the first sheet says: who took what out of the house, and when (in `zone`)."""

    firm: str
    person: str
    at: datetime
    zone: tzinfo
    title: str
    asked: Sequence[tuple[str, str]]

    @property
    def stamp(self) -> str:
        return f"{self.at.astimezone(self.zone):%Y-%m-%d %H:%M}"

    @property
    def watermark(self) -> str:
        return _("%(person)s 于 %(at)s 导出，仅供内部使用") % {
            "person": self.person,
            "at": self.stamp,
        }


def workbook(
    about: About,
    columns: Sequence[Column],
    batches: Iterable[Sequence[Row]],
    *,
    progress: Callable[[int], None] = lambda _done: None,
) -> tuple[bytes, int]:
    """The file and how many rows it has; `progress` hears how many are written."""
    file = BytesIO()
    # Neither formulas nor links are made of text, whatever it says.
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(file, options) as book:
        moment = about.at.astimezone(about.zone).replace(tzinfo=None, microsecond=0)
        book.set_properties({"title": about.title, "author": about.person, "created": moment})
        cover = book.add_worksheet(pgettext("sheet", "说明"))
        written = _Written(book, about).fill(columns, batches, progress)
        _explain(book, cover, about, written)
    return file.getvalue(), written


def file_name(about: About) -> str:
    """A name that every system takes and none executes."""
    title = NOT_IN_A_FILE_NAME.sub("", about.title).strip(" .")
    title = _without_formula(title)[:60] or "list"
    return f"{title} {about.at.astimezone(about.zone):%Y-%m-%d %H%M}.xlsx"


class _Written:
    """The sheet of rows while it is being written, top down."""

    def __init__(self, book: Workbook, about: About) -> None:
        self.zone = about.zone
        self.bold = book.add_format({"bold": True, "bottom": 1})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self.sheet = book.add_worksheet(_sheet_name(about.title, taken=pgettext("sheet", "说明")))
        self.sheet.freeze_panes(1, 1)
        self.sheet.repeat_rows(0)
        self.sheet.set_landscape()
        self.sheet.set_paper(9)  # A4
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_footer(f"&L{_footer(about.watermark)}&R&P / &N")

    def fill(
        self,
        columns: Sequence[Column],
        batches: Iterable[Sequence[Row]],
        progress: Callable[[int], None],
    ) -> int:
        self.sheet.set_column(0, len(columns) - 1, 18)
        for at, column in enumerate(columns):
            self.sheet.write_string(0, at, _text(str(column.title)), self.bold)
        line = 0
        for batch in batches:
            for row in batch:
                line += 1
                for at, column in enumerate(columns):
                    self._write(line, at, row.cells[column.key])
            progress(line)
        self.sheet.autofilter(0, 0, line, len(columns) - 1)
        return line

    def _write(self, line: int, at: int, cell: Cell) -> None:
        value = said(cell) if cell.value is None else cell.value
        if isinstance(value, datetime):
            value = value.astimezone(self.zone).replace(tzinfo=None, microsecond=0)
        if isinstance(value, date) and value.year >= FIRST_YEAR:
            form = self.moment if isinstance(value, datetime) else self.day
            self.sheet.write_datetime(line, at, value, form)
        elif _is_number(value):
            self.sheet.write_number(line, at, value)
        elif value != "":
            self.sheet.write_string(line, at, _text(str(value)))


def said(cell: Cell) -> str:
    """A cell as one text: several lines in a row, each with what is said of it."""
    if not cell.lines:
        return cell.text
    told = [(text, listed(filter(None, more))) for text, *more in cell.lines]
    return sentences(bracketed(text, more) if more else text for text, more in told)


def _explain(book: Workbook, sheet: Any, about: About, rows: int) -> None:
    bold = book.add_format({"bold": True, "valign": "top"})
    wrap = book.add_format({"text_wrap": True})
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 60)
    asked = [f"{title}: {value}" for title, value in about.asked]
    lines = [
        (_("公司"), about.firm),
        (_("列表"), about.title),
        (_("条件"), "\n".join(asked) or _("没有条件")),
        (_("行数"), rows),
        (_("导出人"), about.person),
        (_("导出时间"), f"{about.stamp} ({about.zone})"),
        (_("说明"), _("电话号码只显示首尾，不含联系人姓名；像公式的文字前加了一个撇号。")),
        (_("水印"), about.watermark),
    ]
    for line, (word, value) in enumerate(lines):
        sheet.write_string(line, 0, _text(word), bold)
        if isinstance(value, int):
            sheet.write_number(line, 1, value)
        else:
            sheet.write_string(line, 1, _text(value), wrap)
    sheet.set_footer(f"&L{_footer(about.watermark)}&R&P / &N")


def _text(text: str) -> str:
    safe = inert(text)
    return safe if len(safe) <= LONGEST else f"{safe[: LONGEST - 1]}…"


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return False
    return math.isfinite(value) and -EXACT < value < EXACT


def _sheet_name(title: str, *, taken: str) -> str:
    """At most 31 characters, none that a sheet may not have, and no other sheet's."""
    name = _without_formula(NOT_IN_A_SHEET_NAME.sub("", title).strip())[:31]
    return name if name.lower() not in ("", "history", taken.lower()) else _("列表")


def _without_formula(name: str) -> str:
    """Names of sheets and files cannot take an apostrophe, so what would calculate goes."""
    return name.lstrip("".join(FORMULA_STARTS) + " ")


def _footer(text: str) -> str:
    """`&` is a command in a footer, and 255 characters are all it holds."""
    return text.replace("&", "&&")[:200]
