"""A satisfied household on a phone: from 今日 to the confirmation, and what 制度 says then."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import hands
from tests.browser.conftest import House

pytestmark = pytest.mark.browser

POLICY = "/policy/property-management/"
ASKED = ["B.3.1", "B.3.2", "B.3.3", "B.3.4", "B.3.5"]
MOST_TAPS = 9


def verdict(page: Page, clause: str) -> str:
    return page.locator(f"[id='{clause}'] .clause__proof").inner_text()


def test_a_satisfied_household_takes_nine_taps_and_changes_the_verdict(
    phone: Page, house: House
) -> None:
    phone.goto(POLICY)
    before = {clause: verdict(phone, clause) for clause in ["B.2.c", *ASKED]}
    assert "进行中" in before["B.2.c"]
    hands.count_taps(phone)
    phone.goto("/")

    phone.locator(".row", has_text="漏水").locator(".row__open").tap()
    phone.wait_for_url(f"**/followups/new/{house.estate.leak.pk}/")
    hands.ready(phone)
    form = phone.locator("form.form")
    assert form.locator("input:checked").count() == 0
    asked = form.locator("fieldset .field__label, .field > .field__label").all_inner_texts()
    assert [clause for clause in ASKED if clause in " ".join(asked)] == ASKED

    for question, answer in (
        ("实地查看", "已修好"),
        ("维修时在场的是", "业主"),
        ("维修人员服务", "很好"),
        ("改进意见", "无意见"),
        ("收费核对", "相符"),
    ):
        hands.choose(phone, question, answer)
    hands.photograph(phone, form.locator(".photo__add"))
    hands.sign(phone)
    phone.get_by_role("button", name="提交").tap()
    phone.wait_for_url("**/followups/*/")

    expect(phone.get_by_role("heading", level=1)).to_have_text("回访已登记")
    expect(phone.locator("main")).to_contain_text("B.2.c")
    taps, keys = hands.counted(phone), hands.counted(phone, "keys")
    assert 7 < taps <= MOST_TAPS
    assert keys == 0
    hands.follow(phone, "查看记录")
    expect(phone.get_by_role("heading", level=1)).to_contain_text("维修回访记录")
    pictures = phone.locator("main img")
    expect(pictures).to_have_count(2)
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        assert picture.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") > 0
    phone.goto(POLICY)
    after = {clause: verdict(phone, clause) for clause in ["B.2.c", *ASKED]}
    assert "达标" in after["B.2.c"]
    for clause in ASKED:
        assert filed(after[clause]) == filed(before[clause]) + 1
        assert "达标" in after[clause]


def filed(words: str) -> int:
    """75 份记录中 75 份填了这一项; 无事 when the estate's own visits were last month."""
    if "无事" in words:
        return 0
    found = re.search(r"(\d+) 份记录中", words)
    assert found is not None, words
    return int(found[1])
