"""The database fails in the middle: what was half done is not there, or all of it is.

Every route that takes a form, and what the worker does by itself, is broken off at its k-th
statement, COPY and the release of a savepoint among them. The normal run breaks each off at a few
of its statements, the long form at every one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
import time_machine
from django.apps import apps
from django.db import OperationalError, connection, transaction
from django.urls import reverse

from huiyin.accounts.services import create_person
from huiyin.desk import undoing
from huiyin.imports import services as imports
from huiyin.imports.importer import importer_of
from huiyin.imports.models import ImportBatch
from huiyin.obligations import services as obligations
from tests.access.world import World, undone, world
from tests.app import scene as on
from tests.proof.test_every_write import BESIDE, DONE, by_whom, lines

DAY = timedelta(days=1)
FEW = 3
TABLES = sorted(
    model._meta.db_table
    for model in apps.get_models()
    if model._meta.managed and model._meta.label not in BESIDE
)
Act = Callable[[], Any]
LONG = pytest.mark.parametrize("long", [False, pytest.param(True, marks=pytest.mark.long)])


class Breaking:
    """Counts the statements of this connection and lets the k-th one fail before it is run."""

    def __init__(self, at: int | None) -> None:
        self.at, self.count = at, 0

    def step(self) -> None:
        self.count += 1
        if self.count == self.at:
            raise OperationalError(f"broken off at statement {self.at}")

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.step()
        return execute(sql, params, many, context)


@contextmanager
def breaking(at: int | None) -> Iterator[Breaking]:
    """The k-th statement of the block fails; None lets all through and counts them."""
    broken, copy = Breaking(at), psycopg.Cursor.copy

    def copying(self: Any, *given: Any, **named: Any) -> Any:
        broken.step()
        return copy(self, *given, **named)

    psycopg.Cursor.copy = copying  # type: ignore[method-assign]
    try:
        with connection.execute_wrapper(broken):
            yield broken
    finally:
        psycopg.Cursor.copy = copy  # type: ignore[method-assign]


def everything() -> str:
    """A digest of every row of every table."""
    each = " UNION ALL ".join(
        f"SELECT '{table}' AS name, count(*) AS n,"
        f" md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) AS digest FROM \"{table}\" t"
        for table in TABLES
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT md5(string_agg(x::text, ' ' ORDER BY name)) FROM ({each}) x")
        return str(cursor.fetchone()[0])


def counted() -> dict[str, int]:
    each = ", ".join(f'(SELECT count(*) FROM "{table}")' for table in TABLES)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {each}")
        return dict(zip(TABLES, cursor.fetchone(), strict=True))


def halves(name: str, act: Act, places: Callable[[int], range | list[int]]) -> list[str]:
    """Where it was broken off and something of it, but not all, was there."""
    before = counted()
    with undone(), breaking(None) as whole:
        act()
        # What it wrote is looked at from outside of the count.
        n = whole.count
        complete = counted()
    start, found = everything(), []
    for place in places(n):
        with undone():
            with breaking(place), suppress(OperationalError):
                act()
            if everything() != start and (counted() != complete or complete == before):
                found.append(f"{name}: statement {place} of {n}")
    return found


@pytest.fixture
def place(scratch_db: object, now: datetime) -> Iterator[World]:
    made = world(now)
    with time_machine.travel(made.later, tick=False):
        yield made


def every(n: int) -> range:
    return range(1, n + 1)


def few(offset: int) -> Callable[[int], list[int]]:
    """A few statements, spread over all of them; other ones for each route."""
    return lambda n: sorted({1 + (offset + part * n // FEW) % n for part in range(FEW)})


@LONG
def test_a_form_is_done_or_not_done(place: World, long: bool) -> None:
    found, tried = [], 0
    for number, (name, (names, posted)) in enumerate(lines().items()):
        given = {key: place.ids.get(value, value) for key, value in names.items()}
        address = reverse(name, kwargs=given)
        form = {key: place.ids.get(value, value) for key, value in posted.items()}
        with transaction.atomic():
            browser = place.browser(by_whom(name))
            browser.raise_request_exception = False
        form |= {"key": f"broken-{number}"}
        with undone():
            if browser.post(address, form).status_code not in DONE:
                continue
        tried += 1

        def act(address: str = address, form: Any = form, browser: Any = browser) -> None:
            browser.post(address, form)

        found += halves(name, act, every if long else few(number))

    assert found == []
    assert tried > 60


def worker(place: World) -> dict[str, Act]:
    """What the worker does in one transaction each."""
    later = place.later + 40 * DAY
    importer = importer_of("customers")

    tried, applied = (
        ImportBatch.objects.filter(pk=place.ids[name]) for name in ("tried", "applied")
    )
    applied.update(undo_reason="x", undone_by_id=place.place.firm.manager.pk)

    return {
        "sweep": lambda: obligations.sweep(now=later),
        "reseat": lambda: obligations.reseat(now=later),
        "close_periods": lambda: obligations.close_periods(now=later),
        "plan": lambda: obligations.plan(now=later),
        "apply an import": lambda: imports.apply(tried.get(), importer=importer, now=later),
        "undo an import": lambda: imports.undo(applied.get(), importer=importer, now=place.later),
    }


@LONG
def test_what_the_worker_does_is_done_or_not_done(place: World, long: bool) -> None:
    acts = worker(place)

    found = [
        fault
        for number, (name, act) in enumerate(acts.items())
        for fault in halves(name, act, every if long else few(number))
    ]

    assert found == []


@LONG
@pytest.mark.parametrize("name", ["tick", "plan"])
def test_what_the_worker_was_broken_off_in_it_does_the_next_time(
    place: World, name: str, long: bool
) -> None:
    later = place.later + 40 * DAY
    act = {"tick": obligations.tick, "plan": obligations.plan}[name]
    with undone(), breaking(None) as whole:
        act(now=later)
        n, complete = whole.count, counted()
    found = []
    for at in every(n) if long else few(n)(n):
        with undone():
            with breaking(at), suppress(OperationalError):
                act(now=later)
            act(now=later)
            if counted() != complete:
                found.append(f"statement {at} of {n}")

    assert found == []


def test_what_is_written_in_two_transactions_is_found(place: World) -> None:
    def act() -> None:
        for number in ("X1", "X2"):
            create_person(number, number=number, by=None, now=place.later)

    found = halves("two people", act, every)

    assert found
    assert all("two people: statement" in each for each in found)


@LONG
def test_what_somebody_takes_back_is_taken_back_whole_or_not_at_all(
    place: World, long: bool
) -> None:
    lead = place.place.firm.repair_lead
    answers = on.filled(on.UNSOLVED)
    on.visit(place.ids["done"], lead, place.later, answers=answers, problem=on.LEAKS)

    def act() -> None:
        undoing.undo(lead.pk, reason="登记错了", now=place.later, language="zh")

    assert halves("undo a follow-up", act, every if long else few(5)) == []
