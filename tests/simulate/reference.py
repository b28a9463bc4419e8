"""Which obligations must exist: a small model of the engine that shares no line with it.

It reads the same paper and is told the same things, one after another; it keeps everything in
lists and looks through all of them each time. What it states is compared with the database.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from tests.simulate.days import Due
from tests.simulate.ground import Event, Owed, Version
from tests.simulate.periods import TICK, Periods


class Reference(Periods):
    """What is told it: facts, voids, decisions of people, time."""

    # Facts.

    def tell(self, *events: Event, now: datetime) -> None:
        """Facts are recorded together; each version decides about all of them in turn."""
        self.now = now
        self.newest = max((event.id or 0 for event in events), default=self.newest)
        for version in self.versions:
            self._fold_all(version, events)
        for event in events:
            self._keep(event)

    def _fold_all(self, version: Version, events: Sequence[Event]) -> None:
        """To each of them only those before it are known."""
        for event in events:
            self._fold(version, event)
            self._keep(event)
        for event in events:
            self.events[event.kind, event.target].remove(event)

    def _keep(self, event: Event) -> None:
        self.events.setdefault((event.kind, event.target), []).append(event)

    def _fold(self, version: Version, event: Event) -> None:
        self._take(version, event, applies=event.live and version.applies(event.happened))
        self._follow(version)

    def _follow(self, version: Version) -> None:
        """Engine facts are decided on right behind what brought them about."""
        waiting, self.queue = self.queue, deque()
        while waiting:
            fact = waiting.popleft()
            self._take(version, fact, applies=True)
            self._keep(fact)
            waiting.extendleft(reversed(self.queue))
            self.queue.clear()

    def _take(self, version: Version, event: Event, *, applies: bool) -> None:
        self._prove(version, event)
        for owed in self.waiting(version, event.target):
            if version.duties.get(owed.duty, {}).get("until") == event.kind:
                self._end(owed, "waived", event)
        self._count(version, event)
        if applies:
            for key, duty in version.duties.items():
                self.open(version, key, duty, event)
            for key, table in version.paper["tables"].items():
                self.classify(version, key, table, event)
            for score in version.paper["scores"].values():
                if score["on"] == event.kind:
                    self.points.append((event.values[score["to"]], score["points"], event))

    def _prove(self, version: Version, event: Event, among: Sequence[Owed] | None = None) -> None:
        proven = set()
        if among is not None:
            proven = {
                (o.line, o.recipient)
                for o in self.owed
                if o.settled_by is event and o.version is version
            }
        for owed in sorted(
            self.waiting(version, event.target),
            key=lambda o: (o.due is None, o.due or self.now, o.ordinal, o.number),
        ):
            if among is not None and owed not in among:
                continue
            duty = version.duties.get(owed.duty) or {"proof": {"fact": f"{owed.duty}.answered"}}
            if not self._proves(duty, owed, event) or owed.since and event.happened < owed.since:
                continue
            returning = "every" in duty or "before" in duty
            if returning and (owed.line, owed.recipient) in proven:
                continue
            proven.add((owed.line, owed.recipient))
            self.settle(owed, event)

    def _proves(self, duty: Any, owed: Owed, event: Event) -> bool:
        proof = duty.get("proof", {})
        if "fact" in proof:
            return bool(event.kind == proof["fact"])
        if event.values.get("record.form") != proof.get("record", "-"):
            return False
        if "sent_to" in proof:
            return event.kind == "record.sent" and event.values["record.to"] == owed.recipient
        if event.kind != "record.filed" or event.by == owed.excluded:
            return False
        holding = (self.ground.holders(role, self.unit_of(owed), self.now) for role in owed.roles)
        return event.by == owed.holder or any(event.by in held for held in holding)

    def _count(self, version: Version, event: Event, among: Sequence[Owed] | None = None) -> None:
        """What somebody did counts into his quotas; done ones go on counting."""
        for owed in self.about.get(event.by or 0, ()):
            if among is not None and owed not in among:
                continue
            if owed.needed is None or owed.version is not version or owed.state == "voided":
                continue
            quota, span = version.duties[owed.duty]["quota"], owed.period
            if event.kind != quota["of"] or span is None:
                continue
            if not span.first <= self.ground.days.today(event.happened) < span.after:
                continue
            if any(event.values.get(k) != v for k, v in quota.get("where", {}).items()):
                continue
            counts_as = str(event.target if quota.get("distinct") else event.id)
            owed.counted.setdefault(counts_as, {})[event.id or 0] = event
            if owed.waits and len(owed.counted) >= owed.needed:
                self.settle(owed, event)

    # What was there before.

    def plan_version(self, version: Version) -> None:
        """What was done in a period counts, though the planner came later."""
        there = len(self.owed)
        super().plan_version(version)
        self._show(version, self.owed[there:])

    def _show(self, version: Version, waiting: Sequence[Owed]) -> None:
        """Facts that stand, oldest first, meet what was opened late or waits again."""
        mine = [o for o in waiting if o.version is version and o.waits and o.duty in version.duties]
        if not mine:
            return
        stand = [e for found in self.events.values() for e in found if e.id and not e.voided]
        for event in sorted(stand, key=lambda e: e.place):
            among = [o for o in mine if o.opener is None or event.place > o.opener.place]
            self._prove(version, event, among)
            for owed in among:
                until = version.duties.get(owed.duty, {}).get("until")
                if owed.waits and until == event.kind and owed.target == event.target:
                    if event.recorded >= owed.opened_at and owed in self.reopened:
                        self._end(owed, "waived", event)
            self._count(version, event, [o for o in among if o not in self.reopened])
            self._follow(version)

    # What is taken back.

    def void(self, event: Event, now: datetime) -> None:
        """A fact is voided: what it opened never was, what it met waits again, unless another fact
        that stands meets it.
        """
        self.now = now
        event.voided = True
        for version in self.versions:
            self.reopened = []
            self._void(version, event)
            self._follow(version)
            self._show(version, self.reopened)
        self.reopened = []

    def _void(self, version: Version, event: Event) -> None:
        event.voided = True
        mine = [o for o in self.owed if o.version is version and o.state != "voided"]
        for owed in mine:
            if owed.opener is event or self._was_silence(owed, event):
                self._end(owed, "voided", event)
                for stated in (owed.met, owed.missed):
                    if stated is not None:
                        self._void(version, stated)
            elif owed.settled_by is event and (owed.needed is None or owed.state == "waived"):
                self._reopen(version, owed)
        mine_counted = [
            i for i in self.items if i["event"] is event and i["here"][0] == version.number
        ]
        for item in mine_counted:
            self.items.remove(item)
            self.closed.discard(item["here"])
        for owed in mine:
            self._uncount(version, owed, event)
        for given in self.given:
            if given.cause is event and given.version is version:
                self._void(version, given.fact)

    def _was_silence(self, owed: Owed, event: Event) -> bool:
        """It was planned from this fact alone: none that stands had happened by then."""
        if owed.version.duties.get(owed.duty, {}).get("since") != event.kind or not owed.period:
            return False
        begun, days = owed.period.first, self.ground.days
        stands = self.standing(event.kind, event.target)
        return (
            owed.target == event.target
            and days.today(event.happened) <= begun
            and not any(days.today(each.happened) <= begun for each in stands)
        )

    def _reopen(self, version: Version, owed: Owed) -> None:
        met = owed.met
        self.reopened.append(owed)
        owed.state = "blocked" if owed.blocked else "open"
        owed.done = owed.settled_by = owed.met = None
        late = max(owed.due, self.now - TICK) if owed.due else None
        owed.look_at = None if owed.blocked else late
        if met is not None:
            self._void(version, met)
        self._fill(owed)

    def _uncount(self, version: Version, owed: Owed, event: Event) -> None:
        held = [k for k, facts in owed.counted.items() if event.id in facts]
        for counts_as in held:
            del owed.counted[counts_as][event.id or 0]
            if not owed.counted[counts_as]:
                del owed.counted[counts_as]
        short = len(owed.counted) < (owed.needed or 0)
        if held and owed.state == "done" and (short or owed.settled_by is event):
            self._reopen(version, owed)

    def _fill(self, owed: Owed) -> None:
        """What is counted already meets a quota that lost the fact by which it was done."""
        if owed.needed is None or not owed.counted or len(owed.counted) < owed.needed:
            return
        firsts = [min(f.values(), key=lambda e: (e.recorded, e.id)) for f in owed.counted.values()]
        firsts.sort(key=lambda e: (e.recorded, e.id))
        self.settle(owed, firsts[max(owed.needed, 1) - 1])

    def _end(self, owed: Owed, state: str, event: Event) -> None:
        owed.state, owed.settled_by, owed.look_at = state, event, None

    # What people decide.

    def waive(self, owed: Owed, waiver: Event) -> None:
        self._end(owed, "waived", waiver)

    def extend(self, owed: Owed, now: datetime) -> None:
        """A longer limit from the consent on; the first deadline is kept."""
        duty = owed.version.duties[owed.duty]
        owed.extended = now, duty["extend"]["until"]
        self._move(owed, self.ground.days.due(*owed.extended, duty.get("roll")))

    def _move(self, owed: Owed, due: Due) -> None:
        if due[0] != owed.due:
            owed.first_due = owed.first_due or owed.due
        owed.due, owed.provisional = due
        owed.look_at = owed.look_at and due[0]

    def stand_in(self, target: int, deputy: int, now: datetime) -> None:
        """A deputy acts: what the absent owe about the target is his from here on."""
        absent = self.ground.absent_for(deputy, now)
        for owed in self.about.get(target, ()):
            if not owed.waits or deputy in (owed.holder, owed.excluded):
                continue
            if owed.holder is not None:
                lent = owed.holder in absent
            else:
                held = {
                    person for role in owed.roles
                    for person in self.ground.holders(role, self.unit_of(owed), now)
                }  # fmt: skip
                his = held & {deputy, *absent} - {owed.excluded}
                lent = bool(his and held.intersection(absent))
            if lent:
                owed.holder = deputy

    def hand_over(self, person: int, to: int, now: datetime) -> None:
        """Somebody leaves: what he owes himself passes, and by a role where the other holds it."""
        for owed in self.owed:
            if not owed.waits or owed.holder != person:
                continue
            held = (self.ground.holders(role, self.unit_of(owed), now) for role in owed.roles)
            if not owed.roles or any(to in each for each in held) and to != owed.excluded:
                owed.holder = to

    def reschedule(self, now: datetime) -> None:
        """The calendar is another: provisional deadlines still to come are counted anew."""
        self.now = now
        for owed in self.owed:
            if owed.waits and owed.provisional and owed.due > now:
                due = self._again(owed)
                if due is not None:
                    self._move(owed, due)

    def _again(self, owed: Owed) -> Due | None:
        duty = owed.version.duties.get(owed.duty, {})
        if owed.extended:
            return self.ground.days.due(*owed.extended, duty.get("roll"))
        if owed.opener is not None and duty:
            return self.clock(duty, owed.opener, owed.settings)
        return self.due_in(duty, owed.period) if owed.period and "every" in duty else None

    def adopt(self, version: Version, *, live: bool, now: datetime) -> None:
        """A version comes into force; live it decides about what opened nothing before."""
        self.now = now
        for earlier in self.versions[-1:]:
            earlier.ends = version.starts
        self.versions.append(version)
        if live:
            opened = {id(o.opener) for o in self.owed}
            facts = [
                e for found in self.events.values() for e in found
                if e.id and e.live and not e.voided and e.happened >= version.starts and id(e) not in opened
            ]  # fmt: skip
            for event in facts:
                self.events[event.kind, event.target].remove(event)
            self._fold_all(version, sorted(facts, key=lambda e: e.id or 0))
            for event in facts:
                self._keep(event)
        for each in self.versions:
            self.plan_version(each)

    # Time.

    def tick(self, now: datetime) -> None:
        """Work of a role finds its people, what is overdue is stated, shares are closed."""
        self.now = now
        gone = self.ground.gave_up(now)
        for owed in self.owed:
            if owed.waits and owed.roles and (owed.state == "blocked" or owed.holder in gone):
                self._seat(owed)
        while due := [o for o in self.owed if o.state == "open" and o.look_at and o.look_at < now]:
            self._look_at(sorted(due, key=lambda o: (o.look_at, o.number)))
        self.close_shares()

    def reseat(self, target: int, now: datetime) -> None:
        """The target belongs elsewhere: what a role owes about it is of those there."""
        self.now = now
        for owed in self.about.get(target, ()):
            if owed.waits and owed.roles:
                self._seat(owed)

    def _seat(self, owed: Owed) -> None:
        if any(
            owed.holder in self.ground.holders(r, self.unit_of(owed), self.now) for r in owed.roles
        ):
            return
        found = self.among(owed.roles, self.unit_of(owed), owed.excluded)
        was_blocked = owed.blocked
        owed.holder, owed.blocked = found["holder"], found["blocked"]
        owed.state = "blocked" if owed.blocked else "open"
        owed.look_at = None if owed.blocked else owed.due if was_blocked else owed.look_at

    def _look_at(self, due: Iterable[Owed]) -> None:
        for owed in due:
            if owed.state != "open":
                continue
            if owed.missed is None:
                owed.missed = self.missed_fact(owed)
                self._follow(owed.version)
            steps = owed.version.duties.get(owed.duty, {}).get("late", [])
            later = [self.ground.days.later(owed.due, step["after"]) for step in steps]
            while owed.level < len(later) and self.now > later[owed.level]:
                self._tell_late(owed, steps[owed.level]["tell"])
                owed.level += 1
            owed.look_at = later[owed.level] if owed.level < len(later) else None

    def _tell_late(self, owed: Owed, whom: str) -> None:
        """Everybody of a role there, or the holder; and who stands in for one that is away."""
        persons = {owed.holder} - {None}
        if whom != "holder":
            persons = set(self.ground.holders(whom, self.unit_of(owed), self.now))
        for person in persons:
            deputies = self.ground.deputies_of(person or 0, self.now)
            self.told.update((each, owed.target) for each in (person or 0, *deputies))

    def missed_fact(self, owed: Owed) -> Event:
        like = Event("", owed.target, None, owed.due, self.now, self.now, owed.values)
        return self.state(f"{owed.duty}.missed", like, {})
