"""The shipped packs beside the model pack, as a firm in Shanghai keeps their books."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from huiyin.policy.effects import Open
from huiyin.policy.facts import Fact
from huiyin.policy.guards import ActAsked, check_act
from huiyin.policy.loading import Pack, load_pack
from tests.policy.books import Books
from tests.policy.workshop import at_work
from tests.policy.worlds import PACK, UNIT, shanghai


@lru_cache
def shipped(name: str) -> Pack:
    return load_pack(PACK.parent / name)


def books_of(name: str, holders: Mapping[str, tuple[int, ...]]) -> Books:
    """The books of a firm in which somebody holds every role, and parties can be reached."""
    everywhere = {
        (role, unit): who
        for role, who in holders.items()
        for unit in ((None,) if role.startswith("party:") else (UNIT, None))
    }
    return Books(at_work(shipped(name).policy), everywhere)


def told(
    kind: str,
    at: str,
    *,
    target: int,
    by: int | None,
    values: Mapping[str, Any] | None = None,
    **times: str,
) -> Fact:
    """A fact at a Shanghai time; ``happened``, ``known`` and ``recorded`` may lie elsewhere."""
    moments = {key: shanghai(times.get(key, at)) for key in ("happened", "known", "recorded")}
    return Fact(id=0, kind=kind, target=target, unit=UNIT, by=by, values=values or {}, **moments)


def filed(form: str, at: str, *, target: int, by: int, **values: Any) -> Fact:
    """A record of a form, filed by one person."""
    stated = {"record.form": form, "record.present": [by], **values}
    return told("record.filed", at, target=target, by=by, values=stated)


def opened(effects: list[Any]) -> dict[str, Any]:
    """Due moments by line of what the effects open."""
    return {each.line: each.due for each in effects if isinstance(each, Open)}


def refused(books: Books, act: str, at: str, *, target: int, by: int, **values: Any) -> set[str]:
    """The clauses by which an act is refused now."""
    asked = ActAsked(act, target, UNIT, by, values)
    found = check_act([books.in_force], asked, books.full(), shanghai(at))
    return {clause for each in found for clause in each.clauses}
