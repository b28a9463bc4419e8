"""A workbook whose first sheet is a note: which sheet is read, that it is said, and choosing another."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from xlsxwriter import Workbook

from huiyin.customers.models import Customer
from huiyin.imports.models import ImportBatch
from tests.app.imports.test_pages import applied, at, manager, place, sent, tried, uploaded

__all__ = ["manager", "place"]
pytestmark = pytest.mark.django_db

ROWS = [["户号", "姓名"], ["A1", "张一"], ["A2", "李二"]]
OTHERS = [["户号", "姓名"], ["B1", "王三"]]


def book(**sheets: list[list[str]]) -> bytes:
    content = BytesIO()
    with Workbook(content, {"in_memory": True}) as workbook:
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return content.getvalue()


def page_of(client: Client, batch: ImportBatch) -> Any:
    return client.get(at("columns", batch))


@pytest.mark.parametrize(
    "note",
    [
        [["请勿外传"]],
        [],
        [["花名册说明"], ["每月更新"], ["联系管理处"]],
        [["户号", "姓名", "电话"]],
    ],
)
def test_the_first_sheet_with_rows_is_read_and_the_page_says_so_at_its_top(
    manager: Client, note: list[list[str]]
) -> None:
    batch = uploaded(manager, book(说明=note, 空=[], 名册=ROWS, 老名册=OTHERS))

    shown = page_of(manager, batch).content.decode()
    assert "工作表“说明”里没有可导入的行，读的是“名册”。" in shown
    assert shown.index("读的是“名册”") < shown.index("表头在哪一行")

    applied(manager, tried(manager, batch))
    assert set(Customer.objects.values_list("name", flat=True)) >= {"张一", "李二"}
    assert not Customer.objects.filter(name="王三").exists()


def test_another_sheet_is_chosen_and_read_anew(manager: Client) -> None:
    batch = uploaded(manager, book(名册=ROWS, 老名册=OTHERS))
    assert "没有可导入的行" not in page_of(manager, batch).content.decode()

    assert manager.post(at("sheet", batch), {"sheet": "老名册"}).status_code == 302
    page = page_of(manager, batch)

    assert page.context["columns"][1]["samples"] == ["王三"]
    batch.refresh_from_db()
    assert applied(manager, tried(manager, batch)).form == "XLSX 老名册"
    assert Customer.objects.filter(name="王三").exists()
    assert not Customer.objects.filter(name="张一").exists()


def test_a_sheet_that_is_none_or_has_no_rows_leaves_the_choice_as_it_was(manager: Client) -> None:
    batch = uploaded(manager, book(名册=ROWS, 空=[]))

    for name, said in (("没有", "没有名为“没有”的工作表"), ("空", "文件里什么也没有")):
        answer = manager.post(at("sheet", batch), {"sheet": name})
        assert answer.status_code == 422
        assert said in answer.content.decode()

    assert page_of(manager, batch).context["head"].sheet == "名册"


def test_a_workbook_of_nothing_but_notes_is_told_so(manager: Client) -> None:
    answer = sent(manager, book(说明=[["户号", "姓名"]], 空=[]))

    assert "文件里只有表头" in answer.content.decode()
