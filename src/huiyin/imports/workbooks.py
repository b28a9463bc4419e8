"""Reading XLSX: looked over as a ZIP archive before anything is unpacked, then read as values."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from stat import S_ISLNK
from xml.etree import ElementTree
from xml.parsers.expat import ExpatError

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from huiyin.core.punctuation import listed
from huiyin.imports import markup
from huiyin.imports.errors import FileRefused
from huiyin.imports.markup import SheetMarkup, TooLarge

MAX_RATIO = 100  # a real sheet packs 10 to 30 times; a bomb a thousand times
MAX_UNPACKED = 200 * 1024 * 1024
MAX_MEMORY = 320 * 1024 * 1024  # of the values; a process has 512 MB, of which it needs a quarter
MAX_COLUMNS = 256

# Out of the folder into which somebody would unpack it, on any system.
ESCAPING = re.compile(r"^[/\\]|^[A-Za-z]:|(?:^|[/\\])\.\.(?:[/\\]|$)")
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

# What the readers raise over bytes that are no workbook (found by changing single bytes).
DAMAGE = (
    CalamineError, ExpatError, zipfile.BadZipFile, zlib.error, ElementTree.ParseError, NotImplementedError,
    RuntimeError, OSError, EOFError, LookupError, ValueError, StopIteration,
)  # fmt: skip


class BrokenCell:
    """A cell that shows an error such as ``#N/A``, or a formula that was never calculated."""

    def __str__(self) -> str:
        return "#"


BROKEN_CELL = BrokenCell()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name, its rows from the top, how many they are and which sheets can be seen.

    ``hidden_rows`` counts what is hidden or filtered away, ``hidden_columns`` names it;
    ``merged_from`` is the first row with a cell that is merged with those below it, 0 for none.
    """

    name: str
    rows: Iterator[list[object]]
    others: int
    visible: tuple[str, ...] = ()
    height: int = 0
    hidden_rows: int = 0
    hidden_columns: tuple[str, ...] = ()
    merged_from: int = 0


def read_sheet(path: Path, *, name: str | None = None) -> Sheet:
    """The named sheet, or the first visible one. Raises FileRefused."""
    parts = _looked_over(path)
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        chosen = _choose(workbook, name)
        found = _markup_of(path, _part_of(path, chosen), parts)
        _check_size(found)
        sheet = workbook.get_sheet_by_name(chosen)
        merged = [range for range in sheet.merged_cell_ranges or () if range[0][0] < range[1][0]]
    except DAMAGE as error:
        raise _damaged() from error
    return Sheet(
        name=chosen,
        rows=_cells(_padded(sheet), frozenset(found.broken), merged),
        others=len(workbook.sheet_names) - 1,
        visible=tuple(_visible(workbook)),
        height=sheet.total_height,
        hidden_rows=found.hidden_rows,
        hidden_columns=tuple(_hidden_columns(found)),
        merged_from=min((first[0] + 1 for first, _last in merged), default=0),
    )


def _padded(sheet: CalamineSheet) -> Iterator[list[object]]:
    """Every row from the first column on; one after the other, so that they need not all be held."""
    if sheet.start is None:
        return
    before: list[object] = [None] * sheet.start[1]
    for row in sheet.iter_rows():
        yield before + row


def _looked_over(path: Path) -> frozenset[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_entries(entries, path.stat().st_size)
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    markup.look_over(archive, entry)
    except TooLarge as error:
        raise _too_large(entries) from error
    except DAMAGE as error:
        raise _damaged() from error
    names = frozenset(entry.filename for entry in entries)
    if "xl/workbook.xml" not in names:
        raise FileRefused(
            code="import.no_workbook",
            message=_("这个压缩包不是 XLSX 表格。请在表格软件里另存为 XLSX 或 CSV UTF-8。"),
        )
    return names


def _check_entries(entries: list[zipfile.ZipInfo], size: int) -> None:
    names = [entry.filename for entry in entries]
    bomb = sum(entry.file_size for entry in entries) > MAX_UNPACKED or any(
        entry.file_size > 1024 * 1024 and entry.file_size > MAX_RATIO * max(entry.compress_size, 1)
        for entry in entries
    )
    overlapping = sum(entry.compress_size for entry in entries) > size
    if bomb or overlapping:
        raise _too_large(entries)
    locked = any(entry.flag_bits & 1 for entry in entries)
    links = any(S_ISLNK(entry.external_attr >> 16) for entry in entries)
    if any(map(ESCAPING.search, names)) or locked or links or len(set(names)) != len(names):
        raise _damaged()


def _too_large(entries: list[zipfile.ZipInfo]) -> FileRefused:
    return FileRefused(
        code="import.bomb",
        message=_("表格解开后有 %(size)d MB，超出限度。请删去多余的行列和格式，分几个文件导入。")
        % {"size": sum(entry.file_size for entry in entries) // 1024**2},
    )


def _choose(workbook: CalamineWorkbook, name: str | None) -> str:
    if name is None:
        return (_visible(workbook) or workbook.sheet_names)[0]
    if name not in workbook.sheet_names:
        raise FileRefused(
            code="import.no_sheet",
            message=_("没有名为“%(name)s”的工作表；文件里有：%(names)s。")
            % {"name": name, "names": listed(workbook.sheet_names)},
        )
    return name


def _visible(workbook: CalamineWorkbook) -> list[str]:
    return [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.visible == SheetVisibleEnum.Visible
    ]


def _part_of(path: Path, sheet: str) -> str:
    """The archive member that holds a sheet."""
    with zipfile.ZipFile(path) as archive:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    wanted = next(
        element.attrib[RELATION]
        for element in book.iter()
        if element.tag.endswith("}sheet") and element.attrib["name"] == sheet
    )
    target = next(link.attrib["Target"] for link in links if link.attrib["Id"] == wanted)
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _markup_of(path: Path, part: str, parts: frozenset[str]) -> SheetMarkup:
    if part not in parts:
        raise _damaged()
    with zipfile.ZipFile(path) as archive:
        try:
            return markup.read_sheet_markup(archive, part, most=MAX_MEMORY)
        except TooLarge as error:
            raise _too_large(archive.infolist()) from error


def _check_size(found: SheetMarkup) -> None:
    """Raise FileRefused for a rectangle that is too wide, or that memory does not hold."""
    said = {"height": found.height, "width": found.width, "limit": MAX_COLUMNS}
    if found.width > MAX_COLUMNS:
        message = _(
            "工作表占 %(height)d 行 %(width)d 列，超出限度（%(limit)d 列）。请删去空白区域。"
        )
        raise FileRefused(code="import.too_wide", message=message % said)
    if found.memory > MAX_MEMORY:
        message = _(
            "工作表占 %(height)d 行 %(width)d 列，展开后有 %(size)d MB，超出 %(limit)d MB 的限度。"
            "请删去空白区域，或分几个文件导入。"
        )
        size = {"size": found.memory // 1024**2, "limit": MAX_MEMORY // 1024**2}
        raise FileRefused(code="import.too_much", message=message % (said | size))


def _hidden_columns(found: SheetMarkup) -> Iterator[str]:
    """The letters of hidden columns that have anything in them."""
    for first, last in found.hidden:
        for number in range(first, min(last, found.width) + 1):
            yield letters_of(number)


def letters_of(number: int) -> str:
    """The letters of a column that counts from 1: A, B, … Z, AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


Corner = tuple[int, int]


def _cells(
    rows: Iterator[list[object]],
    broken: frozenset[tuple[int, int]],
    merged: Sequence[tuple[Corner, Corner]],
) -> Iterator[list[object]]:
    """The rows with what is broken marked; a cell merged with those below it stands in each."""
    columns_of: dict[int, list[int]] = {}
    for number, column in broken:
        columns_of.setdefault(number, []).append(column)
    starts: dict[int, list[tuple[int, int]]] = {}
    for (first, column), (last, _column) in merged:
        starts.setdefault(first + 1, []).append((column, last + 1))
    running: dict[int, tuple[int, object]] = {}
    for number, row in enumerate(_guarded(rows), start=1):
        cells = [_cell(value) for value in row]
        for column in columns_of.get(number, ()):
            cells += [None] * (column - len(cells))
            cells[column - 1] = BROKEN_CELL
        for column, (last, value) in list(running.items()):
            if number > last:
                del running[column]
            elif column < len(cells) and cells[column] is None:
                cells[column] = value
        for column, last in starts.get(number, ()):
            running[column] = (last, cells[column] if column < len(cells) else None)
        yield cells


def _guarded(rows: Iterator[list[object]]) -> Iterator[list[object]]:
    try:
        yield from rows
    except DAMAGE as error:
        raise _damaged() from error


def _cell(value: object) -> object:
    if value == "":
        return None
    if isinstance(value, datetime) and value.microsecond:
        # A day is stored as a fraction: 23:59:59 comes back as 23:59:58.998.
        return (value + timedelta(milliseconds=500)).replace(microsecond=0)
    return value


def _damaged() -> FileRefused:
    return FileRefused(
        code="import.damaged",
        message=_("表格文件损坏、加密或结构异常，没有打开。请在表格软件里打开后另存为新的 XLSX。"),
    )
