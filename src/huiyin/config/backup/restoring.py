"""Restoring: everything that can be wrong is looked for before anything is written.

The rows go into a database of their own, which takes the place of the empty one only when it is
proven and brought up to this version. Whoever is killed meanwhile leaves an empty house behind,
and the same command does it again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import psycopg
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _
from psycopg import sql

from huiyin.config import database, keys
from huiyin.config.backup import archive, proving, ring, tools
from huiyin.config.backup.archive import Archive
from huiyin.config.backup.errors import BackupError
from huiyin.config.environment import data_home
from huiyin.config.postgres.account import server_account
from huiyin.config.postgres.programs import find_programs, find_tools
from huiyin.config.scratch import (
    create_database,
    django_uses,
    drop_database,
    named,
    owner_session,
)
from huiyin.core import crypto, health
from huiyin.ledger import sealing

# What a worker of the old machine was about to do. Its clockwork is asked for anew by ours; other
# work was rolled back with its transaction, as the snapshot sees it, and is done once, here.
TAKE_OVER_JOBS = (
    """DELETE FROM procrastinate_jobs WHERE status IN ('todo', 'doing')
           AND task_name IN (SELECT task_name FROM procrastinate_periodic_defers)""",
    """UPDATE procrastinate_jobs SET status = 'cancelled', worker_id = NULL WHERE id IN (
           SELECT id FROM (
               SELECT id, status, row_number() OVER (
                   PARTITION BY queueing_lock ORDER BY status = 'todo' DESC, id) AS place
               FROM procrastinate_jobs
               WHERE status IN ('todo', 'doing') AND queueing_lock IS NOT NULL) AS queued
           WHERE place > 1 AND status = 'doing')""",
    "UPDATE procrastinate_jobs SET status = 'todo', worker_id = NULL WHERE status = 'doing'",
    "DELETE FROM procrastinate_workers",
)

USER_OBJECTS = """
SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
  AND NOT EXISTS (SELECT 1 FROM pg_depend d
                  WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')
"""


@dataclass(frozen=True, slots=True)
class Checked:
    """A whole archive of a known version, with the key file that opens it."""

    archive: Archive
    key: ring.Held | None


def check(path: Path, key: Path | None) -> Checked:
    """Everything that can be said of an archive without a server. Raises BackupError."""
    found = archive.read(path)
    _refuse_newer(found)
    held = _key_for(found, key)
    ring.refuse_unless_it_opens(found.manifest.keys, held)
    # Without encrypted values there need be no key to seal with, and none to open.
    if held and found.manifest.keys.needed and found.seal != ring.seal_of(found.sums, held.ring):
        raise BackupError(
            _("%(file)s 的封签不符：它在制作之后被改动过，不能用来恢复。") % {"file": path}
        )
    return Checked(found, held)


def prove(checked: Checked, *, now: datetime) -> proving.Proof:
    """Only try the archive, in a scratch database beside whatever is there."""
    return proving.prove(checked.archive, checked.key, now=now)


def restore(checked: Checked, *, now: datetime, say: Callable[[str], None]) -> list[health.Broken]:
    """Fill the empty database of this house. Raises BackupError; then it is as it was.

    Returns the invariants that do not hold: they did not hold when the backup was made either,
    and a house that burnt down is not kept waiting for them.
    """
    manifest = checked.archive.manifest
    proving.refuse_without_room(manifest.database_size, data_home())
    _refuse_other_key(checked)
    _refuse_missing_programs(manifest.postgres)
    with database.server(at_least=manifest.postgres):
        with psycopg.connect(database.address("owner")) as session:
            major = session.info.server_version // 10000
            proving.refuse_older_server(manifest.postgres, major)
            target = session.info.dbname
            _refuse_unless_empty(session)
        with owner_session() as session:
            unfinished = f"{target}_restoring"
            # Left by a restore that was killed.
            drop_database(session, unfinished)
            # A copy of the empty one: whatever locale it was made with is kept.
            create_database(session, unfinished, source=target)
            try:
                broken = _fill(checked, unfinished, major=major, now=now, say=say)
                _take_its_place(session, target, unfinished)
            finally:
                drop_database(session, unfinished)
    return broken


def _fill(
    checked: Checked, name: str, *, major: int, now: datetime, say: Callable[[str], None]
) -> list[health.Broken]:
    place, found = named(name), checked.archive
    say(_("恢复数据"))
    with found.dump() as dump:
        tools.load(place.owner, dump, major=major)
    say(_("核对内容"))
    differences, closed = proving.compare(place.owner, found, checked.key)
    _refuse_unproven(proving.Proof(differences, closed))
    with psycopg.connect(place.owner) as filled:
        for statement in TAKE_OVER_JOBS:
            filled.execute(statement)
    say(_("升级到版本 %s，分配权限") % version("huiyin"))
    proving.bring_up(place, checked.key)
    say(_("封存全部事实"))
    with django_uses(place.owner):
        sealing.begin_epoch(now=now)
    say(_("检查不变式"))
    broken = proving.broken_invariants(place.owner, now=now)
    if checked.key is not None:
        keys.write_once(keys.key_file(), checked.key.text)
    return broken


def _refuse_unproven(proof: proving.Proof) -> None:
    if not proof.holds:
        raise BackupError(
            _("恢复出来的数据没有通过核对（%s），因此没有启用；请换一份备份。") % proof.said()
        )


def _take_its_place(session: psycopg.Connection, target: str, unfinished: str) -> None:
    """The filled database gets the name of the empty one, both or neither."""
    empty = f"{target}_empty"
    drop_database(session, empty)
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    with session.transaction():
        for old, new in ((target, empty), (unfinished, target)):
            session.execute(rename.format(sql.Identifier(old), sql.Identifier(new)))
    drop_database(session, empty)


def _refuse_newer(found: Archive) -> None:
    ours = MigrationLoader(None).disk_migrations
    replaced = (each for migration in ours.values() for each in migration.replaces)
    known = {f"{app}.{name}" for app, name in (*ours, *replaced)}
    newer = sorted(set(found.manifest.migrations) - known)
    if newer:
        raise BackupError(
            _(
                "这份备份由版本 %(theirs)s 制作，本机的版本 %(ours)s 还不认识其中的 %(what)s；"
                "请先升级本机，再恢复。"
            )
            % {
                "theirs": found.manifest.version,
                "ours": version("huiyin"),
                "what": ", ".join(newer[:5]),
            }
        )


def _key_for(found: Archive, named: Path | None) -> ring.Held | None:
    """The key file at hand: the named one, or the first that fits: inside, in place, beside."""
    if named is not None:
        return ring.held_in(named)
    beside = found.path.with_name(f"{found.path.name}.key")
    at_hand = [ring.held_in(each) for each in (keys.key_file(), beside) if each.exists()]
    if found.keys is not None:
        text = found.keys.decode("ascii")
        at_hand.insert(0, ring.Held(crypto.parse_ring(text), text, found.path))
    fitting = [each for each in at_hand if not ring.missing_in(found.manifest.keys, each.ring)]
    return next(iter(fitting or at_hand), None)


def _refuse_other_key(checked: Checked) -> None:
    """A key file that is in place already must fit: it is not written over."""
    there = keys.key_file()
    if not there.exists() or checked.key is None:
        return
    if ring.missing_in(checked.archive.manifest.keys, ring.held_in(there).ring):
        raise BackupError(
            _("%(file)s 已有另一把密钥。请先把它移走（不要删除），再恢复。") % {"file": there}
        )


def _refuse_missing_programs(postgres: int) -> None:
    """Before anything is made: a server new enough, and the tools for it. Raises PostgresError."""
    if database.is_embedded():
        home = data_home()
        made = database.cluster().data_major()
        if made is not None:
            proving.refuse_older_server(postgres, made)
        account = server_account()
        find_programs(account=account, copies=home / "programs", major=made, at_least=postgres)
    find_tools(postgres)


def _refuse_unless_empty(session: psycopg.Connection) -> None:
    (count,) = session.execute(USER_OBJECTS).fetchone() or (0,)
    if count:
        place = data_home() if database.is_embedded() else session.info.dbname
        raise BackupError(
            _(
                "%(place)s 里已有数据，恢复只进入空的地方，不会覆盖。请先停下 huiyin serve，把原来的"
                "文件夹移走，或用 HUIYIN_DATA 指定一个新文件夹；只想检验备份，用 --into scratch。"
            )
            % {"place": place}
        )
