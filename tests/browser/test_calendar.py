"""The work calendar in a browser: on the phone, with the keyboard, and without any script."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PHONE, House, Watch, watched

pytestmark = pytest.mark.browser

YEAR = "/settings/calendar/2026/"
FOCUSED = "document.activeElement.textContent.trim()"


@pytest.fixture
def scriptless(chromium: Browser, house: House, watch: Watch) -> Iterator[Page]:
    context = chromium.new_context(
        base_url=house.url, viewport=PHONE, locale="zh-CN", java_script_enabled=False
    )
    yield from watched(context, watch)


def test_a_year_fits_the_phone_and_tells_days_apart_by_signs(phone: Page) -> None:
    phone.goto(YEAR)

    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    expect(phone.locator("table.month")).to_have_count(12)
    october = phone.locator("table.month").filter(has_text="10月")
    holiday = october.locator("td", has=phone.locator("time[datetime='2026-10-01']"))
    made_up = october.locator("td", has=phone.locator("time[datetime='2026-10-10']"))
    expect(holiday).to_contain_text("休")
    expect(holiday.locator(".hidden-text")).to_have_text("放假（国庆节）")
    expect(made_up).to_contain_text("班")


def test_counting_explains_every_day_that_it_skips(phone: Page) -> None:
    phone.goto(YEAR)

    phone.get_by_label("起算日").fill("2025-09-27")
    phone.get_by_label("工作日数").fill("6")
    phone.get_by_role("button", name="计算").click()

    answer = phone.get_by_role("status").filter(has_text="2025-10-11")
    expect(answer).to_contain_text("10月1日至10月8日：国庆节、中秋节放假")
    expect(answer).to_contain_text("10月11日（周六）：上班，计入")
    expect(answer).not_to_contain_text("暂定")


def test_2027_says_that_it_is_not_confirmed(desktop: Page) -> None:
    desktop.goto(YEAR)
    desktop.get_by_role("link", name="2027").click()

    expect(desktop.get_by_text("2027 年的工作日历还没有确认，暂按周末计算")).to_be_visible()
    desktop.get_by_label("起算日").fill("2026-12-31")
    desktop.get_by_label("工作日数").fill("1")
    desktop.get_by_role("button", name="计算").click()
    expect(desktop.get_by_role("status").filter(has_text="2027-01-01")).to_contain_text("暂定")


def test_the_keyboard_alone_settles_a_day(desktop: Page) -> None:
    desktop.goto(f"{YEAR}?start=2026-03-06&count=1")
    desktop.wait_for_load_state("networkidle")

    desktop.get_by_text("本单位另有安排的一天").focus()
    desktop.keyboard.press("Enter")
    desktop.get_by_label("日期").fill("2026-03-21")
    desktop.keyboard.press("Tab")
    while desktop.evaluate("document.activeElement.name") != "worked":
        desktop.keyboard.press("Tab")
    desktop.keyboard.press("ArrowRight")
    desktop.keyboard.press("Tab")
    desktop.keyboard.type("stock-taking")
    desktop.keyboard.press("Enter")

    desktop.wait_for_url(f"**{YEAR}")
    day = desktop.locator("td", has=desktop.locator("time[datetime='2026-03-21']"))
    expect(day).to_contain_text("*")
    expect(day.locator(".hidden-text")).to_contain_text("stock-taking")


def test_without_a_script_a_mistake_comes_back_with_what_was_entered(
    scriptless: Page, watch: Watch
) -> None:
    watch.expected.add(422)
    scriptless.goto(YEAR)
    scriptless.get_by_text("本单位另有安排的一天").click()
    scriptless.get_by_label("日期").fill("2026-03-22")
    scriptless.get_by_label("休息", exact=True).check()
    scriptless.locator("#field-reason").fill("盘点")
    scriptless.get_by_role("button", name="记下").click()

    expect(scriptless.get_by_role("alert")).to_contain_text("2026-03-22 本来就休息")
    expect(scriptless.get_by_label("日期")).to_have_value("2026-03-22")
    expect(scriptless.locator("#field-reason")).to_have_value("盘点")
