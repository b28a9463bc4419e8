"""Scratch databases: made in a moment from a migrated template, dropped at the end.

Tests and `huiyin policy test` work on them, so that neither can touch a firm's data. The template
is built once per state of the migrations.
"""

import hashlib
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psycopg
from django.apps import apps
from django.db import connections
from psycopg import sql
from psycopg.conninfo import make_conninfo

from huiyin.config import database, grants
from huiyin.config.postgres import PostgresError

SCRATCH_PREFIX = "huiyin_scratch_"
TEMPLATE_PREFIX = "huiyin_template_"
MAINTENANCE = "postgres"  # exists on every server
TEMPLATES_KEPT = 4  # other checkouts may share the server
# First halves of advisory lock keys: one for building templates, one per living scratch database.
BUILDING, LIVING = 4_871_001, 4_871_002


@dataclass(frozen=True)
class Scratch:
    """A scratch database: its name and the connection strings of the two roles."""

    name: str
    application: str
    owner: str

    def environment(self) -> dict[str, str]:
        """The environment of a child process that works on this database."""
        return database.environment(application=self.application, owner=self.owner)


@contextmanager
def scratch_database(*, template: bool = True, use: bool = True) -> Iterator[Scratch]:
    """A database for the length of this block, migrated unless `template` is False.

    With `use` Django's default connection works on it within the block, as the application's
    role. The server is started if need be.
    """
    with database.server(), owner_session() as session:
        _drop_abandoned(session)
        name = SCRATCH_PREFIX + secrets.token_hex(6)
        session.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", [LIVING, name])
        source = ensure_template(session) if template else "template0"
        create_database(session, name, source=source)
        scratch = named(name)
        try:
            if use:
                with django_uses(scratch.application):
                    yield scratch
            else:
                yield scratch
        finally:
            drop_database(session, name)


@contextmanager
def django_uses(connection_string: str) -> Iterator[None]:
    """Django's default connection works on this database within the block."""
    entry = connections.settings["default"]
    before = dict(entry)
    _close_default()
    entry.update(database.django_settings(connection_string))
    try:
        yield
    finally:
        _close_default()
        entry.update(before)


def ensure_template(session: psycopg.Connection) -> str:
    """The name of a migrated template database, built now if the migrations are new."""
    name = TEMPLATE_PREFIX + migrations_digest()
    session.execute("SELECT pg_advisory_lock(%s, 0)", [BUILDING])
    try:
        if not _exists(session, name):
            _build(session, name)
            _drop_old_templates(session)
    finally:
        session.execute("SELECT pg_advisory_unlock(%s, 0)", [BUILDING])
    return name


def migrations_digest() -> str:
    """Changes whenever a migrated database would come out different."""
    digest = hashlib.sha256()
    for package in ("django", "procrastinate"):
        digest.update(f"{package}={version(package)}\n".encode())
    for config in apps.get_app_configs():
        if config.name.startswith("huiyin."):
            for path in sorted(Path(config.path, "migrations").glob("*.py")):
                digest.update(f"{config.label}/{path.name}\n".encode() + path.read_bytes())
    digest.update("\n".join(grants.append_only_tables()).encode())
    digest.update(Path(grants.__file__).read_bytes())
    return digest.hexdigest()[:12]


def _build(session: psycopg.Connection, name: str) -> None:
    unfinished = f"{name}_new"
    drop_database(session, unfinished)
    create_database(session, unfinished, source="template0")
    scratch = named(unfinished)
    # A process of its own: this one's settings may already be bound to another role.
    migrated = subprocess.run(
        [sys.executable, "-m", "huiyin", "migrate", "--quiet"],
        env=scratch.environment(),
        capture_output=True,
        text=True,
    )
    if migrated.returncode != 0:
        drop_database(session, unfinished)
        raise PostgresError(f"migrations failed on an empty database:\n{migrated.stderr[-4000:]}")
    change = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    session.execute(change.format(sql.Identifier(unfinished), sql.Identifier(name)))
    # Nobody may connect: a session on the template would keep others from copying it.
    close = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false")
    session.execute(close.format(sql.Identifier(name)))


def _drop_old_templates(session: psycopg.Connection) -> None:
    rows = session.execute(
        "SELECT datname FROM pg_database WHERE datname LIKE %s AND datname NOT LIKE %s"
        " ORDER BY oid DESC OFFSET %s",
        [f"{TEMPLATE_PREFIX}%", "%_new", TEMPLATES_KEPT],
    )
    for (name,) in rows.fetchall():
        drop_database(session, name)


def _drop_abandoned(session: psycopg.Connection) -> None:
    """Scratch databases whose maker was killed: its session, and so its lock, is gone."""
    # Other firms may have theirs on the same server.
    rows = session.execute(
        "SELECT datname FROM pg_database WHERE datname LIKE %s"
        " AND datdba = (SELECT oid FROM pg_roles WHERE rolname = current_user)",
        [f"{SCRATCH_PREFIX}%"],
    )
    for (name,) in rows.fetchall():
        got = session.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [LIVING, name])
        if got.fetchone() == (True,):
            drop_database(session, name)
            session.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", [LIVING, name])


@contextmanager
def owner_session() -> Iterator[psycopg.Connection]:
    """The owner, connected to no database of ours: one in use is neither copied nor renamed.

    Always the same one, because advisory locks are seen only within a database.
    """
    address = make_conninfo(database.address("owner"), dbname=MAINTENANCE)
    with psycopg.connect(address, autocommit=True) as session:
        yield session


def named(name: str) -> Scratch:
    return Scratch(
        name=name,
        application=make_conninfo(database.address("application"), dbname=name),
        owner=make_conninfo(database.address("owner"), dbname=name),
    )


def _exists(session: psycopg.Connection, name: str) -> bool:
    found = session.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
    return found.fetchone() is not None


def create_database(session: psycopg.Connection, name: str, *, source: str) -> None:
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    session.execute(create.format(sql.Identifier(name), sql.Identifier(source)))


def drop_database(session: psycopg.Connection, name: str) -> None:
    drop = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
    try:
        session.execute(drop + sql.SQL(" WITH (FORCE)"))
    except psycopg.errors.InsufficientPrivilege:
        # FORCE may not end an autovacuum worker, which is nobody's; a plain DROP asks it to go.
        session.execute(drop)


def _close_default() -> None:
    connection = connections["default"]
    connection.close()
    if connection.settings_dict["OPTIONS"].get("pool"):
        connection.close_pool()
