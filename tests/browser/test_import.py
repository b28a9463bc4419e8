"""A clerk's list from file to trial, on a desk and on a phone: the keyboard and the finger suffice."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.app.imports import clerk
from tests.browser import hands

pytestmark = pytest.mark.browser

WIDTH = "document.documentElement.scrollWidth"


@pytest.mark.parametrize("device", ["phone", "desktop"])
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
