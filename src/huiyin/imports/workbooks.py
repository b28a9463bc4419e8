"""Reading XLSX: looked over as a ZIP archive before anything is unpacked, then read as values."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

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
    """One sheet: its name, its rows from the top, and how many sheets were left aside."""

    name: str
    rows: Iterator[list[object]]
    others: int


def read_sheet(path: Path, *, name: str | None = None) -> Sheet:
    """The named sheet, or the first visible one. Raises FileRefused."""
    parts = _looked_over(path)
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        chosen = _choose(workbook, name)
        broken = _broken_cells(path, _part_of(path, chosen), parts)
        rows = workbook.get_sheet_by_name(chosen).to_python(skip_empty_area=False)
    except DAMAGE as error:
        raise _damaged() from error
    return Sheet(chosen, _cells(rows, broken), len(workbook.sheet_names) - 1)


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


def _broken_cells(path: Path, part: str, parts: frozenset[str]) -> frozenset[tuple[int, int]]:
    """Check the rectangle that the cells span, and name the cells that show an error."""
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
    return frozenset((int(row), _column(letters)) for letters, row in found)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _cells(rows: list[list[object]], broken: frozenset[tuple[int, int]]) -> Iterator[list[object]]:
    columns_of: dict[int, list[int]] = {}
    for number, column in broken:
        columns_of.setdefault(number, []).append(column)
    for number, row in enumerate(rows, start=1):
        cells = [_cell(value) for value in row]
        for column in columns_of.get(number, ()):
            cells += [None] * (column - len(cells))
            cells[column - 1] = BROKEN_CELL
        yield cells


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
