"""Applying an import of customers, beside COPY of the same rows into the same tables."""

from __future__ import annotations

import csv
import tempfile
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext as _

from huiyin.accounts.queries import zone
from huiyin.bench import firm, measuring, twins
from huiyin.bench.rows import Row, timed
from huiyin.imports import services as imports
from huiyin.imports.importer import importer_of
from huiyin.imports.maps import parse_map
from huiyin.imports.models import ImportBatch

MOST = 100_000
LIMIT = 4
MEMORY = 512
WRITTEN = {
    "ledger_target": "id",
    "customers_customer": "target_id",
    "customers_contact": "id",
    "ledger_fact": "id",
    "imports_effect": "id",
}
MAP = """\
import: customers
columns:
  number: {column: 户号}
  class: {constant: household}
  name: {column: 姓名}
  phone: {column: 电话}
  unit: {column: 区域}
"""


def measure(n: int, *, rounds: int, now: datetime) -> list[Row]:
    """Households with a name, a phone and a unit; what is measured begins when they are staged."""
    count, pairs, peaks = min(n, MOST), [], []
    importer = importer_of("customers")
    with firm.opened(now=now) as place, tempfile.TemporaryDirectory() as folder:
        twins.make(place.owner, *WRITTEN)
        for number in range(rounds):
            batch = _staged(Path(folder) / f"{number}.csv", count, place)
            last = {table: place.last(table, key) for table, key in WRITTEN.items()}
            with measuring.memory_peak() as peak:
                taken = measuring.seconds(imports.apply, batch, importer=importer, now=now)
            peaks += peak
            assert batch.accepted == count, "every row is accepted"
            rows = [
                (table, twins.copied_out(place.owner, table, f"{key} > {last[table]}"))
                for table, key in WRITTEN.items()
            ]
            pairs.append((taken, measuring.seconds(twins.copy_in, place.owner, rows)))
    return [
        timed(_("导入客户"), count, LIMIT, pairs),
        Row(_("同上，内存峰值"), count, MEMORY, value=max(peaks) >> 20, unit="MB"),
    ]


def _staged(path: Path, count: int, place: firm.Firm) -> ImportBatch:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["户号", "姓名", "电话", "区域"])
        rows.writerows(
            [
                f"{path.stem}-{n}",
                firm.SURNAMES[n % 20] + firm.GIVEN[n // 20 % 20] + firm.GIVEN[n // 400 % 20],
                f"138{n:08d}",
                _("%s区") % (1 + n % firm.ZONES),
            ]
            for n in range(count)
        )
    order = imports.Order(
        path=path,
        map_file=parse_map(MAP, name="bench"),
        mode="history",
        zone=zone(),
        by=place.person("manager").pk,
    )
    return imports.stage(order, importer=importer_of("customers"), now=place.now)
