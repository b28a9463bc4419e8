"""What may happen in the firm: every rule draws from a ``Random``, acts on the real services, and
tells the reference what was done. What a service refuses is not told: then nothing may have changed.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from huiyin.core import health
from huiyin.core.errors import HuiyinError
from huiyin.ledger.models import Fact
from huiyin.obligations import services as obligations
from huiyin.obligations.models import Obligation, ScoreEntry
from huiyin.records import services as records
from huiyin.subjects import services as subjects
from huiyin.subjects.models import Subject
from tests.simulate.firm import MIDNIGHT_EDGES, Stored, difference, found
from tests.simulate.ground import ROW, Event, Owed, Thing
from tests.simulate.reference import Reference

DAY = timedelta(days=1)
BEGINNING = datetime(2026, 4, 1, 1, tzinfo=UTC)
TAIL = 40


class Violation(AssertionError):
    """The engine and the reference say different things, or an invariant is broken."""


class Life:
    """One firm from its first day on."""

    def __init__(self, zone: str = "Asia/Shanghai") -> None:
        self.now = BEGINNING
        self.firm = found(zone, self.now)
        self.reference = Reference(self.firm.ground)
        self.stored = Stored(self.firm)
        self.log: deque[str] = deque(maxlen=TAIL)
        self.counts: Counter[str] = Counter()
        self.events: list[Event] = []
        for kind, unit in (("shop", "east"), ("shop", "west"), ("factory", "east"), ("factory", "root")):
            self.firm.register(kind, unit, self.now - 3 * DAY, now=self.now)
        today = self.firm.ground.days.today(self.now)
        version = self.firm.adopt(1, today, start="history", now=self.now)
        self.reference.adopt(version, live=False, now=self.now)

    # Steps.

    def step(self, rule: str, random: Random) -> None:
        """One thing happens; then both must say the same."""
        self.counts["steps"] += 1
        try:
            told = RULES[rule](self, random)
        except HuiyinError as error:
            self.counts["refused"] += 1
            told = f"refused: {error}"
        self.note(f"{rule}: {told}")
        self.compare()

    def note(self, text: str) -> None:
        self.log.append(f"{self.now.astimezone(self.firm.ground.days.zone).isoformat(' ')} {text}")

    def compare(self) -> None:
        extra, lacking = difference(self.stored.look(), [o.row() for o in self.reference.owed])
        if extra or lacking:
            raise Violation(self.tail(_told("stands", extra) + _told("must stand", lacking)))
        points: Counter[int] = Counter()
        for person, number, event in self.reference.points:
            points[person] += 0 if event.voided else number
        booked: Counter[int] = Counter()
        for person, number in ScoreEntry.objects.values_list("person", "points"):
            booked[person] += number
        if {p: n for p, n in points.items() if n} != {p: n for p, n in booked.items() if n}:
            raise Violation(self.tail([f"points {dict(booked)}, must be {dict(points)}"]))

    def check_invariants(self) -> None:
        broken = health.broken(health.Look(now=self.now, full=True))
        if broken:
            raise Violation(
                self.tail([f"{each.invariant.code} {each.invariant.holds}: {each.rows}" for each in broken])
            )

    def tail(self, said: list[str]) -> str:
        return "\n".join([*self.log, *said])

    # Time.

    def pass_time(self, random: Random) -> str:
        days = self.firm.ground.days
        today = days.today(self.now)
        midnight = days.start(today + DAY) + random.choice(MIDNIGHT_EDGES)
        evening = days.start(today) + timedelta(hours=18)
        later = [self.now + timedelta(minutes=random.choice([1, 7, 95, 400, 1000])), midnight, evening]
        due = [o.due for o in self.reference.owed if o.waits and o.due and o.due > self.now]
        if due:
            later.append(min(due) + random.choice(MIDNIGHT_EDGES))
        self.now = max(self.now, random.choice(later))
        return ""

    def stand_still(self, random: Random) -> str:
        """Nothing runs for days; then everything is caught up."""
        self.now += random.choice([1, 2, 3, 9]) * DAY
        self.plan(random)
        return self.tick(random)

    def plan(self, random: Random) -> str:
        obligations.plan(now=self.now)
        self.reference.plan(self.now)
        return ""

    def tick(self, random: Random) -> str:
        obligations.tick(now=self.now)
        self.reference.tick(self.now)
        return ""

    # Facts.

    def _ago(self, random: Random, earliest: datetime) -> datetime:
        back = random.choice([0, 0, 0, 1, 26, 75, 24 * 20])
        return max(earliest, self.now - timedelta(hours=back))

    def _someone(self, random: Random) -> int:
        left = self.firm.ground.left
        return random.choice([p for p in self.firm.people if p not in left])

    def order(self, random: Random) -> str:
        """An order is registered, now or with a moment of its own."""
        ground = self.firm.ground
        unit = random.choice(["root", "east", "west"])
        pay_on = ground.days.today(self.now) + random.choice([2, 12, 33, 60]) * DAY
        fields: dict[str, Any] = {
            "kind": random.choice(["small", "big"]),
            "worker": self._someone(random),
            "watchers": sorted({self._someone(random), self._someone(random)}),
            "pay_on": pay_on.isoformat(),
        }
        if random.random() < 0.5:
            fields["urgent"] = random.random() < 0.5
        since = self._ago(random, BEGINNING)
        new = subjects.NewSubject(
            number=self.firm.number("D"), fields=fields, unit_id=self.firm.units[unit].pk,
            created_at=since,
        )  # fmt: skip
        [target] = subjects.register("order", [new], by=None, now=self.now)
        ground.things[target] = Thing("order", self.firm.units[unit].pk, since, fields)
        return f"{target} in {unit} since {since} {fields}"

    def _orders(self) -> list[int]:
        return [t for t, thing in self.firm.ground.things.items() if thing.kind == "order"][-12:]

    def happen(self, random: Random) -> str:
        orders = self._orders()
        if not orders:
            return self.order(random)
        target = random.choice(orders)
        kind = random.choice(["done", "done", "sent", "sent", "paid", "failed"])
        thing = self.firm.ground.things[target]
        happened = self._ago(random, thing.since)
        known = random.choice([happened, self.now])
        learned = {"urgent": random.random() < 0.5} if random.random() < 0.2 else {}
        fact = subjects.record_event(
            Subject.objects.get(pk=target), kind, now=self.now, happened_at=happened,
            known_at=known, by=self._someone(random), recorded_by=self._someone(random),
            values=learned,
        )  # fmt: skip
        thing.fields |= learned
        self._tell(fact)
        return f"{fact.pk} {fact.kind} of {target} by {fact.by_id} at {happened} known {known}"

    def _tell(self, fact: Fact) -> Event:
        event = Event(
            fact.kind, fact.target_id, fact.by_id, fact.happened_at, fact.known_at,
            fact.recorded_at, dict(fact.values), fact.pk,
        )  # fmt: skip
        self.events.append(event)
        self.reference.tell(event, self.now)
        return event

    def _some_owed(self, random: Random, **wanted: Any) -> Owed | None:
        waiting = [
            o for o in self.reference.owed
            if o.waits and all(getattr(o, k) == v for k, v in wanted.items())
        ]  # fmt: skip
        return random.choice(waiting) if waiting else None

    def _row(self, owed: Owed) -> Obligation:
        return Obligation.objects.select_related("target", "adoption").get(
            pk=self.stored.find(owed.row())
        )

    def file(self, random: Random) -> str:
        """A record that somebody owes, by him or by anybody; or one that nobody asked for."""
        owed = self._some_owed(random)
        if owed is None:
            return "nothing"
        proof = owed.version.duties.get(owed.duty, {}).get("proof", {})
        form = proof.get("record") or random.choice(["sheet", "look"])
        held = [self.firm.ground.holders(r, None, self.now) for r in owed.roles]
        fitting = sorted({owed.holder, *set().union(*held)} - {None, *self.firm.ground.left})
        by = random.choice([*fitting, self._someone(random)])
        happened = self._ago(random, BEGINNING)
        record = records.file_record(
            form, now=self.now, about=owed.target, by=by, recorded_by=self._someone(random),
            present=[by], given={}, signatures={}, photos={}, happened_at=happened,
        )  # fmt: skip
        fact = Fact.objects.filter(kind="record.filed", target=owed.target).latest("id")
        self._tell(fact)
        if form == "notice":
            return self._send(random, record, by, owed)
        return f"{fact.pk} {form} about {owed.target} by {by} at {happened} ({owed.duty})"

    def _send(self, random: Random, record: Any, by: int, owed: Owed) -> str:
        to = random.choice(sorted(self.firm.ground.parties.values()))
        records.hand_over(
            record, by=by, now=self.now, to=to, channel="wechat", happened_at=record.happened_at
        )
        self._tell(Fact.objects.filter(kind="record.sent", target=owed.target).latest("id"))
        return f"notice about {owed.target} to {to} by {by}"


def _told(how: str, rows: Counter[tuple[Any, ...]]) -> list[str]:
    found = []
    for row, times in rows.items():
        said = (f"{n}={v}" for n, v in zip(ROW, row, strict=True) if v not in (None, "", ()))
        found.append(f"{how} ×{times}: {' '.join(said)}")
    return sorted(found)


RULES: dict[str, Callable[[Life, Random], str]] = {
    "pass_time": Life.pass_time,
    "stand_still": Life.stand_still,
    "plan": Life.plan,
    "tick": Life.tick,
    "order": Life.order,
    "happen": Life.happen,
    "file": Life.file,
}
WEIGHTS = {"pass_time": 30, "stand_still": 1, "plan": 6, "tick": 8, "order": 2, "happen": 8, "file": 10}


def live(random: Random, days: int, zone: str = "Asia/Shanghai") -> Life:
    """So many days of a firm, rule after rule."""
    life = Life(zone)
    names, weights = list(WEIGHTS), list(WEIGHTS.values())
    end = BEGINNING + days * DAY
    checked = life.now
    while life.now < end:
        life.step(random.choices(names, weights)[0], random)
        if life.now - checked > 10 * DAY:
            life.check_invariants()
            checked = life.now
    life.check_invariants()
    return life


__all__ = ["Life", "Violation", "date", "live"]
