"""Locks by name: whoever does the same thing at the same moment waits for his turn."""

from __future__ import annotations

from django.db import connection


def lock(name: str) -> None:
    """Hold the name until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
