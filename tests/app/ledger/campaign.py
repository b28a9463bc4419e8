"""`make seals`: random changes to a sealed ledger, each found by both verifiers, or not.

    python -m tests.app.ledger.campaign [FACTS [BATCHES [SEED]]]

A batch makes a hundred changes in one transaction, looks with both verifiers and rolls back: a
column of a fact, a fact that is removed, one put in, two that change places, a leaf that is
rewritten with its fact. Exit status 0 only when every change was named and nothing else was.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

from tests.app.ledger.changes import CHANGED, unguarded

PER_BATCH = 100
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

FILL = """
INSERT INTO ledger_target (kind, label) SELECT 'repair', 'WX-' || n FROM generate_series(1, 1000) n;
INSERT INTO ledger_fact (kind, target_id, by_id, recorded_by_id, happened_at, known_at, recorded_at,
                         "values", live, source, xact)
SELECT 'repair.completed', 1 + n %% 1000, 2000, 3000, t, t, t,
       jsonb_build_object('repair.category', 'leak', 'repair.repairer', n, 'note', md5(n::text)),
       true, '1:' || n, (n / 10)::text::xid8
FROM generate_series(1, %(facts)s) n, LATERAL (SELECT timestamptz '2026-01-01' + n * interval '1 second' t) m;
"""


def main(facts: int = 1_000_000, batches: int = 100, seed: int = 20261126) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huiyin.config.settings")
    import django

    django.setup()
    from huiyin.config import database
    from huiyin.config.scratch import django_uses, scratch_database

    chance = random.Random(seed)
    print(f"seed {seed}, {facts} facts, {batches} batches of {PER_BATCH}", flush=True)
    with database.server(), scratch_database(use=False) as scratch, django_uses(scratch.owner):
        prepare(facts)
        missed: list[str] = []
        for batch in range(1, batches + 1):
            wrong = play(chance, facts)
            missed += wrong
            print(f"batch {batch}: {'; '.join(wrong) or 'all found'}", flush=True)
    print(f"{batches * PER_BATCH} changes, {len(missed)} missed or told wrongly")
    return 1 if missed else 0


def prepare(facts: int) -> None:
    """The sealed ledger, and how fast it is sealed and verified."""
    from django.db import connection

    from huiyin.ledger import sealing, verifying

    with connection.cursor() as cursor:
        unguarded(cursor)
        cursor.execute(FILL, {"facts": facts})
        cursor.execute("ANALYZE ledger_fact")
    began = time.monotonic()
    while sealing.seal_run(now=NOW, finished="true"):
        pass
    told("sealed", facts, time.monotonic() - began)
    began = time.monotonic()
    found = list(sealing.verify(verifying.Verified()))
    assert not found, found[:5]
    told("verified", facts, time.monotonic() - began)


def told(what: str, facts: int, seconds: float) -> None:
    print(f"{what} {facts} in {seconds:.1f} s: {facts / seconds:,.0f} facts/s", flush=True)


def play(chance: random.Random, facts: int) -> list[str]:
    """A batch: what was not found, or found without being there."""
    from django.db import connection, transaction

    from huiyin.ledger import sealing, verifying

    with transaction.atomic(), connection.cursor() as cursor:
        expected = {f"{kind} {what}" for kind, what in changes(chance, facts, cursor)}
        ours = {f"{f.kind} {f.what}" for f in sealing.verify(verifying.Verified())}
        alone = set(verified_alone())
        transaction.set_rollback(True)
    return [
        f"{name}: {each}"
        for name, found in (("ours", ours), ("alone", alone))
        for each in sorted(expected ^ found)
    ]


def verified_alone() -> Iterator[str]:
    """What the stand-alone verifier says of an export, by the numbers in its words."""
    from huiyin.ledger import sealing, verifying

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ledger.jsonl"
        with file.open("w", encoding="utf-8") as out:
            out.writelines(f"{line}\n" for line in sealing.export())
        said = StringIO()
        with redirect_stdout(said):
            verifying.main([str(file)])
    words = {str(verifying.Finding(kind, 0)).replace("0", "%"): kind for kind in verifying.WORDS}
    for line in said.getvalue().splitlines()[:-1]:
        number = next(part for part in line.split() if part.isdigit())
        yield f"{words[line.replace(number, '%')]} {number}"


def changes(chance: random.Random, facts: int, cursor: Any) -> Iterator[tuple[str, int]]:
    """Makes a hundred changes to different facts; yields what has to be found."""
    ids = chance.sample(range(1, facts + 1), 2 * PER_BATCH)
    runs: set[int] = set()
    for _n in range(PER_BATCH):
        id, other = ids.pop(), ids.pop()
        kind = chance.choice(
            ["column", "column", "column", "removed", "inserted", "swapped", "leaf"]
        )
        if kind == "column":
            change(cursor, chance.choice(sorted(CHANGED)), id, other)
            yield "changed", id
        elif kind == "removed":
            cursor.execute("DELETE FROM ledger_fact WHERE id = %s", [id])
            yield "removed", id
        elif kind == "inserted":
            yield "inserted", inserted(cursor, facts, id)
        elif kind == "swapped":
            for old, new in ((id, -id), (other, id), (-id, other)):
                cursor.execute("UPDATE ledger_fact SET id = %s WHERE id = %s", [new, old])
            yield from (("changed", id), ("changed", other))
        else:
            change(cursor, "live", id, other)
            run = rewritten(cursor, id)
            if run not in runs:
                runs.add(run)
                yield "run", run


def change(cursor: Any, column: str, id: int, other: int) -> None:
    value = str(other) if column == "voids_id" else CHANGED[column]
    cursor.execute(f'UPDATE ledger_fact SET "{column}" = {value} WHERE id = {id}')


def inserted(cursor: Any, facts: int, like: int) -> int:
    """A copy of a fact under a number of its own, as if it had been there all the time."""
    new = facts + like
    cursor.execute(
        """INSERT INTO ledger_fact (id, kind, target_id, happened_at, known_at, recorded_at, "values", live, xact)
           SELECT %s, kind, target_id, happened_at, known_at, recorded_at, "values", live, xact
           FROM ledger_fact WHERE id = (SELECT min(id) FROM ledger_fact WHERE id >= %s)""",
        [new, like],
    )
    return new


def rewritten(cursor: Any, id: int) -> int:
    """Gives the changed fact the leaf that it now should have; the seal's number."""
    from huiyin.ledger import sealing, verifying

    cursor.execute(
        "SELECT number, array_position(facts, %s) FROM ledger_seal WHERE facts @> ARRAY[%s]::bigint[]",
        [id, id],
    )
    number, place = cursor.fetchone()
    cursor.execute(f"SELECT {sealing.LINE} FROM ledger_fact WHERE id = %s", [id])
    leaf = verifying.leaf_of(cursor.fetchone()[0])
    cursor.execute(
        "UPDATE ledger_seal SET leaves = overlay(leaves PLACING %s FROM %s) WHERE number = %s",
        [leaf, 32 * (place - 1) + 1, number],
    )
    return int(number)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
