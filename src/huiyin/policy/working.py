"""The working copy of one decision: what is open, what is counted, what comes out of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from huiyin.policy.conditions import Met, Seen
from huiyin.policy.declared import Bound
from huiyin.policy.duties import Duty
from huiyin.policy.effects import Ask, Effect, Emit, Open, Step, Why
from huiyin.policy.errors import UnknownAdoption
from huiyin.policy.facts import Fact, Value
from huiyin.policy.matching import Around
from huiyin.policy.state import (
    Booking,
    Decided,
    InForce,
    Moments,
    OpenObligation,
    RoleCount,
    ShareItem,
    ShareKey,
    State,
)


class Work:
    """Everything that a decision changes while it runs; the given state stays as it was."""

    def __init__(self, in_force: Iterable[InForce], state: State, *, now: datetime) -> None:
        self.now = now
        self.adoptions = {policy.adoption: policy for policy in in_force}
        self.effects: list[Effect] = []
        self.engine_facts: deque[tuple[Fact, int]] = deque()
        self.state = state
        self.holding = state.holders
        self._last_ref = 0
        self._clauses: dict[tuple[int, str, str], tuple[str, ...]] = {}
        self._known: dict[int, OpenObligation] = {}
        self._open: dict[int, dict[int, OpenObligation]] = {}
        self._quotas: dict[int, dict[int, None]] = {}
        self._linked: dict[int, dict[int, None]] = {}
        self._counts = {key: dict(count.roles) for key, count in state.shares.items()}
        self._items = {fact: list(items) for fact, items in state.items.items()}
        self._existing = set(state.existing)
        self._met = set(state.met)
        self._seen = set(state.seen)
        self.firsts = dict(state.firsts)
        self._given = {key: set(results) for key, results in state.given.items()}
        self._decided = {fact: list(found) for fact, found in state.decided.items()}
        self._counted: dict[int, dict[str, dict[int, Moments]]] = {}
        self._counting: dict[int, dict[int, None]] = {}
        for quota, counted in state.counted.items():
            for key, facts in counted.items():
                for fact, moments in facts.items():
                    self.count_into(quota, key, fact, moments)
        self._bookings = {key: list(found) for key, found in state.bookings.items()}
        self._booked: dict[int | None, list[Booking]] = {}
        for booking in (each for found in state.bookings.values() for each in found):
            self._booked.setdefault(booking.fact, []).append(booking)
        for obligation in state.open:
            self.keep(obligation)

    def adoption(self, number: int) -> InForce:
        """The policy of an adoption; raises UnknownAdoption."""
        try:
            return self.adoptions[number]
        except KeyError as error:
            raise UnknownAdoption(f"adoption {number} was not handed in") from error

    def holders(self, role: str, unit: int | None) -> Sequence[int]:
        return self.holding.get((role, unit), ())

    def around(self, in_force: InForce, target: int) -> Around:
        """What conditions about a target may look at."""
        return Around(
            orders=in_force.policy.orders,
            settings=settled(in_force),
            zone=in_force.zone,
            history=lambda leaf: self.happened(leaf, target),
            items=lambda kind: self.state.things.get((kind, target)),
        )

    def read(self, in_force: InForce, fact: Fact) -> Mapping[str, Value]:
        """A fact's values, with who did it in which roles where a rule of the policy asks."""
        if fact.by is None or not in_force.policy.reads_roles:
            return fact.read
        return {**fact.read, "by.role": sorted(self.state.roles_of.get(fact.by, ()))}

    def happened(self, leaf: Met | Seen, target: int) -> bool:
        """``met`` needs one that is met and none that is still open about the same target."""
        if isinstance(leaf, Seen):
            return (leaf.fact, target) in self._seen
        waiting = any(o.duty == leaf.duty for o in self.open_about(target))
        return (leaf.duty, target) in self._met and not waiting

    def begin(self, fact: Fact) -> None:
        """A fact is taken up: it may be the first of its kind, which clocks count from."""
        key = fact.kind, fact.target
        if key not in self.firsts or fact.happened < self.firsts[key].happened:
            self.firsts[key] = Moments(fact.happened, fact.known, fact.recorded)

    def note(self, fact: Fact) -> None:
        """From now on this fact has happened."""
        self._seen.add((fact.kind, fact.target))

    def clauses(self, duty: Duty, owner: str, clock: str) -> tuple[str, ...]:
        """The deciding clauses, found once per leaf: a batch opens many alike."""
        key = (id(duty), owner, clock)
        if key not in self._clauses:
            self._clauses[key] = deciding_clauses(duty, owner, clock)
        return self._clauses[key]

    def next_ref(self) -> int:
        self._last_ref -= 1
        return self._last_ref

    def keep(self, obligation: OpenObligation) -> None:
        """An obligation as it stands now: it waits, or is done and may be cancelled or wait again."""
        self._known[obligation.id] = obligation
        if obligation.done:
            self._open.get(obligation.target, {}).pop(obligation.id, None)
        else:
            self._open.setdefault(obligation.target, {})[obligation.id] = obligation
        if obligation.needed is not None:
            self._quotas.setdefault(obligation.target, {})[obligation.id] = None
        self._existing.add((obligation.duty, obligation.target))
        for fact in (obligation.opener, obligation.settled_by):
            if fact is not None:
                self._linked.setdefault(fact, {})[obligation.id] = None

    def meet(self, obligation: OpenObligation, fact: Fact, met: int | None) -> None:
        """It is done by the fact; ``met`` is the engine fact that says so, None for a release."""
        self._met.add((obligation.duty, obligation.target))
        self.keep(replace(obligation, done=True, waived=met is None, settled_by=fact.id, met=met))

    def cancel(self, obligation: OpenObligation) -> None:
        """It never was: what is owed once may be owed anew."""
        self._known.pop(obligation.id, None)
        self._open.get(obligation.target, {}).pop(obligation.id, None)
        self._quotas.get(obligation.target, {}).pop(obligation.id, None)
        self._existing.discard((obligation.duty, obligation.target))

    def exists(self, duty: str, target: int) -> bool:
        """Whether the duty was opened about the target before, and not voided since."""
        return (duty, target) in self._existing

    def open_about(self, target: int) -> Iterator[OpenObligation]:
        yield from tuple(self._open.get(target, {}).values())

    def is_open(self, obligation: OpenObligation) -> bool:
        return obligation.id in self._open.get(obligation.target, {})

    def quotas_of(self, person: int) -> Iterator[OpenObligation]:
        """A person's quotas; done ones go on counting."""
        for quota in tuple(self._quotas.get(person, ())):
            yield self._known[quota]

    def quotas_with(self, fact: int) -> Iterator[OpenObligation]:
        """The quotas, done or open, that have counted this fact."""
        for quota in tuple(self._counting.get(fact, ())):
            if quota in self._known:
                yield self._known[quota]

    def linked(self, fact: int) -> Iterator[OpenObligation]:
        """What a fact opened or settled, as it stands; asked once, when the fact is voided."""
        for obligation in self._linked.pop(fact, {}):
            if obligation in self._known:
                yield self._known[obligation]

    def counts(self, key: ShareKey) -> dict[str, RoleCount]:
        return self._counts.get(key, {})

    def count(self, key: ShareKey, counts: dict[str, RoleCount], item: ShareItem) -> None:
        self._counts[key] = counts
        self._items.setdefault(item.fact, []).append((key, item))

    def uncount(self, key: ShareKey, counts: dict[str, RoleCount]) -> None:
        self._counts[key] = counts

    def take_items(self, fact: int) -> Sequence[tuple[ShareKey, ShareItem]]:
        return tuple(self._items.pop(fact, ()))

    def given(self, table: str, target: int) -> set[str]:
        """What a table has given about a target so far."""
        return self._given.setdefault((table, target), set())

    def decided(self, fact: int) -> Sequence[Decided]:
        """What tables gave because of a fact; asked once, when the fact is voided."""
        return tuple(self._decided.pop(fact, ()))

    def counted(self, obligation: int) -> dict[str, dict[int, Moments]]:
        """The facts that a quota has counted, by key."""
        return self._counted.setdefault(obligation, {})

    def count_into(self, quota: int, key: str, fact: int, moments: Moments) -> None:
        self.counted(quota).setdefault(key, {})[fact] = moments
        self._counting.setdefault(fact, {})[quota] = None

    def bookings(self, occurrence: str) -> list[Booking]:
        return self._bookings.setdefault(occurrence, [])

    def take_bookings(self, fact: int) -> Sequence[Booking]:
        """What was booked for a fact; asked once, when the fact is voided."""
        found = self._booked.pop(fact, [])
        for booking in found:
            self.bookings(f"{booking.rule}:{booking.occurrence}").remove(booking)
        return found

    def emit(
        self,
        kind: str,
        adoption: int,
        about: OpenObligation | Fact,
        *,
        fact: Fact,
        why: Why,
        cause: int | None = None,
    ) -> int:
        """State an engine fact with the moments and values of ``fact``; it is decided on right
        behind. Returns its ref.

        Only the adoption itself goes on from it: open work keeps its version.
        """
        ref = self.next_ref()
        stated = replace(fact, id=ref, kind=kind, target=about.target, unit=about.unit)
        self.effects.append(
            Emit(
                ref=ref,
                kind=kind,
                target=stated.target,
                unit=stated.unit,
                by=stated.by,
                happened=stated.happened,
                values=stated.values,
                why=why,
                cause=cause,
            )
        )
        self.engine_facts.append((stated, adoption))
        return ref

    def give(self, decided: Decided, cause: int) -> None:
        """Keep that a table gave a result because of a fact."""
        self.given(decided.table, decided.target).add(decided.result)
        self._decided.setdefault(cause, []).append(decided)

    def ask(self, adoption: int, rule: Bound, fact: Fact, missing: str) -> None:
        """A value that the rule reads is empty: a person has to say, nothing is assumed."""
        steps = (Step("missing", {"field": missing, "fact": fact.kind}),)
        why = Why(clauses=tuple(rule.clauses), steps=steps)
        self.question(adoption, getattr(rule, "key", ""), fact, missing, why=why)

    def question(self, adoption: int, rule: str, fact: Fact, missing: str, *, why: Why) -> None:
        """A person has to say what is missing; one and the same is asked once."""
        # Refs of engine facts come again in other decisions; their moment tells them apart.
        opener = str(fact.id) if fact.id > 0 else f"{fact.kind}@{fact.happened.isoformat()}"
        self.effects.append(
            Ask(
                adoption=adoption,
                rule=rule,
                target=fact.target,
                missing=missing,
                key=f"ask:{adoption}:{rule}:{fact.target}:{opener}:{missing}",
                why=why,
            )
        )


def settled(in_force: InForce) -> dict[str, Any]:
    """The settings that have a value in the firm."""
    declared = in_force.policy.settings
    return {key: value for key in declared if (value := in_force.setting(key)) is not None}


def deciding_clauses(duty: Duty, owner: str, clock: str) -> tuple[str, ...]:
    """The clauses of the leaves that took part, in order and each once."""
    leaves = [duty.opener if duty.on is None else "on", "where", "over", owner, clock, "from",
              "channel", "proof.record", "proof.fact", "proof.sent_to"]  # fmt: skip
    proof = duty.proof
    here = {
        "where": duty.where,
        "over": duty.over,
        "from": duty.start,
        "channel": duty.channel or None,
        "proof.record": proof and proof.record,
        "proof.fact": proof and proof.fact,
        "proof.sent_to": (proof and len(proof.sent_to) == 1) or None,
    }
    taking_part = (leaf for leaf in leaves if leaf not in here or here[leaf] is not None)
    return tuple(dict.fromkeys(c for leaf in taking_part for c in duty.clauses_at(leaf)))


def as_open(effect: Open, *, opened: datetime, since: datetime | None = None) -> OpenObligation:
    """The obligation that an ``Open`` makes, for the rest of the same decision."""
    return OpenObligation(
        id=effect.ref,
        adoption=effect.adoption,
        duty=effect.duty,
        line=effect.line,
        clauses=effect.why.clauses,
        target=effect.target,
        unit=effect.unit,
        opener=effect.opener,
        roles=effect.roles,
        holder=effect.holder,
        excluded=effect.excluded,
        recipient=effect.recipient,
        ordinal=effect.ordinal,
        opened=opened,
        due=effect.due,
        level=0,
        values=effect.values,
        period=effect.period,
        since=since,
        blocked=effect.blocked,
        needed=effect.needed,
    )
