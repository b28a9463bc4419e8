"""A use case is one transaction; what it is made of joins it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper

Given = ParamSpec("Given")
Found = TypeVar("Found")


@dataclass
class _UseCase:
    """``depth``: how many savepoints it lies in itself; ``lasting``: what holds until its end;
    ``known``: what was asked for already.
    """

    depth: int
    lasting: set[str] = field(default_factory=set)
    known: dict[Hashable, Any] = field(default_factory=dict)


_inside: ContextVar[_UseCase | None] = ContextVar("inside a use case", default=None)


def joins(do: Callable[Given, Found]) -> Callable[Given, Found]:
    """Marks a service that others are made of: all or nothing, but within another no savepoint.

    Each savepoint is two statements more. Who calls it from a service that is marked so, too, and
    goes on after an error of it, has to make a savepoint himself.
    """

    @wraps(do)
    def joined(*given: Given.args, **named: Given.kwargs) -> Found:
        if _inside.get():
            return do(*given, **named)
        with transaction.atomic():
            token = _inside.set(_UseCase(len(connection.savepoint_ids)))
            try:
                return do(*given, **named)
            finally:
                _inside.reset(token)

    return joined


def lasts(name: str) -> bool:
    """Whether the use case has seen to it before that something holds until its end.

    Else it is to be done now. What is done within a savepoint is undone with it, so that is not
    remembered; outside of a use case nothing is.
    """
    case = _inside.get()
    if case is None:
        return False
    if name in case.lasting:
        return True
    if len(connection.savepoint_ids) == case.depth:
        case.lasting.add(name)
    return False


def throughout(key: Hashable, find: Callable[[], Found]) -> Found:
    """What ``find`` returns, asked for once in a use case; outside of one each time.

    Only for what no use case that is marked so changes: its parts then go by one answer.
    """
    case = _inside.get()
    if case is None:
        return find()
    if key not in case.known:
        case.known[key] = find()
    return cast(Found, case.known[key])


@contextmanager
def one_snapshot() -> Iterator[None]:
    """What is read within belongs together; in somebody else's transaction that is his concern."""
    with transaction.atomic():
        if len(connection.atomic_blocks) == 1:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


@contextmanager
def readers_of_one_snapshot(count: int) -> Iterator[Sequence[CursorWrapper]]:
    """Cursors that see what is read within, each on a connection of its own: to be asked at once.

    There are fewer, and at last one's own, where the server has no room for ``count`` more; and in
    somebody else's transaction, as no other connection sees what he has written.
    """
    with one_snapshot(), ExitStack() as until_then:
        own = until_then.enter_context(connection.cursor())
        readers: list[CursorWrapper] = []
        if len(connection.atomic_blocks) == 1:
            own.execute("SELECT pg_export_snapshot()")
            [snapshot] = own.fetchone()
            with suppress(DatabaseError):
                while len(readers) < count:
                    readers.append(_reader(snapshot, until_then))
        yield readers or [own]


def _reader(snapshot: str, until_then: ExitStack) -> CursorWrapper:
    further = connection.copy()
    until_then.callback(further.close)
    reader = until_then.enter_context(further.cursor())
    reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    reader.execute("SET TRANSACTION SNAPSHOT %s", [snapshot])
    return reader
