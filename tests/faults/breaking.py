"""Breaks a use case off at its k-th statement, and looks whether half of it is there."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.apps import apps
from django.db import OperationalError, connection, transaction

from tests import tables
from tests.access.world import undone
from tests.faults.registry import PACKAGE, module_of
from tests.proof.test_every_write import BESIDE

Act = Callable[[], Any]
Places = Callable[[int], Iterable[int]]
"""Of so many statements those at which it is broken off, counted from 1."""

WRITES = ("INSERT", "UPDATE", "DELETE", "COPY", "MERGE")
TABLES = sorted(
    model._meta.db_table
    for model in apps.get_models()
    if model._meta.managed and model._meta.label not in BESIDE
)


class Breaking:
    """Counts the statements of this process and lets the k-th one fail before it is run.

    Where none is to fail it notes what of the product was at work when something was written.
    """

    def __init__(self, at: int | None) -> None:
        self.at, self.count = at, 0
        self.writing: set[str] = set()
        self.asking: set[str] = set()

    def step(self, sql: str) -> None:
        self.count += 1
        if self.at is None:
            (self.writing if _writes(sql) else self.asking).update(_at_work())
        if self.count == self.at:
            raise OperationalError(f"broken off at statement {self.at}")

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        self.step(str(sql))
        return execute(sql, params, many, context)


def _writes(sql: str) -> bool:
    # What is only locked is not written.
    words = re.sub(r"FOR (NO KEY )?UPDATE", "", sql.upper()).split()
    return any(word in words for word in WRITES)


def _at_work() -> Iterator[str]:
    """The functions of the product that are being called, as `registry.services` names them."""
    frame, root = sys._getframe(2), f"{PACKAGE}/"
    while frame is not None:
        if frame.f_code.co_filename.startswith(root):
            path = PACKAGE / frame.f_code.co_filename.removeprefix(root)
            yield f"{module_of(path)}:{frame.f_code.co_name}"
        frame = frame.f_back  # type: ignore[assignment]


@contextmanager
def breaking(at: int | None) -> Iterator[Breaking]:
    """The k-th statement of the block fails; None lets all through and counts them."""
    broken, copy = Breaking(at), psycopg.Cursor.copy

    def copying(self: Any, statement: Any, *given: Any, **named: Any) -> Any:
        broken.step("COPY")
        return copy(self, statement, *given, **named)

    with _as_outermost(), patched(psycopg.Cursor, "copy", copying):
        with connection.execute_wrapper(broken):
            yield broken


@contextmanager
def _as_outermost() -> Iterator[None]:
    """What is done in the block is done as if no transaction were around it.

    Its outermost transactions are savepoints that really go back, and a statement that fails
    outside of them spoils nothing but itself.
    """
    depth, enter = len(connection.savepoint_ids), transaction.Atomic.__enter__

    def entering(self: Any) -> None:
        if len(connection.savepoint_ids) == depth:
            self.savepoint = True
        enter(self)

    @contextmanager
    def marking(using: Any = None) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if len(connection.savepoint_ids) > depth:
                connection.needs_rollback, connection.rollback_exc = True, error
            raise

    with (
        patched(transaction.Atomic, "__enter__", entering),
        patched(transaction, "mark_for_rollback_on_error", marking),
    ):
        yield


@contextmanager
def patched(of: Any, name: str, by: Any) -> Iterator[None]:
    before = getattr(of, name)
    setattr(of, name, by)
    try:
        yield
    finally:
        setattr(of, name, before)


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
    return tables.counted(TABLES)


@dataclass
class Tried:
    """A use case that was broken off: its statements, at how many of them, and what was wrong."""

    name: str
    statements: int
    broken_off: int = 0
    wrong: list[str] = field(default_factory=list)
    writing: set[str] = field(default_factory=set)
    asking: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        said = f"{self.name}: {self.statements} statements, broken off at {self.broken_off}"
        if not self.writing:
            said += ", writes nothing"
        return "; ".join([said, *self.wrong])


def halves(name: str, act: Act, places: Places, *, again: bool = False) -> Tried:
    """Break the act off; afterwards nothing of it is there, or all.

    What consists of several transactions is done once more (``again``): then all is there, once.
    The ids of a second run differ, so that what is complete is known by the number of rows.
    """
    with undone(), breaking(None) as whole:
        act()
    tried = Tried(name, whole.count, writing=whole.writing, asking=whole.asking)
    chosen = places(whole.count)
    start = everything() if chosen else ""
    end: End | None = None
    for place in chosen:
        tried.broken_off += 1
        with undone():
            with breaking(place), suppress(OperationalError):
                act()
            if again:
                act()
            now, found = everything(), counted()
        if not again and now == start:
            continue
        end = end or completed(act)
        if end.digest != now if end.only_changes else end.rows != found:
            tried.wrong.append(f"statement {place}: {_apart(found, end.rows)}")
    return tried


@dataclass(frozen=True)
class End:
    """What is there when nothing was broken off; where no row is new or gone, all of it counts."""

    rows: dict[str, int]
    digest: str
    only_changes: bool


def completed(act: Act) -> End:
    before = counted()
    with undone():
        act()
        return End(counted(), everything(), counted() == before)


def _apart(found: dict[str, int], complete: dict[str, int]) -> str:
    more = (f"{table} {n - complete[table]:+}" for table, n in found.items())
    return ", ".join(each for each in more if not each.endswith(" +0")) or "other rows"


def every(n: int) -> range:
    return range(1, n + 1)


def few(seed: int, most: int = 1) -> Places:
    """A few statements, spread over all of them; other ones for each seed."""
    return lambda n: sorted(
        {1 + (seed + part * n // most) % n for part in range(most)} if n else ()
    )
