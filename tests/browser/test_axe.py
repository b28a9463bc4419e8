"""No page keeps anybody out: axe finds nothing serious, wide and narrow, in both languages."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import resolve
from playwright.sync_api import Browser, Page

from tests.browser.building import Building
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_signin import sign_in

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
WAYS = [
    (DESKTOP, "zh-hans", "light"),
    (PHONE, "zh-hans", "dark"),
    (DESKTOP, "en", "dark"),
    (PHONE, "en", "light"),
]
# Every page in every way takes minutes: `make axe`. Else one page in eight is, each in one of them.
ALL = os.environ.get("HUIYIN_AXE") == "all"
RUN = """async () => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
  const found = await axe.run(document, { resultTypes: ["violations"], reporter: "v2" });
  return found.violations
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).slice(0, 3).join(" | ")}`);
}"""


@pytest.fixture
def page(chromium: Browser, building: Building) -> Iterator[Page]:
    context = chromium.new_context(base_url=building.url, viewport=DESKTOP, locale="zh-CN")
    context.add_init_script(path=AXE)
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def look(page: Page, building: Building, size: Any, language: str, scheme: Any) -> None:
    """See the pages from now on in this width, language and light."""
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme)
    page.context.add_cookies([{"name": "django_language", "value": language, "url": building.url}])


def pages_of(page: Page, paths: list[str], *, most: int) -> list[str]:
    """Up to ``most`` pages of each route that show something, and each way of saying no once."""
    shown: list[str] = []
    counted: Counter[str] = Counter()
    for path in paths:
        route = resolve(path).view_name
        if counted[route] >= most:
            continue
        answer = page.context.request.get(path)
        what = route if answer.ok else str(answer.status)
        # An address that only forms lead to has no page.
        if "html" in answer.headers.get("content-type", "") and answer.status != 405:
            shown += [path] if counted[what] < most else []
        counted[what] += 1
    return shown


def found_on(page: Page, path: str) -> list[str]:
    """What is seriously wrong."""
    assert page.goto(path), path
    return [f"{path} {each}" for each in page.evaluate(RUN)]


def test_nothing_serious_on_any_page(page: Page, building: Building) -> None:
    from tests.pages import addresses

    with building.inside():
        paths = addresses(most=16 if ALL else 2)
    sign_in(page, "manager")
    page.wait_for_url(building.url + "/")
    paths = pages_of(page, paths, most=2 if ALL else 1)
    assert len(paths) > 50
    found: list[str] = []
    for place, (size, language, scheme) in enumerate(WAYS):
        look(page, building, size, language, scheme)
        mine = paths if ALL else paths[place :: 8 * len(WAYS)]
        for path in mine:
            found += [f"{size['width']} {language} {each}" for each in found_on(page, path)]

    assert found == []


def test_nothing_serious_before_the_sign_in(page: Page, building: Building) -> None:
    found: list[str] = []
    for size, language, scheme in WAYS:
        look(page, building, size, language, scheme)
        for path in ("/signin/", "/no-such-page/"):
            found += found_on(page, path)

    assert found == []


def test_a_fault_would_be_found(page: Page, building: Building) -> None:
    page.goto("/signin/")
    page.evaluate("document.querySelector('main').innerHTML += '<button></button><img src=x>'")

    found: Any = page.evaluate(RUN)

    assert {each.split(":")[0] for each in found} >= {"button-name", "image-alt"}
