"""A small firm that has adopted the repair policy, and a map for its table of repairs."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from huiyin.adoption import services as adoption
from huiyin.imports.maps import parse_map
from huiyin.imports.models import ImportBatch
from huiyin.imports.services import Order, import_file
from huiyin.policy.loading import load_pack
from huiyin.subjects.importing import IMPORTER
from tests.people import SmallFirm, small_firm

PACK = Path(__file__).resolve().parents[3] / "packs" / "property-management"
HEADER = "工单号,楼栋,类别,维修人员,报修时间,完工时间\n"
MAP = """\
import: subjects
kind: repair
time_zone: Asia/Shanghai
columns:
  number: {column: [工单号, 编号]}
  unit: {column: 楼栋, values: {㐂园: 一区, 𠮷庆里: 二区}}
  repair.category: {column: 类别, values: {水管漏水: leak}}
  repair.repairer: {column: 维修人员}
  created: {column: 报修时间}
  repair.completed: {column: 完工时间}
refuse:
  - {value: repair.completed, before: created, because: 完工早于报修}
"""


def estate(now: datetime) -> SmallFirm:
    """The cast, with the repair policy in force since the first day of 2026."""
    firm = small_firm(now)
    proposed = adoption.propose(
        _sources(),
        starts_on=date(2026, 1, 2),
        mode="trial",
        by=firm.manager.pk,
        now=now,
    )
    adoption.approve(proposed, by=firm.manager.pk, now=now)
    return firm


@lru_cache
def _sources() -> dict[str, str]:
    return dict(load_pack(PACK).sources)


def order(path: Path, *, mode: str = "live", text: str = MAP, by: int | None = None) -> Order:
    return Order(path, parse_map(text, name="m.yaml"), mode, ZoneInfo("Asia/Shanghai"), by)


def bring_in(
    folder: Path, content: str, *, now: datetime, dry_run: bool = False, mode: str = "live"
) -> ImportBatch:
    """Import a text with HEADER in front."""
    path = folder / "repairs.csv"
    path.write_text(HEADER + content, encoding="utf-8")
    return import_file(order(path, mode=mode), importer=IMPORTER, now=now, dry_run=dry_run)


def counts(batch: ImportBatch) -> tuple[int, int, int]:
    """Accepted, refused, duplicate."""
    return batch.accepted, batch.refused, batch.duplicate
