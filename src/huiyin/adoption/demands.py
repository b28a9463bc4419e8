"""What a policy demands of a firm before it can run, with the clauses that need it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from huiyin.policy.lengths import Length, NotALength, parse_length
from huiyin.policy.schema import Duty, Policy, SettingRef, lengths_of

Demands = dict[str, tuple[str, ...]]


def required_roles(policy: Policy) -> Demands:
    """Roles that a duty may be owed by or tells, or that a clause is bound to."""
    found: dict[str, dict[str, None]] = {}
    for duty in policy.duties.values():
        for role in _roles(duty):
            if role in policy.roles:
                found.setdefault(role, {}).update(dict.fromkeys(duty.clauses))
    for key, role in policy.roles.items():
        if role.clauses:
            found.setdefault(key, {}).update(dict.fromkeys(role.clauses))
    return {role: tuple(clauses) for role, clauses in found.items()}


def _roles(duty: Duty) -> Iterator[str]:
    yield from duty.roles
    yield from duty.tell
    for step in duty.late:
        yield from step.tell


def unset_settings(policy: Policy) -> Demands:
    """Settings without a default that a duty or a form reads."""
    found: dict[str, dict[str, None]] = {
        key: dict.fromkeys(setting.clauses)
        for key, setting in policy.settings.items()
        if setting.default is None
    }
    for duty in policy.duties.values():
        for key in _settings(duty):
            if key in found:
                found[key].update(dict.fromkeys(duty.clauses))
    for form in policy.forms.values():
        for field in form.fields.values():
            if field.prefill and field.prefill.setting in found:
                found[field.prefill.setting].update(dict.fromkeys(form.clauses))
    return {key: tuple(clauses) for key, clauses in found.items()}


def _settings(duty: Duty) -> Iterator[str]:
    if duty.within is None:
        return
    if duty.within.setting:
        yield duty.within.setting
    for length in lengths_of(duty.within).values():
        if isinstance(length, SettingRef):
            yield length.setting


def counting_workdays(policy: Policy, settings: Mapping[str, str]) -> tuple[str, ...]:
    """The clauses of the duties that count in working days, by themselves or by a setting."""
    return tuple(
        dict.fromkeys(
            clause
            for duty in policy.duties.values()
            if any(length.counts_workdays for length in _lengths(duty, policy, settings))
            for clause in duty.clauses
        )
    )


def _lengths(duty: Duty, policy: Policy, settings: Mapping[str, str]) -> Iterator[Length]:
    yield from (step.after for step in duty.late)
    if duty.within is None:
        return
    for length in (duty.within.length, *lengths_of(duty.within).values()):
        if isinstance(length, Length):
            yield length
    for key in _settings(duty):
        try:
            yield parse_length(policy.setting(key, settings) or "")
        except NotALength:
            continue  # an unset term is another demand
