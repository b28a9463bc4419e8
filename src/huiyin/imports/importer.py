"""What a room above offers so that its things can be imported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib import import_module
from typing import Any, Protocol, TypeVar

from django.conf import settings

from huiyin.imports.binding import SHOWN
from huiyin.imports.reading import Notice
from huiyin.imports.refusals import Refused
from huiyin.imports.values import Expected, Json

Each = TypeVar("Each")

CREATE, UPDATE = "create", "update"
SLICE = 10_000
"""Rows that are written at once: each slice is set-based, all are one transaction."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row that could be read: its number in the file and its values by name."""

    number: int
    values: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Judged:
    """How a row ends. Accepted rows carry a ``plan``, refused ones the name, value and code.

    An accepted row with a code is in doubt: what stands under the name has to be looked into.
    ``act``: whether an accepted row makes something or changes what is there.
    """

    number: int
    outcome: str
    plan: Any = None
    name: str = ""
    value: str = ""
    code: str = ""
    detail: str = ""
    act: str = CREATE


def refused(row: Candidate, error: Refused) -> Judged:
    """The row ends refused, with the value as it was read."""
    return doubted(row, Judged(row.number, "refused"), error)


def doubted(row: Candidate, judged: Judged, doubt: Refused | None) -> Judged:
    """The same with what is wrong in it, and the value as it was read."""
    if doubt is None:
        return judged
    value = row.values.get(doubt.name)
    shown = " ".join(value) if isinstance(value, list) else str(value or "")
    return replace(
        judged, name=doubt.name, value=shown[:SHOWN], code=doubt.code, detail=doubt.detail
    )


def slices(rows: Sequence[Each], occasion: Occasion) -> Iterator[Sequence[Each]]:
    """Pieces that are written at once; the occasion hears after each how many are."""
    for first in range(0, len(rows), SLICE):
        piece = rows[first : first + SLICE]
        yield piece
        occasion.report(first + len(piece))


def texts_in(rows: Iterable[Candidate], name: str) -> set[str]:
    """Everything that stands under a name."""
    return {str(value) for row in rows if (value := row.values.get(name)) is not None}


@dataclass(frozen=True, slots=True)
class Brought:
    """What a row did: the target that it made or changed, and how that stood before and after."""

    number: int
    target: int
    act: str
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why what a row brought cannot be taken back: what was built on it since, in words."""

    number: int
    label: str
    why: str


@dataclass(frozen=True, slots=True)
class Occasion:
    """Of an import: the kind, whether its facts open obligations, by whom, when, from which batch.

    ``report`` hears how many rows are written. On a ``trial`` nothing is written; else whoever judges
    holds what he judges against until it is.
    """

    kind: str
    live: bool
    by: int | None
    now: datetime
    source: str
    report: Callable[[int], None] = field(default=lambda done: None, compare=False)
    trial: bool = False

    def source_of(self, row: int) -> str:
        """What a fact that comes from a row says of its origin."""
        return f"{self.source}:{row}"


class Importer(Protocol):
    """Knows what a row means. Every call is set-based and runs in one transaction."""

    title: Any
    modes: Sequence[str]
    most_rows: int

    def kinds(self) -> Mapping[str, str]:
        """The kinds of thing that can be imported now, and their titles; "" where there is one."""

    def expected(self, kind: str) -> Mapping[str, Expected]:
        """The names that a map may fill. Raises ImportStopped for an unknown kind."""

    def judge(self, rows: Sequence[Candidate], *, occasion: Occasion) -> list[Judged]:
        """One answer for each row, against what is already there."""

    def remarks(self, rows: Sequence[Judged]) -> list[Notice]:
        """What somebody should know of the accepted rows before they are brought in."""

    def apply(self, rows: Sequence[Judged], *, occasion: Occasion) -> list[Brought]:
        """Write the accepted rows."""

    def obstacles(self, rows: Sequence[Brought], *, occasion: Occasion) -> list[Obstacle]:
        """What was built on what an import brought, row by row."""

    def undo(self, rows: Sequence[Brought], *, occasion: Occasion, reason: str) -> None:
        """Take back what an import brought; nothing was built on it."""


def known() -> Mapping[str, str]:
    """What can be imported → the module whose IMPORTER knows what a row of it means."""
    found: Mapping[str, str] = settings.HUIYIN_IMPORTERS
    return found


def importer_of(what: str) -> Importer:
    """Raises KeyError for what cannot be imported."""
    found: Importer = import_module(known()[what]).IMPORTER
    return found
