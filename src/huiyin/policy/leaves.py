"""All leaves of a policy: the places where one number, role, condition or field decides.

A leaf's path is where it is written (``duties.repair_visit.within.leak``); ``keys`` are the same
path as keys of ``Policy.raw``. A clause is bound to a leaf, or to a place above several leaves;
the binding nearest to the leaf counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from huiyin.policy.declared import Bound
from huiyin.policy.schema import Policy

Keys = tuple[str | int, ...]


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
    for part, walker in _WALKERS.items():
        holders: Mapping[str, Bound] = getattr(policy, part)
        for key, rule in holders.items():
            raw = policy.raw.get(part, {}).get(key)
            for keys, kind, value in walker(raw):
                found.append(_leaf(rule, (part, key), keys, kind, value))
    for number, clause in enumerate(policy.acknowledge):
        keys = ("acknowledge", number)
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


Found = Iterator[tuple[Keys, str, Any]]


def _duty(raw: Mapping[str, Any]) -> Found:
    yield ("on",), "opener", raw["on"]
    if "where" in raw:
        yield from _condition(("where",), raw["where"])
    yield from _within(raw.get("within"))
    for key, kind in (("from", "clock_start"), ("at", "stated_deadline")):
        if key in raw:
            yield (key,), kind, raw[key]
    yield from _share(raw.get("share") or {})
    yield from _owed_by(raw.get("owed_by"))
    yield from _proof(raw["proof"])
    for number, step in enumerate(raw.get("late") or ()):
        yield ("late", number, "after"), "late_after", step["after"]
        yield from _recipients(("late", number, "tell"), step["tell"])
    if "tell" in raw:
        yield from _recipients(("tell",), raw["tell"])


def _within(raw: Any) -> Found:
    if raw is None:
        return
    if not isinstance(raw, Mapping):
        yield ("within",), "length", raw
        return
    kinds = {"from": "clock_start", "pick": "pick", "setting": "setting_ref", "same_as": "same_as"}
    for key, value in raw.items():
        if isinstance(value, Mapping):
            yield ("within", key, "setting"), "setting_ref", value["setting"]
        else:
            yield ("within", key), kinds.get(key, "length"), value


def _share(raw: Mapping[str, Any]) -> Found:
    kinds = {"per": "period", "each": "each", "not": "exclusion"}
    for key, value in raw.items():
        yield ("share", key), kinds.get(key, "share"), value


def _owed_by(raw: Any) -> Found:
    if raw is None:
        return
    if not isinstance(raw, Mapping):
        yield ("owed_by",), "person" if "." in raw else "role", raw
        return
    for key, value in raw.items():
        if key == "any_of":
            for number, role in enumerate(value):
                yield ("owed_by", "any_of", number), "role_of_several", role
        else:
            yield ("owed_by", key), "exclusion" if key == "not" else "person", value


def _proof(raw: Mapping[str, Any]) -> Found:
    kinds = {"record": "proving_form", "fact": "proving_fact", "sent_to": "sent_to"}
    for key, value in raw.items():
        if key == "signed_by":
            for field, demand in value.items():
                yield ("proof", "signed_by", field), "signed_by", demand
        else:
            yield ("proof", key), kinds[key], value


def _recipients(keys: Keys, raw: Any) -> Found:
    if isinstance(raw, list):
        for number, role in enumerate(raw):
            yield (*keys, number), "recipient", role
    else:
        yield keys, "recipient", raw


def _guard(raw: Mapping[str, Any]) -> Found:
    if isinstance(raw["before"], list):
        for number, act in enumerate(raw["before"]):
            yield ("before", number), "act_of_several", act
    else:
        yield ("before",), "act", raw["before"]
    if "where" in raw:
        yield from _condition(("where",), raw["where"])
    demands = raw.get("require")
    for number, item in enumerate([demands] if isinstance(demands, Mapping) else demands or ()):
        keys: Keys = ("require",) if isinstance(demands, Mapping) else ("require", number)
        if isinstance(item, Mapping) and not {"met", "seen"} & set(item):
            yield from _condition(keys, item)
        else:
            yield keys, "demand", item
    if "deny" in raw:
        yield from _condition(("deny",), raw["deny"])


def _condition(keys: Keys, raw: Any) -> Found:
    for key, value in raw.items():
        here = (*keys, key)
        if key in ("any", "all"):
            for number, item in enumerate(value):
                yield from _condition((*here, number), item)
        elif key == "not":
            yield from _condition(here, value)
        elif key in ("met", "seen"):
            yield here, "history", value
        else:
            yield here, "test", value


def _form(raw: Mapping[str, Any]) -> Found:
    for name, field in raw["fields"].items():
        here: Keys = ("fields", name)
        if field.get("required") is True:
            yield (*here, "required"), "required", True
        if "required_if" in field:
            yield from _condition((*here, "required_if"), field["required_if"])
        for answer, kind in (field.get("raises") or {}).items():
            yield (*here, "raises", answer), "raises", kind
        for key, source in (field.get("prefill") or {}).items():
            yield (*here, "prefill", key), "prefill", source
        if "or_reason" in field:
            yield (*here, "or_reason"), "or_reason", field["or_reason"]
        for bound in ("min", "max"):
            if bound in field:
                yield (*here, bound), "bound", field[bound]


def _setting(raw: Mapping[str, Any]) -> Found:
    if raw.get("default") is not None:
        yield ("default",), f"setting_{raw.get('type', 'length')}", raw["default"]


def _role(raw: Any) -> Found:
    if isinstance(raw, Mapping) and "one_per" in raw:
        yield ("one_per",), "one_per", raw["one_per"]


_WALKERS = {
    "roles": _role,
    "settings": _setting,
    "forms": _form,
    "duties": _duty,
    "guards": _guard,
}


@lru_cache(maxsize=1)
def kinds() -> frozenset[str]:
    """Every kind of leaf that the language has; mutation has to know each."""
    return frozenset(
        "opener test length clock_start pick setting_ref same_as stated_deadline share period each"
        " exclusion role role_of_several person proving_form proving_fact sent_to signed_by"
        " late_after recipient act act_of_several demand history required raises prefill or_reason"
        " bound setting_length setting_number setting_percent setting_text one_per"
        " acknowledge".split()
    )
