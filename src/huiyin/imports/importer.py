"""What a room above offers so that its things can be imported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from huiyin.imports.values import Expected, Json


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row that could be read: its number in the file and its values by name."""

    number: int
    values: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Judged:
    """How a row ends. Accepted rows carry a ``plan``, refused ones the name, value and code."""

    number: int
    outcome: str
    plan: Any = None
    name: str = ""
    value: str = ""
    code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Occasion:
    """Of an import: the kind, whether its facts open obligations, by whom, when, from which batch."""

    kind: str
    live: bool
    by: int | None
    now: datetime
    source: str


class Importer(Protocol):
    """Knows what a row means. Both calls are set-based and run in one transaction."""

    def expected(self, kind: str) -> Mapping[str, Expected]:
        """The names that a map may fill. Raises ImportStopped for an unknown kind."""

    def judge(self, rows: Sequence[Candidate], *, occasion: Occasion) -> list[Judged]:
        """One answer for each row, against what is already there."""

    def apply(self, rows: Sequence[Judged], *, occasion: Occasion) -> None:
        """Write the accepted rows."""
