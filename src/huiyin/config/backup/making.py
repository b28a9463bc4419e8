"""Making a backup: dump and digests of one and the same snapshot, in one archive."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import psycopg
from django.utils.translation import gettext as _

from huiyin.config import database, keys
from huiyin.config.backup import archive, digests, ring, tools
from huiyin.config.backup.errors import BackupError
from huiyin.config.backup.manifest import FORMAT, Content, Dump, Keys, Manifest
from huiyin.config.scratch import migrations_digest
from huiyin.core import crypto


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was read from the database within one transaction."""

    content: Content
    dump: Dump
    keys: Keys
    postgres: int
    database_size: int
    migrations: tuple[str, ...]


def make(path: Path, *, with_key: bool, now: datetime) -> Manifest:
    """Write the archive of the present database to `path`; with the key file inside if asked.

    Raises BackupError; then nothing is there under that name.
    """
    at_hand = key_at_hand()
    held = at_hand and at_hand.ring
    with archive.writing(path) as writer, _owner_session() as session:
        taken = _take(session, writer, held)
        manifest = Manifest(
            format=FORMAT,
            version=version("huiyin"),
            created_at=now,
            postgres=taken.postgres,
            database_size=taken.database_size,
            migrations=taken.migrations,
            migrations_digest=migrations_digest(),
            content=taken.content,
            keys=taken.keys,
            dump=taken.dump,
        )
        inside = at_hand.text.encode() if with_key and at_hand else None
        writer.finish(manifest, keys=inside, seal=lambda sums: ring.seal_of(sums, held))
    return manifest


def copy_key(path: Path) -> Path | None:
    """Put the key file beside the archive, closed to others; None if there is none yet."""
    if not keys.key_file().exists():
        return None
    beside = path.with_name(f"{path.name}.key")
    beside.unlink(missing_ok=True)
    keys.write_once(beside, keys.key_file().read_text("ascii"))
    return beside


def key_at_hand() -> ring.Held | None:
    """The key file of this machine; None before anything was encrypted. Raises BackupError."""
    return ring.held_in(keys.key_file()) if keys.key_file().exists() else None


def _owner_session() -> psycopg.Connection:
    return psycopg.connect(database.address("owner"))


def _take(
    session: psycopg.Connection, writer: archive.Writer, held: crypto.KeyRing | None
) -> Snapshot:
    session.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    session.read_only = True
    major = session.info.server_version // 10000
    (snapshot,) = session.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
    samples = ring.samples(session)
    _refuse_closed(ring.unopened(samples, held))
    (size,) = session.execute("SELECT pg_database_size(current_database())").fetchone() or (0,)
    migrations = applied_migrations(session)
    # The digests are the server's work and the dump is ours to compress: they run side by side.
    with ThreadPoolExecutor(max_workers=1) as beside:
        content = beside.submit(digests.content_of, session)
        try:
            with tools.dumping(database.address("owner"), major=major, snapshot=snapshot) as stream:
                digest, dump_size = writer.add_dump(stream)
        except BaseException:
            session.cancel()
            raise
        return Snapshot(
            content=content.result(),
            dump=Dump(size=dump_size, sha256=digest),
            keys=ring.keys_for(samples, held),
            postgres=major,
            database_size=size,
            migrations=migrations,
        )


def applied_migrations(session: psycopg.Connection) -> tuple[str, ...]:
    """What Django migrated there, as "app.name". Raises BackupError for a database without."""
    try:
        rows = session.execute("SELECT app, name FROM public.django_migrations ORDER BY 1, 2")
    except psycopg.errors.UndefinedTable as error:
        raise BackupError(
            _("这个数据库里还没有回音的数据，没有可备份的；先运行 huiyin serve 或 huiyin migrate。")
        ) from error
    return tuple(f"{app}.{name}" for app, name in rows.fetchall())


def _refuse_closed(closed: list[ring.Sample]) -> None:
    if closed:
        raise BackupError(
            _(
                "本机的密钥文件 %(file)s 打不开数据库里的 %(columns)s，这样的备份恢复后没有用；"
                "请先找回密钥文件（密钥 %(keys)s）。"
            )
            % {
                "file": keys.key_file(),
                "columns": ", ".join(sorted({each.column for each in closed})),
                "keys": ", ".join(sorted({each.key for each in closed})),
            }
        )
