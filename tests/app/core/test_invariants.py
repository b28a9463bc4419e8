"""A firm that worked breaks no invariant; one wrong row breaks the one that is about it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction

from huiyin.config.scratch import django_uses, scratch_database
from huiyin.core import health
from huiyin.core.health import SHOWN, Broken, Look
from huiyin.core.invariants import not_kept

NOW = datetime(2026, 3, 6, 1, 0, tzinfo=UTC)

# A table whose guards are taken off first, what goes wrong in it, the invariant that tells.
BREAKS: list[tuple[str, str, str]] = [
    ("obligations_obligation", """
        DROP INDEX obligation_once;
        INSERT INTO obligations_obligation (adoption_id, policy, duty, line, clauses, target_id,
            opener_id, key_opener, period, owed_roles, ordinal, values, opened_at, due_at,
            provisional, counted, state, level, missed, blocked_by)
        SELECT adoption_id, policy, duty, line, clauses, target_id, opener_id, key_opener, period,
            owed_roles, ordinal, values, opened_at, due_at, provisional, 0, 'open', level, false,
            blocked_by
        FROM obligations_obligation WHERE state = 'open' LIMIT 1""", "I1"),
    ("obligations_obligation", """
        UPDATE obligations_obligation SET done_recorded_at = NULL WHERE state = 'done'""", "I2"),
    ("obligations_obligation", """
        UPDATE obligations_obligation SET settled_by_id = NULL WHERE state = 'waived'""", "I2"),
    ("obligations_obligation", "UPDATE obligations_obligation SET state = 'lost'", "I2"),
    ("obligations_obligation", """
        DELETE FROM obligations_obligation WHERE state = 'open' AND owed_roles <> '{}'
        AND opener_id IN (SELECT fact_id FROM obligations_shareitem)""", "I2"),
    ("obligations_obligation", """
        UPDATE obligations_obligation SET due_at = due_at + interval '1 day'
        WHERE id = (SELECT max(id) FROM obligations_obligation WHERE NOT missed)""", "I3"),
    ("obligations_obligation", """
        UPDATE obligations_obligation SET due_at = due_at + interval '1 day' WHERE missed""", "I4"),
    ("obligations_obligation", """
        UPDATE obligations_obligation SET done_at = done_at - interval '1 hour'
        WHERE state = 'done'""", "I7"),
    ("obligations_obligation", """
        UPDATE obligations_obligation SET state = 'open', settled_by_id = NULL
        WHERE state = 'voided'""", "I7"),
    ("obligations_sharecount", """
        UPDATE obligations_sharecount SET counts = jsonb_set(counts, '{manager}', '[0, 7]')
        """, "I7"),
    ("ledger_fact", "DELETE FROM ledger_fact WHERE kind = 'repair_visit.met'", "I7"),
    ("obligations_obligation", """
        UPDATE obligations_obligation SET state = 'open', settled_by_id = NULL, done_at = NULL
        WHERE state = 'done'""", "I8"),
    ("obligations_obligation", "UPDATE obligations_obligation SET missed = false", "I8"),
    ("obligations_obligation", """
        UPDATE obligations_obligation SET holder_id = excluded_id
        WHERE excluded_id IS NOT NULL""", "I13"),
    ("ledger_fact", """
        UPDATE ledger_fact SET target_id = (SELECT min(id) FROM ledger_target)
        WHERE voids_id IS NOT NULL""", "I7"),
    ("ledger_fact", """
        INSERT INTO ledger_seal (number, epoch, after, sealed_at, last_xact, last_id, facts, leaves,
            root, previous, chain)
        SELECT 1, 1, 0, now(), '0', 0, ARRAY[max(id)], sha256('another'), repeat('0', 64),
            repeat('0', 64), repeat('0', 64) FROM ledger_fact""", "I6"),
    ("ledger_note", "UPDATE ledger_note SET text = text || '。'", "I8"),
    ("ledger_fact", """
        UPDATE ledger_fact SET known_at = happened_at - interval '1 second'
        WHERE kind = 'case.raised'""", "I26"),
    ("ledger_fact", "DELETE FROM ledger_fact WHERE kind = 'customer.registered'", "I8"),
    ("ledger_fact", "DELETE FROM ledger_fact WHERE kind = 'repair.registered'", "I8"),
    ("ledger_fact", """
        INSERT INTO ledger_fact (id, kind, target_id, happened_at, known_at, recorded_at, "values", live)
        SELECT -held.id, 'consent.withdrawn', about.of_customer_id, held.happened_at, held.happened_at,
            held.recorded_at, '{"consent.channel": "all", "consent.purpose": "all"}', true
        FROM ledger_fact held JOIN ledger_target about ON about.id = held.target_id
        WHERE held.kind = 'followup.held' AND about.of_customer_id IS NOT NULL LIMIT 1""", "I14"),
    ("followups_followup", """
        INSERT INTO followups_followup (about_id, customer_id, channel, planned_for, planned_by_id, state)
        SELECT about.id, about.of_customer_id, 'phone', now(), (SELECT min(target_id) FROM accounts_person),
            'planned' FROM ledger_target about WHERE about.of_customer_id IS NOT NULL LIMIT 1;
        INSERT INTO ledger_fact (id, kind, target_id, happened_at, known_at, recorded_at, "values", live)
        SELECT -1, 'consent.withdrawn', customer_id, now(), now(), now(),
            '{"consent.channel": "phone", "consent.purpose": "followup"}', true
        FROM followups_followup WHERE state = 'planned' LIMIT 1""", "I14"),
    ("ledger_fact", """
        UPDATE ledger_fact SET kind = 'repair.mislaid' WHERE kind = 'followup.held'""", "I7"),
    ("records_record", """
        DELETE FROM records_signature; DELETE FROM records_photo; DELETE FROM records_recordtext;
        DELETE FROM records_recordpresence; DELETE FROM records_handover;
        UPDATE followups_followup SET state = 'cancelled', record_id = NULL, held_at = NULL;
        UPDATE cases_case SET stage = 'raised', notice_id = NULL, answer_id = NULL,
            revisit_id = NULL, closed_at = NULL;
        DELETE FROM records_record WHERE amends_id IS NOT NULL; DELETE FROM records_record""",
        "I8"),
    ("records_photo", "DELETE FROM records_photo", "I25"),
    ("records_blob", "UPDATE records_blob SET content = content || '\\x00'", "I25"),
    ("records_record", """
        UPDATE records_record SET happened_at = recorded_at + interval '1 hour'""", "I26"),
    ("cases_case", """
        UPDATE cases_case SET stage = 'raised', closed_at = NULL WHERE stage = 'closed'""", "I7"),
    ("ledger_fact", "DELETE FROM ledger_fact WHERE kind = 'case.raised'", "I8"),
    ("cases_case", """
        UPDATE cases_case SET raised_at = notified_at + interval '1 hour'
        WHERE notified_at IS NOT NULL""", "I26"),
    ("notices_notice", """
        ALTER TABLE notices_notice DROP CONSTRAINT notices_notice_key_key;
        INSERT INTO notices_notice (recipient_id, about_id, policy, clause, template, params, key,
            created_at)
        SELECT recipient_id, about_id, policy, clause, template, params, key, created_at
        FROM notices_notice LIMIT 1""", "I9"),
    ("core_idempotencykey", """
        INSERT INTO core_idempotencykey (key, actor, request_digest, response_ref, created_at)
        VALUES ('k', 1, 'd', '', now())""", "I10"),
    ("imports_importbatch", """
        INSERT INTO imports_importbatch (what, kind, file_name, file_digest, map_digest, mode, state,
            form, titles, places, notices, created_at, row_count, accepted, created, updated, refused,
            duplicate, in_doubt, error, undo_reason, head, choices, map_text, language, obstacles)
        VALUES ('subjects', '', 'f', 'd', 'm', 'live', 'staged', '', '{}', '{}', '', now(), 2, 2, 2, 0, 0,
            0, 0, '', '', '', '{}', '', '', '');
        INSERT INTO imports_stagedrow (batch_id, number, values, cells, readable, outcome, act,
            "column", value, code, detail)
        SELECT id, 1, '', '', true, 'accepted', 'create', '', '', '', '' FROM imports_importbatch
        """, "I11"),
    ("adoption_adoption", """
        UPDATE adoption_adoption SET mode = 'force' WHERE state = 'in_force'""", "I13"),
    ("ledger_target", """
        ALTER TABLE obligations_obligation ADD CONSTRAINT someday CHECK (duty <> 'never') NOT VALID
        """, "I25"),
    ("ledger_fact", "ALTER TABLE ledger_fact DISABLE TRIGGER ledger_fact_frozen", "I25"),
    ("ledger_fact", "DROP TRIGGER ledger_fact_frozen ON ledger_fact", "I25"),
    ("records_blob", "DROP TRIGGER records_blob_not_emptied ON records_blob", "I25"),
    ("ledger_target", "SELECT setval('ledger_target_id_seq', 3)", "I25"),
    # A path that leads below another unit shows its people what is not theirs.
    ("accounts_unit", """
        UPDATE accounts_unit SET path = (
            SELECT path FROM accounts_unit WHERE parent_id IS NOT NULL ORDER BY target_id LIMIT 1
        ) || target_id || '/' WHERE target_id = (SELECT max(target_id) FROM accounts_unit)
        """, "I19"),
]  # fmt: skip


@pytest.fixture(scope="module")
def working(django_db_blocker: Any) -> Iterator[None]:
    """A firm with obligations of every standing, in a database where the owner looks."""
    from tests.i18n.house import house

    with django_db_blocker.unblock(), scratch_database(use=False) as scratch:
        with django_uses(scratch.application):
            house(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
        with django_uses(scratch.owner):
            yield


def broken(*, full: bool = False) -> list[Broken]:
    return health.broken(Look(now=NOW, full=full))


@pytest.mark.parametrize("full", [False, True])
def test_a_firm_that_worked_breaks_none(working: None, full: bool) -> None:
    began = time.monotonic()

    assert broken(full=full) == []
    assert time.monotonic() - began < 5


def test_every_invariant_has_a_row_that_breaks_it() -> None:
    assert {code for _table, _change, code in BREAKS} == {i.code for i in health.invariants()}


@pytest.mark.parametrize(("table", "change", "code"), BREAKS)
def test_a_wrong_row_is_told(working: None, table: str, change: str, code: str) -> None:
    is_about_guards = "TRIGGER" in change
    with transaction.atomic(), connection.cursor() as cursor:
        if not is_about_guards:
            take_off_guards(cursor, {table, *GUARDED})
        cursor.execute(change)
        told = broken(full=True)
        transaction.set_rollback(True)

    # The guards that the test itself took off are told, too.
    about = {
        b.invariant.code for b in told if is_about_guards or "触发器" not in str(b.invariant.holds)
    }
    if "NOT VALID" in change:
        about = {b.invariant.code for b in told if any("someday" in row for row in b.rows)}
    assert code in about
    assert all(1 <= len(b.rows) <= SHOWN + 1 for b in told)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("DROP TRIGGER ledger_seal_frozen ON ledger_seal", "missing trigger"),
        ("DROP TRIGGER cases_case_words_kept ON cases_case", "missing trigger"),
        ("ALTER TABLE ledger_seal DROP CONSTRAINT ledger_seal_from_one", "missing constraint or index"),
        ("DROP INDEX ledger_fact_seal_order", "missing constraint or index"),
        ("DROP INDEX obligation_once", "missing constraint or index"),
        ("ALTER TABLE ledger_seal DROP CONSTRAINT ledger_seal_pkey", "missing primary key"),
        ("ALTER TABLE notices_notice DROP CONSTRAINT notices_notice_key_key", "missing unique"),
    ],
)  # fmt: skip
def test_what_was_declared_and_is_gone_is_told(working: None, change: str, told: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
        rows = list(not_kept(Look(now=NOW)))
        transaction.set_rollback(True)

    assert [what for what, _name, _table in rows] == [told]


GUARDED = (
    "ledger_fact", "records_record", "records_photo", "records_blob", "records_signature",
    "records_recordpresence", "records_handover", "followups_followup", "cases_case",
)  # fmt: skip


def take_off_guards(cursor: Any, tables: set[str]) -> None:
    """Triggers and checks that keep such rows out; the transaction is rolled back."""
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'",
            [table],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
