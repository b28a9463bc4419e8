"""Folders for embedded servers: short, and open to the account that the server runs as."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from huiyin.config.scratch import django_uses, scratch_database

if TYPE_CHECKING:
    from tests.config.backups import Estate

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="huiyin-test-", dir="/var/tmp"))
    folder.chmod(0o711)
    yield folder
    kill(server_processes(folder))
    shutil.rmtree(folder, ignore_errors=True)


def kill(pids: Iterable[int]) -> None:
    """Those that still run: some end by themselves once the others are gone."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="session")
def estate(django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    # Models can be read only after Django is set up, which is after this file is.
    from tests.config.backups import Estate, huiyin, succeeded
    from tests.i18n import house as working

    folder = tmp_path_factory.mktemp("backups")
    with django_db_blocker.unblock(), scratch_database(use=False) as scratch:
        with django_uses(scratch.application):
            working.house(NOW)
        path = folder / "firm.huiyin"
        said = succeeded(huiyin("backup", path, env=scratch.environment()))
        yield Estate(scratch, path, folder / "firm.huiyin.key", said)


@pytest.fixture
def copied(estate: Estate, home: Path) -> Estate:
    """The archive and its key in a folder of the test's own."""
    from tests.config.backups import Estate

    home.chmod(0o755)
    path = Path(shutil.copy(estate.archive, home))
    key = Path(shutil.copy(estate.key, home))
    return Estate(estate.database, path, key, estate.said)


def server_processes(home: Path) -> list[int]:
    """The postmaster of `home` and its children."""
    for lock in home.glob("postgres-*/postmaster.pid"):
        # A server that is just stopping takes its lock away.
        with suppress(FileNotFoundError):
            postmaster = int(lock.read_text().split()[0])
            return [postmaster, *children(postmaster)]
    return []


def children(parent: int) -> list[int]:
    return [pid for pid, (_state, ppid) in processes().items() if ppid == parent]


def descendants(parent: int) -> list[int]:
    found = children(parent)
    return found + [pid for child in found for pid in descendants(child)]


def processes() -> dict[int, tuple[str, int]]:
    """State letter and parent of every process, by id."""
    table = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            table[int(folder.name)] = (fields[0], int(fields[1]))
    return table


def is_alive(pid: int) -> bool:
    return processes().get(pid, ("Z", 0))[0] != "Z"
