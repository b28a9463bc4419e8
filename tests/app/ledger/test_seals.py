"""What is sealed cannot be changed unseen: both verifiers name the fact, or its sealed run."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction
from psycopg import sql

from huiyin.config.scratch import Scratch
from huiyin.ledger import sealing, verifying
from huiyin.ledger.models import Fact, Seal
from huiyin.ledger.verifying import Verified, leaf_of, root_of
from tests.app.ledger.changes import CHANGED, unguarded
from tests.app.ledger.sealed import FACTS, alone, filed, found, sealed, tampered
from tests.people import target


def test_a_whole_ledger_verifies_with_both(ledger: Scratch, tmp_path: Path) -> None:
    assert found(tmp_path) == []
    assert Seal.objects.count() == 4
    assert sum(len(seal.facts) for seal in Seal.objects.all()) == FACTS + 1


def test_every_column_of_a_fact_is_under_its_leaf(ledger: Scratch, tmp_path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'ledger_fact'"
        )
        assert {name for (name,) in cursor.fetchall()} == {"id", *CHANGED}
    for number, (column, value) in enumerate(CHANGED.items(), 12):
        tampered(ledger, f'UPDATE ledger_fact SET "{column}" = {value} WHERE id = {number}')
    wrong = found(tmp_path)
    assert wrong == [("changed", number) for number in range(12, 12 + len(CHANGED))]


def test_a_line_is_what_the_database_calls_json(ledger: Scratch, tmp_path: Path) -> None:
    """So that seals of houses whose lines were written that way stay whole."""
    with psycopg.connect(ledger.owner) as owner:
        unguarded(owner)
        owner.execute("ALTER TABLE ledger_fact ALTER live DROP NOT NULL")
    tampered(
        ledger,
        """UPDATE ledger_fact SET source = NULL, by_id = NULL, live = false,
                  happened_at = '2025-12-31 23:59:59+08' WHERE id = 4""",
        """UPDATE ledger_fact SET source = E'第1行\\n\\t"', recorded_by_id = NULL WHERE id = 5""",
        "UPDATE ledger_fact SET happened_at = '-infinity' WHERE id = 6",
        "UPDATE ledger_fact SET live = NULL WHERE id = 7",
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sealing.LINE}, {sealing.AS_JSON} FROM ledger_fact")
        rows = cursor.fetchall()
    assert len(rows) == FACTS + 1
    assert all(ours == theirs for ours, theirs in rows)
    assert found(tmp_path) == [("changed", number) for number in (4, 5, 6, 7)]


@pytest.mark.parametrize("room", [1, 2])
def test_it_is_read_where_the_database_has_no_room_for_more(ledger: Scratch, room: int) -> None:
    with psycopg.connect(ledger.owner, autocommit=True) as owner:
        here = sql.Identifier(connection.settings_dict["NAME"])
        owner.execute(sql.SQL("ALTER DATABASE {} CONNECTION LIMIT {}").format(here, room))
    assert found() == []
    assert list(sealing.export())


def test_what_happens_while_the_ledger_is_read_is_no_part_of_it(ledger: Scratch) -> None:
    with psycopg.connect(ledger.owner) as owner:
        unguarded(owner)
    whole = list(sealing.export())

    lines = sealing.export()
    begun = [next(lines), next(lines)]
    with psycopg.connect(ledger.owner) as somebody:
        somebody.execute("UPDATE ledger_fact SET live = false")
        somebody.execute("DELETE FROM ledger_fact WHERE id > 20")
    assert [*begun, *lines] == whole
    assert list(sealing.export()) != whole


def test_what_is_sealed_in_one_s_own_transaction_is_read_there(
    ledger: Scratch, now: datetime
) -> None:
    with transaction.atomic():
        filed(target("repair"), target("person"), now)
        assert sealed(now + timedelta(hours=2)) == 1
        assert found() == []
        transaction.set_rollback(True)


def test_a_removed_an_inserted_and_swapped_facts_are_named(ledger: Scratch, tmp_path: Path) -> None:
    tampered(
        ledger,
        "DELETE FROM ledger_fact WHERE id = 5",
        """INSERT INTO ledger_fact
               (id, kind, target_id, happened_at, known_at, recorded_at, "values", live, xact)
           SELECT 1000, kind, target_id, happened_at, known_at, recorded_at, "values", live, xact
           FROM ledger_fact WHERE id = 7""",
        "UPDATE ledger_fact SET id = -id WHERE id IN (21, 22)",
        "UPDATE ledger_fact SET id = CASE id WHEN -21 THEN 22 ELSE 21 END WHERE id < 0",
    )

    assert found(tmp_path) == [("removed", 5), ("changed", 21), ("changed", 22), ("inserted", 1000)]


def test_a_rewritten_leaf_gives_its_run_away(ledger: Scratch, tmp_path: Path) -> None:
    tampered(ledger, "UPDATE ledger_fact SET live = false WHERE id = 15")
    seal = Seal.objects.get(number=2)
    place = seal.facts.index(15)
    with connection.cursor() as cursor:
        cursor.execute(sealing.OF_SEAL, [2])
        leaf = leaf_of(dict(cursor.fetchall())[15])
    leaves = bytes(seal.leaves)[: 32 * place] + leaf + bytes(seal.leaves)[32 * place + 32 :]
    tampered(ledger, f"UPDATE ledger_seal SET leaves = '\\x{leaves.hex()}' WHERE number = 2")
    assert found(tmp_path) == [("run", 2)]

    tampered(ledger, f"UPDATE ledger_seal SET root = '{root_of(leaves)}' WHERE number = 2")
    assert found(tmp_path) == [("chain", 2)]


def test_a_ledger_rewritten_whole_is_found_by_a_checkpoint_that_was_kept(
    ledger: Scratch, tmp_path: Path, now: datetime
) -> None:
    kept = tmp_path / "kept.json"
    kept.write_text(json.dumps(sealing.checkpoint()))
    assert alone(tmp_path, kept) == []

    tampered(ledger, "UPDATE ledger_fact SET live = false WHERE id = 15", "DELETE FROM ledger_seal")
    assert sealed(now + timedelta(hours=2)) == FACTS + 1

    assert found() == []
    [wrong] = alone(tmp_path, kept)
    assert "检查点" in wrong


@pytest.mark.parametrize(
    ("gone", "wrong"), [("2", [("missing", 2)]), ("1, 2", [("missing", 1), ("missing", 2)])]
)
def test_a_seal_that_is_gone_is_named(
    ledger: Scratch, gone: str, wrong: list[tuple[str, int]]
) -> None:
    covered = sorted(
        id for seal in Seal.objects.extra(where=[f"number IN ({gone})"]) for id in seal.facts
    )
    tampered(ledger, f"DELETE FROM ledger_seal WHERE number IN ({gone})")

    assert found() == [*wrong, *(("inserted", id) for id in covered)]


def test_random_changes_are_all_found(ledger: Scratch) -> None:
    """Every kind of change at a seeded place; each is named, and nothing else is."""
    chance = random.Random(20261126)
    for _n in range(20):
        id = chance.randrange(1, FACTS + 1)
        column = chance.choice(sorted(CHANGED.keys() - {"voids_id", "target_id"}))
        before = Fact.objects.filter(pk=id).values_list(flat=True)[0]
        with psycopg.connect(ledger.owner) as session:
            unguarded(session)
            session.execute(
                "CREATE TEMP TABLE kept AS SELECT * FROM ledger_fact WHERE id = %s", [id]
            )
            session.execute(
                f'UPDATE ledger_fact SET "{column}" = {CHANGED[column]} WHERE id = {id}'
            )
            session.commit()
            assert found() == [("changed", id)], (id, column, before)
            session.execute("DELETE FROM ledger_fact WHERE id = %s", [id])
            session.commit()
            assert found() == [("removed", id)]
            session.execute("INSERT INTO ledger_fact SELECT * FROM kept; DROP TABLE kept")
            session.execute("ALTER TABLE ledger_fact ENABLE TRIGGER USER")
        assert found() == []


def test_what_is_still_being_written_waits_for_its_seal(ledger: Scratch, now: datetime) -> None:
    later = now + timedelta(hours=3)
    with psycopg.connect(ledger.application) as other:
        other.execute("SELECT pg_current_xact_id()")  # began before, ends later
        after = filed(target("repair"), target("person"), later)
        assert sealing.seal(now=later) == 0
        other.execute(
            """INSERT INTO ledger_fact (kind, target_id, happened_at, known_at, recorded_at, "values", live)
               SELECT 'repair.late', target_id, %s, %s, %s, '{}', true FROM ledger_fact LIMIT 1""",
            [later, later, later],
        )
        assert sealing.seal(now=later) == 0
        assert sealing.unsealed_since(before=later + timedelta(minutes=1)) == later

    assert sealed(later) == 2
    last = Seal.objects.order_by("-number")[0]
    assert last.facts[1] == after.pk, "in the order of the transactions, not of the ids"
    assert found() == []


def test_a_restored_house_counts_from_anew(ledger: Scratch, now: datetime, tmp_path: Path) -> None:
    # The house that the rows come from had counted far.
    tampered(ledger, "UPDATE ledger_fact SET xact = '900000000000'", "DELETE FROM ledger_seal")
    sealing.begin_epoch(now=now + timedelta(hours=3))
    new = filed(target("repair"), target("person"), now + timedelta(hours=4))
    assert found(tmp_path) == []
    assert sealed(now + timedelta(hours=4)) == 1
    assert found(tmp_path) == []

    tampered(ledger, f"DELETE FROM ledger_fact WHERE id = {new.pk}")
    assert found(tmp_path) == [("removed", new.pk)]


def test_transactions_are_put_in_the_order_of_their_numbers(ledger: Scratch, now: datetime) -> None:
    """From 9 to 10 and from 99 to 100 they go on, whatever their text sorts like."""
    tampered(
        ledger, "DELETE FROM ledger_seal", "UPDATE ledger_fact SET xact = (id + 85)::text::xid8"
    )

    assert sealed(now) == FACTS + 1
    assert [id for seal in Seal.objects.order_by("number") for id in seal.facts] == sorted(
        Fact.objects.values_list("pk", flat=True)
    )
    assert found() == []


def test_seals_are_append_only_too(ledger: Scratch) -> None:
    for statement in (
        "UPDATE ledger_seal SET epoch = 2",
        "DELETE FROM ledger_seal",
        "TRUNCATE ledger_seal",
    ):
        with (
            psycopg.connect(ledger.owner) as session,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            session.execute(statement)
        with (
            psycopg.connect(ledger.application) as session,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            session.execute(statement)


@pytest.mark.parametrize("many", [0, 1, 2, 3, 4, 5, 7, 8, 9])
def test_the_root_is_that_of_rfc_6962(many: int) -> None:
    import hashlib

    def tree(leaves: list[bytes]) -> bytes:
        """As the RFC defines it: split at the largest power of two below n."""
        if len(leaves) < 2:
            return leaves[0] if leaves else hashlib.sha256(b"").digest()
        k = 1 << (len(leaves) - 1).bit_length() - 1
        return hashlib.sha256(b"\1" + tree(leaves[:k]) + tree(leaves[k:])).digest()

    leaves = [leaf_of(str(n)) for n in range(many)]
    assert root_of(b"".join(leaves)) == tree(leaves).hex()


def test_a_seal_from_before_the_first_is_named_in_the_house_too(ledger: Scratch) -> None:
    tampered(
        ledger, "ALTER TABLE ledger_seal DROP CONSTRAINT ledger_seal_from_one",
        """INSERT INTO ledger_seal SELECT 0, epoch, after, sealed_at, '0', 0, '{}', '', root, 'x',
           repeat('0', 64) FROM ledger_seal WHERE number = 1""",
    )  # fmt: skip

    assert ("chain", 0) in found()


def test_what_says_that_it_is_from_before_a_checkpoint_was_there_when_it_was_made(
    ledger: Scratch, tmp_path: Path, now: datetime
) -> None:
    """With the number of its own transaction a fact is new, whatever its dates say."""
    later = now + timedelta(days=40)
    kept = tmp_path / "kept.json"
    tampered(ledger, "DELETE FROM ledger_seal")
    sealed(now + timedelta(days=30))
    kept.write_text(json.dumps(sealing.checkpoint()))
    honest = filed(target("repair"), target("person"), later)
    back = filed(target("repair"), target("person"), now + timedelta(days=2))
    assert honest.pk < back.pk
    sealed(later)
    loose = filed(target("repair"), target("person"), now + timedelta(days=3))

    assert found() == []
    verified = Verified(verifying.checkpoint_of(kept.read_text()))
    wrong = [(each.kind, each.what) for each in sealing.verify(verified)]
    assert wrong == [("backdated", back.pk), ("backdated", loose.pk)]
    assert alone(tmp_path, kept) == [str(verifying.Finding(*each)) for each in wrong]


def test_a_fact_of_a_transaction_still_to_come_is_named(ledger: Scratch) -> None:
    new = filed(target("repair"), target("person"), datetime.fromisoformat("2026-03-03T01:00Z"))
    assert found() == []
    tampered(ledger, f"UPDATE ledger_fact SET xact = '999999999' WHERE id = {new.pk}")

    assert found() == [("inserted", new.pk)]


def test_a_sample_sees_that_there_are_more_facts_than_were_sealed(ledger: Scratch) -> None:
    assert list(sealing.verify(Verified(), newest=1)) == []
    tampered(
        ledger,
        """INSERT INTO ledger_fact
               (id, kind, target_id, happened_at, known_at, recorded_at, "values", live, xact)
           SELECT 1000, kind, target_id, happened_at, known_at, recorded_at, "values", live, xact
           FROM ledger_fact WHERE id = 7""",
    )

    [wrong] = sealing.verify(Verified(), newest=1)
    assert (wrong.kind, wrong.what) == ("inserted", 1000)
