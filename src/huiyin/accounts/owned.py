"""What a person owns and how it is handed over: the third of the three registries.

Rooms above register what they entrust to people; whoever lets somebody leave asks here what is
still his.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Count = Callable[[int], int]
"""How much of it a person (id) owns."""

HandOver = Callable[..., int]
"""(person id, *, to, by, now) → how much was handed over; the caller opened the transaction."""


@dataclass(frozen=True, slots=True)
class Owned:
    """A kind of thing that people own: its title, how much, and how it changes hands."""

    kind: str
    title: Any
    count: Count
    hand_over: HandOver


_registered: dict[str, Owned] = {}


def register(kind: str, title: Any, count: Count, hand_over: HandOver) -> None:
    """Called in `AppConfig.ready()`. Raises ValueError when another function has the kind."""
    owned = Owned(kind, title, count, hand_over)
    if _registered.setdefault(kind, owned) != owned:
        raise ValueError(f"{kind!r} is registered already")


def counts(person_id: int) -> dict[str, int]:
    """What the person owns, by kind; kinds of which there is nothing are left out."""
    found = {kind: owned.count(person_id) for kind, owned in _registered.items()}
    return {kind: n for kind, n in found.items() if n}


def title(kind: str) -> str:
    return str(_registered[kind].title)


def hand_over_all(person_id: int, *, to: int, by: int | None, now: datetime) -> dict[str, int]:
    """Everything of every kind passes to another person; how much, by kind."""
    return {
        kind: owned.hand_over(person_id, to=to, by=by, now=now)
        for kind, owned in _registered.items()
    }
