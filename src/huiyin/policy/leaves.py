"""All leaves of a policy: the places where one number, role, condition or field decides.

A leaf's path is where it is written (``duties.repair_visit.within.leak``); ``keys`` are the same
path as keys of ``Policy.raw``. A clause is bound to a leaf, or to a place above several leaves;
the binding nearest to the leaf counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from huiyin.policy.declared import Bound
from huiyin.policy.leaf_places import WALKERS, Keys
from huiyin.policy.schema import BOUND, Policy


@dataclass(frozen=True, slots=True)
class Leaf:
    """One deciding place. ``rule`` is ``duties.repair_visit``; ``value`` as it is written."""

    path: str
    rule: str
    kind: str
    value: Any
    clauses: tuple[str, ...]
    keys: Keys


def walk(policy: Policy) -> list[Leaf]:
    """Every leaf of the policy in the order of the text, with the clauses bound to each."""
    found: list[Leaf] = []
    for part in BOUND:
        holders: Mapping[str, Bound] = getattr(policy, part)
        for key, rule in holders.items():
            raw = policy.raw.get(part, {}).get(key)
            for keys, kind, value in WALKERS[part](raw):
                found.append(_leaf(rule, (part, key), keys, kind, value))
    written = policy.raw.get("acknowledge", ())
    for number, clause in enumerate(policy.acknowledge):
        keys = ("acknowledge", number if isinstance(written, list) else clause)
        path = f"acknowledge.{clause}"
        found.append(Leaf(path, "acknowledge", "acknowledge", clause, (clause,), keys))
    return found


def bindings(policy: Policy) -> dict[str, list[str]]:
    """The paths of all leaves that each clause is bound to; unbound clauses are not in it."""
    found: dict[str, list[str]] = {}
    for leaf in walk(policy):
        for clause in leaf.clauses:
            found.setdefault(clause, []).append(leaf.path)
    return found


def rule_clauses(policy: Policy, rule: str) -> tuple[str, ...]:
    """Every clause bound anywhere in one rule (``duties.repair_visit``), in written order."""
    part, _, key = rule.partition(".")
    if part == "acknowledge":
        return ()
    return tuple(getattr(policy, part)[key].clauses)


def _leaf(rule: Bound, place: tuple[str, str], keys: Keys, kind: str, value: Any) -> Leaf:
    inside = ".".join(str(key) for key in keys)
    name = ".".join(place)
    return Leaf(
        path=f"{name}.{inside}",
        rule=name,
        kind=kind,
        value=value,
        clauses=rule.clauses_at(inside),
        keys=(*place, *keys),
    )


@lru_cache(maxsize=1)
def kinds() -> frozenset[str]:
    """Every kind of leaf that the language has; mutation has to know each."""
    return frozenset(
        "opener opener_of_several opener_mode once test span history items total"
        " cadence cadence_setting since until before lead lead_setting times want joined level"
        " population during counted_fact distinct pool_rule leave_rule bound bound_setting"
        " each_of length clock_start start_fact pick setting_ref same_as stated_deadline by_moment"
        " off roll extend_from share share_setting period each exclusion role role_of_several"
        " role_of_proof person head_of channel proving_form proving_fact sent_to signed_by same"
        " late_after recipient act act_of_several demand given all_rows points points_setting"
        " once_per unless contest rate required raises prefill writer reviews or_reason"
        " day_limit setting_length setting_number setting_percent setting_text one_per declared wording"
        " acknowledge".split()
    )


__all__ = ["Leaf", "bindings", "kinds", "rule_clauses", "walk"]
