"""A server of our own that waits for the disk, and ways to kill it; a database for each round."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from django.db import connections

from huiyin.config import database
from huiyin.config.scratch import (
    Scratch,
    create_database,
    django_uses,
    drop_database,
    ensure_template,
    named,
    owner_session,
)
from tests.config.conftest import kill, processes, server_processes

PATIENCE = 60.0  # seconds


@dataclass
class House:
    """The embedded server below ``home`` and who looks at it from outside."""

    home: Path
    users: ExitStack = field(default_factory=ExitStack)
    observer: psycopg.Connection | None = None
    slowest_start: float = 0.0

    def start(self) -> None:
        began = time.monotonic()
        self.users.enter_context(database.server())
        self.slowest_start = max(self.slowest_start, time.monotonic() - began)
        address = database.cluster().address(role="postgres", database="postgres")
        self.observer = psycopg.connect(address, autocommit=True)

    def stop(self) -> None:
        self.observer = None
        self.users.close()

    def kill_server(self) -> None:
        """The postmaster first, so that it starts nothing anew; then whatever it started."""
        pids = server_processes(self.home)
        kill(pids)
        until(lambda: not {p for p in pids if processes().get(p, ("Z", 0))[0] != "Z"})

    def in_flight(self, name: str) -> bool:
        """Whether a statement of the application of this name is being run right now."""
        assert self.observer is not None
        row = self.observer.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s"
            " AND state = 'active'",
            [name],
        ).fetchone()
        return bool(row and row[0])

    def is_gone(self, name: str) -> bool:
        """Whether nobody of this name is connected any more."""
        assert self.observer is not None
        row = self.observer.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", [name]
        ).fetchone()
        return bool(row and row[0] == 0)

    def new(self, name: str, *, source: str | None = None) -> Scratch:
        """A database: migrated and empty, or a copy of ``source``."""
        connections.close_all()
        with owner_session() as session:
            drop_database(session, name)
            create_database(session, name, source=source or ensure_template(session))
        # A copy's sequences are not in the log before their next checkpoint: after a crash they would
        # begin again where they were copied, which is no fault of ours.
        assert self.observer is not None
        self.observer.execute("CHECKPOINT")
        return named(name)

    def drop(self, name: str) -> None:
        connections.close_all()
        with owner_session() as session:
            drop_database(session, name)


@contextmanager
def running(home: Path) -> Iterator[House]:
    house = House(home)
    house.start()
    try:
        yield house
    finally:
        house.stop()


@contextmanager
def on(scratch: Scratch) -> Iterator[None]:
    """This process works on a database; it forgets what it knew of another one."""
    from huiyin.adoption.queries import pack_of

    pack_of.cache_clear()
    with django_uses(scratch.application):
        yield


@dataclass
class Hand:
    """Another process that does one thing, and says when it is done."""

    pid: int
    ends: int

    @classmethod
    def of(cls, scratch: Scratch, name: str, act: Callable[[], object]) -> Hand:
        """A copy of this process, which has no connection open; it is known by ``name``."""
        connections.close_all()
        ends, says = os.pipe()
        pid = os.fork()
        if pid:
            os.close(says)
            return cls(pid, ends)
        try:
            os.environ["PGAPPNAME"] = name
            with on(scratch):
                act()
                os.write(says, b"done")
        finally:
            os._exit(0)

    def is_running(self) -> bool:
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def stop(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def said_done(self) -> bool:
        """Waits for its end: whether it said that it was done."""
        os.waitpid(self.pid, 0)
        with os.fdopen(self.ends, "rb") as ends:
            return ends.read() == b"done"


def until(holds: Callable[[], object], patience: float = PATIENCE) -> None:
    end = time.monotonic() + patience
    while not holds():
        if time.monotonic() > end:
            raise AssertionError("it did not come about")
        time.sleep(0.005)
