"""What a policy demands of a firm before it can run, with the clauses that need it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from huiyin.policy.declared import Bound
from huiyin.policy.duties import Duty
from huiyin.policy.lengths import Length, NotALength, parse_length
from huiyin.policy.limits import lengths_of
from huiyin.policy.rules import Score, Table
from huiyin.policy.schema import RULES, Policy

Demands = dict[str, tuple[str, ...]]


def required_roles(policy: Policy) -> Demands:
    """Roles that a rule may ask somebody of, or that a clause is bound to."""
    found: dict[str, dict[str, None]] = {}
    for rule in _rules(policy):
        for role in _roles(rule):
            if role in policy.roles:
                found.setdefault(role, {}).update(dict.fromkeys(rule.clauses))
    for key, declared in policy.roles.items():
        if declared.clauses:
            found.setdefault(key, {}).update(dict.fromkeys(declared.clauses))
    return {role: tuple(clauses) for role, clauses in found.items()}


def asked_per_unit(policy: Policy, kind: str) -> Demands:
    """Roles that every unit of a kind needs one of, with the clauses that count the days."""
    return {
        key: tuple(clause for clause, places in role.clauses.items() if "one_per" in places)
        for key, role in policy.roles.items()
        if role.one_per in ("unit", kind)
    }


def _rules(policy: Policy) -> Iterator[Bound]:
    yield from policy.tables.values()
    yield from policy.duties.values()
    yield from policy.scores.values()


def _roles(rule: Bound) -> Iterator[str]:
    if isinstance(rule, Table):
        yield rule.ask
    elif isinstance(rule, Score):
        yield from filter(None, (rule.each, rule.confirm, rule.to.role if rule.to else None))
    elif isinstance(rule, Duty):
        yield from rule.roles
        yield from rule.tell
        for step in rule.late:
            yield from step.tell
        if rule.proof is not None:
            yield from rule.proof.sent_to
            yield from filter(None, (rule.proof.by,))
        if rule.extend is not None:
            yield rule.extend.consent


def unset_settings(policy: Policy) -> Demands:
    """Settings without a default, with the clauses of all that reads them."""
    found: dict[str, dict[str, None]] = {
        key: dict.fromkeys(setting.clauses)
        for key, setting in policy.settings.items()
        if setting.default is None
    }
    for part in ("forms", "tables", *RULES):
        for key, rule in getattr(policy, part).items():
            for setting in settings_in(policy.raw[part][key]):
                if setting in found:
                    found[setting].update(dict.fromkeys(rule.clauses))
    return {key: tuple(clauses) for key, clauses in found.items()}


def settings_in(raw: Any) -> Iterator[str]:
    """Every setting that a part of a policy refers to: ``{setting: key}``."""
    if isinstance(raw, Mapping):
        if isinstance(raw.get("setting"), str):
            yield raw["setting"]
        for value in raw.values():
            yield from settings_in(value)
    elif isinstance(raw, list):
        for item in raw:
            yield from settings_in(item)


def counting_workdays(policy: Policy, settings: Mapping[str, str]) -> tuple[str, ...]:
    """The clauses of the rules that go by working days, by themselves or by a setting."""
    return tuple(
        dict.fromkeys(
            clause
            for rule in (*policy.duties.values(), *policy.scores.values())
            if _goes_by_workdays(rule, policy, settings)
            for clause in rule.clauses
        )
    )


def _goes_by_workdays(rule: Duty | Score, policy: Policy, settings: Mapping[str, str]) -> bool:
    if any(length.counts_workdays for length in _lengths(rule, policy, settings)):
        return True
    if isinstance(rule, Score):
        return False
    cadence = rule.quota.per if rule.quota else rule.every
    # Levelling only suggests days; it can wait for the calendar.
    by_calendar = str(cadence) in ("workday", "holiday")
    return by_calendar or rule.roll is not None or rule.off is not None


def _lengths(rule: Duty | Score, policy: Policy, settings: Mapping[str, str]) -> Iterator[Length]:
    """Every length of a rule that is known by now."""
    part = "duties" if isinstance(rule, Duty) else "scores"
    given: list[Any] = []
    if isinstance(rule, Score):
        given = [rule.contest]
    else:
        given = [step.after for step in rule.late]
        given += [rule.lead, rule.extend.until if rule.extend else None]
        if rule.within is not None:
            given += [rule.within.length, *lengths_of(rule.within).values()]
        if rule.by is not None:
            given.append(rule.by.length)
    yield from (length for length in given if isinstance(length, Length))
    for key in settings_in(policy.raw[part][rule.key]):
        try:
            yield parse_length(policy.setting(key, settings) or "")
        except NotALength:
            continue  # an unset term is another demand
