"""Reading XLSX: looked over as a ZIP archive before anything is unpacked, then read as values."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from huiyin.core.punctuation import listed
from huiyin.imports.errors import FileRefused

MAX_RATIO = 100  # a real sheet packs 10 to 30 times; a bomb a thousand times
MAX_UNPACKED = 200 * 1024 * 1024
MAX_CELLS = 20_000_000  # the reader keeps the whole rectangle in memory
MAX_COLUMNS = 256

CELL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"([^>]*)>')
BROKEN = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"[^>]*?t="e"')
UNCOUNTED = re.compile(
    rb'<c r="([A-Z]{1,3})([0-9]{1,7})"[^>]*><f[^>]*>[^<]*</f>\s*(?:<v\s*/>)?</c>'
)
HIDDEN_ROW = re.compile(rb'<row\b[^>]*\bhidden="(?:1|true)"')
COLUMN = re.compile(rb"<col\b[^>]*>")
ATTRIBUTE = re.compile(rb'\b(min|max|hidden)="([^"]*)"')
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

# What the readers raise over bytes that are no workbook (found by changing single bytes).
DAMAGE = (
    CalamineError, zipfile.BadZipFile, zlib.error, ElementTree.ParseError, NotImplementedError,
    RuntimeError, OSError, EOFError, LookupError, ValueError, StopIteration,
)  # fmt: skip


class BrokenCell:
    """A cell that shows an error such as ``#N/A``, or a formula that was never calculated."""

    def __str__(self) -> str:
        return "#"


BROKEN_CELL = BrokenCell()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name, its rows from the top, how many they are and how many sheets there are.

    ``hidden_rows`` counts what is hidden or filtered away, ``hidden_columns`` names it;
    ``merged_from`` is the first row with a cell that is merged with those below it, 0 for none.
    """

    name: str
    rows: Iterator[list[object]]
    others: int
    height: int = 0
    hidden_rows: int = 0
    hidden_columns: tuple[str, ...] = ()
    merged_from: int = 0


@dataclass(frozen=True, slots=True)
class Markup:
    """What a sheet says beside its values. Rows and columns count from 1."""

    broken: frozenset[tuple[int, int]]
    hidden_rows: int
    hidden_columns: tuple[str, ...]


def read_sheet(path: Path, *, name: str | None = None) -> Sheet:
    """The named sheet, or the first visible one. Raises FileRefused."""
    parts = _looked_over(path)
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        chosen = _choose(workbook, name)
        markup = _markup_of(path, _part_of(path, chosen), parts)
        sheet = workbook.get_sheet_by_name(chosen)
        merged = [range for range in sheet.merged_cell_ranges or () if range[0][0] < range[1][0]]
    except DAMAGE as error:
        raise _damaged() from error
    return Sheet(
        name=chosen,
        rows=_cells(_padded(sheet), markup.broken, merged),
        others=len(workbook.sheet_names) - 1,
        height=sheet.total_height,
        hidden_rows=markup.hidden_rows,
        hidden_columns=markup.hidden_columns,
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
            _check_markup(archive, entries)
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
    unpacked = sum(entry.file_size for entry in entries)
    bomb = unpacked > MAX_UNPACKED or any(
        entry.file_size > 1024 * 1024 and entry.file_size > MAX_RATIO * max(entry.compress_size, 1)
        for entry in entries
    )
    overlapping = sum(entry.compress_size for entry in entries) > size
    if bomb or overlapping:
        raise FileRefused(
            code="import.bomb",
            message=_(
                "表格解开后有 %(size)d MB，超出限度。请删去多余的行列和格式，分几个文件导入。"
            )
            % {"size": unpacked // 1024**2},
        )
    escaping = any(".." in PurePosixPath(name).parts or name.startswith("/") for name in names)
    locked = any(entry.flag_bits & 1 for entry in entries)
    if escaping or locked or len(set(names)) != len(names):
        raise _damaged()


def _check_markup(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    # No office program writes a document type; one that is there wants to be expanded.
    for entry in entries:
        if entry.filename.endswith((".xml", ".rels")):
            with archive.open(entry) as part:
                if b"<!DOCTYPE" in part.read(1024).upper():
                    raise _damaged()


def _choose(workbook: CalamineWorkbook, name: str | None) -> str:
    if name is None:
        visible = [
            sheet.name
            for sheet in workbook.sheets_metadata
            if sheet.visible == SheetVisibleEnum.Visible
        ]
        return (visible or workbook.sheet_names)[0]
    if name not in workbook.sheet_names:
        raise FileRefused(
            code="import.no_sheet",
            message=_("没有名为“%(name)s”的工作表；文件里有：%(names)s。")
            % {"name": name, "names": listed(workbook.sheet_names)},
        )
    return name


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


def _markup_of(path: Path, part: str, parts: frozenset[str]) -> Markup:
    """Check the rectangle that the cells span; name the cells that show an error, what is hidden."""
    if part not in parts:
        raise _damaged()
    with zipfile.ZipFile(path) as archive:
        markup = archive.read(part)
    width = height = 0
    for match in CELL.finditer(markup):
        width = max(width, _column(match[1]))
        height = max(height, int(match[2]))
    if width > MAX_COLUMNS or width * height > MAX_CELLS:
        raise FileRefused(
            code="import.too_wide",
            message=_(
                "工作表占 %(height)d 行 %(width)d 列，超出限度（%(limit)d 列）。请删去空白区域。"
            )
            % {"height": height, "width": width, "limit": MAX_COLUMNS},
        )
    found = {*BROKEN.findall(markup), *UNCOUNTED.findall(markup)}
    return Markup(
        broken=frozenset((int(row), _column(letters)) for letters, row in found),
        hidden_rows=len(HIDDEN_ROW.findall(markup)),
        hidden_columns=tuple(_hidden_columns(markup, width)),
    )


def _hidden_columns(markup: bytes, width: int) -> Iterator[str]:
    """The letters of hidden columns that have anything in them."""
    for column in COLUMN.findall(markup.partition(b"<sheetData")[0]):
        said = {key.decode(): value.decode() for key, value in ATTRIBUTE.findall(column)}
        if said.get("hidden") in ("1", "true"):
            for number in range(int(said["min"]), min(int(said["max"]), width) + 1):
                yield letters_of(number)


def letters_of(number: int) -> str:
    """The letters of a column that counts from 1: A, B, … Z, AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


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
