"""A real Chromium in front of the gallery; where there is none these tests are skipped."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

sys.path.insert(0, str(Path(__file__).parent))

from showing import Server, serving


@pytest.fixture(scope="session")
def gallery() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def phone(chromium: Browser, gallery: Server) -> Iterator[Page]:
    yield from _open(chromium, gallery, 390, touch=True)


@pytest.fixture
def desktop(chromium: Browser, gallery: Server) -> Iterator[Page]:
    yield from _open(chromium, gallery, 1360, touch=False)


def _open(browser: Browser, gallery: Server, width: int, *, touch: bool) -> Iterator[Page]:
    """A page whose script errors and refused resources fail the test at its end."""
    gallery.posts.clear()
    context = browser.new_context(
        base_url=gallery.url,
        viewport={"width": width, "height": 844},
        has_touch=touch,
        is_mobile=touch,
        permissions=["clipboard-read", "clipboard-write"],
    )
    context.set_default_timeout(20_000)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None,
    )
    page.on(
        "response",
        lambda answer: faults.append(answer.url) if answer.status in (404, 500) else None,
    )
    yield page
    context.close()
    assert faults == []
