"""Which row of a file is its header, and what its columns seem to mean. A person has the last word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from huiyin.imports.binding import HEADER_WITHIN, normal
from huiyin.imports.cells import text_of
from huiyin.imports.reading import Row
from huiyin.imports.values import Expected

SURE, LIKELY = 3, 1


def find_header(rows: Sequence[Row], expected: Mapping[str, Expected]) -> int:
    """The number of the header's row: of the first rows the one whose titles mean the most.

    Where none means anything, the first with at least two cells, else the first.
    """
    first = [row for row in rows[:HEADER_WITHIN] if not row.is_blank]
    best = max(first, key=lambda row: (_score(row, expected), -row.number), default=None)
    if best is not None and _score(best, expected):
        return best.number
    several = (row for row in first if sum(bool(text_of(cell)) for cell in row.cells) > 1)
    found = next(several, first[0] if first else None)
    return found.number if found else 1


def _score(row: Row, expected: Mapping[str, Expected]) -> int:
    titles = [normal(text_of(cell)) for cell in row.cells]
    return sum(
        max((_likeness(title, wanted) for wanted in expected.values()), default=0)
        for title in dict.fromkeys(titles)
        if title
    )


def guess(titles: Sequence[str], expected: Mapping[str, Expected]) -> dict[int, str]:
    """Position from 1 → name. Exact titles come first; then the columns that make up a number."""
    bare = [normal(title) for title in titles]
    found: dict[int, str] = {}
    for least in (SURE, LIKELY):
        for at, title in enumerate(bare, 1):
            if title and at not in found and bare.count(title) == 1:
                _take(at, title, least, expected, found)
    for name, wanted in expected.items():
        if wanted.parts and name not in found.values():
            parts = {normal(part) for part in wanted.parts}
            pieces = [at for at, title in enumerate(bare, 1) if title in parts and at not in found]
            found |= dict.fromkeys(pieces if wanted.joins else pieces[:1], name)
    return dict(sorted(found.items()))


def beside(
    columns: Mapping[int, str], values: Sequence[Sequence[str]], expected: Mapping[str, Expected]
) -> dict[str, int]:
    """Name → the first column whose first values all name one (小区), where none has its title."""
    found: dict[str, int] = {}
    for name, wanted in expected.items():
        if wanted.names_one is not None and name not in columns.values():
            telling = (
                at
                for at, texts in enumerate(values, 1)
                if texts and all(map(wanted.names_one, texts))
            )
            if at := next(telling, 0):
                found[name] = at
    return found


def _take(
    at: int, title: str, least: int, expected: Mapping[str, Expected], found: dict[int, str]
) -> None:
    for name, wanted in expected.items():
        if name not in found.values() and _likeness(title, wanted, parts=False) >= least:
            found[at] = name
            return


def _likeness(title: str, wanted: Expected, *, parts: bool = True) -> int:
    """Whether a title is one of those that a thing bears, or contains one."""
    known = [normal(str(wanted.title)), *map(normal, wanted.aliases)]
    if title in known or (parts and title in map(normal, wanted.parts)):
        return SURE
    inside = any(len(each) > 1 and each in title for each in known)
    return LIKELY if inside else 0
