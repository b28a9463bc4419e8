"""One real server, and one small firm for all browser tests of a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response

from huiyin.config.scratch import django_uses, scratch_database
from huiyin.core import clock
from tests.browser.building import Building, built
from tests.serving import web_server

if TYPE_CHECKING:
    from tests.browser.estate import Estate

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1360, "height": 900}


@dataclass(frozen=True)
class House:
    url: str
    estate: Estate


@pytest.fixture(scope="session")
def house(chromium: Browser, django_db_blocker: pytest.FixtureRequest) -> Iterator[House]:
    """The application as its role, served by its own web server, with the small firm in it."""
    # Models can be read only after Django is set up, which is after this file is.
    from tests.browser.estate import build

    with django_db_blocker.unblock(), scratch_database(use=False) as scratch:  # type: ignore[attr-defined]
        with django_uses(scratch.application):
            estate = build(clock.now())
        with web_server(scratch) as url:
            yield House(url, estate)


@pytest.fixture(scope="session")
def building(chromium: Browser, django_db_blocker: Any) -> Iterator[Building]:
    with built(django_db_blocker.unblock) as made:
        yield made


@dataclass
class Watch:
    """What went wrong in the pages of one context; statuses that a test expects are told here."""

    faults: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)
    cut: bool = False
    """The test takes the network away."""

    def over(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("requestfailed", lambda asked: self._failed(asked.url, str(asked.failure)))
        page.on("response", self._answered)
        page.on("console", lambda said: self._said(said.type, said.text))

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.faults.append(f"{response.status} {response.url}")

    def _failed(self, url: str, why: str) -> None:
        # A page that is left stops its own loading: no fault of the page.
        if "ERR_ABORTED" not in why and not self.cut:
            self.faults.append(f"{why} {url}")

    def _said(self, kind: str, text: str) -> None:
        expected = any(f"status of {status}" in text for status in self.expected)
        expected = expected or (
            self.cut and text.startswith(("Failed to load resource: net::ERR_", "htmx:"))
        )
        if kind in ("error", "warning") and not expected:
            self.faults.append(f"console: {text}")


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def phone(chromium: Browser, house: House, watch: Watch) -> Iterator[Page]:
    context = chromium.new_context(
        base_url=house.url, viewport=PHONE, has_touch=True, is_mobile=True, locale="zh-CN"
    )
    yield from watched(context, watch)


@pytest.fixture
def desktop(chromium: Browser, house: House, watch: Watch) -> Iterator[Page]:
    yield from watched(
        chromium.new_context(base_url=house.url, viewport=DESKTOP, locale="zh-CN"), watch
    )


def watched(context: BrowserContext, watch: Watch) -> Iterator[Page]:
    """A page whose faults fail the test at its end."""
    context.set_default_timeout(20_000)
    page = context.new_page()
    watch.over(page)
    yield page
    context.close()
    assert watch.faults == []
