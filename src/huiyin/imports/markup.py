"""What the parts of an XLSX file hold, read before the reader of values unpacks any of them.

An archive may lie about the size of its parts, and a sheet may be written in any way that XML
allows: so every part is unpacked once piece by piece, and the sheet read by a parser.
"""

from __future__ import annotations

import copy
import zipfile
from abc import ABC, abstractmethod
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from xml.parsers import expat

PIECE = 256 * 1024
LONGEST = 4 * 1024**2  # bytes without the end of a tag: a cell holds a hundred times less
MOST_TAGS = 20_000_000
# What the reader of values keeps (measured): of each cell in the rectangle, of each that is filled.
CELL_BYTES, FILLED_BYTES, STRING_BYTES = 32, 64, 32
COLUMNS = 16_384
STRINGS = "xl/sharedStrings.xml"


class Unsound(ValueError):
    """A part is not what the archive says, or what no office program writes."""


class TooLarge(Exception):
    """To unpack it would take more memory than a file may."""


def look_over(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Unpack a part of markup once. Raises Unsound, TooLarge.

    No office program writes a document type, or anything but UTF-8.
    """
    unended = tags = 0
    before = b""
    for piece in pieces(archive, entry):
        tags += piece.count(b"<")
        unended = len(piece) - piece.rfind(b">") if b">" in piece else unended + len(piece)
        if b"<!DOCTYPE" in before + piece or b"\0" in piece or unended > LONGEST:
            raise Unsound(entry.filename)
        if tags > MOST_TAGS:
            raise TooLarge(entry.filename)
        before = piece[-8:]


def pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The part as it unpacks. Raises Unsound where it is longer or shorter than the archive says."""
    # Python stops at the length that the archive tells; readers in other languages do not.
    unbounded = copy.copy(entry)
    unbounded.file_size = entry.file_size + PIECE
    length = 0
    with archive.open(unbounded) as part:
        while piece := part.read(PIECE):
            length += len(piece)
            if length > entry.file_size:
                raise Unsound(entry.filename)
            yield piece
    if length != entry.file_size:
        raise Unsound(entry.filename)


@dataclass
class SheetMarkup:
    """What a sheet says beside its values, rows and columns from 1. ``hidden``: spans of columns."""

    width: int = 0
    height: int = 0
    filled: int = 0
    texts: int = 0
    broken: set[tuple[int, int]] = field(default_factory=set)
    hidden_rows: int = 0
    hidden: list[tuple[int, int]] = field(default_factory=list)

    @property
    def memory(self) -> int:
        """Bytes that its values take once they are read: the whole rectangle is kept."""
        cells = self.width * self.height * CELL_BYTES + self.filled * FILLED_BYTES
        return cells + self.texts


def read_sheet_markup(archive: zipfile.ZipFile, part: str, *, most: int) -> SheetMarkup:
    """Read a sheet with the texts that its cells share. Raises TooLarge, at once, over ``most`` bytes."""
    shared = _Strings(most)
    if STRINGS in archive.namelist():
        shared.read(archive, STRINGS)
    cells = _Cells(shared.lengths, most - shared.memory)
    cells.read(archive, part)
    cells.found.texts += shared.memory
    return cells.found


class _Heard(ABC):
    """What is heard while a part is parsed, up to so many bytes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._begin

    def read(self, archive: zipfile.ZipFile, part: str) -> None:
        for piece in pieces(archive, archive.getinfo(part)):
            self._parser.Parse(piece)
            if self.memory > self._most:
                raise TooLarge(part)
        self._parser.Parse(b"", True)

    @property
    @abstractmethod
    def memory(self) -> int:
        """Bytes that what was heard so far takes."""

    @abstractmethod
    def _begin(self, name: str, attributes: dict[str, str]) -> None: ...


class _Strings(_Heard):
    """The lengths of the texts that cells share, in bytes."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.lengths = array("L")
        self._total = 0
        self._parser.CharacterDataHandler = self._text

    @property
    def memory(self) -> int:
        return self._total + len(self.lengths) * STRING_BYTES

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        if _local(name) == "si":
            self.lengths.append(0)

    def _text(self, text: str) -> None:
        if self.lengths:
            length = _bytes_of(text)
            self.lengths[-1] += length
            self._total += length


class _Cells(_Heard):
    """The cells of a sheet, wherever they say that they stand."""

    def __init__(self, lengths: array[int], most: int) -> None:
        super().__init__(most)
        self.found = SheetMarkup()
        self._lengths = lengths
        self._row = self._column = 0
        self._row_told = ""
        self._open = self._calculated = False
        self._kind = ""
        self._said: list[str] = []
        self._known: dict[str, Callable[[dict[str, str]], None]] = {
            "row": self._begin_row, "c": self._begin_cell, "v": self._begin_value,
            "is": self._begin_value, "f": self._begin_formula, "col": self._begin_column,
            "t": lambda attributes: None,
        }  # fmt: skip

    def read(self, archive: zipfile.ZipFile, part: str) -> None:
        super().read(archive, part)
        self._end()

    @property
    def memory(self) -> int:
        return self.found.filled * FILLED_BYTES + self.found.texts

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        known = self._known.get(name) or self._known.get(_local(name)) or self._leave
        known(attributes)

    def _leave(self, attributes: dict[str, str]) -> None:
        """Something else begins: formulas that follow belong to no cell."""
        self._end()
        self._open = False

    def _begin_row(self, attributes: dict[str, str]) -> None:
        self._leave(attributes)
        self._row_told = attributes.get("r", "")
        self._row = _number(self._row_told) if self._row_told else self._row + 1
        self._column = 0
        self.found.hidden_rows += attributes.get("hidden") in ("1", "true")

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        if self._said or self._calculated:
            self._end()
        self._open, self._kind = True, attributes.get("t", "")
        place = attributes.get("r")
        if place is None:
            self._column += 1
        else:
            letters = place.rstrip("0123456789")
            self._column = column_number(letters)
            # Of two million cells each stands in the row that was told.
            if place[len(letters) :] != self._row_told:
                self._row = _number(place[len(letters) :])
        if self._kind == "e":
            self._fill()
            self.found.broken.add((self._row, self._column))

    def _begin_formula(self, attributes: dict[str, str]) -> None:
        if self._open:
            self._calculated = True
            self._fill()

    def _begin_value(self, attributes: dict[str, str]) -> None:
        if not self._open:
            return
        self._fill()
        if self._kind in ("s", "str", "inlineStr") or self._calculated:
            self._parser.CharacterDataHandler = self._said.append

    def _end(self) -> None:
        """The cell is over: a formula in it that came to nothing was never calculated."""
        said = "".join(self._said).strip()
        # What came to a text may have come to an empty one.
        if self._calculated and not said and self._kind != "str":
            self.found.broken.add((self._row, self._column))
        if said and self._kind == "s":
            self.found.texts += self._lengths[_number(said)]
        elif said:
            self.found.texts += _bytes_of(said)
        self._said.clear()
        self._calculated = False
        self._parser.CharacterDataHandler = None

    def _fill(self) -> None:
        found = self.found
        found.filled += 1
        if self._column > found.width:
            found.width = self._column
        if self._row > found.height:
            found.height = self._row

    def _begin_column(self, attributes: dict[str, str]) -> None:
        if attributes.get("hidden") in ("1", "true"):
            span = _number(attributes.get("min", "")), _number(attributes.get("max", ""))
            self.found.hidden.append(span)


@lru_cache(256)
def column_number(letters: str) -> int:
    """The number from 1 of a column that a sheet calls A, B, … Z, AA. Raises Unsound."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    if not letters.isascii() or not letters.isalpha() or number > COLUMNS:
        raise Unsound(letters)
    return number


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise Unsound(text)
    return int(text)


def _bytes_of(text: str) -> int:
    # Of a text that is not all ASCII most characters take three bytes: Chinese ones.
    return len(text) if text.isascii() else 3 * len(text)


def _local(name: str) -> str:
    return name.rpartition(":")[2]
