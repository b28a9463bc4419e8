"""A household visited at home, on a phone: a question with a promise, and a suggestion."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from huiyin.core import clock
from tests.browser import hands
from tests.browser.conftest import House

pytestmark = pytest.mark.browser

WORDS = "客户原话，或发现了什么"
LAMP, PARCELS = "地下车库的灯什么时候换？", "快递柜挪到东门口更方便。"


def item(page: Page, place: int) -> Locator:
    return page.locator(f"[data-item='{place}']")


def submit(page: Page, name: str) -> None:
    page.locator(".action-bar").get_by_role("button", name=name, exact=True).tap()


def promised(house: House, **later: int) -> str:
    """A moment so much later, as the control of the phone gives it."""
    zone = ZoneInfo(house.estate.firm.firm.time_zone)
    return f"{(clock.now() + timedelta(**later)).astimezone(zone):%Y-%m-%dT%H:%M}"


def test_a_visit_brings_back_a_question_with_a_promise_and_a_suggestion(
    phone: Page, house: House
) -> None:
    phone.goto("/")
    hands.look_as(phone, "己物管")
    _household_is_visited(phone)
    _nothing_is_asked_before_its_time(phone)
    _question_is_promised(phone, promised(house, days=2))
    _suggestion_is_taken_down(phone)
    submit(phone, "提交")

    expect(phone.get_by_role("heading", level=1)).to_have_text("回访已登记")
    main = phone.locator("main")
    for words in (LAMP, "A.1.3", PARCELS, "C.1.4.a"):
        expect(main).to_contain_text(words)
    _promise_counts_down_and_is_kept(phone)
    _suggestion_is_decided_and_closed(phone)


def _household_is_visited(page: Page) -> None:
    page.goto("/customers/")
    page.get_by_role("link", name="3栋1202").first.tap()
    page.get_by_role("link", name="记一次回访").tap()
    page.wait_for_url("**/followups/new/*/")
    page.wait_for_load_state("networkidle")
    assert page.locator("form.form input:checked").count() == 0
    hands.choose(page, "见到的是", "业主")
    hands.choose(page, "总体满意", "满意")


def _nothing_is_asked_before_its_time(page: Page) -> None:
    expect(item(page, 1)).to_be_visible()
    expect(item(page, 2)).to_be_hidden()
    expect(item(page, 1).get_by_label(WORDS)).to_be_hidden()
    item(page, 1).get_by_text("登记事项").tap()
    expect(item(page, 1).get_by_label(WORDS)).to_be_visible()
    expect(item(page, 2)).to_be_visible()
    for later in ("约定的答复时间", "答复了什么", "投诉的是谁"):
        expect(item(page, 1).get_by_label(later)).to_be_hidden()


def _question_is_promised(page: Page, when: str) -> None:
    hands.choose(page, "类别", "询问")
    item(page, 1).get_by_label(WORDS).fill(LAMP)
    expect(item(page, 1).get_by_role("group", name="轻重")).to_be_hidden()
    hands.choose(page, "当场答复", "约定时间答复")
    expect(item(page, 1).get_by_label("答复了什么")).to_be_hidden()
    item(page, 1).get_by_label("约定的答复时间").fill(when)


def _suggestion_is_taken_down(page: Page) -> None:
    item(page, 2).get_by_text("再登记一件").tap()
    kinds = item(page, 2).get_by_role("group", name="类别")
    kinds.locator("label", has_text="建议").tap()
    expect(item(page, 2).get_by_role("group", name="当场答复")).to_be_hidden()
    item(page, 2).get_by_label(WORDS).fill(PARCELS)


def _promise_counts_down_and_is_kept(page: Page) -> None:
    page.get_by_role("link", name="打开询问").first.tap()
    expect(page.locator("main")).to_contain_text("预约答复")
    expect(page.locator("#talk ~ div").first).to_contain_text(LAMP)
    page.get_by_role("link", name="登记答复").first.tap()
    page.wait_for_load_state("networkidle")
    hands.choose(page, "答复方式", "电话")
    page.get_by_label("答复内容").fill("本周五换好。")
    submit(page, "登记答复")
    expect(page.locator(".stepper__step--next")).to_contain_text("关闭")
    expect(page.locator("main")).to_contain_text("本周五换好。")


def _suggestion_is_decided_and_closed(page: Page) -> None:
    hands.look_as(page, "午主任")
    page.goto("/cases/")
    page.get_by_role("link", name=PARCELS).tap()
    page.get_by_role("link", name="决定是否采纳").first.tap()
    page.wait_for_load_state("networkidle")
    hands.choose(page, "决定", "采纳")
    page.get_by_label("理由").fill("东门口有地方，下月挪。")
    submit(page, "登记决定")
    page.get_by_role("link", name="登记答复").first.tap()
    page.wait_for_load_state("networkidle")
    hands.choose(page, "答复方式", "当面")
    page.get_by_label("答复内容").fill("采纳了，下月挪过去。")
    submit(page, "登记答复")
    page.get_by_role("link", name="关闭事项").first.tap()
    page.wait_for_load_state("networkidle")
    hands.choose(page, "处理结果", "已解决")
    submit(page, "关闭")
    expect(page.locator("main")).to_contain_text("事项已关闭")


def test_a_call_is_taken_down_at_the_front_desk(phone: Page, house: House) -> None:
    phone.goto("/cases/")
    phone.get_by_role("link", name="登记事项").tap()
    phone.get_by_role("searchbox").fill("1202")
    phone.keyboard.press("Enter")
    phone.get_by_role("link", name="3栋1202").tap()
    phone.wait_for_load_state("networkidle")
    hands.choose(phone, "怎么来的", "来电")
    hands.choose(phone, "类别", "询问")
    phone.get_by_label(WORDS).fill("物业费怎么交？")
    hands.choose(phone, "当场答复", "约定时间答复")
    phone.get_by_label("约定的答复时间").fill(promised(house, days=9))
    submit(phone, "登记")

    expect(phone.locator("main")).to_contain_text("约得较远")
    expect(phone.locator("main")).to_contain_text("来电")
