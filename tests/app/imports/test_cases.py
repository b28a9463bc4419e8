"""Old cases with their replies: what came in, what was answered, from text and from real dates."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from xlsxwriter import Workbook

from huiyin.cases import services as cases
from huiyin.cases.given import Doing
from huiyin.cases.importing import IMPORTER
from huiyin.cases.models import Case
from huiyin.core import health
from huiyin.core.health import Look
from huiyin.customers.services import NewCustomer, register_customers
from huiyin.imports import services
from huiyin.imports.errors import ImportStopped
from huiyin.imports.maps import parse_map
from huiyin.imports.models import ImportBatch
from huiyin.imports.services import Order, import_file
from huiyin.ledger.models import Fact, Note
from huiyin.obligations.models import Obligation
from tests.app.imports.estate import counts, estate
from tests.people import SmallFirm

pytestmark = pytest.mark.django_db

HEADER = ("留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "答复意见", "答复时间")
NOON = datetime(2026, 1, 5, 12, 0)  # noqa: DTZ001 (a spreadsheet's cells have no zone)
ROWS: tuple[tuple[object, ...], ...] = (
    (2549, "A1", "停车收费", "2025/4/25 9:32:09", "\n\t\t　业委会\u200b", "您好\u00a0", "2025/5/10 14:56:53"),
    (2554, "A1", "路灯不亮", NOON, "五号楼前_x000D_\n很黑", "已修好", "2026/1/6"),
    (2574, "A2", "挪快递柜", "2026/1/7 17:03:19", "挡路", "", ""),
    (2575, "A3", "没有这个人", "2026/1/7", "x", "答", "2026/1/8"),
    (2576, "A2", "答复早于提出", "2026/1/7", "x", "答", "2026/1/6"),
    (2577, "A2", "没有答复时间", "2026/1/7", "x", "答", ""),
    (2574, "A2", "挪快递柜", "2026/1/7 17:03:19", "挡路", "", ""),
    (2574, "A2", "另一件事", "2026/1/7 17:03:19", "挡路", "", ""),
    ("WT-2026-000001", "A2", "自己的编号", "2026/1/7", "x", "", ""),
    (2580, "A2", "将来的事", "2027/1/7", "x", "", ""),
    (2581, "A2", "", "2026/2/30", "没有这一天", "", ""),
)  # fmt: skip
MAP = r"""
import: cases
columns:
  number: {column: 留言编号}
  customer: {column: 留言用户}
  kind: {constant: 意见}
  description: {join: [留言主题, 留言详情], with: "\n"}
  raised: {column: 留言时间}
  reply: {column: 答复意见}
  replied: {column: 答复时间}
  closed: {column: 答复时间}
  outcome: {constant: explained}
"""


@pytest.fixture
def firm(now: datetime) -> SmallFirm:
    firm = estate(now)
    rows = [NewCustomer(number, "household", unit_id=firm.zone_one.pk) for number in ("A1", "A2")]
    register_customers(rows, by=None, now=now)
    return firm


def write(folder: Path) -> list[Path]:
    """The same table as text and as a workbook with its own cell types."""
    paths = [folder / "replies.csv", folder / "replies.xlsx"]
    with paths[0].open("w", encoding="utf-8") as file:
        for row in (HEADER, *ROWS):
            cells = [f"{cell:%Y-%m-%d %H:%M:%S}" if cell is NOON else str(cell) for cell in row]
            file.write(",".join(f'"{cell}"' for cell in cells) + "\n")
    with Workbook(str(paths[1])) as book:
        sheet, moment = book.add_worksheet(), book.add_format({"num_format": "yyyy/m/d h:mm"})
        sheet.write_row(0, 0, HEADER)
        for line, row in enumerate(ROWS, 1):
            for column, cell in enumerate(row):
                if isinstance(cell, datetime):
                    sheet.write_datetime(line, column, cell, moment)
                else:
                    sheet.write(line, column, cell)
    return paths


def bring_in(path: Path, now: datetime, *, mode: str = "history") -> ImportBatch:
    order = Order(path, parse_map(MAP, name="m.yaml"), mode, ZoneInfo("Asia/Shanghai"))
    return import_file(order, importer=IMPORTER, now=now)


def told() -> list[tuple[object, ...]]:
    return list(
        Case.objects.order_by("number").values_list(
            "number", "customer__number", "kind", "description", "raised_at", "reply_to_customer",
            "replied_at", "stage", "outcome", "closed_at", "target__unit__label",
        )
    )  # fmt: skip


def test_text_and_workbook_give_the_same_cases(
    firm: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    found = []
    for path in write(tmp_path):
        with transaction.atomic():
            batch = bring_in(path, now)
            refused = {
                row.number: (row.code, row.column) for row in batch.rows.filter(outcome="refused")
            }
            found.append((counts(batch), refused, told()))
            transaction.set_rollback(True)

    first, other = found
    assert first == other
    assert first[0] == (3, 7, 1)
    assert first[1] == {
        5: ("unknown_customer", "留言用户"),
        6: ("order", "答复时间"),
        7: ("reply", "答复时间"),
        9: ("repeated", "留言编号"),
        10: ("own_number", "留言编号"),
        11: ("future", "留言时间"),
        12: ("no_such_date", "留言时间"),
    }
    assert first[2][0] == (
        "2549", "A1", "opinion", "停车收费\n业委会",
        datetime(2025, 4, 25, 1, 32, 9, tzinfo=UTC), "您好",
        datetime(2025, 5, 10, 6, 56, 53, tzinfo=UTC), "closed", "explained",
        datetime(2025, 5, 10, 6, 56, 53, tzinfo=UTC), "一区",
    )  # fmt: skip
    assert first[2][1][3] == "路灯不亮\n五号楼前\n很黑"
    # A day without a time begins at 00:00 where the firm is.
    assert first[2][1][6] == datetime(2026, 1, 5, 16, 0, tzinfo=UTC)
    assert first[2][2][7:10] == ("raised", "", None)


def test_a_second_run_changes_nothing_and_nobody_owes_anything(
    firm: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    text, workbook = write(tmp_path)
    bring_in(text, now)
    before = Fact.objects.count(), told()

    again = bring_in(workbook, now)

    assert counts(again) == (0, 7, 4)
    assert (Fact.objects.count(), told()) == before
    assert not Obligation.objects.filter(target__kind="case").exists()
    assert health.broken(Look(now=now, full=True)) == []


def test_cases_are_history_alone(firm: SmallFirm, tmp_path: Path, now: datetime) -> None:
    with pytest.raises(ImportStopped):
        bring_in(write(tmp_path)[0], now, mode="live")
    assert not Case.objects.exists()


def test_undoing_erases_the_words_unless_somebody_went_on_with_a_case(
    firm: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    path = write(tmp_path)[0]
    first = bring_in(path, now)
    ImportBatch.objects.filter(pk=first.pk).update(undo_reason="导错了", undone_by=firm.manager.pk)

    assert services.undo(first, importer=IMPORTER, now=now) == []
    assert not Case.objects.exists()
    assert health.broken(Look(now=now, full=True)) == []
    assert not Note.objects.filter(fact__kind__in=["case.raised", "case.replied"]).exists()
    assert set(Case.with_retracted.values_list("description", "reply_to_customer")) == {("", "")}

    second = bring_in(path, now)
    case = Case.objects.get(number="2574")
    manager = firm.manager.pk
    doing = Doing(by=manager, recorded_by=manager, happened_at=now, now=now)
    cases.supplement(case, text="还在挡路", doing=doing)
    ImportBatch.objects.filter(pk=second.pk).update(undo_reason="导错了", undone_by=manager)
    [obstacle] = services.undo(second, importer=IMPORTER, now=now)
    assert (obstacle.number, obstacle.label) == (4, "2574")
    assert Case.objects.count() == 3


def test_the_statements_do_not_grow_with_the_rows(
    firm: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    spent = []
    for first, many in ((0, 5), (1_000, 500)):
        path = tmp_path / f"{first}.csv"
        lines = [f"{n},A1,主题{n},2026/1/7,内容,答复,2026/1/8" for n in range(first, first + many)]
        path.write_text("\n".join([",".join(HEADER), *lines]), encoding="utf-8")
        with CaptureQueriesContext(connection) as queries:
            assert counts(bring_in(path, now)) == (many, 0, 0)
        spent.append(len(queries))

    assert spent[0] == spent[1]
