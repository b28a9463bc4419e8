"""`huiyin doctor`: is everything in place that the house stands on?"""

from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from huiyin.config import database
from huiyin.config.grants import append_only_tables

OLDEST_SERVER = 150000  # PostgreSQL 15, as server_version_num counts
Finding = str | None


def examine() -> Iterator[tuple[str, Finding]]:
    """Each thing that was looked at, with what is wrong and the remedy, None if it is well."""
    checks: tuple[tuple[str, Callable[[], Finding]], ...] = (
        ("PostgreSQL 15 or newer", _server),
        ("every migration applied", _migrations),
        ("append-only tables closed to the application", _rights),
        ("secrets readable by us alone", _secrets),
    )
    for title, check in checks:
        yield title, check()


def _server() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        number = int(cursor.fetchone()[0])
    if number < OLDEST_SERVER:
        return f"the server is {number}; upgrade it"
    return None


def _migrations() -> Finding:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(waiting)} wait; run `huiyin migrate`" if waiting else None


def _rights() -> Finding:
    """Asked of the server, since a grant by hand would not show in any file."""
    if not append_only_tables():
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM unnest(%s::text[]) AS name"
            " WHERE has_table_privilege(%s, quote_ident(name), 'UPDATE, DELETE, TRUNCATE')",
            [append_only_tables(), settings.HUIYIN_APPLICATION_ROLE],
        )
        open_tables = [name for (name,) in cursor.fetchall()]
    return f"open: {', '.join(open_tables)}; run `huiyin migrate`" if open_tables else None


def _secrets() -> Finding:
    files = [settings.HUIYIN_DATA / "secret_key", Path(settings.HUIYIN_KEY_FILE)]
    loose = [f for f in files if f.exists() and f.stat().st_mode & 0o077]
    return f"chmod 600 {' '.join(map(str, loose))}" if loose else None


def report() -> int:
    """Print what was found; the exit status is 0 if all is well."""
    wrong = 0
    with database.server():
        for title, finding in examine():
            wrong += finding is not None
            print(f"{'✗' if finding else '✓'} {title}{f': {finding}' if finding else ''}")
        connection.close()
    return 1 if wrong else 0
