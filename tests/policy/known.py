"""What a firm's books hold, and the states that a decision is made with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from huiyin.policy.effects import (
    Effect,
)
from huiyin.policy.facts import Fact
from huiyin.policy.state import (
    Booking,
    Decided,
    InForce,
    Moments,
    Needs,
    OpenObligation,
    RoleCount,
    ShareCount,
    ShareItem,
    ShareKey,
    State,
)
from tests.policy.named import Named


@dataclass
class Known:
    """What the books hold, and what of it a decision is told."""

    in_force: InForce
    holders: dict[Any, tuple[int, ...]]
    heads: dict[int, tuple[int, ...]] = field(default_factory=dict)
    roles_of: dict[int, frozenset[str]] = field(default_factory=dict)
    things: dict[Any, list[dict[str, Any]]] = field(default_factory=dict)
    facts: dict[int, Fact] = field(default_factory=dict)
    voided: set[int] = field(default_factory=set)
    obligations: dict[int, OpenObligation] = field(default_factory=dict)
    keys: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    cancelled: set[int] = field(default_factory=set)
    decided: dict[int, Decided] = field(default_factory=dict)
    causes: dict[int, int] = field(default_factory=dict)
    counts: dict[ShareKey, dict[str, RoleCount]] = field(default_factory=dict)
    items: list[tuple[ShareKey, ShareItem]] = field(default_factory=list)
    ticks: dict[int, dict[str, dict[int, Moments]]] = field(default_factory=dict)
    bookings: dict[int, Booking] = field(default_factory=dict)
    points: dict[int, int] = field(default_factory=dict)
    said: list[Effect] = field(default_factory=list)
    last: int = 1000

    # What is known

    def newest(self, kind: str) -> Fact:
        return max(
            (f for f in self.facts.values() if f.kind == kind and f.id not in self.voided),
            key=lambda f: f.id,
        )

    def open(self) -> list[OpenObligation]:
        return [o for o in self.obligations.values() if not o.done and o.id not in self.cancelled]

    def standing(self) -> list[Fact]:
        return [f for f in self.facts.values() if f.id not in self.voided and f.voids is None]

    def duties(self, *, done: bool = False) -> list[str]:
        return sorted(
            o.duty for o in self.obligations.values()
            if o.id not in self.cancelled and o.done is done
        )  # fmt: skip

    def score(self, person: int) -> int:
        return sum(self.points[id] for id, b in self.bookings.items() if b.person == person)

    # What a decision is told

    def full(self, but: Iterable[int] = ()) -> State:
        """Everything that is known before the facts ``but``."""
        here = [o for o in self.obligations.values() if o.id not in self.cancelled]
        history = [f for f in self.standing() if f.id not in set(but)]
        firsts: dict[Any, Moments] = {}
        for each in sorted(history, key=lambda f: (f.happened, f.id)):
            firsts.setdefault(
                (each.kind, each.target), Moments(each.happened, each.known, each.recorded)
            )
        by_cause: dict[int, list[Decided]] = defaultdict(list)
        given: dict[Any, set[str]] = defaultdict(set)
        for decided in self.decided.values():
            if decided.id not in self.voided:
                by_cause[self.causes[decided.id]].append(decided)
                given[decided.table, decided.target].add(decided.result)
        items: dict[int, list[Any]] = defaultdict(list)
        for key, item in self.items:
            items[item.fact].append((key, item))
        booked: dict[str, list[Booking]] = defaultdict(list)
        for booking in self.bookings.values():
            booked[f"{booking.rule}:{booking.occurrence}"].append(booking)
        return State(
            holders=self.holders,
            heads=self.heads,
            roles_of=self.roles_of,
            open=tuple(sorted(here, key=lambda o: o.id)),
            shares={key: ShareCount(counts) for key, counts in self.counts.items()},
            items={fact: tuple(each) for fact, each in items.items()},
            existing=frozenset((o.duty, o.target) for o in here),
            met=frozenset((o.duty, o.target) for o in here if o.done),
            seen=frozenset((f.kind, f.target) for f in history),
            firsts=firsts,
            given={key: frozenset(each) for key, each in given.items()},
            decided={key: tuple(each) for key, each in by_cause.items()},
            things=dict(self.things),
            counted={quota: {k: dict(v) for k, v in t.items()} for quota, t in self.ticks.items()},
            bookings={key: tuple(each) for key, each in booked.items()},
        )

    def state(self, wanted: Needs, but: Iterable[int] = ()) -> State:
        """Exactly what was named."""
        full = self.full(but)
        opened = self.named(wanted, full)
        fallen = self._fallen(wanted, full)
        items = {fact: each for fact, each in full.items.items() if fact in fallen}
        shares = {key for found in items.values() for key, _item in found}
        return State(
            holders=Named(dict(full.holders), wanted.holders),
            heads=Named(dict(full.heads), wanted.heads),
            roles_of=Named(dict(full.roles_of), wanted.roles_of),
            open=opened,
            shares={k: v for k, v in full.shares.items() if k in wanted.shares | shares},
            items=items,
            existing=full.existing & wanted.existing,
            met=full.met & wanted.met,
            seen=full.seen & wanted.seen,
            firsts={k: v for k, v in full.firsts.items() if k in wanted.firsts},
            given={k: v for k, v in full.given.items() if k in wanted.given},
            decided=full.decided if wanted.opened_by else {},
            things=Named(dict(full.things), wanted.things),
            counted={o.id: full.counted.get(o.id, {}) for o in opened if o.needed is not None},
            bookings={
                key: each
                for key, each in full.bookings.items()
                if key in wanted.bookings or any(b.fact in fallen for b in each)
            },
        )

    @staticmethod
    def _fallen(wanted: Needs, full: State) -> set[int]:
        """The voided facts and the engine facts that fall with them."""
        fallen, waiting = set[int](), set(wanted.opened_by)
        while waiting:
            fallen |= waiting
            linked = [o for o in full.open if {o.opener, o.settled_by} & waiting]
            linked += [
                o for o in full.open
                if any(waiting & set(facts) for facts in full.counted.get(o.id, {}).values())
            ]  # fmt: skip
            found = {fact for o in linked for fact in (o.met, o.stated_missed)}
            found |= {d.id for fact in waiting for d in full.decided.get(fact, ())}
            waiting = {fact for fact in found if fact is not None} - fallen
        return fallen

    def named(self, wanted: Needs, full: State) -> tuple[OpenObligation, ...]:
        """The obligations that a decision is handed: about targets, quotas, what voids lead to."""
        fallen = self._fallen(wanted, full)
        return tuple(
            o for o in full.open
            if (o.target in wanted.open_about and not o.done)
            or {o.opener, o.settled_by} & fallen
            or any(fallen & set(facts) for facts in full.counted.get(o.id, {}).values())
            or (o.needed is not None and self._counts(o, wanted.quotas))
        )  # fmt: skip

    def _counts(self, quota: OpenObligation, wanted: Iterable[tuple[int, date]]) -> bool:
        first, after = self.keys[quota.id][-1]
        return any(person == quota.target and first <= day < after for person, day in wanted)
