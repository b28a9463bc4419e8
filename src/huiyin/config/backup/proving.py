"""The proof of an archive: restored into a scratch database, it holds the same and holds together."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import psycopg
from django.utils.translation import gettext as _

from huiyin.config import database, keys
from huiyin.config.backup import digests, ring, tools
from huiyin.config.backup.archive import Archive
from huiyin.config.backup.errors import BackupError
from huiyin.config.environment import data_home
from huiyin.config.scratch import Scratch, django_uses, scratch_database
from huiyin.core import health
from huiyin.core.punctuation import sentences

SPARE = 200 * 1024**2  # bytes that stay free for the work of the house


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found: tables that differ, columns that stay closed, invariants that are broken."""

    differences: list[str]
    closed: list[str]
    broken: list[health.Broken] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not (self.differences or self.closed or self.broken)

    def said(self) -> str:
        """What is wrong, in a sentence; "" if nothing is."""
        parts = []
        if self.differences:
            parts.append(_("恢复后内容不同：%s") % ", ".join(self.differences))
        if self.closed:
            parts.append(_("密钥打不开：%s") % ", ".join(self.closed))
        if self.broken:
            told = [f"{each.invariant.code} {each.invariant.holds}" for each in self.broken]
            parts.append(_("不变式不成立：%s") % ", ".join(told))
        return sentences(parts)


def prove(archive: Archive, held: ring.Held | None, *, now: datetime) -> Proof:
    """Restore into a scratch database and look; it is gone afterwards. Raises BackupError."""
    refuse_without_room(archive.manifest.database_size, data_home())
    with scratch_database(template=False, use=False) as scratch:
        with psycopg.connect(scratch.owner, autocommit=True) as session:
            major = session.info.server_version // 10000
        refuse_older_server(archive.manifest.postgres, major)
        with archive.dump() as dump:
            tools.load(scratch.owner, dump, major=major)
        differences, closed = compare(scratch.owner, archive, held)
        bring_up(scratch, held)
        return Proof(differences, closed, broken_invariants(scratch.owner, now=now))


def compare(
    connection_string: str, archive: Archive, held: ring.Held | None
) -> tuple[list[str], list[str]]:
    """The tables that are not as they were, and the encrypted columns that do not open."""
    with psycopg.connect(connection_string) as session:
        content = digests.content_of(session)
        closed = ring.unopened(ring.samples(session), held and held.ring)
    return (
        archive.manifest.content.differences(content),
        sorted({each.column for each in closed}),
    )


def broken_invariants(
    connection_string: str, *, now: datetime, full: bool = False
) -> list[health.Broken]:
    """Ask every invariant of the database; those that are broken."""
    with django_uses(connection_string):
        return health.broken(health.Look(now=now, full=full))


def bring_up(place: Scratch, held: ring.Held | None) -> None:
    """Migrate a restored database to this version and hand out its rights. Raises BackupError."""
    with tempfile.TemporaryDirectory() as folder:
        environment = place.environment()
        if held is not None:
            # The archive's key, which need not be the one that is in place here.
            key_file = Path(folder) / "field_keys"
            keys.write_once(key_file, held.text)
            environment["HUIYIN_KEY_FILE"] = str(key_file)
        # A process of its own: this one's settings are bound to another database.
        migrated = subprocess.run(
            [sys.executable, "-m", "huiyin", "migrate", "--quiet"],
            env=environment,
            capture_output=True,
            text=True,
        )
    if migrated.returncode != 0:
        raise BackupError(
            _("恢复出来的数据不能升级到本版本：%(why)s") % {"why": migrated.stderr.strip()[-2000:]}
        )


def refuse_older_server(theirs: int, ours: int) -> None:
    if ours < theirs:
        raise BackupError(
            _("备份来自 PostgreSQL %(theirs)s，这里是 %(ours)s；请用 %(theirs)s 或更新的版本恢复。")
            % {"theirs": theirs, "ours": ours}
        )


def refuse_without_room(database_size: int, folder: Path) -> None:
    """A restore that fills the disk would stop the house; so look first. Raises BackupError."""
    if not database.is_embedded():
        return
    # Tables and indexes, the log of writing them, and what the house needs meanwhile.
    needed = database_size * 2 + SPARE
    there = next(each for each in (folder, *folder.parents) if each.exists())
    free = shutil.disk_usage(there).free
    if free < needed:
        raise BackupError(
            _("%(folder)s 所在的磁盘还剩 %(free)s MB，恢复需要 %(needed)s MB；请先腾出空间。")
            % {"folder": folder, "free": free // 1024**2, "needed": needed // 1024**2}
        )
