"""The disk is full while something is written: nothing of it is there, and later all of it is."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from tests.config.conftest import server_processes
from tests.faults import kills
from tests.faults.breaking import counted
from tests.faults.house import Hand, House, on, running
from tests.faults.operations import OPERATIONS, firm
from tests.faults.together import Tried

SIZE = 400  # megabytes of the small file system
LEFT = (0, 64, 512, 2048, 6144)
"""Kilobytes that are free when the operation begins."""


@contextmanager
def small(folder: Path) -> Iterator[bool]:
    """A small file system at the folder; False where we may not mount one."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m,mode=711", "none", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        yield False
        return
    try:
        yield True
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def full(home: Path, now: datetime) -> Iterator[Tried]:
    """Each of the worker's operations on a disk with less and less room."""
    with running(home) as house:
        base = house.new("faults_base")
        with on(base):
            firm(now)
        for operation in OPERATIONS:
            ready = kills.made_ready(house, operation, now)
            for left in LEFT:
                yield one(house, home, ready, now, left=left)
            house.drop(ready.base)


def fill(filler: Path, left: int) -> None:
    """Leaves so many kilobytes, or a few less: the server writes meanwhile."""
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while (room := os.statvfs(filler).f_bavail * os.statvfs(filler).f_frsize - left * 1024) > 0:
            file.write(bytes(min(room, 1 << 20)))


def one(house: House, home: Path, ready: kills.Ready, now: datetime, *, left: int) -> Tried:
    operation, filler = ready.operation, home / "filler"
    work = house.new("faults_round", source=ready.base)
    fill(filler, left)
    hand = Hand.of(work, f"faults:{operation.name}", lambda: operation.done_at(now))
    acknowledged = hand.said_done()
    filler.unlink()
    stood = bool(server_processes(home))
    house.start()
    said = "done" if acknowledged else "refused"
    found = Tried(
        f"{operation.name} with {left} kB left: {said}, server {'stood' if stood else 'fell'}"
    )
    _was_there, found.wrong = kills.afterwards(ready, work, now, acknowledged=acknowledged)
    with on(work):
        assert counted() == ready.complete or found.wrong
    house.drop(work.name)
    return found
