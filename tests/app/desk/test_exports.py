"""Lists as sheets: typed, masked, inert, logged, and only for whom they are."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from urllib.parse import unquote
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from python_calamine import CalamineWorkbook

from huiyin.adoption import services as adoption
from huiyin.core.lists import Cell, Column, Row
from huiyin.customers.services import NewContact, NewCustomer, register_customers
from huiyin.desk import services, sheets
from huiyin.desk.models import Export
from huiyin.ledger.models import Fact
from huiyin.obligations.models import Refusal
from huiyin.policy.loading import load_pack
from tests.app import scene as on
from tests.app.desk.many import ROOMS, add

pytestmark = pytest.mark.django_db

SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
INJECTIONS = (
    "=cmd|' /C calc'!A0", "+1+1", "-2*3", "@SUM(1)", "\t=1", "\r=1", "＝HYPERLINK(\"http://x\")",
    "＋1", "－1", "＠A1", ";=1", " =1", "=1\n=2", "http://evil/", "mailto:a@b", "{=1}", "_x0041_",
    "<b>&amp;</b>", "\x1b[31m", "a\u202egpj.exe", "'=1", "%s%n", "{{7*7}}",
)  # fmt: skip


def about(**given: Any) -> sheets.About:
    said: dict[str, Any] = {
        "firm": "示例物业", "person": "甲经理", "at": AT, "zone": SHANGHAI, "title": "客户",
        "asked": [("类别", "住户")],
    }  # fmt: skip
    return sheets.About(**said | given)


def made(cells: list[Cell], *, title: str = "客户", head: str = "列", **given: Any) -> bytes:
    rows = [Row("", {"a": cell}) for cell in cells]
    content, written = sheets.workbook(about(title=title, **given), [Column("a", head)], [rows])
    assert written == len(cells)
    return content


def read(content: bytes) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    return {
        name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for name in book.sheet_names
    }


def exported(client: Client, room: str, query: str = "") -> Any:
    return client.post("/exports/", {"room": room, "query": query})


def test_numbers_stay_numbers_and_days_are_days_of_the_firm() -> None:
    cells = [
        Cell("¥ 12.50", value=Decimal("12.50")),
        Cell("7", value=7),
        Cell("3月2日", value=date(2026, 3, 2)),
        Cell("", value=datetime(2026, 3, 1, 17, 30, tzinfo=UTC)),
        Cell("0012"),
        Cell("", value=10**17),
        Cell("", value=Decimal("NaN")),
        Cell("", value=float("inf")),
        Cell("", value=date(1899, 12, 31)),
        Cell("是", value=True),
        Cell(""),
    ]

    column = [row[0] for row in read(made(cells))["客户"][1:]]

    assert column == [
        12.5, 7, date(2026, 3, 2), datetime.fromisoformat("2026-03-02T01:30"), "0012", str(10**17), "NaN", "inf",
        "1899-12-31", "True",
    ]  # fmt: skip


@pytest.mark.parametrize("text", INJECTIONS)
def test_no_cell_head_sheet_or_file_begins_a_formula(text: str) -> None:
    content = made([Cell(text), Cell(lines=((text, "业主"),))], title=text, head=text, person=text)
    book = read(content)
    [name] = [name for name in book if name != "说明"]
    starts = sheets.FORMULA_STARTS

    texts = [cell for sheet in book.values() for row in sheet for cell in row]
    with ZipFile(BytesIO(content)) as archive:
        parts = {part: archive.read(part).decode() for part in archive.namelist()}

    assert not any(str(cell).lstrip(" ").startswith(starts) for cell in texts)
    assert not name.lstrip(" ").startswith(starts)
    assert not sheets.file_name(about(title=text)).startswith(starts)
    assert not any("<f>" in part or "<hyperlink" in part for part in parts.values())
    assert not any("externalLink" in part for part in parts)
    # What was written is still there to be read.
    assert any(text.strip("'") in str(cell) or "_x" in text for cell in texts) or "\r" in text


def test_the_same_rows_make_the_same_bytes_but_for_the_stamp() -> None:
    cells = [Cell("甲"), Cell("乙", value=3)]

    first, second = made(cells), made(cells)
    later = made(cells, at=AT + timedelta(days=400))

    assert first == second != later
    stamp = {name: rows for name, rows in read(later).items() if name != "说明"}
    assert stamp == {name: rows for name, rows in read(first).items() if name != "说明"}


def test_the_first_sheet_says_who_took_what_and_when() -> None:
    content = made([Cell("甲")], asked=[("类别", "住户"), ("所属", "一区")])

    told = {row[0]: row[1] for row in read(content)["说明"]}
    with ZipFile(BytesIO(content)) as archive:
        printed = archive.read("xl/worksheets/sheet2.xml").decode()

    assert told["导出人"] == "甲经理" and told["行数"] == 1
    assert told["导出时间"] == "2026-03-02 09:00 (Asia/Shanghai)"
    assert told["条件"] == "类别: 住户\n所属: 一区"
    assert "甲经理 于 2026-03-02 09:00 导出" in told["水印"]
    assert "甲经理 于 2026-03-02 09:00 导出" in printed.split("oddFooter")[1]


def test_a_cell_too_long_for_a_sheet_ends_in_an_ellipsis() -> None:
    [_head, [cell]] = read(made([Cell("字" * 40_000)]))["客户"]

    assert len(cell) == sheets.LONGEST and cell.endswith("…")


@pytest.mark.parametrize("room", ROOMS)
def test_every_list_is_taken_out_with_what_the_page_shows(place: on.Scene, room: str) -> None:
    add(place, 60, prefix="A")
    add(place, 5, prefix="B")
    manager = on.signed_in(place.firm.manager)

    answer = exported(manager, room, "q=A&sort=new&after=x")

    content = answer.content
    book = read(content)
    [head, *rows] = next(sheet for name, sheet in book.items() if name != "说明")
    assert answer.status_code == 200
    assert unquote(answer.headers["Content-Disposition"]).endswith("2026-03-02 0900.xlsx")
    assert len(rows) == 60 and all(str(title) for title in head)
    assert {row[0]: row[1] for row in book["说明"]}["行数"] == 60
    assert b"13800000" not in content and "周住户" not in str(book)


def test_phones_stay_masked_and_contacts_nameless(place: on.Scene) -> None:
    answer = exported(on.signed_in(place.firm.manager), "customers", "q=13812342046")

    book = read(answer.content)
    [head, row] = book["客户"]
    assert dict(zip(head, row, strict=True))["电话"] == "138••••2046（业主）"
    assert "13812342046" not in str(book)
    assert {row[0]: row[1] for row in book["说明"]}["条件"] == "搜索: 一个电话号码"


def test_what_people_wrote_is_inert_in_the_sheet_of_a_list(place: on.Scene, now: datetime) -> None:
    register_customers(
        [
            NewCustomer(f"{text}{n}", "household", text, unit_id=place.firm.zone_one.pk,
                        contacts=[NewContact("13800000001", text)])
            for n, text in enumerate(("=cmd|' /C calc'!A0", "＝1", "-2*3", "\t@x"))
        ],
        by=None, now=now,
    )  # fmt: skip

    book = read(exported(on.signed_in(place.firm.manager), "customers").content)

    texts = [str(cell) for row in book["客户"] for cell in row]
    assert any("cmd|" in text for text in texts)
    assert not any(text.startswith(sheets.FORMULA_STARTS) for text in texts)


def test_an_export_is_a_fact_without_what_was_searched_for(place: on.Scene) -> None:
    manager = place.firm.manager
    exported(on.signed_in(manager), "subjects:repair", "q=13812342046&f-category=leak")

    fact = Fact.objects.get(kind="list.exported")
    assert (fact.target_id, fact.by_id) == (manager.pk, manager.pk)
    assert fact.values == {
        "list.room": "subjects:repair", "list.filter": "f-category=leak", "list.searched": True,
        "list.rows": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("manager", 200),
        ("repair_lead", 200),
        ("officer", 403),
        ("repairer", 403),
        ("stranger", 403),
    ],
)
def test_who_heads_a_unit_exports_what_he_sees(place: on.Scene, who: str, status: int) -> None:
    add(place, 2, prefix="A")
    person = getattr(place.firm, who)

    client = on.signed_in(person)
    shown = "导出 XLSX" in client.get("/customers/").content.decode()
    answer = exported(client, "customers")

    assert answer.status_code == status
    assert shown == (status == 200)
    assert Fact.objects.filter(kind="list.exported").exists() == (status == 200)


def test_a_head_exports_his_own_unit_alone(place: on.Scene, now: datetime) -> None:
    rows = [NewCustomer("远处", "household", unit_id=place.firm.zone_two.pk)]
    register_customers(rows, by=None, now=now)

    book = read(exported(on.signed_in(place.firm.repair_lead), "customers").content)

    assert "3栋1202" in str(book) and "远处" not in str(book)


@pytest.mark.parametrize("room", ["", "people", "subjects:", "subjects:no-such", "cases:x"])
def test_a_room_without_a_list_is_not_found(place: on.Scene, room: str) -> None:
    assert exported(on.signed_in(place.firm.manager), room).status_code == 404


GUARD = """
  no_lists_leave:
    title: {zh: 名册不得带出, en: No lists leave}
    before: export
    require: [case.outcome]
    clauses: {C.1.4.c: require}
"""


def test_a_policy_may_refuse_and_says_by_which_clause(place: on.Scene) -> None:
    guarded(place)
    manager = on.signed_in(place.firm.manager)

    answer = exported(manager, "customers")

    assert answer.status_code == 409 and "C.1.4.c" in answer.content.decode()
    assert Refusal.objects.get(act="export").by_id == place.firm.manager.pk
    assert not Fact.objects.filter(kind="list.exported").exists()


def guarded(place: on.Scene) -> None:
    """The next version of the policy lets no list out, for want of something no list has."""
    sources = dict(load_pack(on.PACK).sources)
    text = sources["policy.yaml"].replace("version: 1}", "version: 2}")
    sources["policy.yaml"] = text.replace("guards:\n", f"guards:{GUARD}", 1)
    firm = place.firm
    proposed = adoption.propose(
        sources, starts_on=date(2026, 3, 1), mode="trial", by=firm.manager.pk, now=place.now
    )
    adoption.approve(proposed, by=firm.manager.pk, now=place.now)


@pytest.fixture
def long(place: on.Scene, monkeypatch: pytest.MonkeyPatch) -> on.Scene:
    """Five rows are a long list already."""
    monkeypatch.setattr(services, "AT_ONCE", 4)
    monkeypatch.setattr(services, "BATCH", 2)
    add(place, 5, prefix="A")
    return place


def test_a_long_list_is_made_in_the_background(long: on.Scene, now: datetime) -> None:
    manager = on.signed_in(long.firm.manager)

    asked = exported(manager, "customers", "q=A")
    row = Export.objects.get()
    page = f"/exports/{row.pk}/"
    waiting = manager.get(page).content.decode()
    early = manager.get(f"{page}file/")
    services.make_export(row.pk, now=now)
    ready = manager.get(page).content.decode()
    file = manager.get(f"{page}file/")

    row.refresh_from_db()
    assert (asked.status_code, asked.headers["Location"]) == (302, page)
    assert "排队中" in waiting and "0 / 5 行" in waiting and "every 2s" in waiting
    assert early.status_code == 404
    assert (row.state, row.done, row.rows) == ("ready", 5, 5)
    assert "下载 XLSX" in ready and "every 2s" not in ready
    assert len(read(file.content)["客户"]) == 6
    assert "no-store" in file.headers["Cache-Control"]
    assert [f.values["list.rows"] for f in Fact.objects.filter(kind="list.exported")] == [5]
    assert "客户" in manager.get("/exports/").content.decode()


def test_the_long_sheet_is_the_one_that_would_have_been_made_at_once(
    long: on.Scene, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = on.signed_in(long.firm.manager)
    exported(manager, "customers", "q=A")
    row = Export.objects.get()
    services.make_export(row.pk, now=now + timedelta(minutes=5))
    slow = manager.get(f"/exports/{row.pk}/file/").content
    monkeypatch.setattr(services, "AT_ONCE", 5_000)

    assert slow == exported(manager, "customers", "q=A").content


def test_asked_twice_it_is_made_once(long: on.Scene, now: datetime) -> None:
    manager = on.signed_in(long.firm.manager)

    first, second = (exported(manager, "customers", "q=A") for _turn in range(2))
    other = exported(manager, "customers", "q=A0")

    assert first.headers["Location"] == second.headers["Location"] != other.headers["Location"]
    assert Export.objects.count() == Fact.objects.filter(kind="list.exported").count() == 2


@pytest.mark.parametrize("who", ["supervisor", "repair_lead", "officer", "far_officer"])
def test_nobody_else_opens_a_sheet(long: on.Scene, now: datetime, who: str) -> None:
    exported(on.signed_in(long.firm.manager), "customers")
    row = Export.objects.get()
    services.make_export(row.pk, now=now)
    other = on.signed_in(getattr(long.firm, who))

    for path in (f"/exports/{row.pk}/", f"/exports/{row.pk}/file/"):
        assert other.get(path).status_code == 404


def test_a_right_that_is_lost_before_the_job_runs_is_lost(long: on.Scene, now: datetime) -> None:
    lead = long.firm.repair_lead
    client = on.signed_in(lead)
    exported(client, "customers")
    row = Export.objects.get()
    lead.posts.update(to_on=(now - timedelta(days=1)).date())

    services.make_export(row.pk, now=now)

    row.refresh_from_db()
    assert (row.state, row.content) == ("failed", None)
    assert client.get(f"/exports/{row.pk}/file/").status_code == 403


def test_after_seven_days_a_sheet_is_gone(long: on.Scene, now: datetime) -> None:
    manager = on.signed_in(long.firm.manager)
    exported(manager, "customers")
    row = Export.objects.get()
    services.make_export(row.pk, now=now)
    week = timedelta(days=7)

    assert services.delete_outlived(now=now + week - timedelta(seconds=1)) == 0
    with time_machine.travel(now + week, tick=False):
        assert manager.get(f"/exports/{row.pk}/file/").status_code == 404
    assert services.delete_outlived(now=now + week) == 1
    assert not Export.objects.exists()


def test_a_job_that_dies_is_done_again_and_one_that_is_done_is_not(
    long: on.Scene, now: datetime
) -> None:
    exported(on.signed_in(long.firm.manager), "customers")
    row = Export.objects.get()
    Export.objects.update(state="running", done=3)

    services.make_export(row.pk, now=now)
    services.make_export(row.pk, now=now + timedelta(days=1))

    row.refresh_from_db()
    assert (row.state, row.ready_at) == ("ready", now)


def test_what_was_searched_for_is_not_kept_in_plain(long: on.Scene) -> None:
    exported(on.signed_in(long.firm.manager), "customers", "q=A")

    [[kept]] = Export.objects.extra(select={"raw": "query"}).values_list("raw")
    assert kept and "q=A" not in kept and Export.objects.get().query == "q=A"


def test_a_sheet_speaks_the_language_of_who_asks(place: on.Scene) -> None:
    manager = on.signed_in(place.firm.manager)
    manager.cookies["django_language"] = "en"

    book = read(exported(manager, "customers", "owner=nobody").content)

    assert list(book) == ["About", "Customers"]
    assert book["Customers"][0][:3] == ["Customer", "Name", "Kind"]
    assert ["Conditions", "In charge: In nobody's charge"] in book["About"]
