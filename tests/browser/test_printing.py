"""Printing from a record's page and from the list, with scripts and without."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import DESKTOP, House

pytestmark = pytest.mark.browser


def answered(context: BrowserContext, page: Page, name: str) -> tuple[str, str]:
    """What kind of answer the button gets, and its name; it comes in a tab of its own."""
    with (
        context.expect_event("response", lambda r: r.request.method == "POST") as answer,
        context.expect_page() as tab,
    ):
        page.get_by_role("button", name=name, exact=True).click()
    tab.value.close()
    headers = answer.value.headers
    return headers["content-type"], headers["content-disposition"]


@pytest.mark.parametrize("scripts", [True, False])
def test_a_record_and_a_pile_are_printed(chromium: Browser, house: House, scripts: bool) -> None:
    context = chromium.new_context(
        base_url=house.url, viewport=DESKTOP, locale="zh-CN", java_script_enabled=scripts
    )
    page = context.new_page()
    page.goto("/records/?form=rectification_notice")
    page.get_by_role("link", name="整改通知单").last.click()
    before = page.get_by_text("次打印").count()

    kind, name = answered(context, page, "打印")
    page.reload()

    assert (kind, name) == ("application/pdf", 'inline; filename="ZG-2026-0001.pdf"')
    expect(page.get_by_text(re.compile("第 [0-9]+ 次打印"))).to_have_count(before + 1)
    page.goto("/records/")
    for box in page.get_by_role("checkbox").all()[:2]:
        box.check()
    kind, name = answered(context, page, "打印选中的")
    assert kind == "application/pdf" and "+1.pdf" in name
    context.close()
