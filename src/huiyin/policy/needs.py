"""Which keys a decision will look up, so that the caller loads them in a handful of statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from huiyin.policy.clocks import period_of
from huiyin.policy.conditions import Condition, Items, Leaf, Met, Seen, Test, Total, leaves_of
from huiyin.policy.duties import Duty
from huiyin.policy.facts import Fact
from huiyin.policy.guards import FILING, ActAsked, reserved
from huiyin.policy.limits import StartOf
from huiyin.policy.look import missed_fact
from huiyin.policy.opening import roles_of
from huiyin.policy.owners import as_person, person_in
from huiyin.policy.proving import present
from huiyin.policy.rules import Guard, Score, Table
from huiyin.policy.schema import Policy, proving_fact
from huiyin.policy.scoring import booking_key, booking_keys
from huiyin.policy.state import PARTY, About, InForce, Needs, OpenObligation, RoleIn, ShareKey
from huiyin.policy.timing import starts_from


@dataclass
class _Gathered:
    """The keys as they are found, fact by fact."""

    policies: list[InForce]
    units: set[int | None] = field(default_factory=set)
    heads: set[int] = field(default_factory=set)
    roles_of: set[int] = field(default_factory=set)
    about: set[int] = field(default_factory=set)
    voided: set[int] = field(default_factory=set)
    shares: set[ShareKey] = field(default_factory=set)
    existing: set[About] = field(default_factory=set)
    met: set[About] = field(default_factory=set)
    seen: set[About] = field(default_factory=set)
    firsts: set[About] = field(default_factory=set)
    given: set[About] = field(default_factory=set)
    things: set[About] = field(default_factory=set)
    quotas: set[tuple[int, date]] = field(default_factory=set)
    bookings: set[str] = field(default_factory=set)
    reached: dict[tuple[int, str], _Reach] = field(default_factory=dict)

    def reach(self, in_force: InForce, kind: str) -> _Reach:
        """What a kind of fact may come to; found once, since a batch brings many of a kind."""
        key = in_force.adoption, kind
        if key not in self.reached:
            self.reached[key] = _reach(in_force.policy, kind)
        return self.reached[key]

    def needs(self) -> Needs:
        return Needs(
            holders=_everyone(self.policies, self.units),
            heads=frozenset(self.heads),
            roles_of=frozenset(self.roles_of),
            open_about=frozenset(self.about),
            opened_by=frozenset(self.voided),
            shares=frozenset(self.shares),
            items=frozenset(self.voided),
            existing=frozenset(self.existing),
            met=frozenset(self.met),
            seen=frozenset(self.seen),
            firsts=frozenset(self.firsts),
            given=frozenset(self.given),
            things=frozenset(self.things),
            quotas=frozenset(self.quotas),
            bookings=frozenset(self.bookings),
        )


def needs(in_force: Iterable[InForce], facts: Iterable[Fact]) -> Needs:
    """What ``decide`` will ask about ``facts``. Facts that no rule mentions ask for nothing.

    What it asks beyond that about obligations which they meet, ``needs_behind`` names.
    """
    found = _Gathered(list(in_force))
    read: list[Fact] = []
    for fact in facts:
        if fact.voids is not None:
            found.voided.add(fact.voids)
            continue
        for policy in found.policies:
            if fact.kind in policy.policy.read:
                _of_fact(policy, fact, found)
                read.append(fact)
    _of_engine_facts(read, (), found)
    return found.needs()


def needs_behind(
    in_force: Iterable[InForce], facts: Sequence[Fact], opened: Sequence[OpenObligation]
) -> Needs:
    """What the engine facts will ask that ``facts`` bring about by meeting ``opened``.

    They carry the values of both, so that only now their persons and occurrences are known.
    """
    found = _Gathered(list(in_force))
    policies = {policy.adoption: policy for policy in found.policies}
    read = [fact for fact in facts if fact.voids is None]
    voids = [fact for fact in facts if fact.voids is not None]
    by_target = _by_target(read)
    for obligation in opened:
        policy = policies[obligation.adoption]
        duty = policy.policy.lines.get(obligation.duty)
        if duty is None:
            continue
        about = by_target.get(obligation.target, [])
        meeting = [fact for fact in about if fact.kind in meeting_facts(duty)]
        if obligation.needed is not None:
            # What counts already may meet a quota that loses the fact by which it was done.
            meeting += voids[:1]
        for fact in meeting:
            kind, target, unit = f"{duty.key}.met", obligation.target, obligation.unit
            _of_fact(policy, replace(fact, kind=kind, target=target, unit=unit), found)
    _of_engine_facts(read, opened, found)
    return found.needs()


def _by_target(facts: Iterable[Fact]) -> dict[int, list[Fact]]:
    """The facts by all that they may meet: what is about their target, quotas of who took part."""
    found: dict[int, list[Fact]] = {}
    for fact in facts:
        for target in {fact.target, *present(fact.values, fact.by)}:
            found.setdefault(target, []).append(fact)
    return found


def _of_engine_facts(
    facts: Sequence[Fact], opened: Sequence[OpenObligation], found: _Gathered
) -> None:
    """Heads and occurrences of engine facts, whose values come from several of these."""
    for in_force in found.policies:
        policy = in_force.policy
        for name in policy.heads:
            for fact in facts:
                _head(name, fact, found)
            persons = (as_person(obligation.values.get(name)) for obligation in opened)
            found.heads |= {person for person in persons if person is not None}
        if policy.engine_scores:
            values = {
                target: [f.values for f in each] for target, each in _by_target(facts).items()
            }
            for obligation in opened:
                values.setdefault(obligation.target, []).append(obligation.values)
            for score in policy.engine_scores:
                for carried in values.values():
                    found.bookings.update(booking_keys(score, carried))


def look_needs(
    in_force: Iterable[InForce], obligations: Iterable[OpenObligation], now: datetime
) -> Needs:
    """What ``look`` will ask about swept obligations, and what follows from their being missed."""
    found = _Gathered(list(in_force))
    policies = {policy.adoption: policy for policy in found.policies}
    missing: list[Fact] = []
    for obligation in obligations:
        found.units.add(obligation.unit)
        if obligation.due is not None and not obligation.missed and now > obligation.due:
            missed = missed_fact(obligation, obligation.due, now)
            _of_fact(policies[obligation.adoption], missed, found)
            missing.append(missed)
    _of_engine_facts(missing, (), found)
    return found.needs()


def seat_needs(in_force: Iterable[InForce], obligations: Iterable[OpenObligation]) -> Needs:
    """What ``seat`` will ask: who holds which role now."""
    return Needs(holders=_everyone(list(in_force), {each.unit for each in obligations}))


def meeting_facts(duty: Duty) -> tuple[str, ...]:
    """The kinds of facts that may meet a duty."""
    proven = (proving_fact(duty.proof),) if duty.proof is not None else ()
    return proven + ((duty.quota.of,) if duty.quota is not None else ())


def _of_fact(in_force: InForce, fact: Fact, found: _Gathered) -> None:
    policy = in_force.policy
    found.units.add(fact.unit)
    if policy.reads_roles and fact.by is not None:
        found.roles_of.add(fact.by)
    reached = found.reach(in_force, fact.kind)
    if reached.is_about:
        found.about.add(fact.target)
    if fact.kind in policy.counters:
        day = fact.happened.astimezone(in_force.zone).date()
        found.quotas.update((person, day) for person in present(fact.values, fact.by))
    for condition in reached.proving:
        _of_condition(condition, fact, found)
    if fact.live:
        _of_openers(in_force, reached, fact, found)


def _of_openers(in_force: InForce, reached: _Reach, fact: Fact, found: _Gathered) -> None:
    for duty in reached.duties:
        _of_duty(in_force, duty, fact, found)
    for table in reached.tables:
        found.given.add((table.key, fact.target))
        for row in table.rows:
            _of_condition(row.when, fact, found)
    for score in reached.scores:
        _of_score(score, fact, found)


@dataclass(frozen=True)
class _Reach:
    """The rules that a fact may come to, through tables and engine facts.

    ``proving``: what decides whether it meets a duty or counts. ``is_about``: open obligations about
    its target are looked at.
    """

    duties: tuple[Duty, ...]
    proving: tuple[Condition, ...]
    tables: tuple[Table, ...]
    scores: tuple[Score, ...]
    is_about: bool


def _reach(policy: Policy, kind: str) -> _Reach:
    found: dict[str, Duty] = {}
    met: dict[str, Duty] = {}
    tables: dict[str, Table] = {}
    scores: dict[str, Score] = {}
    waiting, done = [kind], set()
    while waiting:
        here = waiting.pop()
        if here in done:
            continue
        done.add(here)
        found |= {duty.key: duty for duty in policy.openers.get(here, ())}
        met |= {duty.key: duty for duty in policy.provers.get(here, ())}
        scores |= {score.key: score for score in policy.bookers.get(here, ())}
        deciding = policy.deciders.get(here, ())
        key, _, ending = here.rpartition(".")
        if ending == "answered" and key in policy.tables:
            deciding = (*deciding, policy.tables[key])
        tables |= {table.key: table for table in deciding}
        waiting.extend(table.fact for table in deciding)
        waiting.extend(f"{table.key}.met" for table in deciding)
        meeting = (*policy.provers.get(here, ()), *policy.counters.get(here, ()))
        waiting.extend(f"{duty.key}.met" for duty in meeting)
    proofs = [duty.proof.where for duty in met.values() if duty.proof]
    quotas = [duty.quota.where for duty in policy.counters.get(kind, ()) if duty.quota]
    return _Reach(
        duties=tuple(found.values()),
        proving=tuple(condition for condition in (*proofs, *quotas) if condition is not None),
        tables=tuple(tables.values()),
        scores=tuple(scores.values()),
        is_about=bool(met or tables) or any(here in policy.enders for here in done),
    )


def _of_duty(in_force: InForce, duty: Duty, fact: Fact, found: _Gathered) -> None:
    if duty.is_once:
        found.existing.add((duty.key, fact.target))
    if duty.on is not None and duty.on.mode == "all":
        found.seen.update((kind, fact.target) for kind in duty.on.facts)
    if duty.where is not None:
        _of_condition(duty.where, fact, found)
    start = starts_from(in_force.policy, duty)
    if isinstance(start, StartOf):
        found.firsts.add((start.fact, fact.target))
    if duty.share is not None:
        period = period_of(fact.happened, duty.share.per, in_force.zone)
        found.shares.add((in_force.adoption, duty.key, period))


def _head(name: str, fact: Fact, found: _Gathered) -> None:
    person = person_in(name, fact)
    if person is not None:
        found.heads.add(person)


def _of_score(score: Score, fact: Fact, found: _Gathered) -> None:
    found.bookings.add(booking_key(score, fact))
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


def act_needs(in_force: Iterable[InForce], asked: Iterable[ActAsked]) -> Needs:
    """What ``check_act`` will ask: history of the targets, and holders for records."""
    policies, acts = list(in_force), list(asked)
    leaves = {
        act: [leaf for policy in policies for leaf in _looked_at(policy.policy, act)]
        for act in {each.act for each in acts}
    }
    found = _Gathered(policies)
    for each in acts:
        filing = each.act in FILING
        if filing:
            found.units.add(each.unit)
            found.about.add(each.target)
        _of_leaves(leaves[each.act], each.target, each.by, found)
        if each.by is not None and filing and _is_reserved(policies, each):
            found.roles_of.add(each.by)
    return Needs(
        holders=_everyone(policies, found.units),
        roles_of=frozenset(found.roles_of),
        open_about=frozenset(found.about),
        met=frozenset(found.met),
        seen=frozenset(found.seen),
        things=frozenset(found.things),
    )


def _is_reserved(policies: Iterable[InForce], asked: ActAsked) -> bool:
    """Whether it matters to the form by whom it is written; most forms do not mind."""
    return any(next(reserved(policy.policy, asked), None) for policy in policies)


def _looked_at(policy: Policy, act: str) -> Iterator[Leaf]:
    for guard in policy.guards.values():
        if act in guard.before:
            for part in conditions_of(guard):
                yield from leaves_of(part)


def conditions_of(guard: Guard) -> Iterator[Condition]:
    """Every condition of a guard; a bare field that has to be filled is none."""
    yield from (item for item in guard.require if not isinstance(item, str))
    yield from (part for part in (guard.where, guard.deny) if part is not None)
