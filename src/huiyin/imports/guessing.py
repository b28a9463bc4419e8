"""Which row of a file is its header, and what its columns seem to mean. A person has the last word."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from huiyin.core.signs import as_code, has_wrong_signs
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


def _likeness(title: str, wanted: Expected) -> int:
    if title in _titles(wanted) or title in map(normal, wanted.parts):
        return SURE
    return LIKELY if _inside(title, {*_titles(wanted), *wanted.stand_ins}) else 0


def guess(
    titles: Sequence[str], values: Sequence[Sequence[str]], expected: Mapping[str, Expected]
) -> dict[int, str]:
    """Position from 1 → name, from the titles and from the first ``values`` of each column.

    Exact titles come first; then a column whose values are known to us; then what a title contains;
    then the columns that make up a number; at last what may stand for it.
    """
    bare = [normal(title) for title in titles]
    numbers = _numbers(values, expected)
    parts = _parts(bare, expected)
    together = {at for places in parts.values() if len(places) > 1 for at in places}
    alone = {at: t for at, t in enumerate(bare, 1) if t and bare.count(t) == 1}
    free = {at: title for at, title in alone.items() if at not in together}
    guess = _Guess(expected, numbers)
    for at, title in free.items():
        guess.take(at, *(name for name, of in expected.items() if title in _titles(of)))
    for at in numbers.keys() - together:
        guess.take(at, numbers[at])
    for at, title in free.items():
        guess.take(at, _likely(title, expected, guess.found.values()))
    for name, places in parts.items():
        guess.take_together(places, name)
    for at, title in alone.items():
        guess.take(at, *(name for name, of in expected.items() if _inside(title, of.stand_ins)))
    return dict(sorted(guess.found.items()))


@dataclass
class _Guess:
    """What was found so far; a column is one thing, and a thing is told once."""

    expected: Mapping[str, Expected]
    numbers: Mapping[int, str]
    found: dict[int, str] = field(default_factory=dict)

    def take(self, at: int, *names: str) -> None:
        """The first of the names that is free; a column of numbers that we know is never a unit."""
        for name in names:
            told = not name or name in self.found.values()
            is_unit = not told and self.expected[name].names_one is not None
            if at not in self.found and not told and not (is_unit and at in self.numbers):
                self.found[at] = name

    def take_together(self, places: Sequence[int], name: str) -> None:
        if name not in self.found.values():
            free = [at for at in places if at not in self.found]
            self.found |= dict.fromkeys(free if self.expected[name].joins else free[:1], name)


def beside(
    columns: Mapping[int, str], values: Sequence[Sequence[str]], expected: Mapping[str, Expected]
) -> dict[str, int]:
    """Name → the column most of whose first values name one (小区), where none has its title.

    Of what else stands there, a line of remarks or a slip, a person says what it means.
    """
    found: dict[str, int] = {}
    for name, wanted in expected.items():
        if wanted.names_one is not None and name not in columns.values():
            named = {
                at: sum(map(wanted.names_one, texts)) / len(texts)
                for at, texts in enumerate(values, 1)
                if texts
            }
            at = max(named, key=lambda place: named[place], default=0)
            if at and 2 * named[at] > 1:
                found[name] = at
    return found


def _numbers(values: Sequence[Sequence[str]], expected: Mapping[str, Expected]) -> dict[int, str]:
    """Columns most of whose values are numbers of what is there already: of customers, say."""
    found: dict[int, str] = {}
    codes = [
        {code for text in texts if not has_wrong_signs(code := as_code(text))} for texts in values
    ]
    for name, wanted in expected.items():
        if wanted.known is not None and any(codes):
            known = wanted.known(set().union(*codes))
            for at, texts in enumerate(codes, 1):
                if 2 * len(texts & known) > len(texts):
                    found.setdefault(at, name)
    return found


def _parts(bare: Sequence[str], expected: Mapping[str, Expected]) -> dict[str, list[int]]:
    """The columns that make up a number together, by name, where none bears its own title."""
    found: dict[str, list[int]] = {}
    for name, wanted in expected.items():
        parts = {normal(part) for part in wanted.parts}
        if parts and not _titles(wanted) & {*bare}:
            found[name] = [at for at, title in enumerate(bare, 1) if title in parts]
    return found


def _likely(title: str, expected: Mapping[str, Expected], taken: Collection[str]) -> str:
    """The name of which most stands in a title: 楼栋房号 is a house, though 楼栋 is in it as well."""
    best, most = "", 0
    for name, wanted in expected.items():
        own = _inside(title, _titles(wanted)) if name not in taken else 0
        if own > most:
            best, most = name, own
        if (other := _inside(title, wanted.stand_ins)) > most:
            best, most = "", other
    return best


def _inside(title: str, words: Iterable[str]) -> int:
    """How many characters the longest of the words has that stands in a title."""
    return max((len(word) for word in words if len(word) > 1 and word in title), default=0)


def _titles(wanted: Expected) -> set[str]:
    return {normal(str(wanted.title)), *map(normal, wanted.aliases)}
