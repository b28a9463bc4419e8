"""The working copy of one decision: what is open, what is counted, what comes out of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from huiyin.policy.effects import Ask, Effect, Emit, Open, Step, Why
from huiyin.policy.errors import UnknownAdoption
from huiyin.policy.facts import Fact, Value
from huiyin.policy.schema import Duty
from huiyin.policy.state import InForce, OpenObligation, RoleCount, ShareItem, ShareKey, State


class Work:
    """Everything that a decision changes while it runs; the given state stays as it was."""

    def __init__(self, in_force: Iterable[InForce], state: State, *, now: datetime) -> None:
        self.now = now
        self.adoptions = {policy.adoption: policy for policy in in_force}
        self.effects: list[Effect] = []
        self.engine_facts: deque[tuple[Fact, int]] = deque()
        self.holding = state.holders
        self._last_ref = 0
        self._clauses: dict[tuple[int, str, str], tuple[str, ...]] = {}
        self._open: dict[int, dict[int, OpenObligation]] = {}
        self._opened_by: dict[int, list[OpenObligation]] = {}
        self._counts = {key: dict(count.roles) for key, count in state.shares.items()}
        self._items = {fact: list(items) for fact, items in state.items.items()}
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
        """An obligation now waits (or is done and may still be cancelled)."""
        if not obligation.done:
            self._open.setdefault(obligation.target, {})[obligation.id] = obligation
        if obligation.opener is not None:
            self._opened_by.setdefault(obligation.opener, []).append(obligation)

    def close(self, obligation: OpenObligation) -> None:
        self._open.get(obligation.target, {}).pop(obligation.id, None)

    def open_about(self, target: int) -> Iterator[OpenObligation]:
        yield from tuple(self._open.get(target, {}).values())

    def opened_by(self, fact: int) -> Sequence[OpenObligation]:
        return tuple(self._opened_by.pop(fact, ()))

    def counts(self, key: ShareKey) -> dict[str, RoleCount]:
        return self._counts.get(key, {})

    def count(self, key: ShareKey, counts: dict[str, RoleCount], item: ShareItem) -> None:
        self._counts[key] = counts
        self._items.setdefault(item.fact, []).append((key, item))

    def uncount(self, key: ShareKey, counts: dict[str, RoleCount]) -> None:
        self._counts[key] = counts

    def take_items(self, fact: int) -> Sequence[tuple[ShareKey, ShareItem]]:
        return tuple(self._items.pop(fact, ()))

    def emit(self, kind: str, obligation: OpenObligation, *, fact: Fact, why: Why) -> None:
        """State an engine fact about the obligation's target; it is decided on right behind.

        Only the obligation's own adoption goes on from it: open work keeps its version.
        """
        values: Mapping[str, Value] = {**obligation.values, **fact.values}
        emitted = Emit(
            ref=self.next_ref(),
            kind=kind,
            target=obligation.target,
            unit=obligation.unit,
            by=fact.by,
            happened=fact.happened,
            values=values,
            why=why,
        )
        self.effects.append(emitted)
        stated = replace(
            fact,
            id=emitted.ref,
            kind=kind,
            target=emitted.target,
            unit=emitted.unit,
            values=values,
        )
        self.engine_facts.append((stated, obligation.adoption))

    def ask(self, adoption: int, duty: Duty, fact: Fact, missing: str) -> None:
        """A value that the rule reads is empty: a person has to say, nothing is assumed."""
        opener = str(fact.id) if fact.id > 0 else fact.kind
        self.effects.append(
            Ask(
                adoption=adoption,
                rule=duty.key,
                target=fact.target,
                missing=missing,
                key=f"ask:{adoption}:{duty.key}:{fact.target}:{opener}:{missing}",
                why=Why(
                    clauses=tuple(duty.clauses),
                    steps=(Step("missing", {"field": missing, "fact": fact.kind}),),
                ),
            )
        )


def deciding_clauses(duty: Duty, owner: str, clock: str) -> tuple[str, ...]:
    """The clauses of the leaves that took part, in order and each once."""
    leaves = ["on", "where", owner, clock, "from", "proof.record", "proof.fact", "proof.sent_to"]
    proof = duty.proof
    here = {
        "where": duty.where,
        "from": duty.start,
        "proof.record": proof.record,
        "proof.fact": proof.fact,
        "proof.sent_to": proof.sent_to,
    }
    taking_part = (leaf for leaf in leaves if leaf not in here or here[leaf] is not None)
    return tuple(dict.fromkeys(c for leaf in taking_part for c in duty.clauses_at(leaf)))


def as_person(value: Any) -> int | None:
    """A person's target id out of a typed value; ``None`` if nobody is named."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else None


def as_open(effect: Open, *, opened: datetime) -> OpenObligation:
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
    )
