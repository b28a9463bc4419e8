"""Which keys a decision will look up, so that the caller loads them in a handful of statements."""

from __future__ import annotations

from collections.abc import Iterable

from huiyin.policy.clocks import period_of
from huiyin.policy.conditions import Condition, Met, Seen, leaves_of
from huiyin.policy.facts import Fact
from huiyin.policy.opening import roles_of
from huiyin.policy.schema import Policy
from huiyin.policy.state import InForce, Needs, OpenObligation, RoleIn, ShareKey


def needs(in_force: Iterable[InForce], facts: Iterable[Fact]) -> Needs:
    """What ``decide`` will ask about ``facts``. Facts that no rule mentions ask for nothing."""
    policies = list(in_force)
    units: set[int | None] = set()
    about: set[int] = set()
    voided: set[int] = set()
    shares: set[ShareKey] = set()
    for fact in facts:
        if fact.voids is not None:
            voided.add(fact.voids)
            continue
        for policy in policies:
            if fact.kind in policy.policy.provers:
                about.add(fact.target)
                units.add(fact.unit)
            if fact.live and fact.kind in policy.policy.openers:
                units.add(fact.unit)
                shares.update(_share_keys(policy, fact))
    return Needs(
        holders=_everyone(policies, units),
        open_about=frozenset(about),
        opened_by=frozenset(voided),
        shares=frozenset(shares),
        items=frozenset(voided),
    )


def _share_keys(in_force: InForce, fact: Fact) -> Iterable[ShareKey]:
    for duty in in_force.policy.openers[fact.kind]:
        if duty.share is not None:
            period = period_of(fact.happened, duty.share.per, in_force.zone)
            yield (in_force.adoption, duty.key, period)


def _everyone(policies: Iterable[InForce], units: Iterable[int | None]) -> frozenset[RoleIn]:
    roles = {role for policy in policies for role in roles_of(policy.policy)}
    return frozenset((role, unit) for role in roles for unit in units)


def look_needs(in_force: Iterable[InForce], obligations: Iterable[OpenObligation]) -> Needs:
    """What ``look`` will ask about swept obligations."""
    return Needs(holders=_everyone(in_force, {obligation.unit for obligation in obligations}))


def act_needs(in_force: Iterable[InForce], act: str, target: int, unit: int | None) -> Needs:
    """What ``check_act`` will ask: history of the target, and holders for records."""
    policies = list(in_force)
    history = [leaf for policy in policies for leaf in _history(policy.policy, act)]
    holders = _everyone(policies, {unit}) if act == "record.file" else frozenset()
    return Needs(
        holders=holders,
        open_about=frozenset({target} if history or holders else ()),
        met=frozenset((leaf.duty, target) for leaf in history if isinstance(leaf, Met)),
        seen=frozenset((leaf.fact, target) for leaf in history if isinstance(leaf, Seen)),
    )


def _history(policy: Policy, act: str) -> Iterable[Met | Seen]:
    for guard in policy.guards.values():
        if act not in guard.before:
            continue
        parts: list[Condition] = [item for item in guard.require if not isinstance(item, str)]
        parts += [part for part in (guard.where, guard.deny) if part is not None]
        for part in parts:
            for leaf in leaves_of(part):
                if not isinstance(leaf, (Met, Seen)):
                    continue
                yield leaf
