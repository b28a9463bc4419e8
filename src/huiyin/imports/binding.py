"""A map laid on a table: which cell is which value, where the header stands, what is left out."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from huiyin.core.punctuation import listed
from huiyin.imports.errors import MapProblem, MapRefused
from huiyin.imports.maps import Condition, MapFile, Source
from huiyin.imports.moments import Calendar
from huiyin.imports.reading import Notice, Row, Table
from huiyin.imports.refusals import BadValue
from huiyin.imports.values import Expected, Json, clean, convert

HEADER_WITHIN = 10  # rows: titles and remarks stand above a header, seldom more
TOTALS = frozenset({"合计", "总计", "小计", "共计", "总数", "total", "totals", "grandtotal", "sum"})
SHOWN = 200  # characters of a refused value that are kept


@dataclass(frozen=True, slots=True)
class Parsed:
    """One row of the file after the map: values by name, or the column and code of its refusal."""

    number: int
    values: Mapping[str, Json]
    code: str = ""
    column: str = ""
    value: str = ""
    detail: str = ""


@dataclass
class Bound:
    """A table with its map. ``notices`` grows while the rows are read."""

    file: MapFile
    expected: Mapping[str, Expected]
    zone: ZoneInfo
    positions: Mapping[str, int]
    titles: Mapping[str, str]
    width: int
    rows: Iterator[Row]
    notices: list[Notice] = field(default_factory=list)

    def parsed(self) -> Iterator[Parsed]:
        """Every row that is one: blank and total rows are left out with a notice."""
        blank = 0
        readers = {name: self._reader(name) for name in self.file.map.columns}
        for row in self.rows:
            if row.is_blank:
                blank += 1
            elif _is_total(row):
                self.notices.append(Notice("total_row", row.number, _line(row)))
            else:
                yield self._parse(row, readers)
        if blank:
            self.notices.append(Notice("blank_rows", text=str(blank)))

    def _reader(self, name: str) -> _Reader:
        source = self.file.map.columns[name]
        expected = self.expected[name]
        formats = tuple(source.dates or self.file.map.dates)
        return _Reader(
            source=source,
            expected=expected,
            position=self.positions.get(name),
            calendar=Calendar(self.zone, formats, self.file.map.ambiguous),
            required=expected.required or bool(source.required),
        )

    def _parse(self, row: Row, readers: Mapping[str, _Reader]) -> Parsed:
        if row.problem:
            return Parsed(row.number, {}, code=row.problem, value=_line(row))
        if self.width and any(_text(cell) for cell in row.cells[self.width :]):
            return Parsed(row.number, {}, code="cells", value=_line(row))
        values: dict[str, Json] = {}
        for name, reader in readers.items():
            try:
                values[name] = reader.read(row)
            except BadValue as bad:
                return self._refused(row, name, reader, bad)
        return self._against_conditions(row, values, readers)

    def _refused(self, row: Row, name: str, reader: _Reader, bad: BadValue) -> Parsed:
        title = self.titles.get(name, name)
        shown = _text(reader.cell(row))[:SHOWN]
        return Parsed(row.number, {}, bad.code, title, shown, bad.detail)

    def _against_conditions(
        self, row: Row, values: dict[str, Json], readers: Mapping[str, _Reader]
    ) -> Parsed:
        for condition in self.file.map.refuse:
            if _holds(condition, values):
                other = condition.before or condition.after
                facing = f"{self.titles.get(other, other)} {values[other]}" if other else ""
                bad = BadValue("order", detail=condition.because or facing)
                name = condition.value
                return self._refused(row, name, readers[name], bad)
        return Parsed(row.number, values)


@dataclass(frozen=True, slots=True)
class _Reader:
    source: Source
    expected: Expected
    position: int | None
    calendar: Calendar
    required: bool

    def cell(self, row: Row) -> object:
        if self.source.constant is not None:
            return self.source.constant
        if self.position is None or self.position > len(row.cells):
            return None
        return row.cells[self.position - 1]

    def read(self, row: Row) -> Json:
        cell = self._translated(self.cell(row))
        value = convert(cell, to=self.expected, calendar=self.calendar)
        if value is None and self.required:
            raise BadValue("empty")
        return value

    def _translated(self, cell: object) -> object:
        source = self.source
        if not isinstance(cell, str) and cell is not None:
            return cell
        text = clean(cell or "")
        if not text:
            return source.default
        return source.values.get(text, text if source.otherwise is None else source.otherwise)


def bind(file: MapFile, table: Table, *, expected: Mapping[str, Expected], zone: ZoneInfo) -> Bound:
    """Lay a map on a table. ``zone`` is used where the map names none.

    Raises MapRefused when the map names something unknown, leaves out what must be there, or
    looks for a column that the file has not.
    """
    problems = list(_unexpected(file, expected))
    if problems:
        raise MapRefused(problems)
    notices = list(table.notices)
    if file.map.header:
        header, rows = _header(file, table.rows, notices)
        positions = _positions(file, header)
        width = max((n for n, cell in enumerate(header.cells, 1) if _text(cell)), default=0)
        titles = {name: _text(header.cells[at - 1]) for name, at in positions.items()}
    else:
        rows, width = table.rows, 0
        positions = {
            name: int(source.column[0])
            for name, source in file.map.columns.items()
            if source.column
        }
        titles = {name: _("第 %(at)d 列") % {"at": at} for name, at in positions.items()}
    return Bound(
        file=file,
        expected=expected,
        zone=ZoneInfo(file.map.time_zone) if file.map.time_zone else zone,
        positions=positions,
        titles=titles,
        width=width,
        rows=rows,
        notices=notices,
    )


def _unexpected(file: MapFile, expected: Mapping[str, Expected]) -> Iterator[MapProblem]:
    for name in file.map.columns:
        if name not in expected:
            yield file.problem(
                ("columns", name),
                _("`%(name)s` 不是能导入的内容。") % {"name": name},
                _("可用：%(names)s。") % {"names": listed(expected)},
            )
    for name, wanted in expected.items():
        if wanted.required and name not in file.map.columns:
            yield file.problem(("columns",), _("缺少必填的 `%(name)s`。") % {"name": name})


def _header(file: MapFile, rows: Iterator[Row], notices: list[Notice]) -> tuple[Row, Iterator[Row]]:
    """The first row that has every wanted column; what stands above it is skipped with a notice."""
    first = list(islice(rows, HEADER_WITHIN))
    best = max(first, key=lambda row: len(_positions_in(file, row)), default=Row(1, ()))
    missing = list(_missing(file, best))
    if missing:
        raise MapRefused(missing)
    above = [row for row in first if row.number < best.number]
    notices += [Notice("title_row", row.number, _line(row)) for row in above if not row.is_blank]
    return best, chain([row for row in first if row.number > best.number], rows)


def _missing(file: MapFile, header: Row) -> Iterator[MapProblem]:
    found = _positions_in(file, header)
    for name, source in file.map.columns.items():
        if source.column and name not in found and source.required is not False:
            yield file.problem(
                ("columns", name, "column"),
                _("文件里没有列“%(column)s”。")
                % {"column": "／".join(str(column) for column in source.column)},
                _("文件里有：%(names)s。")
                % {"names": listed(filter(None, map(_text, header.cells)))[:SHOWN]},
            )


def _positions(file: MapFile, header: Row) -> dict[str, int]:
    """Positions from 1 by name. Raises MapRefused for a title that stands twice in the header."""
    found = _positions_in(file, header)
    titles = [_normal(_text(cell)) for cell in header.cells]
    twice = [
        file.problem(
            ("columns", name, "column"),
            _("表头里有两列都叫“%(title)s”。") % {"title": _text(header.cells[at - 1])},
            _("请改用列号，例如 `column: %(at)d`。") % {"at": at},
        )
        for name, at in found.items()
        if titles[at - 1]
        and titles.count(titles[at - 1]) > 1
        and at not in (file.map.columns[name].column or ())
    ]
    if twice:
        raise MapRefused(twice)
    return found


def _positions_in(file: MapFile, header: Row) -> dict[str, int]:
    titles = [_normal(_text(cell)) for cell in header.cells]
    found: dict[str, int] = {}
    for name, source in file.map.columns.items():
        for column in source.column or ():
            at = column if isinstance(column, int) else _index(titles, _normal(column)) + 1
            if 1 <= at <= len(titles):
                found[name] = at
                break
    return found


def _index(titles: list[str], wanted: str) -> int:
    return titles.index(wanted) if wanted in titles else -1


def _normal(title: str) -> str:
    # Full-width letters, spaces anywhere and capitals make no other column of it.
    return "".join(unicodedata.normalize("NFKC", title).casefold().split())


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip().strip("\ufeff\u200b")


def _line(row: Row) -> str:
    return (
        " | ".join(filter(None, map(_text, row.cells)))[:SHOWN]
        .replace("\0", "")
        .replace("\uffff", "")
    )


def _is_total(row: Row) -> bool:
    first = next(filter(None, map(_text, row.cells)), "")
    word = _normal(first).rstrip(":").split("(")[0]
    return word in TOTALS


def _holds(condition: Condition, values: Mapping[str, Json]) -> bool:
    value = values[condition.value]
    if value is None:
        return False
    if condition.one_of:
        return str(value) in condition.one_of
    other = values[condition.before or condition.after or ""]
    if other is None:
        return False
    # Days and moments are ISO text (moments all in UTC), so their order is that of the text.
    return value < other if condition.before else value > other
