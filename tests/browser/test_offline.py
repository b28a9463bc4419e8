"""A building without a network: what was begun is kept, what was finished is sent once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from huiyin.core import clock
from tests.browser import hands
from tests.browser.building import Building
from tests.browser.conftest import PHONE, Watch, watched
from tests.browser.cutting import cutter
from tests.browser.test_signin import sign_in, sign_out

pytestmark = pytest.mark.browser

WORDS = "电梯里写的。"
ROWS = """(store) => new Promise((done) => {
  const asked = indexedDB.open("huiyin");
  asked.onsuccess = () => {
    const rows = asked.result.transaction(store).objectStore(store).getAll();
    rows.onsuccess = () => { asked.result.close(); done(rows.result.length); };
  };
})"""


def phone_of(chromium: Browser, url: str) -> BrowserContext:
    return chromium.new_context(
        base_url=url, viewport=PHONE, has_touch=True, is_mobile=True, locale="zh-CN"
    )


@pytest.fixture
def page(chromium: Browser, building: Building, watch: Watch) -> Iterator[Page]:
    """The officer's phone, signed in."""
    watch.cut = True
    for page in watched(phone_of(chromium, building.url), watch):
        sign_in(page, "officer")
        page.wait_for_url(building.url + "/")
        yield page


def open_visit(page: Page, building: Building) -> None:
    page.goto(f"/followups/new/{building.household}/")
    hands.ready(page)


def fill(page: Page) -> None:
    """A household that is content, with a word of its own."""
    hands.choose(page, "见到的是", "业主")
    hands.choose(page, "总体满意", "满意")
    page.get_by_label("谈了什么").fill(WORDS)


def submit(page: Page) -> None:
    # One household is visited by every test here.
    again = page.get_by_label(re.compile("确要再登记一份"))
    if again.count():
        again.check()
    page.get_by_role("button", name="提交").tap()


def queued(page: Page) -> Locator:
    return page.locator("[data-draft-queued]")


def waiting(page: Page) -> Locator:
    return page.locator("[data-waiting-mine]")


def confirmed(page: Page) -> None:
    page.wait_for_url(re.compile(r"/followups/\d+/$"), timeout=20_000)
    expect(page.get_by_role("heading", level=1)).to_have_text("回访已登记")


def test_a_visit_without_a_network_waits_and_is_sent_once(page: Page, building: Building) -> None:
    before = building.visits()
    open_visit(page, building)
    page.context.set_offline(True)
    expect(page.locator("[data-draft-offline]")).to_be_visible()
    fill(page)
    pressed = clock.now()
    submit(page)

    expect(queued(page)).to_be_focused()
    expect(waiting(page)).to_contain_text("待同步 1")
    expect(page.get_by_label("谈了什么")).to_be_hidden()
    assert building.visits() == before
    page.wait_for_timeout(1500)
    page.context.set_offline(False)

    confirmed(page)
    held = building.visits()
    assert len(held) == len(before) + 1
    # It happened when the button was pressed, not when the network came back.
    assert abs(held[-1] - pressed) < timedelta(seconds=1.2)
    assert (page.evaluate(ROWS, "waiting"), page.evaluate(ROWS, "drafts")) == (0, 0)
    open_visit(page, building)
    expect(page.locator("[data-draft-banner]")).to_be_hidden()


def test_an_answer_that_is_lost_is_asked_for_again_and_nothing_is_done_twice(
    chromium: Browser, building: Building, watch: Watch
) -> None:
    before = building.visits()
    watch.cut = True
    with cutter(building.url) as net:
        for page in watched(phone_of(chromium, net.url), watch):
            sign_in(page, "officer")
            page.wait_for_url(net.url + "/")
            open_visit(page, building)
            fill(page)
            net.cutting = True
            submit(page)
            expect(waiting(page)).to_contain_text("待同步 1")
            assert net.lost >= 1
            assert len(building.visits()) == len(before) + 1
            net.cutting = False
            page.evaluate("window.dispatchEvent(new Event('online'))")

            confirmed(page)
    assert len(building.visits()) == len(before) + 1


def test_photo_and_signature_wait_too(chromium: Browser, building: Building, watch: Watch) -> None:
    watch.cut = True
    for page in watched(phone_of(chromium, building.url), watch):
        sign_in(page, "supervisor")
        page.wait_for_url(building.url + "/")
        page.goto(f"/followups/new/{building.estate.leak.pk}/")
        hands.ready(page)
        page.context.set_offline(True)
        for question, answer in (
            ("实地查看", "已修好"),
            ("维修时在场的是", "业主"),
            ("维修人员服务", "很好"),
            ("改进意见", "无意见"),
            ("收费核对", "相符"),
        ):
            hands.choose(page, question, answer)
        hands.photograph(page, page.locator("form.form .photo__add"))
        hands.sign(page)
        submit(page)
        expect(queued(page)).to_be_visible()
        page.get_by_role("button", name="取回修改").tap()
        expect(page.locator(".photo__item")).to_have_count(1)
        expect(page.locator("[data-signature-pad][data-signed]")).to_have_count(1)
        submit(page)
        expect(queued(page)).to_be_visible()
        page.context.set_offline(False)

        confirmed(page)
        page.get_by_role("link", name="查看记录").first.tap()
        expect(page.locator("main img")).to_have_count(2)


def test_what_waits_survives_a_closed_page(page: Page, building: Building) -> None:
    before = building.visits()
    open_visit(page, building)
    page.context.set_offline(True)
    fill(page)
    submit(page)
    expect(queued(page)).to_be_visible()
    page.close()
    again = page.context.new_page()
    page.context.set_offline(False)

    again.goto("/customers/")

    expect(again.locator("#messages")).to_contain_text("已同步")
    expect(waiting(again)).to_be_hidden()
    assert len(building.visits()) == len(before) + 1


def test_what_the_server_refuses_comes_back_with_everything(
    page: Page, building: Building, watch: Watch
) -> None:
    watch.expected |= {422}
    before = building.visits()
    open_visit(page, building)
    page.context.set_offline(True)
    page.get_by_label("谈了什么").fill(WORDS)
    page.locator("form.form").evaluate("form => (form.noValidate = true)")
    submit(page)
    expect(queued(page)).to_be_visible()
    page.context.set_offline(False)

    expect(page.locator("#alerts")).to_contain_text("没有被接受")
    expect(page.locator("#alerts")).to_contain_text("见到的是")
    expect(page.get_by_label("谈了什么")).to_have_value(WORDS)
    assert building.visits() == before
    hands.choose(page, "见到的是", "业主")
    hands.choose(page, "总体满意", "满意")
    submit(page)
    confirmed(page)
    assert len(building.visits()) == len(before) + 1


def test_a_refusal_is_shown_wherever_the_person_is(
    page: Page, building: Building, watch: Watch
) -> None:
    watch.expected |= {422}
    open_visit(page, building)
    page.context.set_offline(True)
    page.get_by_label("谈了什么").fill(WORDS)
    page.locator("form.form").evaluate("form => (form.noValidate = true)")
    submit(page)
    expect(queued(page)).to_be_visible()
    page.close()
    again = page.context.new_page()
    page.context.set_offline(False)
    again.goto("/")

    expect(waiting(again)).to_contain_text("没有被接受")
    expect(waiting(again)).to_contain_text("见到的是")
    again.get_by_role("button", name="打开改正").tap()
    again.wait_for_url("**/followups/new/*/")
    hands.ready(again)
    expect(again.get_by_label("谈了什么")).to_have_value(WORDS)
    expect(again.locator("#alerts")).to_contain_text("见到的是")
    # It still happened when it happened.
    assert again.locator("[name=happened_at]").input_value()
    again.get_by_role("button", name="丢弃草稿").tap()
    expect(again.get_by_label("谈了什么")).to_have_value("")


def test_somebody_else_was_first(page: Page, building: Building, watch: Watch) -> None:
    watch.expected |= {409}
    case = _case_without_notice(building)
    sign_out(page)
    sign_in(page, "manager")
    page.wait_for_url(building.url + "/")
    page.goto(f"/cases/{case}/notice/")
    hands.ready(page)
    page.context.set_offline(True)
    _write_notice(page)
    expect(queued(page)).to_be_visible()
    with building.inside():
        from tests.app import scene as on

        firm = building.estate.firm
        on.notice(on.fresh(_case(case)), firm.supervisor, clock.now())
    page.context.set_offline(False)

    expect(page.locator("#alerts")).to_contain_text("没有被接受")
    expect(page.get_by_label("整改要求")).to_have_value("换闭门器")


def test_an_expired_sign_in_is_asked_for_and_then_it_goes_on(
    page: Page, building: Building, watch: Watch
) -> None:
    watch.expected |= {401}
    before = building.visits()
    open_visit(page, building)
    page.context.set_offline(True)
    fill(page)
    submit(page)
    expect(queued(page)).to_be_visible()
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.context.set_offline(False)

    expect(waiting(page)).to_contain_text("本人登录后自动提交")
    assert building.visits() == before
    waiting(page).locator("summary").tap()
    page.get_by_role("link", name="去登录").tap()
    page.wait_for_url("**/signin/**")
    page.get_by_label("用户名").fill("officer")
    page.get_by_label("密码").fill("a-long-enough-password")
    page.get_by_role("button", name="登录", exact=True).click()
    confirmed(page)
    assert len(building.visits()) == len(before) + 1


def test_another_person_neither_sees_nor_sends_it(
    page: Page, building: Building, watch: Watch
) -> None:
    watch.expected |= {401}
    before = building.visits()
    open_visit(page, building)
    page.get_by_label("谈了什么").fill("只写了一半。")
    page.wait_for_timeout(600)
    page.goto("/")
    other = page.context.new_page()
    other.goto(f"/followups/new/{building.household}/")
    hands.ready(other)
    other.context.set_offline(True)
    fill(other)
    submit(other)
    expect(queued(other)).to_be_visible()
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    other.close()
    page.context.set_offline(False)
    sign_in(page, "supervisor")
    page.wait_for_url(building.url + "/")
    hands.ready(page)

    expect(page.locator("[data-waiting-others]")).to_contain_text("他人的 1 项")
    expect(waiting(page)).to_be_hidden()
    expect(page.locator("body")).not_to_contain_text(WORDS)
    assert page.evaluate(ROWS, "drafts") == 0
    page.wait_for_timeout(500)
    assert building.visits() == before
    sign_out(page)
    sign_in(page, "officer")
    expect(page.locator("#messages")).to_contain_text("已同步")
    assert len(building.visits()) == len(before) + 1


def test_signing_out_takes_drafts_along_and_asks_about_what_waits(
    page: Page, building: Building
) -> None:
    open_visit(page, building)
    page.get_by_label("谈了什么").fill(WORDS)
    page.wait_for_timeout(600)
    assert page.evaluate(ROWS, "drafts") == 1
    page.goto("/")
    hands.ready(page)
    sign_out(page)
    assert page.evaluate(ROWS, "drafts") == 0

    sign_in(page, "officer")
    page.wait_for_url(building.url + "/")
    open_visit(page, building)
    expect(page.get_by_label("谈了什么")).to_have_value("")
    page.context.set_offline(True)
    fill(page)
    submit(page)
    expect(queued(page)).to_be_visible()
    page.get_by_title("退出登录").click()
    dialog = page.locator("#leave-dialog")
    expect(dialog).to_contain_text("有 1 项")
    dialog.get_by_role("button", name="先不退出").tap()
    expect(dialog).to_be_hidden()
    assert page.evaluate(ROWS, "waiting") == 1
    page.get_by_role("button", name="取回修改").tap()
    expect(page.get_by_label("谈了什么")).to_have_value(WORDS)
    expect(waiting(page)).to_be_hidden()


def _case_without_notice(building: Building) -> int:
    from tests.app import scene as on

    firm = building.estate.firm
    with building.inside():
        now = clock.now() - timedelta(hours=2)
        place = on.Scene(firm, building.household, now)
        return int(on.case_of(place, on.completed(place, "WX-9", category="other"), now).pk)


def _case(pk: int) -> Any:
    from huiyin.cases.models import Case

    return Case.objects.get(pk=pk)


def _write_notice(page: Page) -> None:
    page.get_by_label("整改要求").fill("换闭门器")
    page.get_by_role("button", name="开具").tap()
