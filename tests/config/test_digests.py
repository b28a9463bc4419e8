"""Equal rows, equal digests: however they lie, whatever the session is set to, whichever key."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from huiyin.config.backup import digests
from huiyin.config.backup.manifest import Content
from huiyin.config.scratch import Scratch

ROWS = """
CREATE TABLE sample (
    id bigint PRIMARY KEY, name text, at timestamptz, length interval, ratio double precision,
    days daterange, raw bytea, fields jsonb, words text[]);
INSERT INTO sample SELECT n, '名' || n, '2026-03-02 09:00+08'::timestamptz + n * interval '1 hour',
    n * interval '1 day 3 minutes', n / 3.0, daterange('2026-01-01', '2026-01-01'::date + n),
    sha256(n::text::bytea), jsonb_build_object('n', n, 'a', NULL), ARRAY['甲', NULL, '']
FROM generate_series(1, 300) AS n;
"""


@pytest.fixture
def session(scratch_db: Scratch) -> Iterator[psycopg.Connection]:
    with psycopg.connect(scratch_db.owner, autocommit=True) as session:
        session.execute(ROWS)
        yield session


def of(session: psycopg.Connection) -> Content:
    with session.transaction():
        return digests.content_of(session)


def test_neither_the_place_of_rows_nor_the_session_matters(
    session: psycopg.Connection,
) -> None:
    before = of(session)

    session.execute("UPDATE sample SET name = name WHERE id % 3 = 0")
    session.execute("VACUUM FULL sample")
    for setting in (
        "TimeZone = 'America/New_York'",
        "DateStyle = 'German'",
        "IntervalStyle = 'iso_8601'",
        "bytea_output = 'escape'",
        "extra_float_digits = -3",
        "search_path = 'pg_catalog'",
    ):
        session.execute(f"SET {setting}")

    assert of(session).tables == before.tables
    assert of(session).digest == before.digest


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE sample SET name = '' WHERE id = 7",
        "UPDATE sample SET name = NULL WHERE id = 7",
        "UPDATE sample SET at = at + interval '1 microsecond' WHERE id = 7",
        "UPDATE sample SET ratio = ratio + 1e-12 WHERE id = 7",
        "UPDATE sample SET words = ARRAY['甲', '', NULL] WHERE id = 7",
        "UPDATE sample SET id = 1000 WHERE id = 7",
        "DELETE FROM sample WHERE id = 7",
        "INSERT INTO sample (id) VALUES (1000)",
    ],
)
def test_every_change_of_a_row_shows(session: psycopg.Connection, change: str) -> None:
    before = of(session)

    session.execute(change)

    assert before.differences(of(session)) == ["sample"]
    assert before.digest != of(session).digest


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE ledger_fact DISABLE TRIGGER ledger_fact_frozen",
        "DROP TRIGGER ledger_fact_frozen ON ledger_fact",
        "DROP INDEX obligation_once",
        "ALTER TABLE ledger_target ALTER COLUMN kind DROP NOT NULL",
        "CREATE OR REPLACE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN NEW; END'",
    ],
)
def test_a_guard_that_went_missing_shows(session: psycopg.Connection, change: str) -> None:
    before = of(session)

    session.execute(change)

    assert before.differences(of(session)) == ["structure"]


def test_what_the_machine_notes_is_compared_but_is_not_the_firms(
    session: psycopg.Connection,
) -> None:
    before = of(session)

    session.execute("INSERT INTO core_backuprun (started_at, path, size, digest, verified, error,"
                    " key_copied) VALUES (now(), '/x', 0, '', false, '', '')")  # fmt: skip

    assert before.differences(of(session)) == ["core_backuprun"]
    assert before.digest == of(session).digest


@pytest.mark.long
def test_a_million_rows_take_little_memory(session: psycopg.Connection) -> None:
    session.execute(
        "CREATE TABLE many AS SELECT n AS id, sha256(n::text::bytea)::text AS line"
        " FROM generate_series(1, 1000000) AS n"
    )
    (backend,) = session.execute("SELECT pg_backend_pid()").fetchone() or (0,)
    before, began = own_memory(backend), time.monotonic()

    found = of(session)

    assert found.tables["many"].rows == 1_000_000
    # work_mem is 64 MB; what does not fit is sorted on disk.
    assert own_memory(backend) - before < 200 * 1024
    assert time.monotonic() - began < 60


def own_memory(pid: int) -> int:
    """The most that a process held for itself so far, in kB, without what it shares."""
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    return int(status["VmHWM"].split()[0]) - int(status["RssShmem"].split()[0])


def test_what_the_server_generates_is_not_asked(session: psycopg.Connection) -> None:
    """A restore computes it again, and a newer server may know more characters."""
    session.execute(
        "CREATE TABLE named (name text, folded text GENERATED ALWAYS AS (lower(name)) STORED);"
        "INSERT INTO named VALUES ('A')"
    )
    before = of(session)

    session.execute("ALTER TABLE named DROP COLUMN folded")
    session.execute("ALTER TABLE named ADD folded text GENERATED ALWAYS AS (upper(name)) STORED")

    assert before.differences(of(session)) == []
