"""One table of repairs, made here, in four forms: the same rows come of each."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from xlsxwriter import Workbook

from huiyin.imports.services import import_file
from huiyin.ledger.models import Fact
from huiyin.obligations.models import Obligation
from huiyin.subjects.importing import IMPORTER
from huiyin.subjects.models import Subject
from tests.app.imports.estate import HEADER, counts, estate, order

pytestmark = pytest.mark.django_db

SHANGHAI = ZoneInfo("Asia/Shanghai")
BUILDINGS = ("㐂园", "𠮷庆里", "一区", "二区")
CATEGORIES = ("水管漏水", "安全设施", "其他", "漏水")
REPAIRERS = ("丁维修", "庚维修", "P5", "庚维修")
FIRST = datetime(2026, 1, 5, 8, 0, tzinfo=SHANGHAI)


def rows() -> list[list[object]]:
    """Sixty repairs; every seventh is still open, and two cannot be taken."""
    made: list[list[object]] = []
    for n in range(60):
        reported = FIRST + timedelta(hours=17 * n)
        done = None if n % 7 == 6 else reported + timedelta(hours=5 * (n % 9) + 1, minutes=n)
        made.append(
            [f"㐂-{n:03}", BUILDINGS[n % 4], CATEGORIES[n % 4], REPAIRERS[n % 4], reported, done]
        )
    made[20][1] = "𠮷庆外"
    made[30][5] = FIRST - timedelta(days=1)
    return made


def text() -> str:
    def cell(value: object) -> str:
        return value.strftime("%Y-%m-%d %H:%M:%S") if isinstance(value, datetime) else value or ""

    return HEADER + "".join(",".join(cell(value) for value in row) + "\n" for row in rows())


def write_workbook(path: Path) -> None:
    with Workbook(str(path), {"remove_timezone": True}) as book:
        sheet = book.add_worksheet("报修台账")
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet.merge_range(0, 0, 0, 5, "一月报修台账")
        sheet.write_row(1, 0, HEADER.strip().split(","))
        for line, row in enumerate(rows(), 2):
            for column, value in enumerate(row):
                if isinstance(value, datetime):
                    sheet.write_datetime(line, column, value, moment)
                else:
                    sheet.write(line, column, value)
        sheet.write_row(62, 0, ["合计", "", "", "", "", "60 件"])


def outcome(path: Path, now: datetime) -> tuple[object, ...]:
    """What an import comes to, by numbers and names; taken back afterwards."""
    with transaction.atomic():
        batch = import_file(order(path), importer=IMPORTER, now=now)
        found = (
            counts(batch),
            list(
                batch.rows.filter(outcome="refused")
                .order_by("number")
                .values_list("code", "column")
            ),
            list(
                Subject.objects.order_by("number").values_list(
                    "number", "target__unit__label", "fields", "created_at"
                )
            ),
            list(
                Fact.objects.filter(kind="repair.completed")
                .order_by("id")
                .values_list("target__label", "happened_at", "values")
            ),
            sorted(
                Obligation.objects.values_list("target__label", "line", "due_at", "holder_id"),
                key=str,
            ),
        )
        transaction.set_rollback(True)
    return found


def test_every_form_gives_the_same(tmp_path: Path, now: datetime) -> None:
    estate(now)
    paths = []
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        paths.append(tmp_path / f"{encoding}.csv")
        paths[-1].write_bytes(text().encode(encoding))
    paths.append(tmp_path / "repairs.xlsx")
    write_workbook(paths[-1])

    first, *others = [outcome(path, now) for path in paths]

    assert first[0] == (58, 2, 0)
    assert first[1] == [("unknown_unit", "楼栋"), ("order", "完工时间")]
    assert first[2][0][0] == "㐂-000"
    # Of sixty, eight are open and one is refused because of its completion.
    assert len({number for number, _happened, _values in first[3]}) == len(first[3]) == 51
    assert len(first[4]) >= len(first[3])
    assert all(other == first for other in others)
