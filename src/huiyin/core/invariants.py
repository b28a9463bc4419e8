"""What holds for the database as such: constraints, sequences, keys of requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from huiyin.core.declared import declared
from huiyin.core.health import Invariant, Look

KEYS = """
SELECT key, actor, count(*) AS effects FROM core_idempotencykey
GROUP BY key, actor HAVING count(*) > 1 OR bool_or(response_ref = '')
"""

NOT_VALID = """
SELECT 'constraint' AS what, k.conname::text AS name, r.relname::text AS on_table
FROM pg_constraint k JOIN pg_class r ON r.oid = k.conrelid
WHERE NOT k.convalidated AND r.relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'index', c.relname, i.indrelid::regclass::text
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE NOT (i.indisvalid AND i.indisready) AND c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'trigger', t.tgname, t.tgrelid::regclass::text
FROM pg_trigger t JOIN pg_class r ON r.oid = t.tgrelid
WHERE t.tgenabled NOT IN ('O', 'A') AND r.relnamespace = 'public'::regnamespace
"""
# A declared constraint may be kept by a bare index: a unique one with a condition is.
MISSING = """
SELECT 'missing ' || d.what, d.name, d.on_table
FROM unnest(%s::text[], %s::text[], %s::text[]) AS d(what, on_table, name)
LEFT JOIN pg_class r ON r.relname = d.on_table AND r.relnamespace = 'public'::regnamespace
LEFT JOIN pg_attribute a ON a.attrelid = r.oid AND a.attname = d.name AND NOT a.attisdropped
WHERE NOT CASE d.what
    WHEN 'constraint or index' THEN
        EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = r.oid AND k.conname = d.name)
        OR EXISTS (SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                   WHERE i.indrelid = r.oid AND c.relname = d.name)
    WHEN 'trigger' THEN
        EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = r.oid AND t.tgname = d.name)
    ELSE
        EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = r.oid AND k.conkey = ARRAY[a.attnum]
                AND k.contype = CASE d.what WHEN 'primary key' THEN 'p' WHEN 'unique' THEN 'u'
                                            ELSE 'f' END)
    END
ORDER BY d.what DESC, d.on_table, d.name
"""

SEQUENCES = """
SELECT r.relname, a.attname, pg_get_serial_sequence(quote_ident(r.relname), a.attname)
FROM pg_class r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE r.relkind = 'r' AND r.relnamespace = 'public'::regnamespace
  AND pg_get_serial_sequence(quote_ident(r.relname), a.attname) IS NOT NULL
"""
BEHIND = """
SELECT {name}, s.last_value, t.largest
FROM {sequence} s, (SELECT max({column}) AS largest FROM {table}) t
WHERE t.largest > s.last_value OR (t.largest = s.last_value AND NOT s.is_called)
"""


def not_kept(_look: Look) -> Iterator[tuple[Any, ...]]:
    """What is switched off or was never validated, then what is gone: what, name, table."""
    with connection.cursor() as cursor:
        cursor.execute(NOT_VALID)
        yield from cursor.fetchall()
        cursor.execute(MISSING, [list(column) for column in zip(*declared(), strict=True)])
        yield from cursor.fetchall()


def sequences_behind(_look: Look) -> Iterator[tuple[Any, ...]]:
    """Sequences that would give an id again: sequence, its last value, the largest id."""
    with connection.cursor() as cursor:
        cursor.execute(SEQUENCES)
        for table, column, sequence in cursor.fetchall():
            statement = sql.SQL(BEHIND).format(
                name=sql.Literal(sequence),
                sequence=sql.Identifier(*sequence.replace('"', "").split(".")),
                column=sql.Identifier(column),
                table=sql.Identifier(table),
            )
            cursor.execute(statement)
            yield from cursor.fetchall()


ALL = (
    Invariant("I10", _("一个提交编号只有一次效果，并有结果"), KEYS),
    Invariant("I25", _("约束、索引、触发器都在，都有效"), not_kept),
    Invariant("I25", _("序列走在编号前面"), sequences_behind),
)
