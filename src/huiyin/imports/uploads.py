"""An uploaded file: kept encrypted in pieces, looked into once, opened again for the job."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from huiyin.core.copying import copy_rows
from huiyin.imports import cells, guessing
from huiyin.imports.binding import is_total
from huiyin.imports.errors import FileRefused, empty, no_rows
from huiyin.imports.models import FilePart, ImportBatch
from huiyin.imports.reading import Row, Table, read_table
from huiyin.imports.values import Expected

MOST_BYTES = 50 * 1024 * 1024
MOST_ROWS = 200_000
PART = 384 * 1024  # bytes; a multiple of three, so that base64 has no padding between parts

HEAD = 12  # rows that the page shows of a file, and among which the header stands
SEEN = 2_000  # rows that are looked at for the values of a column
SAMPLES = 3
DISTINCT = 51  # values of a column that one might translate, and one more: then they are too many
TRIED = 5  # sheets that are looked into where the first is a note
SHORT = 20  # characters of such a value


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came from a browser, and what it is to be taken for."""

    path: Path
    name: str
    what: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """What a file begins with: its first rows, where its header seems to stand, what columns hold.

    ``values`` are the short texts of each column, in the order in which they come. Of a workbook
    with several ``sheets``: the ``sheet`` that is read, and which one was ``passed`` over.
    """

    form: str
    header: int
    rows: Sequence[Sequence[cells.Kept]]
    values: Sequence[Sequence[str]]
    sheet: str = ""
    sheets: Sequence[str] = ()
    passed: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "form": self.form,
            "header": self.header,
            "rows": [list(row) for row in self.rows],
            "values": [list(column) for column in self.values],
            "sheet": self.sheet,
            "sheets": list(self.sheets),
            "passed": self.passed,
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Head:
        return cls(**kept)

    def titles(self, header: int) -> list[str]:
        """The titles in a row, one for each column that the file has."""
        width = max((len(row) for row in self.rows), default=0)
        row = self.rows[header - 1] if 0 < header <= len(self.rows) else ()
        texts = [cells.text_of(cell) for cell in cells.as_they_stood(row)]
        return texts + [""] * (width - len(texts))

    def samples(self, header: int, phones: Collection[int]) -> list[list[str]]:
        """The first values below the header, column by column; numbers of people are masked.

        ``phones``: the columns, from 1, of phone numbers.
        """
        found: list[list[str]] = [[] for _title in self.titles(header)]
        for row in self.rows[header:]:
            for at, cell in enumerate(cells.as_they_stood(row)):
                text = cells.text_of(cell)
                if text and len(found[at]) < SAMPLES:
                    found[at].append(cells.masked(text, phone=at + 1 in phones)[:40])
        return found


def look_into(path: Path, expected: Mapping[str, Expected], *, sheet: str | None = None) -> Head:
    """Read how a file begins. Raises FileRefused for what is no table or too big.

    Of a workbook it is the ``sheet``; without one the first, or where that is a note the next.
    """
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise FileRefused(
            code="import.too_big",
            message=_("文件有 %(size)d MB，超出 %(limit)d MB 的限度。请分几个文件导入。")
            % {"size": size // 1024**2, "limit": MOST_BYTES // 1024**2},
        )
    first = table, seen = _begun(path, sheet)
    if sheet is None and _is_note(seen):
        table, seen = _first_table(path, table) or first
    if not any(not row.is_blank for row in seen):
        raise empty()
    header = guessing.find_header(seen[:HEAD], expected)
    if header >= len(seen):
        raise no_rows()
    several = table.sheets if len(table.sheets) > 1 else ()
    return Head(
        form=table.form,
        header=header,
        rows=[cells.keep(row.cells) for row in seen[:HEAD]],
        values=_short_texts(seen, header),
        sheet=table.sheet if several else "",
        sheets=several,
        passed=first[0].sheet if table is not first[0] else "",
    )


def _begun(path: Path, sheet: str | None) -> tuple[Table, list[Row]]:
    table = read_table(path, sheet=sheet)
    return table, list(islice(table.rows, SEEN))


def _is_note(rows: Sequence[Row]) -> bool:
    """Whether nothing stands below what might be a header, or nowhere one thing beside another."""
    filled = [sum(bool(cells.text_of(cell)) for cell in row.cells) for row in rows]
    return sum(map(bool, filled)) < 2 or max(filled) < 2


def _first_table(path: Path, note: Table) -> tuple[Table, list[Row]] | None:
    for name in [each for each in note.sheets if each != note.sheet][:TRIED]:
        with suppress(FileRefused):
            found = _begun(path, name)
            if not _is_note(found[1]):
                return found
    return None


def _short_texts(seen: Sequence[Row], header: int) -> list[list[str]]:
    width = max(len(row.cells) for row in seen)
    values: list[dict[str, None]] = [{} for _column in range(width)]
    for row in seen[header:]:
        if is_total(row):
            continue
        for at, cell in enumerate(row.cells):
            text = cells.text_of(cell)
            if text and len(text) <= SHORT and len(values[at]) < DISTINCT:
                values[at][text] = None
    return [list(column) for column in values]


def keep(batch: ImportBatch, path: Path) -> None:
    """Put the file into the database, encrypted as contacts are."""
    with path.open("rb") as file:
        pieces = enumerate(iter(lambda: file.read(PART), b""))
        rows = ((batch.pk, place, base64.b64encode(piece).decode()) for place, piece in pieces)
        copy_rows(FilePart, ["batch_id", "place", "content"], rows)


@contextmanager
def opened(batch: ImportBatch) -> Iterator[Path]:
    """The file under a path that only this process can open, gone with the block or the process."""
    parts = batch.parts.order_by("place").values_list("content", flat=True)
    with _nameless(base64.b64decode(text) for text in parts.iterator(8)) as path:
        yield path


@contextmanager
def received(file: UploadedFile) -> Iterator[Path]:
    """A file that a browser sent, likewise."""
    with _nameless(file.chunks()) as path:
        yield path


@contextmanager
def _nameless(pieces: Iterable[bytes]) -> Iterator[Path]:
    with tempfile.TemporaryFile() as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        # It never had a name in a folder: nothing lies about when the process is killed.
        yield Path(f"/proc/self/fd/{file.fileno()}")
