"""A ledger in four seals, both verifiers, and somebody with every right over the database."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from huiyin.config.scratch import Scratch
from huiyin.ledger import sealing, verifying
from huiyin.ledger.models import Fact
from huiyin.ledger.services import NewFact, record, void
from huiyin.ledger.verifying import Verified
from tests.app.ledger.changes import unguarded
from tests.people import target

FACTS = 30
VERIFIER = Path(verifying.__file__)


def four_seals(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Facts with every column filled, the last one voids the first; all of them sealed."""
    monkeypatch.setattr(sealing, "RUN", 10)
    repair, person = target("repair"), target("person")
    for n in range(FACTS):
        filed(repair, person, now + timedelta(minutes=n), note=f"第{n}条" if n % 2 else "")
    first = Fact.objects.order_by("pk").first()
    assert first
    void(first.pk, by=person.pk, reason="错了", now=now + timedelta(hours=1))
    assert sealed(now + timedelta(hours=2)) == FACTS + 1


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
    ours = [(each.kind, each.what) for each in sealing.verify(Verified())]
    if place is not None:
        assert alone(place) == [str(verifying.Finding(*each)) for each in ours]
    return ours


def alone(place: Path, checkpoint: Path | None = None) -> list[str]:
    """What the stand-alone verifier says of an export, as somebody else would run it."""
    file = place / "ledger.jsonl"
    with file.open("w", encoding="utf-8") as out:
        out.writelines(f"{line}\n" for line in sealing.export())
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
