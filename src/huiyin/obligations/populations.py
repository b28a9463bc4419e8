"""The registry of populations: all targets of a kind, filled by the room that owns them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

Belonging = Callable[[str, Collection[int]], Mapping[int, list[Mapping[str, Any]]]]
"""(kind, targets) → what of this kind belongs to each target, as values by full field name."""


@dataclass(frozen=True, slots=True)
class Column:
    """Where a field stands: a path of the queryset, or a key of a JSON column there."""

    path: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Population:
    """The targets of a kind. The queryset's primary key is the target.

    ``column`` finds the place of a field by its full name, None where it has none; ``joined`` is
    the path of the moment since when a row counts. Rows are asked now; those that happened
    themselves say when, in ``happened``.
    """

    rows: Callable[[str], QuerySet]
    column: Callable[[str], Column | None]
    joined: str = ""
    belonging: Belonging | None = None
    happened: str = ""


_registered: dict[str, Population] = {}
SUBJECT = "subject"
"""The name under which all kinds of subjects stand."""


def register(kind: str, population: Population) -> None:
    """Name the rows that are targets of ``kind``. Called in ``AppConfig.ready()``."""
    _registered[kind] = population


def of(kind: str) -> Population:
    """The population of a kind; a kind that no room owns is one of a pack's own subjects."""
    return _registered.get(kind) or _registered[SUBJECT]


def rows(kind: str) -> QuerySet:
    """All targets of a kind."""
    return of(kind).rows(kind)


def belonging(kind: str, targets: Collection[int]) -> Mapping[int, list[Mapping[str, Any]]]:
    """What of this kind belongs to each of the targets; KeyError where nothing can."""
    found = of(kind).belonging
    if found is None:
        raise KeyError(kind)
    return found(kind, targets)


def kinds() -> tuple[str, ...]:
    return tuple(sorted(_registered))
