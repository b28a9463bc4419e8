"""Reading a file as a table: XLSX, or delimited text in whatever a spreadsheet program writes.

Nothing here knows what a column means. A row that cannot be read carries a problem code and is
refused by number later; what makes the whole file doubtful raises FileRefused at once.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count, islice
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huiyin.core.punctuation import listed
from huiyin.imports.encodings import UNREADABLE, lines_of
from huiyin.imports.errors import FileRefused, empty
from huiyin.imports.workbooks import MAX_COLUMNS, Sheet, read_sheet

MAX_BYTES = 200 * 1024 * 1024
MAX_LINES = 2_000_000
MAX_CELL = 32_767  # characters; what a spreadsheet cell can hold
SEPARATORS = {
    ",": gettext_lazy("逗号"),
    "\t": gettext_lazy("制表符"),
    ";": gettext_lazy("分号"),
    "，": gettext_lazy("全角逗号"),
}
DELIMITERS = tuple(SEPARATORS)
QUOTED = re.compile(r'"[^"]*"')

OTHER_KINDS = (
    (b"\xd0\xcf\x11\xe0", "XLS"),
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"{\\rtf", "RTF"),
)
MARKUP = (b"<!doctype", b"<html", b"<table", b"<?xml")


@dataclass(frozen=True, slots=True)
class Row:
    """One row as a spreadsheet numbers it, from 1, the header included.

    A cell is text, or in a workbook also a number, a truth value, a date, a time, or broken.
    """

    number: int
    cells: Sequence[object]
    problem: str = ""

    @property
    def is_blank(self) -> bool:
        return not self.problem and all(
            cell is None or not str(cell).strip() for cell in self.cells
        )


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about the file that a person should know although nothing is wrong.

    ``rows``: the first of those that it speaks of; ``url``: where all are listed once they are in.
    """

    code: str
    row: int = 0
    text: str = ""
    rows: tuple[int, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A file as rows. ``form`` tells how it was read: an encoding, or the name of a sheet.

    ``length``: about how many rows there are. Of a workbook: the ``sheet``, and all that can be seen.
    """

    form: str
    rows: Iterator[Row]
    notices: tuple[Notice, ...] = ()
    length: int = 0
    sheet: str = ""
    sheets: tuple[str, ...] = ()


def read_table(path: Path, *, sheet: str | None = None, delimiter: str | None = None) -> Table:
    """Read `path` by its content; its name is not believed. Raises FileRefused."""
    size = path.stat().st_size
    if size == 0:
        raise empty()
    if size > MAX_BYTES:
        raise FileRefused(
            code="import.too_big",
            message=_("文件有 %(size)d MB，超出 %(limit)d MB 的限度。请分几个文件导入。")
            % {"size": size // 1024**2, "limit": MAX_BYTES // 1024**2},
        )
    with path.open("rb") as file:
        start = file.read(1024)
    if start.startswith(b"PK\x03\x04"):
        return _workbook(path, sheet)
    _refuse_other_kinds(start)
    return _text(path, delimiter)


def _refuse_other_kinds(start: bytes) -> None:
    found = next((kind for mark, kind in OTHER_KINDS if start.startswith(mark)), "")
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(MARKUP):
        found = "HTML/XML"
    if found:
        raise FileRefused(
            code="import.kind",
            message=_(
                "文件内容是 %(kind)s（或加了密码），不是可读的表格。"
                "请在表格软件里另存为 XLSX 或 CSV UTF-8。"
            )
            % {"kind": found},
        )


def _workbook(path: Path, name: str | None) -> Table:
    sheet = read_sheet(path, name=name)
    rows = (_row(number, cells) for number, cells in enumerate(sheet.rows, start=1))
    seen = tuple(_seen_in(sheet))
    return Table(f"XLSX {sheet.name}", rows, seen, sheet.height, sheet.name, sheet.visible)


def _seen_in(sheet: Sheet) -> Iterator[Notice]:
    if sheet.others:
        yield Notice("other_sheets", text=sheet.name)
    if sheet.hidden_rows:
        yield Notice("hidden_rows", text=str(sheet.hidden_rows))
    if sheet.hidden_columns:
        yield Notice("hidden_columns", text=listed(sheet.hidden_columns))
    if sheet.merged_from:
        yield Notice("merged_cells", text=str(sheet.merged_from))


def _text(path: Path, delimiter: str | None) -> Table:
    length = _count_lines(path)
    encoding, lines = lines_of(path)
    first = list(islice(lines, 20))
    mark = delimiter or _delimiter_of(first)
    separator = str(SEPARATORS.get(mark) or f"“{mark}”")
    form = _("编码 %(encoding)s，%(separator)s分隔") % {
        "encoding": encoding.title,
        "separator": separator,
    }
    return Table(form, _records(chain(first, lines), mark), length=length)


def _count_lines(path: Path) -> int:
    """How many lines there are. Raises FileRefused for too many."""
    # Counted in blocks, which takes a hundredth of the time that reading the rows would.
    lines = 0
    with path.open("rb") as file:
        while block := file.read(1024 * 1024):
            lines += max(block.count(b"\n"), block.count(b"\r"))
    if lines > MAX_LINES:
        raise FileRefused(
            code="import.too_long",
            message=_("文件有 %(lines)d 行，超过 %(limit)d 行的限度。请分几个文件导入。")
            % {"lines": lines, "limit": MAX_LINES},
        )
    return lines


def _delimiter_of(lines: Iterable[str]) -> str:
    """The mark that cuts the most of the first lines into the same number of cells."""
    bare = [QUOTED.sub("", line) for line in lines if line.strip()]

    def score(mark: str) -> tuple[int, int]:
        counts = Counter(line.count(mark) for line in bare if mark in line)
        if not counts:
            return (0, 0)
        cells, often = max(counts.items(), key=lambda item: (item[1], item[0]))
        return (often, cells)

    return max(DELIMITERS, key=score)


class _Lines:
    """Lines for the csv reader that remember whether the file has ended."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.ended = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        try:
            return next(self._lines)
        except StopIteration:
            self.ended = True
            raise


def _records(lines: Iterable[str], delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(MAX_CELL)
    source = _Lines(lines)
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    for number in count(1):
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield _bad_quotes(number, line, source, error)
        else:
            yield _record(number, cells)


def _record(number: int, cells: list[str]) -> Row:
    if len(cells) > MAX_COLUMNS:
        raise FileRefused(
            code="import.too_wide",
            message=_(
                "第 %(row)d 行有 %(cells)d 列，超出 %(limit)d 列的限度。请删去多余的列，或核对分隔符。"
            )
            % {"row": number, "cells": len(cells), "limit": MAX_COLUMNS},
        )
    if any(UNREADABLE in cell for cell in cells):
        return replace(_row(number, cells), problem="encoding")
    return _row(number, cells)


def _row(number: int, cells: Sequence[object]) -> Row:
    """The row; no database keeps a NUL, so it goes, and the row says that it had one."""
    if not any(isinstance(cell, str) and "\0" in cell for cell in cells):
        return Row(number, cells)
    bare = [cell.replace("\0", "") if isinstance(cell, str) else cell for cell in cells]
    return Row(number, bare, problem="nul")


def _bad_quotes(number: int, line: int, source: _Lines, error: csv.Error) -> Row:
    if source.ended or "limit" in str(error):
        raise FileRefused(
            code="import.quotes",
            message=_(
                "第 %(row)d 行（文本第 %(line)d 行起）有引号没有关闭，或单元格超过 %(limit)d 字，"
                "后面的行无法分清。请补上引号后再导入。"
            )
            % {"row": number, "line": line, "limit": MAX_CELL},
        ) from error
    return Row(number, (), problem="quotes")
