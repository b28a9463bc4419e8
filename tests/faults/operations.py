"""What is killed while it runs: its preparation, the act, and what has to be there afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import connection

from huiyin.core import clock, health
from huiyin.customers.services import NewContact, NewCustomer, register_customers
from huiyin.imports import jobs
from huiyin.imports import services as imports
from huiyin.imports.importer import importer_of
from huiyin.imports.models import ImportBatch
from huiyin.ledger import sealing
from huiyin.obligations import services as obligations
from huiyin.subjects import services as subjects
from huiyin.subjects.services import NewEvent, NewSubject
from tests.app import scene as made
from tests.faults.work import order

DAY = timedelta(days=1)
REPAIRS, HOUSEHOLDS, ROWS, FACTS = 80, 150, 600, 25_000
MAP = """
import: customers
columns:
  number: {column: number}
  name: {column: name}
  phone: {column: phone}
  class: {constant: household}
  unit: {constant: 一区}
"""


@dataclass(frozen=True)
class Operation:
    """Something of the worker's. ``whole``: one transaction, all of it or nothing. ``days`` after
    the firm's moment; ``by_clock``: it reads the clock itself.
    """

    name: str
    act: Callable[[datetime], object]
    prepare: Callable[[datetime], object] = lambda _now: None
    whole: bool = False
    days: int = 0
    by_clock: bool = False

    def done_at(self, now: datetime) -> None:
        self.act(now + timedelta(days=self.days))

    def wrong(self, now: datetime) -> list[str]:
        return wrong_with(clock.now() if self.by_clock else now + timedelta(days=self.days))


def wrong_with(now: datetime) -> list[str]:
    """The invariants that do not hold of every row, with rows that break them."""
    look = health.Look(now=now + timedelta(minutes=1), full=True)
    return [f"{each.invariant.code}: {each.rows[:3]}" for each in health.broken(look)]


def firm(now: datetime) -> made.Scene:
    """A firm with households, and repairs of which each was completed just now."""
    scene = made.scene(now)
    by = scene.firm.manager.pk
    register_customers(
        [
            NewCustomer(
                f"{number}栋", "household", unit_id=scene.firm.zone_one.pk,
                owner_id=scene.firm.officer.pk, contacts=[NewContact(f"139{number:08d}", "业主")],
            )
            for number in range(1, HOUSEHOLDS + 1)
        ],
        by=by,
        now=now,
    )  # fmt: skip
    completed(scene, "WX", REPAIRS)
    return scene


def completed(scene: made.Scene, prefix: str, many: int) -> list[int]:
    """So many repairs of the household, completed at the scene's moment."""
    firm, now = scene.firm, scene.now
    row = NewSubject(
        "", {"category": "leak", "repairer": firm.repairer.pk}, customer_id=scene.customer,
        unit_id=firm.zone_one.pk, created_at=now - DAY,
    )  # fmt: skip
    rows = [replace(row, number=f"{prefix}-{number}") for number in range(many)]
    ids = subjects.register("repair", rows, by=firm.manager.pk, now=now)
    subjects.record_events(
        [NewEvent(id, "completed", now, firm.repairer.pk, firm.manager.pk) for id in ids], now=now
    )
    return ids


def staged(now: datetime) -> None:
    """A file of households that was tried out, and is to be applied in the background."""
    lines = [f"N{n},Ann {n},{13700000000 + n}" for n in range(ROWS)]
    text = "\n".join(["number,name,phone", *lines, ""])
    wanted = order(text, MAP, "history")
    batch = imports.stage(wanted, importer=importer_of("customers"), now=now, dry_run=True)
    assert not batch.refused, list(batch.rows.values("code", "column", "value")[:3])
    ImportBatch.objects.filter(pk=batch.pk).update(state="applying")


def apply(_now: datetime) -> None:
    """The job; where it came to nothing it is asked for again."""
    batch = ImportBatch.objects.get()
    ImportBatch.objects.filter(pk=batch.pk, state="staged").update(state="applying")
    jobs.apply(batch.pk)


def many_facts(_now: datetime) -> None:
    """Facts of a firm that has worked for long."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO ledger_fact (kind, target_id, happened_at, known_at, recorded_at,
                                        "values", live, xact)
               SELECT kind, target_id, happened_at, known_at, recorded_at, '{}', false,
                      pg_current_xact_id()
               FROM (SELECT * FROM ledger_fact WHERE kind = 'customer.registered' LIMIT 1) one,
                    generate_series(1, %s)""",
            [FACTS],
        )


OPERATIONS = (
    Operation("import", apply, staged, whole=True, by_clock=True),
    Operation("sweep", lambda now: obligations.tick(now=now, batch=20), days=12),
    Operation("planning", lambda now: obligations.plan(now=now), whole=True, days=70),
    Operation("sealing", lambda now: sealing.seal(now=now), many_facts),
)
