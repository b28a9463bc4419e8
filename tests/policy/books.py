"""What a firm's database keeps, in memory: every decision is written, the next one reads it.

``strict`` states answer exactly what ``needs`` named; asking for anything else raises. Each decision
is made twice, with what was named and with everything that is known, and has to come out alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from huiyin.policy.decide import decide
from huiyin.policy.effects import (
    Book,
    Cancel,
    Count,
    Discharge,
    Effect,
    Emit,
    LookAgain,
    Open,
    Release,
    Reopen,
    Retract,
    Reverse,
    Tick,
)
from huiyin.policy.facts import Fact
from huiyin.policy.look import look_all
from huiyin.policy.needs import look_needs, needs, needs_behind
from huiyin.policy.periods import Period
from huiyin.policy.rhythms import proves_since
from huiyin.policy.shares import counted
from huiyin.policy.standing import prove_standing, standing_kinds
from huiyin.policy.state import (
    Booking,
    Decided,
    Moments,
    ShareItem,
)
from huiyin.policy.working import as_open
from tests.policy.known import Known


@dataclass
class Books(Known):
    """The facts and obligations of a firm under one policy."""

    # What happens

    def record(self, *facts: Fact, now: datetime | None = None) -> list[Effect]:
        """Facts of one transaction; ids come from the books. Voids are taken before the others."""
        kept = [replace(each, id=self._next()) for each in facts]
        self.facts |= {each.id: each for each in kept}
        self.voided |= {each.voids for each in kept if each.voids is not None}
        said: list[Effect] = []
        for part in ([f for f in kept if f.voids], [f for f in kept if not f.voids]):
            if not part:
                continue
            at = now or max(f.recorded for f in part)
            said += self._decide(part, at)
            again = {effect.obligation for effect in said if isinstance(effect, Reopen)}
            if again and part[0].voids:
                said += self._prove(again, at)
        return said

    def void(self, kind_or_id: str | int, now: datetime) -> list[Effect]:
        """Take back the newest standing fact of a kind."""
        found = kind_or_id if isinstance(kind_or_id, int) else self.newest(kind_or_id).id
        target = self.facts[found].target
        at = {"happened": now, "known": now, "recorded": now}
        return self.record(
            Fact(id=0, kind="fact.voided", target=target, unit=None, by=None, voids=found, **at)
        )

    def look(self, now: datetime) -> list[Effect]:
        """The sweep: every open obligation whose due moment is over."""
        due = [o for o in self.open() if o.due is not None and o.due < now and not o.blocked]
        wanted = look_needs([self.in_force], due, now)
        effects = look_all([self.in_force], due, self.state(wanted), now)
        full = look_all([self.in_force], due, replace(self.full(), open=()), now)
        assert effects == full, "more was asked than named"
        self._write(effects, now)
        return effects

    def plan(self, opens: Sequence[Open], now: datetime) -> None:
        """What a period asks for; what is there stays, and what was done before counts."""
        planned = set()
        for opened in opens:
            assert opened.period is not None and opened.period_after is not None
            key = self._key(opened)
            if any(self.keys[id] == key for id in self.keys if id not in self.cancelled):
                continue
            duty = self.in_force.policy.duties[opened.duty]
            period = Period(opened.period, opened.period_after)
            since = proves_since(duty, period, opened.due, self.in_force.zone)
            planned.add(self._next())
            self._open(opened, self.last, now, since)
        self._prove(planned, now)

    def _prove(self, ids: set[int], now: datetime) -> list[Effect]:
        """Facts that stand meet what was opened, or waits again, behind them."""
        waiting = [o for o in self.open() if o.id in ids]
        policy = self.in_force.policy
        kinds = {kind for o in waiting for kind in standing_kinds(policy, o.duty)}
        facts = [f for f in self.standing() if f.kind in kinds]
        proven = defaultdict(set)
        for o in self.obligations.values():
            if o.settled_by is not None and o.id not in self.cancelled:
                proven[o.settled_by].add((o.adoption, o.line, o.recipient))
        but = [each.id for each in facts]
        wanted = needs([self.in_force], facts)
        wanted |= needs_behind([self.in_force], facts, self.named(wanted, self.full(but)))
        effects = prove_standing(
            self.in_force, self.state(wanted, but), facts, waiting, proven=proven, now=now
        )
        full = self.full(but)
        assert effects == prove_standing(
            self.in_force, full, facts, waiting, proven=proven, now=now
        ), "not all was named"
        self._write(effects, now)
        return effects

    # What a decision says

    def _decide(self, facts: list[Fact], now: datetime) -> list[Effect]:
        ids = [each.id for each in facts]
        wanted = needs([self.in_force], facts)
        opened = self.named(wanted, self.full(ids))
        wanted |= needs_behind([self.in_force], facts, opened)
        state = self.state(wanted, ids)
        before = repr(state)
        effects = decide([self.in_force], state, facts, now)
        assert repr(state) == before, "decide changed what it was given"
        assert decide([self.in_force], state, facts, now) == effects, "decided twice, not alike"
        assert decide([self.in_force], self.full(ids), facts, now) == effects, "not all was named"
        self._write(effects, now)
        return effects

    def _next(self) -> int:
        self.last += 1
        return self.last

    def _key(self, opened: Open, opener: int | None = None) -> tuple[Any, ...]:
        return (
            opened.line, opened.target, None if opened.once else opener, opened.roles,
            opened.recipient, opened.ordinal, (opened.period, opened.period_after),
        )  # fmt: skip

    def _open(self, effect: Open, id: int, now: datetime, since: datetime | None) -> None:
        key = self._key(effect, effect.opener)
        assert key not in [self.keys[k] for k in self.keys if k not in self.cancelled], (
            f"opened twice: {key}"
        )
        self.keys[id] = key
        self.obligations[id] = replace(as_open(effect, opened=now, since=since), id=id)
        if effect.needed is not None:
            self.ticks.setdefault(id, {})

    def _write(self, effects: Sequence[Effect], now: datetime) -> None:
        refs: dict[int, int] = {}

        def real(ref: int | None) -> int:
            assert ref is not None
            return refs.get(ref, ref)

        for effect in effects:
            if isinstance(effect, Emit):
                refs[effect.ref] = self._next()
                self._stated(effect, real, now)
        for effect in effects:
            if isinstance(effect, Open):
                refs[effect.ref] = self._next()
        for effect in effects:
            self._apply(effect, real, now)
        self.said += effects

    def _stated(self, effect: Emit, real: Any, now: datetime) -> None:
        id = real(effect.ref)
        self.facts[id] = Fact(
            id=id, kind=effect.kind, target=effect.target, unit=effect.unit, by=effect.by,
            happened=effect.happened, known=max(effect.happened, now), recorded=now,
            values=effect.values,
        )  # fmt: skip
        if effect.cause is not None:
            table = effect.kind.removesuffix(".decided")
            result = str(effect.values[f"{table}.result"])
            self.decided[id] = Decided(id, table, result, effect.target)
            self.causes[id] = real(effect.cause)

    def _apply(self, effect: Effect, real: Any, now: datetime) -> None:
        match effect:
            case Open():
                opener = self.facts[real(effect.opener)]
                opened = replace(effect, opener=opener.id)
                self._open(opened, real(effect.ref), now, opener.happened)
            case Discharge():
                by, met = real(effect.fact), real(effect.met)
                self._settle(real(effect.obligation), done=False, settled_by=by, met=met)
            case Release():
                by = real(effect.fact)
                self._settle(real(effect.obligation), done=False, settled_by=by, waived=True)
            case Reopen():
                again = {"settled_by": None, "met": None, "waived": False}
                self._settle(real(effect.obligation), done=True, **again)
            case Cancel():
                id = real(effect.obligation)
                assert id in self.obligations, "cancelled what is not there"
                assert id not in self.cancelled, "cancelled twice"
                self.cancelled.add(id)
            case LookAgain():
                self._looked(effect, real)
            case _:
                self._apply_beside(effect, real)

    def _apply_beside(self, effect: Effect, real: Any) -> None:
        """What is counted, booked and stated beside obligations."""
        match effect:
            case Retract():
                stated = real(effect.fact)
                assert stated in self.facts, "retracted what was not stated"
                assert stated not in self.voided, "retracted twice"
                self.voided.add(stated)
            case Tick():
                self._tick(effect, real)
            case Count():
                self._count(effect, real)
            case Book():
                self._book(effect, real)
            case Reverse():
                assert self.bookings.pop(effect.booking, None), "reversed twice"

    def _looked(self, effect: LookAgain, real: Any) -> None:
        was = self.obligations[effect.obligation]
        stated = was.stated_missed if effect.stated is None else real(effect.stated)
        looked = {"level": effect.level, "missed": effect.missed, "stated_missed": stated}
        self.obligations[was.id] = replace(was, **looked)

    def _settle(self, id: int, *, done: bool, **changed: Any) -> None:
        was = self.obligations[id]
        assert id not in self.cancelled, "settled though it never was"
        assert was.done is done, f"{was.duty} was {'done' if was.done else 'open'}"
        self.obligations[id] = replace(was, done=not done, **changed)

    def _tick(self, effect: Tick, real: Any) -> None:
        counting = self.ticks.setdefault(real(effect.obligation), {})
        fact = self.facts[real(effect.fact)]
        if effect.sign > 0:
            assert fact.id not in counting.get(effect.key, {}), "counted twice"
            moments = Moments(fact.happened, fact.known, fact.recorded)
            counting.setdefault(effect.key, {})[fact.id] = moments
        else:
            del counting[effect.key][fact.id]
            if not counting[effect.key]:
                del counting[effect.key]

    def _count(self, effect: Count, real: Any) -> None:
        key = (effect.adoption, effect.duty, effect.period)
        self.counts[key] = counted(
            self.counts.get(key, {}),
            eligible=effect.eligible, allotted=effect.allotted, sign=effect.sign,
        )  # fmt: skip
        fact = real(effect.fact)
        if effect.sign > 0:
            item = ShareItem(fact, effect.target, effect.period, effect.eligible, effect.allotted)
            self.items.append((key, item))
        else:
            self.items = [(k, i) for k, i in self.items if (k, i.fact) != (key, fact)]

    def _book(self, effect: Book, real: Any) -> None:
        same = [(b.rule, b.person, b.occurrence) for b in self.bookings.values()]
        assert (effect.rule, effect.person, effect.occurrence) not in same, "booked twice"
        id = self._next()
        fact = None if effect.fact is None else real(effect.fact)
        self.bookings[id] = Booking(id, effect.rule, effect.person, effect.occurrence, fact)
        self.points[id] = effect.points
