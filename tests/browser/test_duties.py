"""A second policy's duties, done with the keyboard alone and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from huiyin.config.scratch import django_uses, scratch_database
from huiyin.core import clock
from tests.browser import hands
from tests.browser.conftest import DESKTOP, PHONE, Watch, watched
from tests.serving import web_server

pytestmark = pytest.mark.browser

WIDTH = "document.documentElement.scrollWidth"


@dataclass(frozen=True)
class Duties:
    """Where the browser finds what the second policy asks of the supervisor."""

    url: str
    question: int
    monthly: int
    sheet: str


@pytest.fixture(scope="module")
def duties(chromium: Browser, django_db_blocker: pytest.FixtureRequest) -> Iterator[Duties]:
    from huiyin.obligations import services as obligations
    from huiyin.obligations.models import Obligation
    from huiyin.subjects import services as subjects
    from tests.app import scene as on
    from tests.browser.estate import build
    from tests.second_policy import second

    with django_db_blocker.unblock(), scratch_database(use=False) as scratch:  # type: ignore[attr-defined]
        with django_uses(scratch.application):
            now = clock.now()
            estate = build(now)
            firm = estate.firm
            second(firm, now=now)
            obligations.plan(now=now)
            place = on.Scene(firm, estate.leak.customer_id or 0, now)
            broken = on.repair(place, "WX-50", category="other")
            by = firm.manager.pk
            subjects.record_event(broken, "broken", happened_at=now, by=by, recorded_by=by, now=now)
            monthly = Obligation.objects.get(duty="monthly")
            found = {
                "question": Obligation.objects.get(duty="route").pk,
                "monthly": monthly.pk,
                "sheet": f"/forms/monthly_sheet/{monthly.target_id}/?for={monthly.pk}",
            }
        with web_server(scratch) as url:
            yield Duties(url, **found)


def opened(chromium: Browser, duties: Duties, watch: Watch, *, phone: bool) -> Iterator[Page]:
    size = PHONE if phone else DESKTOP
    touch = {"has_touch": True, "is_mobile": True} if phone else {}
    context = chromium.new_context(
        base_url=duties.url,
        viewport=size,
        locale="zh-CN",
        **touch,  # type: ignore[arg-type]
    )
    yield from watched(context, watch)


@pytest.fixture
def phone(chromium: Browser, duties: Duties, watch: Watch) -> Iterator[Page]:
    yield from opened(chromium, duties, watch, phone=True)


@pytest.fixture
def desktop(chromium: Browser, duties: Duties, watch: Watch) -> Iterator[Page]:
    yield from opened(chromium, duties, watch, phone=False)


def test_a_question_is_decided_with_the_keyboard_alone(desktop: Page, duties: Duties) -> None:
    page = desktop
    page.goto(f"/obligations/{duties.question}/")
    hands.ready(page)
    page.get_by_role("link", name="去判定").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/decision/")
    hands.ready(page)
    page.get_by_label("急报").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("伤了人")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/obligations/{duties.question}/")
    expect(page.get_by_role("status").filter(has_text="已判定")).to_be_visible()
    page.goto("/")
    expect(page.get_by_text("急报：主管局").first).to_be_visible()


def test_a_sheet_is_signed_and_filed_on_a_phone(phone: Page, duties: Duties) -> None:
    page = phone
    page.goto("/")
    assert page.evaluate(WIDTH) <= PHONE["width"]
    page.goto(f"/obligations/{duties.monthly}/")
    hands.ready(page)
    assert page.evaluate(WIDTH) <= PHONE["width"]
    hands.follow(page, "去填写")
    assert page.evaluate(WIDTH) <= PHONE["width"]
    page.get_by_label("合计").fill("12")
    hands.sign(page)
    page.get_by_role("button", name="提交").tap()

    page.wait_for_url(f"**/obligations/{duties.monthly}/")
    expect(page.get_by_text("按时").first).to_be_visible()


@pytest.mark.parametrize("width", [DESKTOP["width"], PHONE["width"]])
def test_the_new_pages_fit(desktop: Page, duties: Duties, width: int) -> None:
    page = desktop
    page.set_viewport_size({"width": width, "height": 800})

    for path in ("/", "/obligations/", duties.sheet, f"/obligations/{duties.question}/"):
        page.goto(path)
        assert page.evaluate(WIDTH) <= width, path
        expect(page.locator("h1")).to_have_count(1)
