"""Customers from a clerk's own list: every row is accounted for, twice is once, undoing is whole."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from huiyin.core import health
from huiyin.core.errors import Conflict
from huiyin.core.health import Look
from huiyin.customers.importing import IMPORTER
from huiyin.customers.models import Contact, Customer
from huiyin.customers.services import NewContact, NewCustomer, register_customers
from huiyin.imports import services
from huiyin.imports.errors import ImportStopped
from huiyin.imports.exporting import write_refusals
from huiyin.imports.importer import Obstacle
from huiyin.imports.maps import parse_map
from huiyin.imports.models import ImportBatch
from huiyin.imports.queries import refusals
from huiyin.imports.services import Order, import_file
from huiyin.ledger.models import Fact, Note, Target
from huiyin.obligations.models import Obligation
from huiyin.subjects.services import NewSubject, register
from tests.app.imports import clerk
from tests.app.imports.estate import counts
from tests.people import SmallFirm

pytestmark = pytest.mark.django_db

PLAIN = """\
import: customers
columns:
  number: {column: 户号}
  class: {constant: household}
  name: {column: 姓名, required: false}
  phone: {column: 电话, required: false}
  unit: {column: 区域, required: false}
"""


@pytest.fixture
def firm(adopted: SmallFirm) -> SmallFirm:
    return adopted


def bring_in(
    path: Path,
    now: datetime,
    *,
    text: str = clerk.MAP,
    dry_run: bool = False,
    by: int | None = None,
) -> ImportBatch:
    order = Order(path, parse_map(text, name="m.yaml"), "history", ZoneInfo("Asia/Shanghai"), by)
    return import_file(order, importer=IMPORTER, now=now, dry_run=dry_run)


def plain(folder: Path, rows: str, now: datetime, *, by: int | None = None) -> ImportBatch:
    path = folder / "plain.csv"
    path.write_text("户号,姓名,电话,区域\n" + rows, encoding="utf-8")
    return bring_in(path, now, text=PLAIN, by=by)


def taken_back(batch: ImportBatch, now: datetime, by: int) -> list[Obstacle]:
    ImportBatch.objects.filter(pk=batch.pk).update(undo_reason="导错了文件", undone_by=by)
    return services.undo(batch, importer=IMPORTER, now=now)


def told() -> list[tuple[object, ...]]:
    return [
        (row.number, row.name, row.customer_class, row.target.unit.label,
         sorted(str(contact.phone) for contact in row.contacts.all()))
        for row in Customer.objects.order_by("number").select_related("target__unit")
    ]  # fmt: skip


def test_every_form_of_a_clerks_list_gives_the_same(
    firm: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    found = []
    for path in clerk.write_all(tmp_path):
        with transaction.atomic():
            batch = bring_in(path, now)
            refused = {
                row.number: (row.code, row.column) for row in batch.rows.filter(outcome="refused")
            }
            doubted = {row.number: (row.code, row.column) for row in batch.rows.in_doubt()}
            codes = {notice["code"] for notice in batch.notices}
            found.append((counts(batch), refused, codes, told(), doubted))
            transaction.set_rollback(True)

    first, *others = found
    assert first[0] == (clerk.ACCEPTED, len(clerk.REFUSED), clerk.DUPLICATE)
    assert first[1] == clerk.REFUSED
    assert first[2] == {"title_row", "total_row", "blank_rows"}
    assert ("1栋-1-103", "王三", "household", "一区", ["13800138003"]) in first[3]
    assert ("1栋-2-201", "赵四", "household", "一区", ["13800138004", "13800138005"]) in first[3]
    assert ("1栋-2-202", "钱五", "household", "一区", ["13800138006"]) in first[3]
    assert ("2栋-1-0101", "孙六", "household", "一区", ["13800138007"]) in first[3]
    assert ("2栋-1-102", "㐂七", "household", "一区", ["010-67891234转8"]) in first[3]
    assert ("2栋-1-103", "周八", "household", "一区", []) in first[3]
    assert ("2栋-1-104", "吴九", "household", "一区", ["1380013"]) in first[3]
    assert ("2栋-2-203", "杨三", "household", "一区", []) in first[3]
    assert first[4] == clerk.IN_DOUBT
    assert all(other == first for other in others)


def test_a_dry_run_tells_the_same_and_writes_nothing(
    firm: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    [path, *_others] = clerk.write_all(tmp_path)
    before = Fact.objects.count(), Target.objects.count()

    tried = bring_in(path, now, dry_run=True)

    assert (Fact.objects.count(), Target.objects.count()) == before
    assert counts(tried) == (clerk.ACCEPTED, len(clerk.REFUSED), clerk.DUPLICATE)
    assert counts(bring_in(path, now)) == counts(tried)


def test_a_second_run_changes_nothing(firm: SmallFirm, tmp_path: Path, now: datetime) -> None:
    [path, *_others] = clerk.write_all(tmp_path)
    bring_in(path, now)
    before = Fact.objects.count(), Target.objects.count(), Contact.objects.count(), told()

    again = bring_in(path, now + timedelta(days=1))

    # What differed from its own file the first time differs from what is kept by now.
    assert counts(again) == (0, len(clerk.REFUSED), clerk.ACCEPTED + clerk.DUPLICATE)
    assert (
        Fact.objects.count(), Target.objects.count(), Contact.objects.count(), told(),
    ) == before  # fmt: skip


def test_refused_rows_name_their_column_value_and_remedy_and_leave_as_a_file(
    firm: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    [path, *_others] = clerk.write_all(tmp_path)
    batch = bring_in(path, now)

    rows = list(refusals(batch))
    written = write_refusals(batch, tmp_path / "refused.csv")

    assert all(row.column and row.problem and row.remedy for row in rows)
    assert {row.row: row.value for row in rows}[16] == "九区"
    assert written == len(clerk.REFUSED)
    with (tmp_path / "refused.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [int(row[0]) for row in list(csv.reader(file))[1:]] == list(clerk.REFUSED)


def test_what_a_customer_lacked_is_added_and_what_contradicts_is_refused(
    firm: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    register_customers(
        [
            NewCustomer("A1", "household", unit_id=firm.zone_one.pk),
            NewCustomer("A2", "household", "李二", contacts=[NewContact("13800138002")]),
        ],
        by=None,
        now=now,
    )

    batch = plain(
        tmp_path,
        "A1,张一,13800138001,一区\nA2,李二,13800138009,\nA2x,新,,\nA3,,,\n",
        now,
    )
    other = plain(tmp_path, "A1,张壹,,\nA2,,,二区\n", now)

    assert counts(batch) == (4, 0, 0)
    assert (batch.created, batch.updated) == (2, 2)
    first = Customer.objects.get(number="A1")
    assert (first.name, first.initials) == ("张一", "zy")
    assert Customer.objects.get(number="A2").contacts.count() == 2
    assert list(other.rows.order_by("number").values_list("code", "column")) == [
        ("renamed", "姓名"),
        ("changed", "区域"),
    ]


def test_the_same_number_elsewhere_is_told_by_its_place_and_the_column_of_the_number(
    firm: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    plain(tmp_path, "101,张一,,一区\n", now)
    everywhere = PLAIN.replace("{column: 区域, required: false}", "{constant: 二区}")

    batch = bring_in(tmp_path / "plain.csv", now, text=everywhere)

    [refusal] = refusals(batch)
    assert (refusal.column, refusal.value) == ("户号", "101")
    assert "别处的一户（一区）" in refusal.problem
    assert "编号前加小区名" in refusal.remedy
    assert "撤销" not in refusal.remedy


def test_what_stands_for_all_rows_is_refused_by_its_title(
    firm: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    (tmp_path / "plain.csv").write_text("户号,姓名,电话,区域\n101,,,\n", encoding="utf-8")
    nowhere = PLAIN.replace("{column: 区域, required: false}", "{constant: 九区}")

    batch = bring_in(tmp_path / "plain.csv", now, text=nowhere)

    assert [refusal.column for refusal in refusals(batch)] == ["所属单位"]


def test_with_its_estate_in_front_the_same_number_is_another_customer(
    firm: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    plain(tmp_path, "101,张一,,一区\n", now)
    path = tmp_path / "second.csv"
    path.write_text("户号,姓名,电话,区域\n101,李二,,二区\n二区-102,王三,,二区\n", encoding="utf-8")
    text = PLAIN.replace("{column: 户号}", "{column: 户号, front: 二区-}")

    batch = bring_in(path, now, text=text)

    assert counts(batch) == (2, 0, 0)
    assert [(number, name) for number, name, *_more in told()] == [
        ("101", "张一"),
        ("二区-101", "李二"),
        ("二区-102", "王三"),
    ]


def test_undoing_takes_back_all_and_makes_room_for_the_same_again(
    firm: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    register_customers([NewCustomer("A1", "household")], by=None, now=now)
    batch = plain(tmp_path, "A1,张一,13800138001,\nA2,李二,13800138002,一区\n", now)

    obstacles = taken_back(batch, now + timedelta(hours=1), firm.manager.pk)

    assert obstacles == []
    batch.refresh_from_db()
    assert batch.state == "undone"
    kept = Customer.objects.get()
    assert (kept.number, kept.name, kept.initials) == ("A1", "", "a1")
    assert not Contact.objects.exists()
    gone = Customer.with_retracted.get(number="A2")
    assert (gone.name, gone.retracted_at) == ("", now + timedelta(hours=1))
    standing = Fact.objects.standing().filter(source__startswith=f"import:{batch.pk}:")
    assert not standing.exists()
    assert health.broken(Look(now=now + timedelta(hours=1), full=True)) == []
    again = plain(tmp_path, "A1,张一,13800138001,\nA2,李二,13800138002,一区\n", now)
    assert (again.created, again.updated) == (1, 1)


def test_an_import_on_which_something_was_built_stays_and_says_what(
    firm: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    batch = plain(tmp_path, "A1,张一,,一区\nA2,李二,,一区\n", now)
    customer = Customer.objects.get(number="A2")
    repair = NewSubject(
        "WX-1", {"category": "leak", "repairer": firm.repairer.pk}, customer_id=customer.pk
    )
    register("repair", [repair], by=firm.manager.pk, now=now)

    obstacles = taken_back(batch, now, firm.manager.pk)

    assert [(each.number, each.label, "WX-1" in each.why) for each in obstacles] == [
        (3, "A2", True)
    ]
    assert Customer.objects.count() == 2
    batch.refresh_from_db()
    assert batch.state == "applied"
    assert batch.obstacles["total"] == 1


def test_an_import_is_undone_once_and_only_while_its_rows_are_kept(
    firm: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    batch = plain(tmp_path, "A1,张一,,\n", now)

    with pytest.raises(Conflict):
        taken_back(batch, now + timedelta(days=31), firm.manager.pk)
    taken_back(batch, now, firm.manager.pk)
    with pytest.raises(Conflict):
        taken_back(batch, now, firm.manager.pk)


def test_what_is_written_of_a_thousand_rows_takes_as_many_statements_as_of_ten(
    firm: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    spent = []
    for first, many in ((0, 10), (1_000, 1_000)):
        rows = "".join(
            f"H{n},某{n},1{3_900_000_000 + n},一区\n" for n in range(first, first + many)
        )
        with CaptureQueriesContext(
            connection,
        ) as queries:
            batch = plain(tmp_path, rows, now)
        assert counts(batch) == (many, 0, 0)
        with CaptureQueriesContext(connection) as undoing:
            assert taken_back(batch, now, firm.manager.pk) == []
        spent.append((len(queries), len(undoing)))

    assert spent[0] == spent[1]


def test_history_of_customers_opens_nothing(firm: SmallFirm, tmp_path: Path, now: datetime) -> None:
    plain(tmp_path, "A1,张一,,一区\n", now)

    assert not Obligation.objects.exists()
    assert not Note.objects.exists()


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("A1,张\u202e一,,", "control", "姓名"),
        ("A1,张\x1b[31m,,", "control", "姓名"),
        (f"{'9' * 81},,,", "too_long", "户号"),
        (f"A1,{'张' * 81},,", "too_long", "姓名"),
        (",张一,,", "empty", "户号"),
        ("A1,,138\x1b[31m,", "control", "电话"),
        ("A1,,,火星", "unknown_unit", "区域"),
    ],
)
def test_bad_values_refuse_their_row_alone(
    firm: SmallFirm, tmp_path: Path, now: datetime, row: str, code: str, column: str
) -> None:
    batch = plain(tmp_path, f"{row}\nB1,好,13900139000,一区\n", now)

    assert counts(batch) == (1, 1, 0)
    [refused] = batch.rows.filter(outcome="refused")
    assert (refused.code, refused.column) == (code, column)


def test_a_kind_in_the_map_is_refused(firm: SmallFirm, tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "t.csv"
    path.write_text("户号\nA1\n", encoding="utf-8")

    with pytest.raises(ImportStopped):
        bring_in(
            path, now, text="import: customers\nkind: vip\ncolumns: {number: {column: 户号}}\n"
        )
    assert not Customer.objects.exists()
