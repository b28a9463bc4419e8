"""Recording many facts at once with what they open, beside COPY of the same rows."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from huiyin.bench import firm, measuring, twins
from huiyin.bench.rows import Row, timed
from huiyin.ledger import services as ledger
from huiyin.ledger.services import NewFact

MOST = 100_000
LIMIT = 4
WRITTEN = ("ledger_fact", "obligations_obligation", "obligations_shareitem")


def measure(n: int, *, rounds: int, now: datetime) -> list[Row]:
    """So many repairs that were done, each of which opens a visit by somebody."""
    count, pairs, peaks = min(n, MOST), [], []
    with firm.opened(now=now, customers=1000) as place:
        twins.make(place.owner, *WRITTEN)
        for number in range(rounds):
            facts = _completed(place, count, prefix=f"R{number}-")
            last = {table: place.last(table) for table in WRITTEN}
            with measuring.memory_peak() as peak:
                taken = measuring.seconds(ledger.record, facts, now=now)
            peaks += peak
            rows = [
                (table, twins.copied_out(place.owner, table, f"id > {last[table]}"))
                for table in WRITTEN
            ]
            assert place.scalar(f"SELECT count(*) FROM public.{WRITTEN[1]}") >= count
            pairs.append((taken, measuring.seconds(twins.copy_in, place.owner, rows)))
    return [timed(_("登记事实并产生义务"), count, LIMIT, pairs, memory=max(peaks))]


def _completed(place: firm.Firm, count: int, *, prefix: str) -> list[NewFact]:
    at = place.now - timedelta(hours=1)
    repairer, manager = place.person("repairer").pk, place.person("manager").pk
    kinds = ("leak", "safety", "other")
    return [
        NewFact(
            "repair.completed", id, repairer, manager, happened_at=at, known_at=at,
            values={"repair.category": kinds[id % 3], "repair.repairer": repairer},
        )
        for id in firm.add_repairs(place, count, prefix=prefix)
    ]  # fmt: skip
