"""Inputs that are made to cost: each is tried in a process of its own, and its cost is measured.

`python -m tests.bad_input.heavy NAME …` works on the database of its environment: it makes the firm
once and forks for each input, so that one answers for its own memory and time. Prints a line of
JSON for each.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

MEGABYTES = 512
# What stops a child that would take the machine with it; what is allowed is less.
STOP_SECONDS, STOP_BYTES = 300, 3 * 1024**3


@dataclass(frozen=True)
class Cost:
    """How an input ended: what was told, whether nothing was written, seconds of work and megabytes."""

    name: str
    status: int = -1
    text: str = ""
    untouched: bool = False
    seconds: float = 0.0
    megabytes: int = 0


def tried(name: str, path: Path) -> Cost:
    """Import a file in a child, and wait for it."""
    reads, writes = os.pipe()
    child = os.fork()
    if not child:
        os.close(reads)
        _answer(name, path, writes)
    os.close(writes)
    with os.fdopen(reads, encoding="utf-8") as told:
        answer = told.read()
    _pid, _status, used = os.wait4(child, 0)
    found: dict[str, Any] = json.loads(answer) if answer else {"text": "died"}
    return Cost(name, **found, megabytes=used.ru_maxrss // 1024)


def _answer(name: str, path: Path, writes: int) -> None:
    """Of the child: never returns."""
    from tests.bad_input.ways import counted, imported

    signal.alarm(STOP_SECONDS)
    resource.setrlimit(resource.RLIMIT_AS, (STOP_BYTES, STOP_BYTES))
    try:
        before = counted()
        began = time.process_time()
        told = imported(path)
        seconds = time.process_time() - began
        found = {"status": told.status, "text": told.text[:2_000], "seconds": seconds,
                 "untouched": counted() == before}  # fmt: skip
    except BaseException as error:  # noqa: BLE001 - whatever it is, the parent has to hear of it
        found = {"text": f"{type(error).__name__}: {error}"[:2_000]}
    os.write(writes, json.dumps(found).encode())
    os._exit(0)


def main(names: list[str]) -> None:
    import django

    django.setup()
    from django.db import connections

    from tests.bad_input.costly import COSTLY
    from tests.bad_input.firm import place

    place(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
    connections.close_all()
    makers: dict[str, Callable[[], bytes]] = {str(file): file.make for file in COSTLY}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "名册.xlsx"
        for name in names:
            _write(path, makers[name])
            sys.stdout.write(json.dumps(asdict(tried(name, path))) + "\n")


def _write(path: Path, make: Callable[[], bytes]) -> None:
    """In a child too: what making the file takes is not what reading it does."""
    child = os.fork()
    if not child:
        path.write_bytes(make())
        os._exit(0)
    os.waitpid(child, 0)


if __name__ == "__main__":
    main(sys.argv[1:])
