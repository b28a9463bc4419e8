"""What stands on a paper, in the order in which it is set; paper.typ reads the same names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LINES, SPACE = 16, 4
"""Room for words to be written by hand, in millimetres: for an answer, and below a printed one."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that is kept (``file`` is its SHA-256), or one drawn for this paper."""

    file: str
    alt: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    text: str
    on: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A word and what is said to it.

    ``sign``: lines of words with room behind each, for the hand; ``space``: empty room, in
    millimetres.
    """

    title: str
    text: str = ""
    clauses: str = ""
    choices: tuple[Choice, ...] = ()
    signature: Picture | None = None
    photos: tuple[Picture, ...] = ()
    sign: tuple[tuple[str, ...], ...] = ()
    note: str = ""
    space: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """``pair``: two cells side by side; ``wide``: one; ``band``: the heading of a part."""

    kind: str
    cells: tuple[Cell, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """A record or an empty form as it is printed; its pages are counted from 1.

    ``roomy``: its rows are high enough to write in.
    """

    firm: str
    title: str
    number: str
    document: str
    foot: str
    rows: tuple[Row, ...]
    marks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    qr: Picture | None = None
    roomy: bool = False

    @property
    def cells(self) -> Iterator[Cell]:
        for row in self.rows:
            yield from row.cells


def band(text: str) -> Row:
    return Row("band", text=text)


def wide(cell: Cell) -> Row:
    return Row("wide", (cell,))


def pairs(cells: Iterable[Cell]) -> list[Row]:
    """Two cells a row; one that is left over has a row of its own."""
    waiting = list(cells)
    rows = [Row("pair", (left, right)) for left, right in zip(waiting[::2], waiting[1::2])]  # noqa: B905
    return rows + ([wide(waiting[-1])] if len(waiting) % 2 else [])
