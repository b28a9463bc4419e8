"""Folders for embedded servers: short, and open to the account that the server runs as."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest


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
