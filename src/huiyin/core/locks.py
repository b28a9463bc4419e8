"""Locks by name: whoever does the same thing at the same moment waits for his turn."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from huiyin.core.transactions import lasts

LOCK_ALL = """
SELECT pg_advisory_xact_lock(key)
FROM (SELECT DISTINCT hashtextextended(name, 0) AS key FROM unnest(%s::text[]) name ORDER BY key) wanted
"""

SHARE = "SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))"
SHARE_AND_LOCK = f"{SHARE}, pg_advisory_xact_lock(hashtextextended(%s, 0))"


def lock(name: str) -> None:
    """Hold the name until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def share(name: str, *, alone: str = "") -> bool:
    """Hold the name together with whoever shares it; who locks it waits for all of them.

    Then, in the same statement, ``alone`` as by ``lock``. False where the use case shares the name
    already.
    """
    if lasts(f"share {name}"):
        if alone:
            lock(alone)
        return False
    with connection.cursor() as cursor:
        cursor.execute(SHARE_AND_LOCK if alone else SHARE, [name, alone] if alone else [name])
    return True


def lock_all(names: Iterable[str]) -> None:
    """Hold all the names; in one order for everybody, so that nobody waits in a circle."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK_ALL, [list(names)])
