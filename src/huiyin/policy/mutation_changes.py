"""Changes of a policy's plain data: one place set, taken away, or moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from huiyin.policy.leaf_places import Keys

Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the plain data: what then stands there, and how to make it so."""

    after: str
    apply: Callable[[Raw], None]


Changes = Iterator[Change]


def at(raw: Any, keys: Keys) -> Any:
    """What stands at a place of the plain data."""
    for key in keys:
        raw = raw[key]
    return raw


def set_to(keys: Keys, value: Any, after: str | None = None) -> Change:
    def apply(raw: Raw) -> None:
        at(raw, keys[:-1])[keys[-1]] = value

    return Change(after=str(value) if after is None else after, apply=apply)


def remove(keys: Keys, *, keep: int = 1) -> Change:
    """Take a leaf away, and the mapping around it where it was the last.

    ``keep``: the mapping at so many keys stays, though nothing may be left in it.
    """

    def apply(raw: Raw) -> None:
        here = keys
        del at(raw, here[:-1])[here[-1]]
        while len(here) - 1 > keep and not at(raw, here[:-1]):
            here = here[:-1]
            del at(raw, here[:-1])[here[-1]]

    return Change(after="removed", apply=apply)


def rename(keys: Keys, name: str) -> Change:
    """The same content under another key."""

    def apply(raw: Raw) -> None:
        holder = at(raw, keys[:-1])
        holder[name] = holder.pop(keys[-1])

    return Change(after=name, apply=apply)
