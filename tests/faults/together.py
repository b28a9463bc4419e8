"""Several workers at once, of which one stands still for a while; and a clock that jumps."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count

from huiyin.ledger import sealing
from huiyin.notices.models import Notice
from huiyin.obligations import services as obligations
from huiyin.obligations.models import Obligation
from tests.app import scene as made
from tests.faults.breaking import counted
from tests.faults.house import Hand, House, on, until
from tests.faults.kills import Ready, apart, made_ready
from tests.faults.operations import OPERATIONS, firm, wrong_with

STANDS_STILL = 1.0  # seconds; the others wait for it or pass it by
STEPS = (
    timedelta(hours=1), timedelta(days=1), timedelta(days=400), timedelta(hours=-1),
    timedelta(days=-1), timedelta(0),
)  # fmt: skip


@dataclass
class Tried:
    name: str
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return "; ".join([self.name, *self.wrong])


def all_workers(house: House, now: datetime) -> Iterator[Tried]:
    """Two to five of them in each of the worker's operations."""
    base = house.new("faults_base")
    with on(base):
        firm(now)
    for operation in OPERATIONS:
        ready = made_ready(house, operation, now)
        for many in range(2, 6):
            yield workers(house, ready, now, many=many)
        house.drop(ready.base)


def workers(house: House, ready: Ready, now: datetime, *, many: int) -> Tried:
    """So many do the same at once; the first is stopped in the middle of a statement."""
    operation = ready.operation
    found = Tried(f"{many} workers in {operation.name}, one of them paused")
    work = house.new("faults_round", source=ready.base)
    names = [f"faults:{operation.name}:{number}" for number in range(many)]
    hands = [Hand.of(work, name, lambda: operation.done_at(now)) for name in names]
    until(lambda: house.in_flight(names[0]) or not hands[0].is_running())
    hands[0].stop()
    time.sleep(STANDS_STILL)
    hands[0].go_on()
    done = [hand.said_done() for hand in hands]
    with on(work):
        # An import is one job; whoever comes to it second is told that it was done.
        if not (any(done) if operation.name == "import" else all(done)):
            found.wrong.append(f"{done.count(False)} of them failed")
        if (rows := counted()) != ready.complete:
            found.wrong.append(apart(rows, ready.complete))
        found.wrong += operation.wrong(now)
    house.drop(work.name)
    return found


def clock_steps(house: House, now: datetime, *, seed: int, steps: int) -> Iterator[Tried]:
    """The worker goes on while its clock jumps to and fro, also between two of its transactions."""
    chance = random.Random(f"{seed}:clock")
    work = house.new("faults_clock")
    with on(work):
        scene = made.scene(now)
        for number in range(6):
            made.completed(scene, f"WX-{number}")
        latest = now
        for _number in range(steps):
            step = chance.choice(STEPS)
            now += step
            latest = max(latest, now)
            found = Tried(f"the clock steps {step} to {now:%F %R}")
            obligations.plan(now=now)
            obligations.sweep(now=now, batch=3)
            obligations.tick(now=now - timedelta(hours=1))
            obligations.tick(now=now)
            sealing.seal(now=now)
            found.wrong += wrong_with(latest) + doubled()
            yield found
    house.drop(work.name)


def doubled() -> list[str]:
    """Obligations and notices that are there twice."""
    keys = Obligation.objects.exclude(state="voided").values(
        "policy", "line", "target", "key_opener", "owed_roles", "recipient", "ordinal", "period"
    )
    twice = keys.annotate(n=Count("id")).filter(n__gt=1)
    told = Notice.objects.values("key", "recipient").annotate(n=Count("id")).filter(n__gt=1)
    return [f"double: {row}" for rows in (twice, told) for row in rows[:3]]
