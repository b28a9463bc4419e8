"""Mutants of a policy: every leaf changed a little, every rule removed once per clause.

A mutant that no scenario notices means that its clause is not proven. A mutant is a policy that
lint accepts, so that it can be adopted like any other.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from huiyin.policy.leaves import Leaf, rule_clauses, walk
from huiyin.policy.mutation_changes import Change
from huiyin.policy.mutation_operators import changes_of
from huiyin.policy.schema import BOUND, RULES, Policy


@dataclass(frozen=True)
class Mutant:
    """A policy with one change. ``clause`` is what the changed leaf is bound to.

    If nothing is bound to the leaf, ``clause`` is ``None`` and a scenario of any of ``clauses``
    (all that its rule is bound to) has to notice the change.
    """

    clause: str | None
    clauses: tuple[str, ...]
    path: str
    before: str
    after: str
    change_of: Callable[[dict[str, Any]], None] = field(repr=False, compare=False)
    whole: Policy = field(repr=False, compare=False)

    @cached_property
    def policy(self) -> Policy:
        """Read when it is asked for: of all mutants often a few are."""
        raw = deepcopy(dict(self.whole.raw))
        self.change_of(raw)
        return Policy.of(_without_loose_bindings(raw))

    @property
    def change(self) -> str:
        return f"{self.path} {self.before} → {self.after}"


def mutants(policy: Policy) -> list[Mutant]:
    """All mutants, in the order of the text. Raises NoOperator for a leaf it does not know."""
    found: list[Mutant] = []
    for leaf in walk(policy):
        for change in changes_of(policy, leaf):
            found.extend(_of_leaf(policy, leaf, change))
    for part in ("tables", *RULES):
        for key in getattr(policy, part):
            found.extend(_of_rule(policy, part, key))
    return found


def sample(found: Sequence[Mutant], *, share: float, seed: int) -> list[Mutant]:
    """A seeded part of the mutants, at least one, in their own order."""
    size = max(1, round(len(found) * share))
    chosen = random.Random(seed).sample(range(len(found)), min(size, len(found)))
    return [found[number] for number in sorted(chosen)]


def _of_leaf(policy: Policy, leaf: Leaf, change: Change) -> Iterator[Mutant]:
    bound = leaf.clauses or rule_clauses(policy, leaf.rule)
    for clause in leaf.clauses or (None,):
        yield Mutant(
            clause=clause,
            clauses=bound if clause is None else (clause,),
            path=leaf.path,
            before=_say(leaf.value),
            after=change.after,
            change_of=change.apply,
            whole=policy,
        )


def _say(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _of_rule(policy: Policy, part: str, key: str) -> Iterator[Mutant]:
    clauses = rule_clauses(policy, f"{part}.{key}")

    def removed(raw: dict[str, Any]) -> None:
        _remove_rule(raw, part, key)

    for clause in clauses or (None,):
        yield Mutant(
            clause=clause,
            clauses=(clause,) if clause else (),
            path=f"{part}.{key}",
            before="present",
            after="removed",
            change_of=removed,
            whole=policy,
        )


def _remove_rule(raw: dict[str, Any], part: str, key: str) -> None:
    """Take a rule out, and what cannot stand without it."""
    if part == "duties":
        _remove_duty(raw, key)
        return
    del raw[part][key]
    if part == "tables":
        _remove_followers(raw, {f"{key}.decided", f"{key}.answered"})
    for other in raw.get(part, {}).values():
        for word in ("unless", "beside"):
            if word in other:
                named = [other[word]] if isinstance(other[word], str) else other[word]
                other[word] = [name for name in named if name != key]


def _remove_duty(raw: dict[str, Any], key: str) -> None:
    """Take a duty out; a clock that was borrowed from it stays with its borrower."""
    removed = raw["duties"].pop(key)
    for other in list(raw["duties"].values()):
        within = other.get("within")
        if isinstance(within, dict) and within.get("same_as") == key:
            other["within"] = deepcopy(removed.get("within", "1d"))
    for name, guard in list(raw.get("guards", {}).items()):
        demands = guard.get("require")
        if not isinstance(demands, list):
            continue
        guard["require"] = [demand for demand in demands if demand != {"met": key}]
        if not guard["require"] and "deny" not in guard:
            del raw["guards"][name]
    _remove_followers(raw, {f"{key}.met", f"{key}.missed"})


def _remove_followers(raw: dict[str, Any], gone: set[str]) -> None:
    """What waits for facts that nothing states any more goes, too."""
    for name, other in list(raw.get("duties", {}).items()):
        if name not in raw["duties"]:
            continue
        fed_by = {*_facts(other.get("on")), (other.get("proof") or {}).get("fact")}
        if fed_by & gone:
            _remove_duty(raw, name)
    for name, table in list(raw.get("tables", {}).items()):
        if set(_facts(table.get("on"))) & gone:
            _remove_rule(raw, "tables", name)


def _facts(on: Any) -> list[str]:
    if isinstance(on, dict):
        return [fact for facts in on.values() for fact in facts]
    return on if isinstance(on, list) else [on]


def _without_loose_bindings(raw: dict[str, Any]) -> dict[str, Any]:
    """Drop bindings to leaves that a change took away."""
    policy = Policy.of(raw)
    leaves: dict[str, set[str]] = {}
    for leaf in walk(policy):
        inside = leaf.path.removeprefix(f"{leaf.rule}.")
        leaves.setdefault(leaf.rule, set()).update(_places(inside))
    for part in BOUND:
        for key, rule in raw.get(part, {}).items():
            if isinstance(rule, dict) and "clauses" in rule:
                fields = rule.get("fields", {}) if part == "forms" else {}
                here = leaves.get(f"{part}.{key}", set()) | set(fields)
                rule["clauses"] = _kept(rule["clauses"], here)
    return raw


def _places(inside: str) -> Iterable[str]:
    steps = inside.split(".")
    for end in range(1, len(steps) + 1):
        place = ".".join(steps[:end])
        yield place
        yield place.removeprefix("fields.")


def _kept(bindings: dict[str, Any], here: set[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for clause, places in bindings.items():
        kept = [p for p in ([places] if isinstance(places, str) else places) if p in here]
        if kept:
            found[clause] = kept
    return found
