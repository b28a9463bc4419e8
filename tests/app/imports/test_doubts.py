"""What is taken although a phone is none: kept as written, said, listed, and gone when undone."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from huiyin.customers.models import Contact, Customer
from huiyin.customers.services import NewCustomer, register_customers
from huiyin.imports import forgetting
from huiyin.imports.exporting import write_doubts
from huiyin.imports.queries import doubts, refusals
from huiyin.imports.remedies import DOUBTS
from tests.app import scene as on
from tests.app.imports import clerk
from tests.app.imports.estate import counts
from tests.app.imports.test_customers import PLAIN, bring_in, plain, taken_back, told
from tests.app.imports.test_pages import applied, at, tried, uploaded, workbook
from tests.people import SmallFirm

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("phone", "kept", "code"),
    [
        ("110101199001011234", ["110101199001011234"], "phone_kept"),
        ("1.38E+10", ["1.38E+10"], "phone_kept"),
        ("13800138000 13800138", ["13800138", "13800138000"], "phone_kept"),
        ("12345", ["12345"], "phone_kept"),
        ("13800138000/无", ["13800138000"], "phone_left"),
        ("没有", [], "phone_left"),
        (f"门卫说 1380 {'？' * 40}", [], "phone_left"),
    ],
)
def test_a_wrong_phone_is_looked_into_and_its_household_taken(
    adopted: SmallFirm, tmp_path: Path, now: datetime, phone: str, kept: list[str], code: str
) -> None:
    batch = plain(tmp_path, f"A1,张一,{phone},一区\nB1,好,13900139000,一区\n", now)

    assert (counts(batch), batch.in_doubt) == ((2, 0, 0), 1)
    assert told()[0] == ("A1", "张一", "household", "一区", kept)
    [doubt] = doubts(batch)
    assert (doubt.row, doubt.column, doubt.value) == (2, "电话", phone)
    assert [row.code for row in batch.rows.in_doubt()] == [code]
    assert (doubt.problem, doubt.remedy) == (DOUBTS[code].problem, DOUBTS[code].remedy)


def test_what_is_wrong_with_a_phone_is_known_by_the_second_run_and_goes_with_the_import(
    adopted: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    register_customers([NewCustomer("A1", "household")], by=None, now=now)
    rows = "A1,张一,1380000,\nA2,李二,1380000,一区\nA3,王三,没有,一区\n"
    batch = plain(tmp_path, rows, now)
    again = plain(tmp_path, rows, now)

    assert (batch.created, batch.updated, batch.in_doubt) == (2, 1, 3)
    assert (counts(again), again.in_doubt) == ((0, 0, 3), 0)
    assert [each.in_doubt for each in Contact.objects.all()] == [True, True]
    assert taken_back(batch, now, adopted.manager.pk) == []
    assert not Contact.objects.exists()
    assert counts(plain(tmp_path, rows, now)) == (3, 0, 0)


def test_a_wrong_phone_that_is_all_that_a_customer_is_told_by_refuses_the_row(
    adopted: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    by_phone = PLAIN.replace("number: {column: 户号}", "number: {column: 电话}")
    (tmp_path / "plain.csv").write_text(
        "户号,姓名,电话,区域\n,张一,1380000,一区\n,李二,13800138002,一区\n", encoding="utf-8"
    )

    batch = bring_in(tmp_path / "plain.csv", now, text=by_phone)

    assert (counts(batch), batch.in_doubt) == ((1, 1, 0), 0)
    assert [refusal.row for refusal in refusals(batch)] == [2]


DATED = PLAIN + "  registered: {column: 登记时间}\n"


@pytest.mark.parametrize(
    ("date", "why"),
    [
        ("2999-01-01", "年份须在 1970 与 2200 之间"),
        ("1900-01-01", "年份须在 1970 与 2200 之间"),
        ("2026-02-30", "没有这个日期或时刻"),
        ("2031-01-01", "时间在将来"),
        ("不详", "不是能认出的日期"),
    ],
)
def test_a_date_that_cannot_be_meant_is_looked_into_and_its_household_taken(
    adopted: SmallFirm, tmp_path: Path, now: datetime, date: str, why: str
) -> None:
    path = tmp_path / "dated.csv"
    path.write_text(f"户号,登记时间\nA1,{date}\nA2,2019-05-06\n", encoding="utf-8")
    batch, again = bring_in(path, now, text=DATED), bring_in(path, now, text=DATED)

    assert (counts(batch), batch.in_doubt) == ((2, 0, 0), 1)
    [doubt] = doubts(batch)
    assert (doubt.row, doubt.column, doubt.value) == (2, "登记时间", date)
    assert why in doubt.problem
    assert Customer.objects.get(number="A1").registered_at == now
    assert Customer.objects.get(number="A2").registered_at < now
    assert (counts(again), again.in_doubt) == ((0, 0, 2), 0)


def test_a_row_with_a_wrong_phone_and_a_wrong_date_says_both(
    adopted: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    path = tmp_path / "dated.csv"
    path.write_text("户号,登记时间,电话\nA1,2999-01-01,12345\n", encoding="utf-8")

    [doubt] = doubts(bring_in(path, now, text=DATED))

    assert doubt.column == "电话"
    assert "日期也没有记下：年份须在 1970 与 2200 之间" in doubt.problem


def test_a_wrong_date_refuses_the_row_where_the_column_has_to_be_filled(
    adopted: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    path = tmp_path / "dated.csv"
    path.write_text("户号,登记时间\nA1,2999-01-01\n", encoding="utf-8")

    batch = bring_in(path, now, text=DATED.replace("登记时间}", "登记时间, required: true}"))

    assert (counts(batch), batch.rows.get().code) == ((0, 1, 0), "year")


def test_rows_in_doubt_leave_as_a_file_and_are_emptied_with_the_refused_ones(
    adopted: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    [path, *_others] = clerk.write_all(tmp_path)
    batch = bring_in(path, now)

    written = write_doubts(batch, tmp_path / "doubts.csv")
    forgetting.forget(now=now + timedelta(days=31))

    assert written == len(clerk.IN_DOUBT)
    with (tmp_path / "doubts.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row[:3] for row in list(csv.reader(file))[1:]] == [
            ["13", "联系电话", "1380013"],
            ["14", "联系电话", "1.38E+10"],
            ["20", "联系电话", "没有"],
        ]
    assert {(row.value, row.cells) for row in batch.rows.in_doubt()} == {("", None)}


def test_the_rows_in_doubt_are_a_list_to_ask_by_and_a_mark_beside_the_number(
    adopted: SmallFirm, tmp_path: Path, two_hours_later: None
) -> None:
    manager = on.signed_in(adopted.manager)
    batch = applied(manager, tried(manager, uploaded(manager, workbook(tmp_path))))

    answer = manager.get(at("doubts", batch))
    customer = Customer.objects.get(number="2栋-1-104")
    page = manager.get(reverse("customers:page", args=[customer.pk])).content.decode()

    sheet = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0)
    header, *rows = sheet.to_python()
    assert header[-2:] == ["原来的行号", "待核对的原因"]
    assert [row[-2] for row in rows] == list(clerk.IN_DOUBT)
    assert rows[0][4:6] == ["吴九", "1380013"]
    assert "不是有效的电话号码" in rows[0][-1]
    assert "•••••13" in page
    assert "待核对" in page
    right = Customer.objects.get(number="1栋-1-101")
    assert "待核对" not in manager.get(reverse("customers:page", args=[right.pk])).content.decode()
