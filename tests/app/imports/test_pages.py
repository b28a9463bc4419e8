"""设置 → 导入: upload, what the columns mean, what would come of it, bringing it in, undoing it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from huiyin.customers.models import Customer
from huiyin.customers.services import NewCustomer, register_customers
from huiyin.imports import forgetting, jobs, pages
from huiyin.imports.models import FilePart, ImportBatch, RememberedMap, StagedRow
from huiyin.subjects.models import Subject
from huiyin.subjects.services import NewSubject, register
from tests.app import scene as on
from tests.app.imports import clerk

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(founded: on.Scene, now: datetime) -> Iterator[on.Scene]:
    with time_machine.travel(now, tick=False):
        yield founded


@pytest.fixture
def manager(place: on.Scene) -> Client:
    return on.signed_in(place.firm.manager)


def sent(
    client: Client, content: bytes, *, what: str = "customers", name: str = "名册.xlsx"
) -> Any:
    file = SimpleUploadedFile(name, content, "application/octet-stream")
    return client.post(reverse("imports:list"), {"what": what, "file": file})


def workbook(folder: Path) -> bytes:
    clerk.write_workbook(folder / "x.xlsx")
    return (folder / "x.xlsx").read_bytes()


def uploaded(client: Client, content: bytes, **given: str) -> ImportBatch:
    assert sent(client, content, **given).status_code == 302
    return ImportBatch.objects.latest("pk")


def at(name: str, batch: ImportBatch) -> str:
    return reverse(f"imports:{name}", args=[batch.pk])


def chosen(page: Any) -> dict[str, str]:
    """What the mapping page proposes, as a browser would send it back."""
    context = page.context
    return {
        "header": str(context["choices"].header),
        "between": context["choices"].between,
        "mode": context["choices"].mode,
        **{each["name"]: each["chosen"] for each in context["columns"]},
        **{each["name"]: each["value"] for each in context["constants"]},
        **{each["name"]: str(each["value"]) for each in context["beside"]},
    }


def tried(client: Client, batch: ImportBatch, **changes: str) -> ImportBatch:
    proposed = chosen(client.get(at("columns", batch)))
    assert client.post(at("columns", batch), proposed | changes).status_code == 302
    jobs.check(batch.pk)
    batch.refresh_from_db()
    return batch


def applied(client: Client, batch: ImportBatch) -> ImportBatch:
    assert client.post(at("application", batch)).status_code == 302
    jobs.apply(batch.pk)
    batch.refresh_from_db()
    return batch


def test_from_a_clerks_file_to_customers_and_back(
    manager: Client, place: on.Scene, tmp_path: Path
) -> None:
    batch = uploaded(manager, workbook(tmp_path))

    page = manager.get(at("columns", batch))
    guessed = {each["title"]: each["chosen"] for each in page.context["columns"]}
    assert page.context["choices"].header == 3
    assert guessed == {
        "序号": "", "楼栋": "number", "单元": "number", "房号": "number", "业主姓名": "name",
        "联系电话": "phone", "区域": "unit", "备注": "",
    }  # fmt: skip
    assert "138••••8001" in page.content.decode()
    assert "13800138001" not in page.content.decode()

    tried(manager, batch)
    shown = manager.get(at("page", batch)).content.decode()
    assert (batch.state, batch.accepted) == ("staged", clerk.ACCEPTED)
    assert Customer.objects.count() == 1
    assert f"导入 {clerk.ACCEPTED} 行" in shown
    assert "没有这个单位" in shown
    assert pages.result(batch)["counts"][3]["count"] == len(clerk.IN_DOUBT)
    assert "不是有效的电话号码，原样记下，标为待核对" in shown
    assert "1380013" not in shown

    applied(manager, batch)
    assert (batch.state, batch.created) == ("applied", clerk.ACCEPTED)
    assert Customer.objects.count() == 1 + clerk.ACCEPTED
    assert not FilePart.objects.exists()
    taken = StagedRow.objects.exclude(outcome="refused").filter(code="")
    assert {(row.values, row.cells) for row in taken} == {(None, None)}

    assert manager.post(at("undoing", batch), {"reason": " "}).status_code == 422
    assert manager.post(at("undoing", batch), {"reason": "导错了"}).status_code == 302
    jobs.undo(batch.pk)
    batch.refresh_from_db()
    assert batch.state == "undone"
    assert Customer.objects.count() == 1
    assert "导错了" in manager.get(at("page", batch)).content.decode()


def test_the_refused_rows_come_back_as_they_stood_and_can_be_put_right(
    manager: Client, tmp_path: Path
) -> None:
    batch = applied(manager, tried(manager, uploaded(manager, workbook(tmp_path))))

    answer = manager.get(at("refusals", batch))

    sheet = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0)
    header, *rows = sheet.to_python()
    assert header == [*(title.strip() for title in clerk.HEADER), "原来的行号", "拒绝的原因"]
    assert [row[-2] for row in rows] == list(clerk.REFUSED)
    assert rows[0][3:5] == ["", "冯一"]
    # The same header again: what was chosen is proposed, and our own columns are left alone.
    again = uploaded(manager, answer.content)
    guessed = [c["chosen"] for c in manager.get(at("columns", again)).context["columns"]]
    assert guessed == ["", "number", "number", "number", "name", "phone", "unit", "", "", ""]
    assert RememberedMap.objects.count() == 1


def test_what_prevents_undoing_is_said_and_nothing_is_taken_back(
    manager: Client, place: on.Scene, tmp_path: Path
) -> None:
    batch = applied(manager, tried(manager, uploaded(manager, workbook(tmp_path))))
    customer = Customer.objects.get(number="1栋-1-101")
    repair = NewSubject(
        "WX-7", {"category": "leak", "repairer": place.firm.repairer.pk}, customer_id=customer.pk
    )
    register("repair", [repair], by=place.firm.manager.pk, now=place.now)

    manager.post(at("undoing", batch), {"reason": "导错了"})
    jobs.undo(batch.pk)

    shown = manager.get(at("page", batch)).content.decode()
    assert "没有撤销：1 行之后已有人接着办了" in shown
    assert "WX-7" in shown
    assert Customer.objects.count() == 1 + clerk.ACCEPTED


def test_a_person_has_the_last_word_about_columns_and_texts(
    manager: Client, place: on.Scene
) -> None:
    table = "单号,性质,师傅,完工时间\nWX-1,水管爆,P4,2026-02-28 09:00\nWX-2,漏水,P4,\nWX-3,怪,P4,\n"
    batch = uploaded(manager, table.encode("gb18030"), what="subjects:repair", name="t.csv")
    proposed = chosen(manager.get(at("columns", batch)))
    assert proposed["column-1"] == "number"
    assert proposed["column-4"] == "repair.completed"

    said = proposed | {"column-2": "repair.category", "column-3": "repair.repairer"}
    asked = manager.post(at("columns", batch), said)
    assert asked.status_code == 422
    assert [each["text"] for each in asked.context["translations"]] == ["水管爆", "怪"]
    meant = {
        "text-repair.category:0": "水管爆", "value-repair.category:0": "leak",
        "text-repair.category:1": "怪", "value-repair.category:1": "-",
    }  # fmt: skip
    assert manager.post(at("columns", batch), said | meant).status_code == 302
    jobs.check(batch.pk)
    batch.refresh_from_db()

    assert (batch.accepted, batch.refused) == (2, 1)
    applied(manager, batch)
    assert dict(Subject.objects.values_list("number", "fields__category")) == {
        "WX-1": "leak",
        "WX-2": "leak",
    }


def test_a_second_estate_comes_in_with_its_name_before_its_numbers_and_so_do_its_repairs(
    manager: Client, place: on.Scene, now: datetime
) -> None:
    register_customers(
        [NewCustomer("1栋-101", "household", "张一", unit_id=place.firm.zone_one.pk)],
        by=None,
        now=now,
    )
    table = "楼栋,房号,姓名\n1栋,101,李二\n".encode()
    batch = tried(
        manager,
        uploaded(manager, table, name="second.csv"),
        **{"front": "二区", "constant-unit": "二区", "constant-class": "household"},
    )
    assert (batch.created, batch.refused) == (1, 0)
    applied(manager, batch)
    repairs = "维修单号,楼栋,房号,类别,维修人员\nWX-1,1栋,101,漏水,P4\n".encode()
    batch = tried(
        manager,
        uploaded(manager, repairs, what="subjects:repair", name="repairs.csv"),
        **{"column-2": "customer", "column-3": "customer", "front": "二区"},
    )
    applied(manager, batch)

    second = Customer.objects.get(number="二区-1栋-101")
    assert (second.name, second.target.unit_id) == ("李二", place.firm.zone_two.pk)
    assert Subject.objects.get(number="WX-1").target.of_customer_id == second.pk


def test_the_first_rows_are_shown_as_they_would_be_stored(manager: Client, tmp_path: Path) -> None:
    batch = uploaded(manager, workbook(tmp_path))
    tried(manager, batch, front="二区", **{"constant-class": "household"})

    page = manager.get(at("page", batch))
    applied(manager, batch)
    after = manager.get(at("page", batch))

    rows = page.context["first"]["rows"]
    assert [number for number, _cells in rows] == [4, 5, 6]
    first = dict(rows[0][1])
    assert first["客户编号"] == "二区-1栋-1-101"
    assert (first["客户类别"], first["电话"]) == ("住户", "138••••8001")
    assert "二区-1栋-1-101" in page.content.decode()
    assert Customer.objects.filter(number=first["客户编号"]).exists()
    assert "13800138001" not in page.content.decode()
    assert after.context["first"] == {}


def test_a_front_that_is_not_offered_is_refused_at_its_field(
    manager: Client, tmp_path: Path
) -> None:
    batch = uploaded(manager, workbook(tmp_path))

    page = manager.get(at("columns", batch))
    wrong = manager.post(at("columns", batch), chosen(page) | {"front": "九区"})

    assert 'name="front"' in page.content.decode()
    assert wrong.status_code == 422
    assert "front" in wrong.context["errors"]


def test_cases_with_their_replies_come_in_from_the_page(manager: Client, place: on.Scene) -> None:
    table = (
        "留言编号,留言用户,留言主题,留言时间,留言详情,答复意见,答复时间\n"
        "1,3栋1202,路灯,2026/1/7 9:02:03,不亮,已修好,2026/1/9\n"
    )
    batch = uploaded(manager, table.encode(), what="cases", name="事项.csv")

    tried(manager, batch, **{"constant-kind": "opinion"})
    applied(manager, batch)

    assert batch.created == 1
    assert "路灯" in manager.get(reverse("cases:list") + "?q=路灯").content.decode()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("leer.csv", b"x"[:0]),
        ("nur-kopf.csv", "房号,姓名\n".encode()),
        ("a.pdf", b"%PDF-1.4\n"),
        ("a.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 600),
        ("a.xlsx", b"PK\x03\x04" + b"\0" * 200),
        ("a.html", b"<html><table><tr><td>1</td></tr></table></html>"),
        ("CON", b"\0\0\0\0"),
        ("a\u202egpj.exe", b"MZ" + b"\0" * 300),
    ],
)
def test_what_is_no_table_is_refused_in_words_and_nothing_is_kept(
    manager: Client, name: str, content: bytes
) -> None:
    answer = sent(manager, content, name=name)

    assert answer.status_code == 422
    assert "message--late" in answer.content.decode()
    assert not ImportBatch.objects.exists()


def test_wrong_choices_are_said_beside_their_columns(manager: Client, tmp_path: Path) -> None:
    batch = uploaded(manager, workbook(tmp_path))
    proposed = chosen(manager.get(at("columns", batch)))

    none = manager.post(at("columns", batch), proposed | {f"column-{n}": "" for n in (2, 3, 4)})
    twice = manager.post(at("columns", batch), proposed | {"column-8": "name"})
    unknown = manager.post(at("columns", batch), proposed | {"column-8": "owner_id"})

    assert [answer.status_code for answer in (none, twice, unknown)] == [422, 422, 422]
    assert "没有一列是“客户编号”" in none.content.decode()
    assert "“名称”只能来自一列" in twice.content.decode()
    batch.refresh_from_db()
    assert batch.state == "uploaded"


def test_another_header_is_chosen_and_a_lying_one_is_said(manager: Client, tmp_path: Path) -> None:
    batch = uploaded(manager, workbook(tmp_path))

    other = manager.get(at("columns", batch) + "?header=4")
    nonsense = manager.get(at("columns", batch) + "?header=99999")

    assert other.context["choices"].header == 4
    assert nonsense.context["choices"].header == 3


def test_a_batch_moves_once_whoever_asks_how_often(manager: Client, tmp_path: Path) -> None:
    batch = tried(manager, uploaded(manager, workbook(tmp_path)))

    for _time in range(2):
        assert manager.post(at("application", batch)).status_code == 302
    jobs.apply(batch.pk)
    jobs.apply(batch.pk)

    assert Customer.objects.count() == 1 + clerk.ACCEPTED
    assert manager.post(at("cancellation", batch)).status_code == 409
    assert manager.get(at("columns", batch)).status_code == 302


def test_cancelling_deletes_the_file_and_the_rows(manager: Client, tmp_path: Path) -> None:
    batch = tried(manager, uploaded(manager, workbook(tmp_path)))

    assert manager.post(at("cancellation", batch)).status_code == 302

    assert not FilePart.objects.exists()
    assert not StagedRow.objects.exists()
    assert manager.get(at("page", batch)).status_code == 200


def test_while_it_runs_the_page_asks_again_and_afterwards_loads_anew(
    manager: Client, tmp_path: Path
) -> None:
    batch = uploaded(manager, workbook(tmp_path))
    manager.post(at("columns", batch), chosen(manager.get(at("columns", batch))))
    htmx = {"HX-Request": "true"}

    running = manager.get(at("page", batch), headers=htmx)
    jobs.check(batch.pk)
    done = manager.get(at("page", batch), headers=htmx)

    assert 'hx-trigger="every 1s"' in running.content.decode()
    assert done.headers["HX-Refresh"] == "true"


def test_nothing_of_a_file_is_kept_for_ever(
    manager: Client, place: on.Scene, tmp_path: Path
) -> None:
    done = applied(manager, tried(manager, uploaded(manager, workbook(tmp_path))))
    lying = uploaded(manager, workbook(tmp_path))

    assert forgetting.forget(now=place.now + timedelta(days=6)) == 0
    assert forgetting.forget(now=place.now + timedelta(days=31)) == 2

    done.refresh_from_db()
    lying.refresh_from_db()
    assert (done.head, lying.head, lying.state) == (None, None, "cancelled")
    assert {row.values for row in StagedRow.objects.all()} == {None}
    assert {row.cells for row in StagedRow.objects.all()} == {None}
    assert manager.get(at("page", done)).status_code == 200


def test_the_list_costs_the_same_with_one_import_and_with_thirty(
    manager: Client, tmp_path: Path
) -> None:
    uploaded(manager, workbook(tmp_path))
    with CaptureQueriesContext(connection) as one:
        manager.get(reverse("imports:list"))
    for _time in range(30):
        uploaded(manager, workbook(tmp_path))
    with CaptureQueriesContext(connection) as many:
        page = manager.get(reverse("imports:list"))

    assert len(many) == len(one)
    assert "?after=" in page.content.decode()


def test_only_heads_of_the_firm_import(place: on.Scene, manager: Client, tmp_path: Path) -> None:
    batch = uploaded(manager, workbook(tmp_path))
    other = on.signed_in(place.firm.repair_lead)

    assert other.get(reverse("imports:list")).status_code == 403
    assert sent(other, b"a,b\n1,2\n").status_code == 403
    assert other.get(at("refusals", batch)).status_code == 403
    assert manager.get(reverse("imports:page", args=[0])).status_code == 404
