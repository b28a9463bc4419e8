"""Which keys a decision will look up, so that the caller loads them in a handful of statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from huiyin.policy.clocks import period_of
from huiyin.policy.conditions import Condition, Items, Leaf, Met, Seen, Test, Total, leaves_of
from huiyin.policy.duties import Duty, StartOf
from huiyin.policy.facts import Fact
from huiyin.policy.guards import FILING, ActAsked
from huiyin.policy.opening import roles_of
from huiyin.policy.owners import person_in
from huiyin.policy.proving import present
from huiyin.policy.rules import Guard, Score, Table
from huiyin.policy.schema import Policy
from huiyin.policy.scoring import occurrences
from huiyin.policy.state import PARTY, About, InForce, Needs, OpenObligation, RoleIn, ShareKey


@dataclass
class _Gathered:
    """The keys as they are found, fact by fact."""

    units: set[int | None] = field(default_factory=set)
    heads: set[int] = field(default_factory=set)
    roles_of: set[int] = field(default_factory=set)
    about: set[int] = field(default_factory=set)
    voided: set[int] = field(default_factory=set)
    shares: set[ShareKey] = field(default_factory=set)
    met: set[About] = field(default_factory=set)
    seen: set[About] = field(default_factory=set)
    firsts: set[About] = field(default_factory=set)
    given: set[About] = field(default_factory=set)
    things: set[About] = field(default_factory=set)
    quotas: set[int] = field(default_factory=set)
    bookings: set[str] = field(default_factory=set)


def needs(in_force: Iterable[InForce], facts: Iterable[Fact]) -> Needs:
    """What ``decide`` will ask about ``facts``. Facts that no rule mentions ask for nothing."""
    policies = list(in_force)
    found = _Gathered()
    for fact in facts:
        if fact.voids is not None:
            found.voided.add(fact.voids)
            continue
        for policy in policies:
            if fact.kind in policy.policy.read:
                _of_fact(policy, fact, found)
    return Needs(
        holders=_everyone(policies, found.units),
        heads=frozenset(found.heads),
        roles_of=frozenset(found.roles_of),
        open_about=frozenset(found.about),
        opened_by=frozenset(found.voided),
        shares=frozenset(found.shares),
        items=frozenset(found.voided),
        met=frozenset(found.met),
        seen=frozenset(found.seen),
        firsts=frozenset(found.firsts),
        given=frozenset(found.given),
        things=frozenset(found.things),
        quotas=frozenset(found.quotas),
        bookings=frozenset(found.bookings),
    )


def _of_fact(in_force: InForce, fact: Fact, found: _Gathered) -> None:
    policy = in_force.policy
    found.units.add(fact.unit)
    if fact.kind in policy.provers or fact.kind in policy.enders:
        found.about.add(fact.target)
    if fact.kind in policy.counters:
        people = set(present(fact.values, fact.by))
        found.quotas |= people
        found.about |= people
    if not fact.live:
        return
    reached = _reach(policy, fact.kind)
    if any(duty.is_once for duty in reached.duties) or reached.tables:
        found.about.add(fact.target)
    for duty in reached.duties:
        _of_duty(in_force, duty, fact, found)
    for table in reached.tables:
        found.given.add((table.key, fact.target))
        for row in table.rows:
            _of_condition(row.when, fact, found)
    for score in policy.bookers.get(fact.kind, ()):
        _of_score(score, fact, found)
    found.bookings.update(occurrences(in_force, fact))


@dataclass(frozen=True)
class _Reach:
    """The rules that a fact may come to, through tables and engine facts."""

    duties: tuple[Duty, ...]
    tables: tuple[Table, ...]


def _reach(policy: Policy, kind: str) -> _Reach:
    duties: dict[str, Duty] = {}
    tables: dict[str, Table] = {}
    waiting, done = [kind], set()
    while waiting:
        here = waiting.pop()
        if here in done:
            continue
        done.add(here)
        for duty in policy.openers.get(here, ()):
            duties[duty.key] = duty
        for table in policy.deciders.get(here, ()):
            tables[table.key] = table
            waiting.append(table.fact)
        key, _, ending = here.rpartition(".")
        if ending == "answered" and key in policy.tables:
            tables[key] = policy.tables[key]
            waiting.append(policy.tables[key].fact)
        waiting.extend(f"{duty.key}.met" for duty in policy.provers.get(here, ()))
    return _Reach(tuple(duties.values()), tuple(tables.values()))


def _of_duty(in_force: InForce, duty: Duty, fact: Fact, found: _Gathered) -> None:
    if duty.on is not None and duty.on.mode == "all":
        found.seen.update((kind, fact.target) for kind in duty.on.facts)
    if duty.where is not None:
        _of_condition(duty.where, fact, found)
    if isinstance(duty.counts_from, StartOf):
        found.firsts.add((duty.counts_from.fact, fact.target))
    if duty.share is not None and fact.kind in duty.facts:
        period = period_of(fact.happened, duty.share.per, in_force.zone)
        found.shares.add((in_force.adoption, duty.key, period))
    if duty.owed_by and duty.owed_by.head_of:
        _head(duty.owed_by.head_of, fact, found)


def _head(name: str, fact: Fact, found: _Gathered) -> None:
    person = person_in(name, fact)
    if person is not None:
        found.heads.add(person)


def _of_score(score: Score, fact: Fact, found: _Gathered) -> None:
    if score.to and score.to.head_of:
        _head(score.to.head_of, fact, found)
    if score.where is not None:
        _of_condition(score.where, fact, found)


def _of_condition(condition: Condition, fact: Fact, found: _Gathered) -> None:
    _of_leaves(leaves_of(condition), fact.target, fact.by, found)


def _of_leaves(leaves: Iterable[Leaf], target: int, by: int | None, found: _Gathered) -> None:
    for leaf in leaves:
        if isinstance(leaf, Met):
            found.met.add((leaf.duty, target))
            found.about.add(target)
        elif isinstance(leaf, Seen):
            found.seen.add((leaf.fact, target))
        elif isinstance(leaf, (Items, Total)):
            found.things.add((leaf.of, target))
        elif isinstance(leaf, Test) and leaf.field == "by.role" and by is not None:
            found.roles_of.add(by)


def _everyone(policies: Iterable[InForce], units: Iterable[int | None]) -> frozenset[RoleIn]:
    units = list(units)
    if not units:
        return frozenset()
    found: set[RoleIn] = set()
    for policy in policies:
        found |= {(role, unit) for role in roles_of(policy.policy) for unit in units}
        found |= {(f"{PARTY}{party}", None) for party in policy.policy.parties}
    return frozenset((role, unit) for role, unit in found if not _is_party(role, policies))


def _is_party(role: str, policies: Iterable[InForce]) -> bool:
    """A party that a proof names among its recipients is no role."""
    return any(role in policy.policy.parties for policy in policies)


def look_needs(in_force: Iterable[InForce], obligations: Iterable[OpenObligation]) -> Needs:
    """What ``look`` will ask about swept obligations."""
    return Needs(holders=_everyone(in_force, {obligation.unit for obligation in obligations}))


def act_needs(in_force: Iterable[InForce], asked: Iterable[ActAsked]) -> Needs:
    """What ``check_act`` will ask: history of the targets, and holders for records."""
    policies, acts = list(in_force), list(asked)
    leaves = {
        act: [leaf for policy in policies for leaf in _looked_at(policy.policy, act)]
        for act in {each.act for each in acts}
    }
    found = _Gathered()
    for each in acts:
        filing = each.act in FILING
        if filing:
            found.units.add(each.unit)
            found.about.add(each.target)
        _of_leaves(leaves[each.act], each.target, each.by, found)
        if filing and each.by is not None:
            found.roles_of.add(each.by)
    return Needs(
        holders=_everyone(policies, found.units),
        roles_of=frozenset(found.roles_of),
        open_about=frozenset(found.about),
        met=frozenset(found.met),
        seen=frozenset(found.seen),
        things=frozenset(found.things),
    )


def _looked_at(policy: Policy, act: str) -> Iterator[Leaf]:
    for guard in policy.guards.values():
        if act in guard.before:
            for part in conditions_of(guard):
                yield from leaves_of(part)


def conditions_of(guard: Guard) -> Iterator[Condition]:
    """Every condition of a guard; a bare field that has to be filled is none."""
    yield from (item for item in guard.require if not isinstance(item, str))
    yield from (part for part in (guard.where, guard.deny) if part is not None)
