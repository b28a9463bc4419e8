"""Who prints the same record at the same moment gets a count of his own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.db import connection

from huiyin.config.scratch import Scratch
from huiyin.ledger.models import Fact
from huiyin.records import access
from huiyin.records.printing.papers import Imprint
from huiyin.records.services import print_records
from tests.app import scene as on
from tests.app.records.pdf_reading import Reader


def test_six_at_once_get_six_counts(scratch_db: Scratch, now: datetime) -> None:
    place, later = on.scene(now), now + timedelta(hours=2)
    held = on.visit(on.completed(place).pk, place.firm.repair_lead, now + timedelta(hours=1))
    by, viewer = place.firm.manager, place.firm.viewer(place.firm.manager)

    def foot(_turn: int) -> str:
        try:
            records = access.for_printing(viewer, [held.record_id])
            made = print_records(records, Imprint(by, viewer, later, "http://127.0.0.1:8000/"))
            return Reader(made).pages[0].runs[-2]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        counts = sorted(pool.map(foot, range(6)))

    assert [count.rpartition(" · ")[2] for count in counts] == [
        f"第 {n} 次打印" for n in range(1, 7)
    ]
    assert Fact.objects.filter(kind="record.printed").count() == 6
