"""The bare side: a twin of each table, with its indexes, constraints, keys and triggers.

A twin's foreign keys point at the product's own tables, so that its rows can be the very same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import psycopg
from psycopg import sql

SCHEMA = "bare"


def make(owner: psycopg.Connection, *tables: str, filled: bool = False) -> None:
    """Twins of the tables, made anew: empty, or with the rows that are there now."""
    owner.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    for table in tables:
        owner.execute(f"DROP TABLE IF EXISTS {SCHEMA}.{table} CASCADE")
        owner.execute(f"CREATE TABLE {SCHEMA}.{table} (LIKE public.{table} INCLUDING ALL)")
        # What arrives by itself while it is measured belongs to neither side.
        for schema in (SCHEMA, "public"):
            owner.execute(f"ALTER TABLE {schema}.{table} SET (autovacuum_enabled = off)")
        if filled:
            _fill(owner, table)
        _keys(owner, table)
        _triggers(owner, table)
        owner.execute(f"VACUUM ANALYZE {SCHEMA}.{table}")


def columns(owner: psycopg.Connection, table: str) -> list[str]:
    """Those that are written; what the database computes writes itself."""
    rows = owner.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
        [f"public.{table}"],
    )
    return [name for (name,) in rows]


def listed(names: Iterable[str]) -> str:
    """Column names for a statement, quoted."""
    return ", ".join(f'"{name}"' for name in names)


def copied_out(owner: psycopg.Connection, table: str, where: str) -> bytes:
    """The rows as COPY writes them."""
    names = listed(columns(owner, table))
    chunks: list[bytes] = []
    with owner.cursor().copy(f"COPY (SELECT {names} FROM public.{table} WHERE {where}) TO STDOUT") as out:  # type: ignore[arg-type] # fmt: skip
        chunks.extend(bytes(chunk) for chunk in out)
    return b"".join(chunks)


def copy_in(owner: psycopg.Connection, rows: Sequence[tuple[str, bytes]]) -> None:
    """Write rows into the twins by COPY, in one transaction, in the order given."""
    with owner.transaction():
        for table, content in rows:
            names = sql.SQL(", ").join(map(sql.Identifier, columns(owner, table)))
            statement = sql.SQL("COPY {}.{} ({}) FROM STDIN").format(
                sql.Identifier(SCHEMA), sql.Identifier(table), names
            )
            with owner.cursor().copy(statement) as into:
                into.write(content)


def _fill(owner: psycopg.Connection, table: str) -> None:
    names = listed(columns(owner, table))
    owner.execute(f"INSERT INTO {SCHEMA}.{table} ({names}) SELECT {names} FROM public.{table}")


def _keys(owner: psycopg.Connection, table: str) -> None:
    keys = owner.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'f' AND conrelid = %s::regclass",
        [f"public.{table}"],
    )
    for name, said in keys.fetchall():
        owner.execute(f'ALTER TABLE {SCHEMA}.{table} ADD CONSTRAINT "{name}" {said}')


def _triggers(owner: psycopg.Connection, table: str) -> None:
    triggers = owner.execute(
        "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = %s::regclass",
        [f"public.{table}"],
    )
    for (said,) in triggers.fetchall():
        owner.execute(said.replace(f" ON public.{table} ", f" ON {SCHEMA}.{table} "))
