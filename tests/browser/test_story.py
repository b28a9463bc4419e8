"""From an empty server to a closed case: what a firm does on its first day, with clicks alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from huiyin.config.scratch import scratch_database
from huiyin.core import clock
from tests.app.records.pdf_reading import Reader
from tests.browser import hands, story
from tests.browser.conftest import DESKTOP, PHONE, Watch
from tests.serving import web_server, worker

pytestmark = pytest.mark.browser

MOST_TAPS = 30
"""From the first page to the first follow-up that is recorded, a mapping and a problem included."""
POLICY = "/policy/property-management/"


@pytest.fixture
def empty_house(django_db_blocker: Any) -> Iterator[str]:
    """A server that was just installed, with its background work."""
    with django_db_blocker.unblock(), scratch_database(use=False) as scratch:
        with web_server(scratch) as url, worker(scratch):
            yield url


@pytest.mark.parametrize(
    "size",
    [pytest.param(PHONE, id="390"), pytest.param(DESKTOP, id="1360", marks=pytest.mark.long)],
)
def test_a_firm_comes_from_nothing_to_a_closed_case(
    chromium: Browser, empty_house: str, watch: Watch, size: Any, tmp_path: Path
) -> None:
    context = chromium.new_context(
        base_url=empty_house, viewport=size, has_touch=True, is_mobile=size is PHONE, locale="zh-CN"
    )
    context.set_default_timeout(20_000)
    page = context.new_page()
    watch.over(page)
    hands.count_taps(page)

    story.found_the_firm(page)
    story.name_the_people(page)
    story.bring_the_customers(page, tmp_path)
    story.have_a_repair_completed(page)
    story.visit_as_planned(page, tomorrow())
    assert hands.counted(page) <= MOST_TAPS
    paper = story.give_the_notice(page, context)
    case = page.url
    story.answer_for_the_repairer(page, case)
    story.visit_again(page, case)
    story.reply_and_close(page)

    assert paper.startswith(b"%PDF")
    assert re.search(r"ZG-\d{4}-0001", "".join(each.text for each in Reader(paper).pages))
    the_month_shows_it(page)
    context.close()
    assert watch.faults == []


def tomorrow() -> str:
    """As the control of a phone gives it; the firm lives in Shanghai."""
    later = clock.now().astimezone(ZoneInfo("Asia/Shanghai")) + timedelta(days=1)
    return f"{later:%Y-%m-%dT%H:%M}"


def the_month_shows_it(page: Page) -> None:
    """A notice is due tomorrow: on the last of a month it belongs to the next one's verdict."""
    page.goto(POLICY)
    zone = ZoneInfo("Asia/Shanghai")
    today = clock.now().astimezone(zone)
    by_now = ["B.3.2", "B.3.5", "C.1.4.c"]
    by_tomorrow = ["B.4.a"] if (today + timedelta(days=1)).month == today.month else []
    for clause in by_now + by_tomorrow:
        expect(page.locator(f"[id='{clause}'] .clause__proof")).to_contain_text("达标")
