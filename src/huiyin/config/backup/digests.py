"""What the rows of a database amount to: equal digests, equal rows.

A row's digest is the SHA-256 of its text; a table's is that of its rows' digests in their own
order, bucket by bucket. So neither the physical order of the rows nor the collation of a key
matters, and memory stays small: the server sorts 32 bytes a row, on disk if it must.
"""

from __future__ import annotations

import hashlib

import psycopg
from psycopg import sql

from huiyin.config.backup.manifest import Content, TableDigest

# All that changes how a value reads as text. Set for the transaction alone.
SETTINGS = {
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "lc_monetary": "C",
    "search_path": "pg_catalog",
    "work_mem": "64MB",
    "jit": "off",
}

# What the machine notes for itself: dumped and compared, but not what the firm's content is.
# Seals prove themselves (`huiyin ledger verify`), and a restored house seals everything anew.
MACHINE = ("core_backuprun", "ledger_seal", "procrastinate_")

OURS = """
    n.nspname = 'public' AND NOT EXISTS (
        SELECT 1 FROM pg_depend d WHERE d.deptype = 'e' AND d.objid = {0}.oid
        AND d.classid = '{1}'::regclass)
"""

# Generated columns are not dumped but computed again, by whatever the server then knows.
TABLES = f"""
SELECT c.relname, array_agg(a.attname::text ORDER BY a.attname COLLATE "C")
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                   AND a.attgenerated = ''
WHERE c.relkind = 'r' AND {OURS.format("c", "pg_class")}
GROUP BY c.relname ORDER BY c.relname COLLATE "C"
"""

ROWS = """
SELECT coalesce(sum(n), 0)::bigint,
       encode(sha256(coalesce(string_agg(part, ''::bytea ORDER BY bucket), ''::bytea)), 'hex')
FROM (SELECT substring(h FROM 1 FOR 2) AS bucket, count(*) AS n,
             sha256(string_agg(h, ''::bytea ORDER BY h)) AS part
      FROM (SELECT sha256(convert_to(ROW({columns})::text, 'UTF8')) AS h FROM ONLY {table}) AS hashed
      GROUP BY 1) AS parts
"""

# Names and kinds alone: how a definition is written out differs between versions of the server.
STRUCTURE = f"""
SELECT 'column ' || c.relname || '.' || a.attname || ' '
       || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' !' ELSE '' END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind = 'r' AND {OURS.format("c", "pg_class")}
UNION ALL
SELECT 'index ' || c.relname || CASE WHEN i.indisunique THEN ' unique' ELSE '' END
       || CASE WHEN i.indisvalid THEN '' ELSE ' invalid' END
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {OURS.format("c", "pg_class")}
UNION ALL
SELECT 'constraint ' || r.relname || '.' || k.conname || ' ' || k.contype::text
       || CASE WHEN k.convalidated THEN '' ELSE ' not valid' END
FROM pg_constraint k JOIN pg_class r ON r.oid = k.conrelid
JOIN pg_namespace n ON n.oid = r.relnamespace
WHERE k.contype IN ('p', 'u', 'f', 'c', 'x') AND {OURS.format("r", "pg_class")}
UNION ALL
SELECT 'trigger ' || r.relname || '.' || t.tgname || ' ' || p.proname || ' ' || t.tgtype::text || t.tgenabled::text
FROM pg_trigger t JOIN pg_class r ON r.oid = t.tgrelid JOIN pg_namespace n ON n.oid = r.relnamespace
JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND {OURS.format("r", "pg_class")}
UNION ALL
SELECT 'function ' || p.proname || ' ' || pg_get_function_identity_arguments(p.oid) || ' '
       || encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex')
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE {OURS.format("p", "pg_proc")}
"""


def content_of(session: psycopg.Connection) -> Content:
    """What the database of the session holds, as of its transaction's snapshot.

    `session` is within a transaction, whose settings are changed.
    """
    for name, value in SETTINGS.items():
        session.execute("SELECT set_config(%s, %s, true)", [name, value])
    tables = {
        name: _digest_of(session, name, columns)
        for name, columns in session.execute(TABLES).fetchall()
    }
    structure = _structure(session)
    firm = {name: each for name, each in tables.items() if not name.startswith(MACHINE)}
    lines = [f"{name} {each.rows} {each.sha256}" for name, each in firm.items()]
    digest = hashlib.sha256("\n".join([*lines, structure]).encode()).hexdigest()
    return Content(tables=tables, structure=structure, digest=digest)


def _digest_of(session: psycopg.Connection, table: str, columns: list[str]) -> TableDigest:
    statement = sql.SQL(ROWS).format(
        columns=sql.SQL(", ").join(sql.Identifier(name) for name in columns),
        table=sql.Identifier("public", table),
    )
    rows, digest = session.execute(statement).fetchone() or (0, "")
    return TableDigest(rows=rows, sha256=digest)


def _structure(session: psycopg.Connection) -> str:
    lines = sorted(line for (line,) in session.execute(STRUCTURE))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
