"""`kill -9` of workers, of the database and of both, while a statement of the operation is run.

Each round has a copy of the same firm. A kill counts only when somebody else saw a statement of
the operation in flight just before. Afterwards the server starts by itself, everything that was
said to be done is there, nothing is half done or double, the invariants hold, and doing it once
more ends where a run ends that nobody killed.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import psycopg
from django.db import connection

from huiyin.config.scratch import Scratch
from tests.faults.breaking import counted
from tests.faults.house import Hand, House, on, until
from tests.faults.operations import OPERATIONS, Operation, firm

VICTIMS = ("worker", "database", "all")
POLL = 0.0005  # seconds between two looks for a statement in flight


@dataclass(frozen=True)
class Kill:
    """One round: what was killed in which operation, and what was wrong afterwards."""

    operation: str
    victim: str
    round: int
    was_there: str
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        said = f"{self.round}: {self.victim} killed in {self.operation}, of which {self.was_there} was there"
        return "; ".join([said, *self.wrong])


@dataclass
class Ready:
    """An operation with the firm that it is done in, and what is there before and afterwards."""

    operation: Operation
    base: str
    before: dict[str, int]
    complete: dict[str, int]
    seconds: float


def kills(
    house: House, now: datetime, *, seed: int, wanted: Mapping[str, Sequence[int]]
) -> Iterator[Kill]:
    """A kill for each round that is wanted of each operation."""
    base = house.new("faults_base")
    with on(base):
        firm(now)
    for operation in OPERATIONS:
        if not wanted.get(operation.name):
            continue
        ready = made_ready(house, operation, now)
        for number in wanted[operation.name]:
            yield one(house, ready, now, seed=seed, number=number)
        house.drop(ready.base)


def made_ready(house: House, operation: Operation, now: datetime) -> Ready:
    """The firm with something to do, and a run that nobody kills."""
    base = house.new(f"faults_{operation.name}", source="faults_base")
    with on(base):
        operation.prepare(now)
        before = counted()
    whole = house.new("faults_whole", source=base.name)
    with on(whole):
        began = time.monotonic()
        operation.done_at(now)
        seconds = time.monotonic() - began
        complete = counted()
        assert complete != before and not (wrong := operation.wrong(now)), wrong
    house.drop(whole.name)
    return Ready(operation, base.name, before, complete, seconds)


def one(house: House, ready: Ready, now: datetime, *, seed: int, number: int) -> Kill:
    """Killed at a moment of its run that the dice say; again, until one was seen in flight."""
    victim, chance = VICTIMS[number % len(VICTIMS)], random.Random(f"{seed}:{number}")
    operation, name = ready.operation, f"faults:{ready.operation.name}"
    while True:
        work = house.new("faults_round", source=ready.base)
        hand = Hand.of(work, name, lambda: operation.done_at(now))
        time.sleep(chance.random() * ready.seconds)
        while not (seen := house.in_flight(name)) and hand.is_running():
            time.sleep(POLL)
        if seen:
            break
        hand.said_done()
    if victim != "database":
        hand.kill()
    if victim != "worker":
        house.kill_server()
    acknowledged = hand.said_done()
    if victim == "worker":
        until(lambda: house.is_gone(name))
    else:
        house.start()
    was_there, wrong = afterwards(ready, work, now, acknowledged=acknowledged)
    house.drop(work.name)
    return Kill(operation.name, victim, number, was_there, wrong)


def afterwards(
    ready: Ready, work: Scratch, now: datetime, *, acknowledged: bool
) -> tuple[str, list[str]]:
    """How much of it was there, and what is wrong: then, and once it was done again."""
    operation = ready.operation
    with on(work):
        found = counted()
        was_there = "all" if found == ready.complete else "nothing"
        if found not in (ready.complete, ready.before):
            was_there = "a part"
        wrong = [f"broken: {each}" for each in operation.wrong(now)]
        if acknowledged and was_there != "all":
            wrong.append("lost what was acknowledged")
        if operation.whole and was_there == "a part":
            wrong.append(f"half done: {apart(found, ready.complete)}")
        if was_there != "all":
            operation.done_at(now)
        if (again := counted()) != ready.complete:
            wrong.append(f"done again: {apart(again, ready.complete)}")
        wrong += [f"broken when done again: {each}" for each in operation.wrong(now)]
        with suppress(psycopg.Error):
            connection.close()
    return was_there, wrong


def apart(found: dict[str, int], wanted: dict[str, int]) -> str:
    return ", ".join(
        f"{table} {n - wanted[table]:+}" for table, n in found.items() if n != wanted[table]
    )
