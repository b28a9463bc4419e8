"""A clerk's list from file to trial, on a desk and on a phone: the keyboard and the finger suffice."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app.imports import clerk
from tests.browser import hands
from tests.browser.building import Building
from tests.browser.conftest import DESKTOP, Watch, watched
from tests.browser.test_signin import sign_in

pytestmark = pytest.mark.browser

WIDTH = "document.documentElement.scrollWidth"


@pytest.mark.parametrize("device", ["phone", pytest.param("desktop", marks=pytest.mark.long)])
def test_a_file_is_uploaded_and_its_columns_are_decided(
    device: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    page: Page = request.getfixturevalue(device)
    path = tmp_path / "花名册.xlsx"
    clerk.write_workbook(path)
    page.goto("/settings/imports/")
    hands.ready(page)
    page.get_by_role("radio", name="客户").check()
    page.set_input_files("input[type=file]", path)
    with page.expect_navigation():
        page.get_by_role("button", name="上传").click()
    hands.ready(page)
    assert page.evaluate(WIDTH) <= page.viewport_size["width"]  # type: ignore[index]
    expect(page.get_by_label("业主姓名")).to_have_value("name")
    expect(page.get_by_label("联系电话")).to_have_value("phone")
    expect(page.locator("li", has_text="联系电话").get_by_text("138••••8001")).to_be_visible()
    page.get_by_label("备注").select_option("")
    with page.expect_navigation():
        page.get_by_role("button", name="试读").click()
    # Nobody works in the background here: the page says that it waits, and asks again by itself.
    expect(page.get_by_text("等待开始")).to_be_visible()
    with page.expect_response(lambda answer: answer.url == page.url):
        pass
    assert page.evaluate(WIDTH) <= page.viewport_size["width"]  # type: ignore[index]


REPAIRS = (
    "工单号,楼栋房号,片区,报修类别,维修人员,报修时间,完工时间\n"
    "WX-1,3栋1202,一区,水管漏水,P4,2026-02-27 09:30,2026-02-26 10:00\n"
    ",3栋1202,一区,漏水,P4,2026-02-27 09:30,\n"
    "WX-3,3栋1202,火星区,漏水,P4,2026-02-27 09:30,\n"
)
LINES = """cells => cells.map(cell => {
    const range = document.createRange();
    range.selectNodeContents(cell);
    return [cell.textContent, new Set([...range.getClientRects()].map(r => Math.round(r.top))).size];
})"""


def tried_repairs(folder: Path, *, by: int) -> int:
    """A list of repairs with rows that are refused, tried out."""
    from huiyin.core import clock
    from huiyin.imports import mapping, services
    from huiyin.imports.importer import importer_of
    from huiyin.imports.uploads import Upload

    path, importer, now = folder / "维修.csv", importer_of("subjects"), clock.now()
    path.write_text(REPAIRS, encoding="gb18030")
    given = Upload(path, path.name, "subjects", "repair")
    batch = services.upload(given, importer=importer, by=by, now=now)
    choices = mapping.proposed(batch, importer.expected("repair"))
    services.choose(batch, choices, importer=importer, now=now)
    services.check(batch, now=now)
    return batch.pk


def test_a_columns_title_stands_on_one_line_beside_its_refusal(
    chromium: Browser, building: Building, watch: Watch, tmp_path: Path
) -> None:
    with building.inside():
        batch = tried_repairs(tmp_path, by=building.estate.firm.manager.pk)
    context = chromium.new_context(base_url=building.url, viewport=DESKTOP, locale="zh-CN")
    for page in watched(context, watch):
        sign_in(page, "manager")
        page.wait_for_url(building.url + "/")
        page.goto(f"/settings/imports/{batch}/")

        lines = page.locator("table.list tbody td:nth-of-type(1)").evaluate_all(LINES)
        width = page.evaluate(WIDTH)

        assert [title for title, _lines in lines] == ["报修类别", "工单号", "片区"]
        assert {count for _title, count in lines} == {1}
        assert width <= DESKTOP["width"]
