"""The day without a mouse: Tab, Enter, arrows and Space alone, and always seen where one is."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import hands
from tests.browser.building import Building
from tests.browser.conftest import DESKTOP, PHONE, Watch, watched
from tests.browser.test_signin import sign_in

pytestmark = pytest.mark.browser

# What has the focus, what it is called, whether it shows that, and whether it can be seen at all.
FOCUS = """() => {
  const one = document.activeElement;
  const label = one.labels?.[0];
  const small = one.getBoundingClientRect().width < 8;
  const seen = small && label ? label : one;
  const outlined = [one, label, one.nextElementSibling, one.closest("label")].filter(Boolean)
    .flatMap((each) => [getComputedStyle(each), getComputedStyle(each, "::after")])
    .some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1);
  const box = seen.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height, 60) / 2);
  const covered = !top || !(seen.contains(top) || top.contains(seen) || label?.contains(top));
  const words = [label?.innerText, one.getAttribute("aria-label"), one.innerText, one.title];
  return {
    name: words.find((each) => each?.trim())?.trim() ?? "",
    group: one.closest("fieldset")?.querySelector("legend")?.innerText ?? "",
    kind: one.type ?? one.tagName.toLowerCase(),
    outlined, covered, lost: one === document.body,
  };
}"""


@dataclass
class Keys:
    """Hands that have only a keyboard; every step checks that the focus is seen."""

    page: Page

    def focus(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate(FOCUS)
        return found

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def tab_to(self, name: str, *, group: str = "", most: int = 120) -> dict[str, Any]:
        """Tab on until what is called so has the focus."""
        passed = []
        for _ in range(most):
            self.press("Tab")
            at = self.focus()
            if at["lost"]:
                # Past the last one the browser's own bar has the focus.
                continue
            assert at["outlined"], ("no one sees the focus on", at)
            assert not at["covered"], ("something covers", at)
            passed.append(at["name"])
            if name in at["name"] and group in at["group"]:
                return at
        raise AssertionError((name, group, passed))

    def choose(self, question: str, answer: str) -> None:
        """Reach the question, walk with the arrows to its answer."""
        for _ in range(120):
            self.press("Tab")
            at = self.focus()
            assert at["lost"] or (at["outlined"] and not at["covered"]), at
            if question in at["group"] and at["kind"] == "radio":
                break
        else:
            raise AssertionError(question)
        self.press("Space")
        for _ in range(12):
            if self.focus()["name"] == answer:
                return
            self.press("ArrowRight")
        raise AssertionError((question, answer))

    def follow(self, name: str) -> None:
        """Open a link or press a button that leads on."""
        self.tab_to(name)
        with self.page.expect_navigation():
            self.press("Enter")
        hands.ready(self.page)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)


# Each owes a visit of his own on 今日.
@pytest.fixture(
    params=[
        pytest.param((DESKTOP, "repair_lead"), id="wide"),
        pytest.param((PHONE, "supervisor"), id="narrow", marks=pytest.mark.long),
    ]
)
def page(
    chromium: Browser, building: Building, watch: Watch, request: pytest.FixtureRequest
) -> Iterator[Page]:
    context = chromium.new_context(base_url=building.url, viewport=request.param[0], locale="zh-CN")
    for page in watched(context, watch):
        sign_in(page, request.param[1])
        page.wait_for_url(building.url + "/")
        hands.ready(page)
        yield page


NUMBERS = itertools.count(1)


def completed_repair(building: Building) -> int:
    from datetime import timedelta

    from huiyin.core import clock
    from tests.app import scene as on

    with building.inside():
        at = clock.now() - timedelta(days=3)
        place = on.Scene(building.estate.firm, building.household, at)
        return int(on.completed(place, f"WX-K{next(NUMBERS)}", category="other").pk)


def test_the_daily_round_from_today_to_the_repairers_answer(page: Page, building: Building) -> None:
    keys = Keys(page)
    keys.press("Tab")
    assert keys.focus()["name"] == "跳到正文"
    keys.press("Enter")
    expect(page.locator("main")).to_be_focused()
    _a_visit_finds_a_problem(keys)
    _the_notice_is_written_and_handed_over(keys)
    _the_repairer_has_answered(keys)

    expect(page.locator("#messages")).to_contain_text("整改已登记")


def _a_visit_finds_a_problem(keys: Keys) -> None:
    rows = keys.page.locator("[data-row] [data-open]")
    assert rows.count() > 0
    keys.press("j")
    expect(rows.first).to_be_focused()
    with keys.page.expect_navigation():
        keys.press("Enter")
    keys.page.wait_for_url("**/followups/new/*/")
    hands.ready(keys.page)
    for question, answer in (
        ("实地查看", "未修好"),
        ("维修时在场的是", "家人"),
        ("维修人员服务", "一般"),
        ("改进意见", "无意见"),
        ("收费核对", "免费"),
    ):
        keys.choose(question, answer)
    # Nobody draws a name with a keyboard: what stands for it is reached, with its reason.
    keys.tab_to("不愿签名")
    keys.press("Space")
    assert "缘由" in keys.focus()["name"]
    keys.type("手上有伤")
    keys.choose("类别", "问题")
    keys.tab_to("客户原话")
    keys.type("闭门器仍关不严")
    keys.choose("轻重", "一般")
    keys.follow("提交")
    expect(keys.page.get_by_role("heading", level=1)).to_have_text("回访已登记")


def _the_notice_is_written_and_handed_over(keys: Keys) -> None:
    keys.follow("去开整改通知")
    keys.tab_to("整改要求")
    keys.type("调整闭门器")
    keys.follow("开具")
    expect(keys.page.get_by_role("heading", level=1)).to_have_text("送达整改通知")
    keys.choose("送达方式", "微信")
    keys.follow("登记送达")


def _the_repairer_has_answered(keys: Keys) -> None:
    keys.follow("填整改回执")
    keys.tab_to("整改措施")
    keys.type("门已关严")
    keys.follow("登记整改")


def test_a_piece_that_is_exchanged_leaves_the_focus_where_it_was(
    page: Page, building: Building
) -> None:
    keys = Keys(page)
    page.goto(f"/followups/new/{completed_repair(building)}/")
    hands.ready(page)
    keys.tab_to("查看完整号码")
    keys.press("Enter")
    expect(page.locator("a[href^='tel:']").first).to_be_visible()

    # The new piece is settled a moment after it is seen.
    expect(page.locator("a[href^='tel:']").first).to_be_focused()
    assert keys.focus()["outlined"]


def test_a_refusal_is_read_first(page: Page, building: Building, watch: Watch) -> None:
    watch.expected |= {422}
    keys = Keys(page)
    page.goto(f"/followups/new/{completed_repair(building)}/")
    hands.ready(page)
    page.locator("form.form").evaluate("form => (form.noValidate = true)")
    keys.tab_to("提交")
    keys.press("Enter")

    expect(page.locator("#alerts [role=alert]")).to_be_focused()
    keys.press("Tab")
    assert "：" in keys.focus()["name"]
    keys.press("Enter")
    expect(page).to_have_url(re.compile(r"#field-"))
    keys.press("Tab")
    at = keys.focus()
    assert not at["lost"] and not at["covered"], at


def test_dialogs_give_the_focus_back(page: Page) -> None:
    keys = Keys(page)
    keys.tab_to("今日")
    keys.press("?")
    expect(page.locator("#keys-dialog")).to_be_visible()
    assert page.evaluate("document.activeElement.closest('dialog') !== null")
    keys.press("Escape")
    expect(page.locator("#keys-dialog")).to_be_hidden()
    assert "今日" in keys.focus()["name"]
