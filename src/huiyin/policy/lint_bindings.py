"""Every clause is bound to leaves that exist, and every leaf names clauses that exist."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from huiyin.policy.declared import Bound
from huiyin.policy.errors import PackError
from huiyin.policy.leaves import bindings, walk
from huiyin.policy.lint_names import Names
from huiyin.policy.pack import CLAUSES_FILE
from huiyin.policy.schema import BOUND


def lint_bindings(names: Names) -> Iterator[PackError]:
    """Bindings to what is not there are errors; a clause bound to nothing is an info."""
    leaves: dict[str, list[str]] = {}
    for leaf in walk(names.policy):
        leaves.setdefault(leaf.rule, []).append(leaf.path.removeprefix(f"{leaf.rule}."))
    for part in BOUND:
        for key, rule in getattr(names.policy, part).items():
            yield from _rule(names, part, key, rule, leaves.get(f"{part}.{key}", []))
    for number, clause in enumerate(names.policy.acknowledge):
        listed = isinstance(names.policy.raw.get("acknowledge"), list)
        path = ("acknowledge", number if listed else clause)
        if clause not in names.pack.clauses:
            yield _unknown_clause(names, clause, path, of_key=not listed)
        for role in names.policy.acknowledge[clause]:
            yield from names.role(role, path)
    yield from _unbound(names)


def _rule(names: Names, part: str, key: str, rule: Bound, leaves: list[str]) -> Iterator[PackError]:
    allowed = _allowed(part, rule, leaves)
    for clause, places in rule.clauses.items():
        path = (part, key, "clauses", clause)
        if clause not in names.pack.clauses:
            yield _unknown_clause(names, clause, path, of_key=True)
        for place in places:
            if place.removeprefix("fields.") not in allowed:
                yield names.at.error(
                    "unknown_leaf", path, value=clause, leaf=place, allowed=", ".join(allowed)
                )


def _allowed(part: str, rule: Bound, leaves: list[str]) -> list[str]:
    """Leaves and all places above them; a form's fields go without ``fields.`` in front."""
    found: dict[str, None] = {}
    for leaf in (name.removeprefix("fields.") for name in leaves):
        steps = leaf.split(".")
        found.update((".".join(steps[:end]), None) for end in range(1, len(steps) + 1))
    if part == "forms":
        found.update((name, None) for name in getattr(rule, "fields", {}))
    if part == "settings":
        # A term that is left open has no leaf until the firm settles it; it is still the place.
        found["default"] = None
    return list(found)


def _same_part(names: Names, clause: str) -> list[str]:
    """The clauses that may be meant: ``B.9.9`` is no slip for one of part A or of ``B.4``."""
    steps = clause.split(".")
    for kept in range(len(steps) - 1, 0, -1):
        start = ".".join(steps[:kept])
        if found := [id for id in names.pack.clauses if id == start or id.startswith(f"{start}.")]:
            return found if kept > 1 or len(steps) <= 2 else []
    return list(names.pack.clauses)


def _unknown_clause(
    names: Names, clause: str, path: tuple[str | int, ...], *, of_key: bool = False
) -> PackError:
    nearest = next(iter(difflib.get_close_matches(clause, _same_part(names, clause), n=1)), "")
    return names.at.error("unknown_clause", path, of_key=of_key, value=clause, nearest=nearest)


def _unbound(names: Names) -> Iterator[PackError]:
    bound = bindings(names.policy)
    places = names.pack.positions[CLAUSES_FILE]
    for clause in names.pack.clauses.values():
        if clause.id not in bound:
            path = ("sections", clause.section, "clauses", clause.id)
            yield places.error("clause_unbound", path, of_key=True, value=clause.id)
