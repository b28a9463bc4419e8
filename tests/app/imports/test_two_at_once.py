"""Two runs of one file at the same moment: the rows are written once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from django.db import connections

from huiyin.config.scratch import Scratch
from huiyin.imports.services import import_file
from huiyin.ledger.models import Fact
from huiyin.subjects.importing import IMPORTER
from tests.app.imports.estate import HEADER, counts, estate, order

LEAK = "WX-1,㐂园,水管漏水,P4,2026-02-27 08:00,2026-02-28 23:30\n"


def test_two_runs_of_one_file_at_once_write_it_once(scratch_db: Scratch, tmp_path: Path) -> None:
    at = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    estate(at)
    path = tmp_path / "repairs.csv"
    path.write_text(
        HEADER + "".join(LEAK.replace("WX-1", f"WX-{n}") for n in range(500)), encoding="utf-8"
    )

    def run(_n: int) -> tuple[int, int, int]:
        try:
            return counts(import_file(order(path), importer=IMPORTER, now=at))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(run, range(3)))

    assert sorted(found) == [(0, 0, 500), (0, 0, 500), (500, 0, 0)]
    assert Fact.objects.filter(kind="repair.completed").count() == 500
