"""What may happen in the firm: every rule draws from a ``Random``, acts on the real services, and
tells the reference what was done. What a service refuses is not told: then nothing may have changed.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from django.db import connection, transaction

from huiyin.core import health
from huiyin.core.errors import HuiyinError
from huiyin.ledger.models import Fact
from huiyin.notices.models import Notice
from huiyin.obligations import services as obligations
from huiyin.obligations.models import Obligation, ScoreEntry
from tests.simulate import governing, happening
from tests.simulate.firm import Stored, difference, found
from tests.simulate.ground import ROW, Event, Owed
from tests.simulate.reference import Reference

DAY = timedelta(days=1)
BEGINNING = datetime(2026, 4, 1, 1, tzinfo=UTC)
EDGES = (timedelta(0), timedelta(microseconds=1), timedelta(microseconds=-1))
ZONES = ("Asia/Shanghai", "Asia/Shanghai", "America/New_York", "Europe/London")
TAIL = 60
CHECKED_EVERY = 5 * DAY
"""The doctor's invariants look at every row; both sides are compared after every step."""


class Violation(AssertionError):
    """The engine and the reference say different things, or an invariant is broken."""


class Life:
    """One firm from its first day on."""

    def __init__(self, began: datetime = BEGINNING, zone: str = "Asia/Shanghai") -> None:
        self.now = self.began = began
        self.firm = found(zone, self.now)
        self.reference = Reference(self.firm.ground)
        self.stored = Stored(self.firm)
        self.log: deque[str] = deque(maxlen=TAIL)
        self.counts: Counter[str] = Counter()
        self.events: list[Event] = []
        self.waivers: list[Event] = []
        for kind, unit in (
            ("shop", "east"),
            ("shop", "west"),
            ("factory", "east"),
            ("factory", "root"),
        ):
            self.firm.register(kind, unit, self.now - 3 * DAY, now=self.now)
        today = self.firm.ground.days.today(self.now)
        version = self.firm.adopt(1, today, start="history", now=self.now)
        self.reference.adopt(version, live=False, now=self.now)
        self.compare()

    # Steps.

    def step(self, rule: str, random: Random) -> None:
        """One thing happens; then both must say the same."""
        self.counts["steps"] += 1
        try:
            told = RULES[rule][1](self, random)
        except HuiyinError as error:
            self.counts["refused"] += 1
            told = f"refused: {error}"
        except Exception as error:
            raise Violation(self.tail([f"{rule}: {error!r}"])) from error
        self.note(f"{rule}: {told}")
        self.compare()
        self.compare_notices()

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

    def compare_notices(self) -> None:
        """Whoever has to be told what is overdue is told once, with who stands in for him."""
        late = Notice.objects.filter(template="obligation_late")
        told = Counter(late.values_list("recipient", "about"))
        if told != self.reference.told:
            extra, lacking = told - self.reference.told, self.reference.told - told
            raise Violation(self.tail([f"told {dict(extra)} too much, {dict(lacking)} not"]))

    def check_invariants(self) -> None:
        """What the doctor asks of every row, and what else a commit would."""
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        broken = health.broken(health.Look(now=self.now, full=True))
        if broken:
            raise Violation(
                self.tail(
                    [
                        f"{each.invariant.code} {each.invariant.holds}: {each.rows}"
                        for each in broken
                    ]
                )
            )

    def tail(self, said: list[str]) -> str:
        return "\n".join([*self.log, *said])

    # Time.

    def pass_time(self, random: Random) -> str:
        """A while, or to the edge of something: a midnight, the end of work, what falls due next."""
        days = self.firm.ground.days
        today = days.today(self.now) + random.choice([0, 0, 1, 3]) * DAY
        later = [
            self.now + timedelta(minutes=random.choice([1, 95, 1000, 5000])),
            days.start(today + DAY) + random.choice(EDGES),
            days.start(today) + timedelta(hours=18),
        ]
        due = [o.due for o in self.reference.owed if o.waits and o.due and o.due > self.now]
        if due:
            later.append(min(due) + random.choice(EDGES))
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
        obligations.tick(now=self.now, batch=random.choice([1, 3, 500]))
        self.reference.tick(self.now)
        return ""

    # What rules ask.

    def ago(self, random: Random, earliest: datetime | None = None) -> datetime:
        """Now, or back-dated."""
        back = random.choice([0, 0, 0, 1, 26, 75, 24 * 20])
        return max(earliest or self.began, self.now - timedelta(hours=back))

    def someone(self, random: Random) -> int:
        return random.choice([p for p in self.firm.people if p not in self.firm.ground.left])

    def tell(self, fact: Fact, **more: Any) -> Event:
        """What a service has just recorded."""
        [event] = self.tell_all([fact], **more)
        return event

    def tell_all(self, facts: Sequence[Fact], **more: Any) -> list[Event]:
        """What was recorded in one transaction."""
        events = [as_event(fact, **more) for fact in facts]
        self.events += events
        self.reference.tell(*events, now=self.now)
        return events

    def some_owed(self, random: Random, **wanted: Any) -> Owed | None:
        """Something that waits, of this kind if there is any."""
        waiting = [
            o for o in self.reference.owed
            if o.waits and all(getattr(o, k) == v for k, v in wanted.items())
        ]  # fmt: skip
        return random.choice(waiting) if waiting else None

    def row_of(self, owed: Owed) -> Obligation:
        rows = Obligation.objects.select_related("target", "adoption")
        return rows.get(pk=self.stored.find(owed.row()))


def as_event(fact: Fact, **more: Any) -> Event:
    return Event(
        fact.kind, fact.target_id, fact.by_id, fact.happened_at, fact.known_at,
        fact.recorded_at, {**fact.values, **more}, fact.pk, fact.live,
    )  # fmt: skip


def _told(how: str, rows: Counter[tuple[Any, ...]]) -> list[str]:
    found = []
    for row, times in rows.items():
        said = (f"{n}={v}" for n, v in zip(ROW, row, strict=True) if v not in (None, "", ()))
        found.append(f"{how} ×{times}: {' '.join(said)}")
    return sorted(found)


Rule = Callable[[Life, Random], str]
RULES: dict[str, tuple[int, Rule]] = {
    "pass_time": (60, Life.pass_time),
    "stand_still": (1, Life.stand_still),
    "plan": (10, Life.plan),
    "tick": (14, Life.tick),
    **happening.RULES,
    **governing.RULES,
}
"""How often each is chosen, and what it does."""


def live(life: Life, random: Random, days: int) -> None:
    """So many days more of a firm, rule after rule; raises Violation."""
    names, weights = list(RULES), [weight for weight, _rule in RULES.values()]
    end, checked = life.now + days * DAY, life.now
    while life.now < end:
        life.step(random.choices(names, weights)[0], random)
        if life.now - checked > CHECKED_EVERY:
            life.check_invariants()
            checked = life.now
    life.check_invariants()


def founded_somewhere(random: Random) -> Life:
    """A firm that begins on any day, in any zone: its calendar is known until the end of 2026."""
    began = datetime(2026, 1, 5, 1, tzinfo=UTC) + random.randrange(300) * DAY
    return Life(began, random.choice(ZONES))


@contextmanager
def rolled_back(founded: Life) -> Iterator[Life]:
    """The firm as it was founded, for one life of which nothing stays."""
    with transaction.atomic():
        yield deepcopy(founded)
        transaction.set_rollback(True)
