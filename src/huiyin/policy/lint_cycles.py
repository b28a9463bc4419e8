"""Rules that engine facts alone lead back to themselves would open without end."""

from __future__ import annotations

from collections.abc import Iterator

from huiyin.policy.errors import PackError
from huiyin.policy.lint_names import Names


def cycles(names: Names) -> Iterator[PackError]:
    """Every circle of duties and tables once, at the rule that comes first."""
    before = _before(names)
    reported: set[str] = set()
    for key in before:
        way = _way_back(key, before)
        if way and not reported & set(way):
            reported.update(way)
            shown = " → ".join([key, *reversed(way[1:]), key])
            part = "duties" if key in names.policy.duties else "tables"
            yield names.at.error("cycle", (part, key, "on"), value=shown)


def _before(names: Names) -> dict[str, set[str]]:
    """By rule, the rules whose engine facts it waits for."""
    policy = names.policy
    found: dict[str, set[str]] = {}
    for key, duty in policy.duties.items():
        kinds = [*duty.facts, duty.until or "", duty.proof.fact or "" if duty.proof else ""]
        found[key] = {source for kind in kinds if (source := _source(names, kind))}
    for key, table in policy.tables.items():
        found[key] = {source for kind in table.on if (source := _source(names, kind))}
    return found


def _source(names: Names, kind: str) -> str | None:
    name, _, ending = kind.rpartition(".")
    if ending in ("met", "missed") and name in names.policy.lines:
        return name
    return name if ending == "decided" and name in names.policy.tables else None


def _way_back(start: str, before: dict[str, set[str]]) -> list[str]:
    """The way from a rule back to itself, or nothing."""
    ways: list[list[str]] = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for key in before.get(way[-1], ()):
            if key == start:
                return way
            if key not in seen:
                seen.add(key)
                ways.append([*way, key])
    return []
