"""A map laid on a table: which cell is which value, where the header stands, what is left out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice, zip_longest
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from huiyin.core.punctuation import listed
from huiyin.imports import cells
from huiyin.imports.errors import MapProblem, MapRefused, empty
from huiyin.imports.maps import Condition, MapFile, Source
from huiyin.imports.moments import Calendar
from huiyin.imports.reading import Notice, Row, Table
from huiyin.imports.refusals import BadValue
from huiyin.imports.values import Expected, Json, clean, convert

HEADER_WITHIN = 10  # rows: titles and remarks stand above a header, seldom more
TOTAL = re.compile(
    r"(?:合计|总计|小计|共计|总数|totals?|grandtotal|sum)[:(]?\d*[户条件人个]?\)?(?:\(.*)?"
)
SHOWN = 200  # characters of a refused value that are kept


@dataclass(frozen=True, slots=True)
class Parsed:
    """One row of the file after the map: values by name, or the column and code of its refusal.

    ``cells`` are as they stood.
    """

    number: int
    cells: Sequence[object]
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
    positions: Mapping[str, tuple[int, ...]]
    titles: Mapping[str, str]
    width: int
    rows: Iterator[Row]
    header: tuple[str, ...] = ()
    notices: list[Notice] = field(default_factory=list)

    def parsed(self) -> Iterator[Parsed]:
        """Every row that is one: blank and total rows, and headers, are left out with a notice."""
        blank = 0
        readers = {name: self._reader(name) for name in self.file.map.columns}
        for row in self.rows:
            if row.is_blank:
                blank += 1
            elif is_total(row):
                self.notices.append(Notice("total_row", row.number, _line(row)))
            elif self._is_header(row):
                self.notices.append(Notice("header_row", row.number))
            else:
                yield self._parse(row, readers)
        if blank:
            self.notices.append(Notice("blank_rows", text=str(blank)))

    def _is_header(self, row: Row) -> bool:
        """Whether the header stands there once more, as where files were put one under another."""
        pairs = zip_longest(map(_text, row.cells), self.header, fillvalue="")
        return bool(self.header) and all(text == title for text, title in pairs)

    def _reader(self, name: str) -> _Reader:
        source = self.file.map.columns[name]
        expected = self.expected[name]
        required = expected.required or bool(source.required)
        formats = tuple(source.dates or self.file.map.dates)
        return _Reader(
            source=source,
            expected=replace(expected, forgiving=expected.forgiving and not required),
            positions=self.positions.get(name, ()),
            calendar=Calendar(self.zone, formats, self.file.map.ambiguous),
            required=required,
        )

    def _parse(self, row: Row, readers: Mapping[str, _Reader]) -> Parsed:
        if row.problem:
            return Parsed(row.number, row.cells, {}, code=row.problem, value=_line(row))
        if self.width and any(_text(cell) for cell in row.cells[self.width :]):
            return Parsed(row.number, row.cells, {}, code="cells", value=_line(row))
        values: dict[str, Json] = {}
        for name, reader in readers.items():
            try:
                values[name] = reader.read(row)
            except BadValue as bad:
                return self._refused(row, name, reader, bad)
        return self._against_conditions(row, values, readers)

    def _refused(self, row: Row, name: str, reader: _Reader, bad: BadValue) -> Parsed:
        title = self.titles.get(name, name)
        shown = reader.shown(row)[:SHOWN].replace("\0", "").replace("\uffff", "")
        return Parsed(row.number, row.cells, {}, bad.code, title, shown, bad.detail)

    def _against_conditions(
        self, row: Row, values: dict[str, Json], readers: Mapping[str, _Reader]
    ) -> Parsed:
        for condition in self.file.map.refuse:
            if _holds(condition, values):
                other = condition.before or condition.after
                facing = (
                    f"{self.titles.get(other, other)} {readers[other].shown(row)}" if other else ""
                )
                bad = BadValue("order", detail=condition.because or facing)
                name = condition.value
                return self._refused(row, name, readers[name], bad)
        return Parsed(row.number, row.cells, values)


@dataclass(frozen=True, slots=True)
class _Reader:
    source: Source
    expected: Expected
    positions: tuple[int, ...]
    calendar: Calendar
    required: bool

    def cell(self, row: Row) -> object:
        if self.source.constant is not None:
            return self.source.constant
        found = [row.cells[at - 1] if at <= len(row.cells) else None for at in self.positions]
        if self.source.join is None:
            return found[0] if found else None
        return self._joined(found)

    def shown(self, row: Row) -> str:
        """What stands there, for who has to put it right."""
        if self.source.join is None:
            return _text(self.cell(row))
        return cells.written(row.cells, self.positions)

    def _joined(self, found: Sequence[object]) -> str:
        """The parts that are there, one after the other.

        A number without its first or its last part (the building, the door) is another's number.
        """
        to = "code" if self.expected.type == "code" else "text"
        parts = [convert(cell, to=Expected(to), calendar=self.calendar) for cell in found]
        filled = [str(part) for part in parts if part is not None]
        if to == "code" and filled and (parts[0] is None or parts[-1] is None):
            raise BadValue("part_empty")
        return self.source.between.join(filled)

    def read(self, row: Row) -> Json:
        cell = self._translated(self.cell(row))
        value = convert(cell, to=self.expected, calendar=self.calendar)
        if value is None and self.required:
            raise BadValue("empty")
        front = self.source.front
        # A list may hold both: those that bear the front already are left.
        is_bare = bool(front) and isinstance(value, str) and not value.startswith(front)
        return f"{front}{value}" if is_bare else value

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
        head = tuple(_text(cell) for cell in header.cells)
        titles = {
            name: "＋".join(head[at - 1] for at in places) for name, places in positions.items()
        }
    else:
        rows, width, head = table.rows, 0, ()
        positions = {
            name: tuple(int(column) for column in source.join or (source.column or ())[:1])
            for name, source in file.map.columns.items()
        }
        titles = {
            name: _("第 %(at)s 列") % {"at": listed(places)}
            for name, places in positions.items()
            if places
        }
    return Bound(
        file=file,
        expected=expected,
        zone=ZoneInfo(file.map.time_zone) if file.map.time_zone else zone,
        positions=positions,
        # What stands for all rows, or in none, is spoken of by its own title.
        titles={name: str(of.title or name) for name, of in expected.items()} | titles,
        width=width,
        rows=rows,
        header=head,
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
    """The first row that has every wanted column, or the one that the map names.

    What stands above it is skipped with a notice.
    """
    named = file.map.header if file.map.header is not True else 0
    first = list(islice(rows, max(HEADER_WITHIN, named)))
    if named:
        best = next((row for row in first if row.number == named), Row(named, ()))
    else:
        best = max(first, key=lambda row: len(_positions_in(file, row)), default=Row(1, ()))
    if all(row.is_blank for row in first):
        raise empty()
    missing = list(_missing(file, best))
    if missing:
        raise MapRefused(missing)
    above = [row for row in first if row.number < best.number]
    notices += [Notice("title_row", row.number, _line(row)) for row in above if not row.is_blank]
    return best, chain([row for row in first if row.number > best.number], rows)


def _missing(file: MapFile, header: Row) -> Iterator[MapProblem]:
    found = _positions_in(file, header)
    for name, source in file.map.columns.items():
        if source.titles and name not in found and source.required is not False:
            yield file.problem(
                ("columns", name, "join" if source.join else "column"),
                _("文件里没有列“%(column)s”。")
                % {"column": "／".join(str(column) for column in source.titles)},
                _("文件里有：%(names)s。")
                % {"names": listed(filter(None, map(_text, header.cells)))[:SHOWN]},
            )


def _positions(file: MapFile, header: Row) -> dict[str, tuple[int, ...]]:
    """Positions from 1 by name. Raises MapRefused for a title that stands twice in the header."""
    found = _positions_in(file, header)
    titles = [normal(_text(cell)) for cell in header.cells]
    twice = [
        file.problem(
            ("columns", name, "join" if file.map.columns[name].join else "column"),
            _("表头里有两列都叫“%(title)s”。") % {"title": _text(header.cells[at - 1])},
            _("请改用列号，例如 `column: %(at)d`。") % {"at": at},
        )
        for name, places in found.items()
        for at in places
        if titles[at - 1]
        and titles.count(titles[at - 1]) > 1
        and at not in file.map.columns[name].titles
    ]
    if twice:
        raise MapRefused(twice)
    return found


def _positions_in(file: MapFile, header: Row) -> dict[str, tuple[int, ...]]:
    """By name: the first of its columns that is there, or all that are joined."""
    titles = [normal(_text(cell)) for cell in header.cells]
    found: dict[str, tuple[int, ...]] = {}
    for name, source in file.map.columns.items():
        places = [_place(titles, column) for column in source.titles]
        if source.join and all(places):
            found[name] = tuple(places)
        elif not source.join and any(places):
            found[name] = (next(filter(None, places)),)
    return found


def _place(titles: list[str], column: str | int) -> int:
    """The position from 1 of a column that is named or numbered; 0 where there is none."""
    at = column if isinstance(column, int) else _index(titles, normal(column)) + 1
    return at if 1 <= at <= len(titles) else 0


def _index(titles: list[str], wanted: str) -> int:
    return titles.index(wanted) if wanted in titles else -1


def normal(title: str) -> str:
    """A title as it is compared."""
    # Full-width letters, spaces anywhere and capitals make no other column of it.
    return "".join(unicodedata.normalize("NFKC", title).casefold().split())


_text = cells.text_of


def _line(row: Row) -> str:
    return (
        " | ".join(filter(None, map(_text, row.cells)))[:SHOWN]
        .replace("\0", "")
        .replace("\uffff", "")
    )


def is_total(row: Row) -> bool:
    """Whether it is the sum of the rows above."""
    first = next(filter(None, map(_text, row.cells)), "")
    return TOTAL.fullmatch(normal(first)) is not None


def _holds(condition: Condition, values: Mapping[str, Json]) -> bool:
    value = values[condition.value]
    if value is None or isinstance(value, dict):
        return False
    if condition.one_of:
        return str(value) in condition.one_of
    other = values[condition.before or condition.after or ""]
    if other is None or isinstance(other, dict):
        return False
    # Days and moments are ISO text (moments all in UTC), so their order is that of the text.
    return value < other if condition.before else value > other
