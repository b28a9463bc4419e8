"""What is sealed cannot be changed unseen: both verifiers name the fact, or its sealed run."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from huiyin.config.scratch import Scratch
from huiyin.ledger import sealing, verifying
from huiyin.ledger.models import Fact, Seal
from huiyin.ledger.services import NewFact, record, void
from huiyin.ledger.verifying import Sealed, Verified, leaf_of, root_of
from tests.app.ledger.changes import CHANGED, unguarded
from tests.people import target

FACTS = 30
VERIFIER = Path(verifying.__file__)


@pytest.fixture
def ledger(
    scratch_db: Scratch, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Scratch]:
    """Facts with every column filled, in four seals."""
    monkeypatch.setattr(sealing, "RUN", 10)
    repair, person = target("repair"), target("person")
    for n in range(FACTS):
        filed(repair, person, now + timedelta(minutes=n), note=f"第{n}条" if n % 2 else "")
    first = Fact.objects.order_by("pk").first()
    assert first
    void(first.pk, by=person.pk, reason="错了", now=now + timedelta(hours=1))
    assert sealed(now + timedelta(hours=2)) == FACTS + 1
    yield scratch_db


def sealed(now: datetime) -> int:
    """Seals what was committed. Other tests of this server hold transactions open, and what is
    finished is asked of the whole server: one test asks that, the others are about what follows."""
    count = 0
    while more := sealing.seal_run(now=now, finished="true"):
        count += more
    return count


def filed(about: Any, by: Any, at: datetime, note: str = "") -> Fact:
    fact = NewFact(
        "repair.completed", about.pk, by.pk, by.pk, happened_at=at, known_at=at,
        values={"repair.category": "leak"}, note=note, source="1:2",
    )  # fmt: skip
    return record([fact], now=at)[0]


def found(place: Path | None = None) -> list[tuple[str, int]]:
    """What our verifier finds; with a folder, that the stand-alone one finds the same."""
    ours = [(each.kind, each.what) for each in sealing.verify(Verified(0, {}))]
    if place is not None:
        assert alone(place) == [str(verifying.Finding(*each)) for each in ours]
    return ours


def alone(place: Path, checkpoint: Path | None = None) -> list[str]:
    """What the stand-alone verifier says of an export, as somebody else would run it."""
    file = place / "ledger.jsonl"
    with file.open("w", encoding="utf-8") as out:
        for line in sealing.export():
            out.write((line if isinstance(line, str) else json.dumps(line)) + "\n")
    told = subprocess.run(
        [sys.executable, "-I", VERIFIER, file, *([checkpoint] if checkpoint else [])],
        capture_output=True, text=True, cwd=place,
    )  # fmt: skip
    *wrong, last = told.stdout.splitlines()
    assert told.returncode == (1 if wrong else 0), told.stderr
    assert last.startswith("封存")
    return wrong


def tampered(scratch: Scratch, *statements: str) -> None:
    """As somebody with every right over the database would."""
    with psycopg.connect(scratch.owner) as session:
        unguarded(session)
        for statement in statements:
            session.execute(statement)
        for table in ("ledger_fact", "ledger_seal"):
            session.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


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


def test_a_seal_written_out_and_read_is_the_same(ledger: Scratch) -> None:
    for line in sealing.export():
        if isinstance(line, dict) and "seal" in line:
            assert Sealed.of(json.loads(json.dumps(line))).as_json() == line


def test_the_verifier_stays_small_and_alone() -> None:
    text = VERIFIER.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    assert "huiyin." not in "\n".join(line for line in text.splitlines() if "import" in line)
