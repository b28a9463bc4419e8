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
    InForce,
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
        self._open: dict[int, dict[int, OpenObligation]] = {}
        self._linked: dict[int, list[OpenObligation]] = {}
        self._counts = {key: dict(count.roles) for key, count in state.shares.items()}
        self._items = {fact: list(items) for fact, items in state.items.items()}
        self._existing: set[tuple[str, int]] = set()
        self._met = set(state.met)
        self._seen = set(state.seen)
        self._given = {key: set(results) for key, results in state.given.items()}
        self._counted = {key: dict(counted) for key, counted in state.counted.items()}
        self._bookings = {key: list(found) for key, found in state.bookings.items()}
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
            settings=_settled(in_force),
            zone=in_force.zone,
            history=lambda leaf: self.happened(leaf, target),
            items=lambda kind: self.state.things.get((kind, target)),
        )

    def read(self, fact: Fact) -> dict[str, Value]:
        """A fact's values with who did it in which roles."""
        roles = self.state.roles_of.get(fact.by, frozenset()) if fact.by is not None else ()
        return {**fact.read, "by.role": sorted(roles)}

    def happened(self, leaf: Met | Seen, target: int) -> bool:
        """``met`` needs one that is met and none that is still open about the same target."""
        if isinstance(leaf, Seen):
            return (leaf.fact, target) in self._seen
        waiting = any(o.duty == leaf.duty for o in self.open_about(target))
        return (leaf.duty, target) in self._met and not waiting

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
        """An obligation now waits (or is done and may still be cancelled or opened again)."""
        if not obligation.done:
            self._open.setdefault(obligation.target, {})[obligation.id] = obligation
        self._existing.add((obligation.duty, obligation.target))
        for fact in (obligation.opener, obligation.settled_by):
            if fact is not None:
                self._linked.setdefault(fact, []).append(obligation)

    def close(self, obligation: OpenObligation) -> None:
        self._open.get(obligation.target, {}).pop(obligation.id, None)

    def meet(self, obligation: OpenObligation) -> None:
        self.close(obligation)
        self._met.add((obligation.duty, obligation.target))

    def exists(self, duty: str, target: int) -> bool:
        """Whether the duty was opened about the target before, and not voided since."""
        return (duty, target) in self._existing

    def open_about(self, target: int) -> Iterator[OpenObligation]:
        yield from tuple(self._open.get(target, {}).values())

    def linked(self, fact: int) -> Sequence[OpenObligation]:
        """What a fact opened or settled; asked once, when it is voided."""
        return tuple(self._linked.pop(fact, ()))

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

    def counted(self, obligation: int) -> dict[int | str, frozenset[int]]:
        """The facts that a quota has counted, by key."""
        return self._counted.setdefault(obligation, {})

    def quotas_with(self, fact: int) -> Iterator[OpenObligation]:
        """The quotas, done or open, that have counted this fact."""
        for obligation in self.state.open:
            if any(fact in facts for facts in self.counted(obligation.id).values()):
                yield obligation

    def bookings(self, occurrence: str) -> list[Booking]:
        return self._bookings.setdefault(occurrence, [])

    def all_bookings(self) -> Iterator[Booking]:
        for found in self._bookings.values():
            yield from found

    def emit(
        self,
        kind: str,
        adoption: int,
        about: OpenObligation | Fact,
        *,
        fact: Fact,
        values: Mapping[str, Value],
        why: Why,
    ) -> int:
        """State an engine fact; it is decided on right behind. Returns its ref.

        Only the adoption itself goes on from it: open work keeps its version.
        """
        emitted = Emit(
            ref=self.next_ref(),
            kind=kind,
            target=about.target,
            unit=about.unit,
            by=fact.by,
            happened=fact.happened,
            values=values,
            why=why,
        )
        self.effects.append(emitted)
        stated = replace(
            fact, id=emitted.ref, kind=kind, target=about.target, unit=about.unit, values=values
        )
        self.engine_facts.append((stated, adoption))
        return emitted.ref

    def ask(self, adoption: int, rule: Bound, fact: Fact, missing: str) -> None:
        """A value that the rule reads is empty: a person has to say, nothing is assumed."""
        key: str = getattr(rule, "key", "")
        opener = str(fact.id) if fact.id > 0 else fact.kind
        self.effects.append(
            Ask(
                adoption=adoption,
                rule=key,
                target=fact.target,
                missing=missing,
                key=f"ask:{adoption}:{key}:{fact.target}:{opener}:{missing}",
                why=Why(
                    clauses=tuple(rule.clauses),
                    steps=(Step("missing", {"field": missing, "fact": fact.kind}),),
                ),
            )
        )


def _settled(in_force: InForce) -> dict[str, Any]:
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
