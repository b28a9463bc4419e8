"""Numbers of records: one book per form and year, without gaps and without doubles."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection

TAKE = """
INSERT INTO records_numberbook (form, year, last) VALUES (%s, %s, 1)
ON CONFLICT (form, year) DO UPDATE SET last = records_numberbook.last + 1
RETURNING last
"""


def take(book: str, *, now: datetime, zone: ZoneInfo) -> tuple[int, int]:
    """The book's next serial number, with its year: the firm's at ``now``.

    The row stays locked until the transaction ends, so whoever comes second waits, and what is
    rolled back gives its number back.
    """
    year = now.astimezone(zone).year
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [book, year])
        [last] = cursor.fetchone()
    return year, last


def next_number(book: str, *, now: datetime, zone: ZoneInfo) -> str:
    """The next number of a book that no form describes: WT-2026-000123."""
    year, serial = take(book, now=now, zone=zone)
    return f"{book}-{year}-{serial:06d}"
