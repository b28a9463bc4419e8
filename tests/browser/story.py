"""A firm's first run and its first case, step by step: what a person clicks and sees."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.app.imports import clerk
from tests.browser import hands

TITLE = "维修回访"
CATEGORY = "漏水"
LEAKS = "窗框下沿仍在渗水"
SEATS = {
    "主管（晴川物业）": "乙主管",
    "维修负责人（晴川物业）": "丙负责",
    "维修人员（一区）": "丁维修",
    "物管员（一区）": "己物管",
    "办公室主任（晴川物业）": "甲经理",
    "管理处主任（晴川物业）": "午主任",
    "管理处副主任（晴川物业）": "未副主任",
    "公司（晴川物业）": "申公司",
}
WIDTH = "document.documentElement.scrollWidth"


def press(page: Page, name: str) -> None:
    """Tap a button of the page and wait for the page behind it."""
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name=name, exact=True).tap()
    settled(page)


def settled(page: Page) -> None:
    """Every behaviour runs, and nothing has to be scrolled sideways."""
    hands.ready(page)
    assert page.evaluate(WIDTH) <= page.viewport_size["width"], page.url  # type: ignore[index]


def fits_in_english(page: Page) -> None:
    """English words are longer: the same page, and back to Chinese."""
    cookie = {"name": settings.LANGUAGE_COOKIE_NAME, "value": "en", "url": page.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    settled(page)
    page.context.clear_cookies(name=settings.LANGUAGE_COOKIE_NAME)
    page.reload()
    settled(page)


def follow(page: Page, name: str) -> None:
    """Tap a link of the page itself, not of the rooms beside it."""
    with page.expect_navigation():
        page.locator("main").get_by_role("link", name=name).first.tap()
    settled(page)


def at(page: Page, step: str) -> None:
    """The stepper says which step is next."""
    expect(page.locator(".stepper__step--next")).to_contain_text(step)


def found_the_firm(page: Page) -> None:
    page.goto("/")
    fits_in_english(page)
    follow(page, "物业公司客户回访制度")
    page.get_by_label("公司名称").fill("晴川物业")
    page.get_by_label("您的姓名").fill("甲经理")
    page.get_by_label("您在制度里的角色").select_option(label="经理")
    press(page, "开始")
    at(page, "单位")
    page.get_by_label("单位，每行一个").fill("一区\n二区")
    press(page, "下一步")


def name_the_people(page: Page) -> None:
    """Enter in a field goes on with what was typed; it makes nobody up."""
    at(page, "人员")
    fits_in_english(page)
    for seat, name in SEATS.items():
        page.get_by_label(seat).fill(name)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    settled(page)
    at(page, "启用制度")
    expect(page.locator("main")).to_contain_text("40 条条款")
    press(page, "启用（试用）")


def bring_the_customers(page: Page, folder: Path) -> None:
    at(page, "客户")
    path = folder / "花名册.xlsx"
    clerk.write_workbook(path)
    follow(page, "导入客户")
    expect(page.get_by_role("radio", name="客户")).to_be_checked()
    page.set_input_files("input[type=file]", path)
    press(page, "上传，下一步对应各列")
    expect(page.get_by_label("业主姓名")).to_have_value("name")
    expect(page.get_by_label("联系电话")).to_have_value("phone")
    page.get_by_label("备注").select_option("")
    press(page, "试读，先不写入")
    expect(page.get_by_text("第 22 行是合计行，已跳过")).to_be_visible()
    settled(page)
    press(page, f"导入 {clerk.ACCEPTED} 行")
    expect(page.get_by_text("已写入")).to_be_visible()
    fits_in_english(page)
    follow(page, "去今日")


def have_a_repair_completed(page: Page) -> None:
    """今日 says what comes next: there is nothing to do yet, and the way there is offered."""
    at(page, "第一次回访")
    expect(page.get_by_role("heading", name="下一步：第一次回访")).to_be_visible()
    follow(page, "登记维修单")
    page.locator("main").get_by_role("searchbox").fill("8001")
    page.locator("main").get_by_role("link", name="1栋-1-101").tap()
    page.wait_for_url("**/new/*/")
    settled(page)
    hands.choose(page, "类别", CATEGORY)
    page.get_by_label("维修人员").select_option(label="丁维修")
    press(page, "登记")
    press(page, "登记完工")
    expect(page.locator("main")).to_contain_text(TITLE)
    expect(page.get_by_role("link", name="去回访")).to_be_visible()


def visit_as_planned(page: Page, when: str) -> str:
    """From 今日: a time is agreed, then the visit is held and recorded with what it found."""
    page.goto("/")
    expect(page.get_by_role("heading", name="下一步：第一次回访")).to_be_visible()
    _open_the_visit(page)
    follow(page, "另约时间")
    page.get_by_label("约定的时间").fill(when)
    hands.choose(page, "回访方式", "上门")
    press(page, "约定")
    expect(page.locator("main")).to_contain_text("约好")
    _answer(page, "部分修好")
    hands.choose(page, "类别", "问题")
    page.locator("[data-item='1']").get_by_label("客户原话，或发现了什么").fill(LEAKS)
    hands.choose(page, "轻重", "一般")
    hands.sign(page)
    press(page, "提交")
    expect(page.get_by_role("heading", level=1)).to_have_text("回访已登记")
    expect(page.locator("main")).to_contain_text(LEAKS)
    return page.url


def _open_the_visit(page: Page) -> None:
    """On 今日 if it is due this week, else from what comes after: that hangs on the weekday."""
    row = page.locator(".row", has_text=CATEGORY)
    if row.count():
        row.locator(".row__open").tap()
    else:
        follow(page, "去办")
        page.locator("[data-row]", has_text="1栋-1-101").get_by_role("link").first.tap()
        page.get_by_role("link", name="去回访").tap()
    page.wait_for_url("**/followups/new/*/")
    settled(page)


def _answer(page: Page, state: str) -> None:
    for question, answer in (
        ("实地查看", state),
        ("维修时在场的是", "业主"),
        ("维修人员服务", "满意"),
        ("改进意见", "无意见"),
        ("收费核对", "相符"),
    ):
        hands.choose(page, question, answer)


def give_the_notice(page: Page, context: BrowserContext) -> bytes:
    """Written, printed and handed over; returns the PDF."""
    follow(page, "去开整改通知")
    expect(page.get_by_label("存在问题")).to_have_value(LEAKS)
    page.get_by_label("整改要求").fill("重新打胶，淋水半小时")
    press(page, "开具，下一步送达")
    expect(page.get_by_role("heading", level=1)).to_have_text("送达整改通知")
    paper = printed(page, context)
    hands.choose(page, "送达方式", "当面")
    hands.sign(page)
    press(page, "登记送达")
    at(page, "整改")
    return paper


def printed(page: Page, context: BrowserContext) -> bytes:
    """What the button opens in a tab of its own."""
    papers: list[bytes] = []

    def keep(route: Route) -> None:
        answer = route.fetch()
        papers.append(answer.body())
        route.fulfill(response=answer)

    address = re.compile("/printings/$")
    context.route(address, keep)
    with context.expect_page() as tab:
        page.get_by_role("button", name="打印整改通知单").tap()
    tab.value.wait_for_load_state()
    tab.value.close()
    context.unroute(address)
    return papers[0]


def answer_for_the_repairer(page: Page, case: str) -> None:
    hands.look_as(page, "丁维修")
    page.goto(case)
    follow(page, "填整改回执")
    page.get_by_label("整改措施").fill("已重新打胶，淋水半小时不渗")
    press(page, "登记整改")
    at(page, "复访")


def visit_again(page: Page, case: str) -> None:
    """Somebody else than who found it."""
    hands.look_as(page, "乙主管")
    page.goto(case)
    follow(page, "去复访")
    _answer(page, "已修好")
    hands.sign(page)
    press(page, "提交")
    follow(page, "打开问题")


def reply_and_close(page: Page) -> None:
    at(page, "答复")
    follow(page, "登记答复")
    hands.choose(page, "答复方式", "电话")
    page.get_by_label("答复内容").fill("已重新打胶，请放心。")
    press(page, "登记答复")
    at(page, "关闭")
    follow(page, "关闭事项")
    hands.choose(page, "处理结果", "已解决")
    press(page, "关闭")
    expect(page.locator("main")).to_contain_text("事项已关闭")
    expect(page.locator(".stepper__step--next")).to_have_count(0)
