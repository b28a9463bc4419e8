"""Signing in to a firm that asks for it: by keyboard, by passkey, and where none is offered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import global_settings
from playwright.sync_api import Browser, BrowserContext, Page, expect

from huiyin.config.scratch import django_uses, scratch_database
from huiyin.core import clock
from tests.browser.conftest import DESKTOP, PHONE, Watch, watched
from tests.serving import web_server

if TYPE_CHECKING:
    from tests.people import SmallFirm

pytestmark = pytest.mark.browser

PASSWORD = "a-long-enough-password"
SHAPE = """() => ({
  width: document.documentElement.scrollWidth,
  heads: document.querySelectorAll("h1").length,
  twice: [...document.querySelectorAll("[id]")].map((one) => one.id)
    .filter((id, at, all) => all.indexOf(id) !== at),
})"""
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass(frozen=True)
class Walled:
    """A firm whose people must sign in, under the one name at which http is enough for passkeys."""

    url: str
    firm: SmallFirm

    @property
    def by_address(self) -> str:
        return self.url.replace("localhost", "127.0.0.1")


@pytest.fixture(scope="module")
def walled(chromium: Browser, django_db_blocker: Any) -> Iterator[Walled]:
    from django.test import override_settings

    from tests.people import login_for, small_firm

    # The server hashes as a firm's does, so it must be able to read what is hashed here.
    hashers = override_settings(PASSWORD_HASHERS=global_settings.PASSWORD_HASHERS)
    with django_db_blocker.unblock(), scratch_database(use=False) as scratch, hashers:
        with django_uses(scratch.application):
            firm = small_firm(clock.now() - timedelta(days=1))
            for who in ("manager", "supervisor", "repair_lead", "officer", "far_officer"):
                login_for(getattr(firm, who), who)
        with web_server(scratch) as url:
            yield Walled(url.replace("127.0.0.1", "localhost"), firm)


@pytest.fixture
def page(chromium: Browser, walled: Walled, watch: Watch) -> Iterator[Page]:
    context = chromium.new_context(base_url=walled.url, viewport=PHONE, locale="zh-CN")
    yield from watched(context, watch)


def device(context: BrowserContext, page: Page) -> Any:
    """A phone's fingerprint reader, as far as the browser can tell."""
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    added = session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return session, added["authenticatorId"]


def sign_in(page: Page, username: str, password: str = PASSWORD) -> None:
    page.goto("/signin/")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录", exact=True).click()


def confirm(page: Page) -> None:
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="继续").click()


def add_passkey(page: Page, *, alone: bool) -> None:
    page.goto("/account/")
    page.get_by_role("link", name="添加通行密钥").click()
    confirm(page)
    if alone:
        page.get_by_label("以后只用这个通行密钥登录").check()
    page.get_by_role("button", name="添加通行密钥").click()
    page.wait_for_url("**/account/codes/")
    expect(page.locator(".codes__code")).to_have_count(10)


def sign_out(page: Page) -> None:
    page.get_by_title("退出登录").click()
    page.wait_for_url("**/signin/")


def test_the_keyboard_alone_signs_in_and_goes_where_one_wanted(page: Page, watch: Watch) -> None:
    watch.expected.add(422)
    page.goto("/customers/?q=1")
    page.wait_for_url("**/signin/?next=**")
    expect(page.get_by_label("用户名")).to_be_focused()

    page.keyboard.type("manager")
    page.keyboard.press("Tab")
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    summary = page.get_by_role("alert").filter(has_text="用户名或密码不正确")
    expect(summary).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")

    page.wait_for_url("**/customers/?q=1")


def test_a_passkey_alone_signs_in(page: Page, walled: Walled) -> None:
    device(page.context, page)
    sign_in(page, "manager")
    add_passkey(page, alone=True)
    page.goto("/account/")
    expect(page.locator("li", has_text="通行密钥 1")).to_have_count(1)
    sign_out(page)

    page.get_by_role("button", name="用通行密钥登录").click()

    page.wait_for_url(re.compile(r"/$"))
    page.wait_for_load_state()
    expect(page.get_by_role("link", name=re.compile("甲经理"))).to_be_visible()


def test_a_passkey_is_the_second_step_after_the_password(page: Page) -> None:
    device(page.context, page)
    sign_in(page, "supervisor")
    add_passkey(page, alone=False)
    page.goto("/")
    sign_out(page)

    sign_in(page, "supervisor")
    page.wait_for_url("**/signin/code/")
    page.get_by_role("button", name="用通行密钥验证").click()

    expect(page.get_by_role("link", name=re.compile("乙主管"))).to_be_visible()
    page.goto("/account/")
    page.get_by_role("link", name=re.compile("移除")).click()
    confirm(page)
    page.get_by_role("button", name="移除通行密钥").click()
    page.wait_for_url("**/account/")
    expect(page.get_by_text("未启用")).to_be_visible()


def test_a_passkey_that_is_refused_signs_nobody_in_and_says_so(page: Page) -> None:
    session, reader = device(page.context, page)
    sign_in(page, "far_officer")
    add_passkey(page, alone=True)
    page.goto("/")
    sign_out(page)
    session.send("WebAuthn.setUserVerified", {"authenticatorId": reader, "isUserVerified": False})

    page.get_by_role("button", name="用通行密钥登录").click()

    expect(page.get_by_role("alert").filter(has_text="没有用上通行密钥")).to_be_visible()
    assert page.url.endswith("/signin/")


def test_a_passkey_of_another_device_is_no_passkey_here(page: Page) -> None:
    device(page.context, page)
    page.goto("/signin/")

    page.get_by_role("button", name="用通行密钥登录").click()

    expect(page.get_by_role("alert").filter(has_text="没有用上通行密钥")).to_be_visible()


def test_under_an_address_without_a_name_no_passkey_is_offered(page: Page, walled: Walled) -> None:
    page.goto(f"{walled.by_address}/signin/")
    expect(page.get_by_role("button", name="用通行密钥登录")).to_have_count(0)
    page.get_by_label("用户名").fill("repair_lead")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(re.compile(r"/$"))

    page.goto(f"{walled.by_address}/account/")

    expect(page.get_by_text("本站正以 IP 地址打开")).to_be_visible()
    expect(page.get_by_role("link", name="添加通行密钥")).to_have_count(0)


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(PHONE, id="phone"),
        pytest.param(DESKTOP, id="desktop", marks=pytest.mark.long),
    ],
)
def test_every_page_about_ones_login_fits_and_is_whole(page: Page, size: Any) -> None:
    page.set_viewport_size(size)
    device(page.context, page)
    sign_in(page, "officer")
    page.wait_for_url(re.compile(r"/$"))
    page.goto("/account/confirmation/")
    confirm(page)
    pages = ["", "password/", "confirmation/", "totp/", "passkeys/new/", "codes/new/", "sessions/"]
    for path in pages:
        answer = page.goto(f"/account/{path}")
        assert answer and answer.status == 200, path
        shape = page.evaluate(SHAPE)
        assert shape == {"width": size["width"], "heads": 1, "twice": []}, path
