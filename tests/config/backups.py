"""Backups as somebody at a terminal makes them, and houses that they are restored into."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import psycopg
import pytest

from huiyin.config.backup import archive, digests
from huiyin.config.backup.archive import Archive
from huiyin.config.backup.manifest import Content, Manifest
from huiyin.config.postgres.cluster import Cluster
from huiyin.config.scratch import Scratch
from tests.config.conftest import server_processes


@dataclass(frozen=True)
class Estate:
    """A firm that has worked for a while, and one proven backup of it with its key file."""

    database: Scratch
    archive: Path
    key: Path
    said: str


NOBODY = "65534"
FROM_OUTSIDE = ("HUIYIN_DATABASE_URL", "HUIYIN_OWNER_URL", "HUIYIN_KEY_FILE", "HUIYIN_ROLE")


def huiyin(
    *arguments: str | Path, env: Mapping[str, str], account: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [*account, sys.executable, "-m", "huiyin", *map(str, arguments)],
        env=dict(env),
        capture_output=True,
        text=True,
        timeout=240,
    )


def house(data: Path, **more: str) -> dict[str, str]:
    """The environment of a house with its own data folder and embedded server."""
    environment = {k: v for k, v in os.environ.items() if k not in FROM_OUTSIDE}
    return {**environment, "HUIYIN_DATA": str(data), **more}


def succeeded(said: subprocess.CompletedProcess[str]) -> str:
    assert said.returncode == 0, said.stdout + said.stderr
    return said.stdout


def refused(said: subprocess.CompletedProcess[str]) -> str:
    assert said.returncode == 1, said.stdout + said.stderr
    assert "Traceback" not in said.stderr
    return said.stderr


@lru_cache
def another_account() -> tuple[str, ...] | None:
    """What runs a command as somebody else than root, who can reach our own Python; None: nothing."""
    if os.geteuid() != 0:
        return None
    ways = (
        ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "env"),
        ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}"),
    )
    for way in ways:
        if shutil.which(way[0]):
            tried = subprocess.run([*way, sys.executable, "-c", "print(1)"], capture_output=True)
            if tried.returncode == 0:
                return way
    return None


def in_house(data: Path, do: Callable[[psycopg.Connection], None], *, role: str) -> None:
    """Do something in the database of a house while its server runs."""
    cluster = Cluster(home=data)
    with (
        cluster.running(),
        psycopg.connect(cluster.address(role=role), autocommit=True) as session,
    ):
        do(session)


def content(connection_string: str) -> Content:
    with psycopg.connect(connection_string) as session:
        return digests.content_of(session)


def nothing_was_made(data: Path) -> bool:
    """No database and no key; a signing key and locks are made by every command."""
    made = {path.name for path in data.iterdir()} if data.exists() else set()
    return not made - {"secret_key"} and not server_processes(data)


def rewritten(
    found: Archive,
    to: Path,
    change: Callable[[Manifest], Manifest],
    seal: Callable[[bytes], str] | None = None,
) -> Path:
    """The same archive with another manifest, its sums in order; its seal as it was, or `seal`'s."""
    to.unlink(missing_ok=True)
    with archive.writing(to) as writer, open(found.path, "rb") as file:
        file.seek(found.dump_at)
        part = to.with_name("dump")
        part.write_bytes(file.read(found.manifest.dump.size))
        with open(part, "rb") as dump:
            writer.add_dump(dump)
        writer.finish(
            change(found.manifest), keys=found.keys, seal=seal or (lambda _sums: found.seal)
        )
    return to


@contextmanager
def running(*arguments: str | Path, env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "huiyin", *map(str, arguments)],
        env=env,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(claim: Any, process: subprocess.Popen[Any]) -> None:
    deadline = time.monotonic() + 180
    while not claim():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.002)


@contextmanager
def small_disk(at: Path, size: str) -> Iterator[Path]:
    """A disk of its own that is soon full; only root can mount one."""
    at.mkdir()
    mounted = os.geteuid() == 0 and not subprocess.call(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "tmpfs", str(at)]
    )
    if not mounted:
        pytest.skip("only root can mount a small disk")
    try:
        yield at
    finally:
        subprocess.check_call(["umount", "-l", str(at)])
