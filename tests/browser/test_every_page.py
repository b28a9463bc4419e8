"""Every page that links lead to: it answers, fits, is whole and can be read."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.urls import resolve
from playwright.sync_api import Page, expect

from tests.browser import hands
from tests.browser.conftest import DESKTOP, PHONE, House

pytestmark = pytest.mark.browser

WIDTH = "document.documentElement.scrollWidth"
SEEN = """() => ({
  width: document.documentElement.scrollWidth,
  heads: document.querySelectorAll("h1").length,
  title: document.title,
  links: [...document.querySelectorAll("a[href]")].map((one) => one.getAttribute("href")),
  anchors: [...document.querySelectorAll("a[href^='#']")]
    .filter((one) => one.hash.length > 1 && !document.getElementById(decodeURIComponent(one.hash.slice(1))))
    .map((one) => one.hash),
  twice: [...document.querySelectorAll("[id]")].map((one) => one.id)
    .filter((id, at, all) => all.indexOf(id) !== at),
  text: document.body.innerText,
})"""
# A character that no font has is drawn as the same box as one that cannot be in any font.
MISSING = """async ([text, stacks]) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 40, height: 40 });
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const drawn = (font, character) => {
    pen.clearRect(0, 0, 40, 40);
    pen.font = font;
    pen.fillText(character, 4, 30);
    return pen.getImageData(0, 0, 40, 40).data.join();
  };
  const missing = new Set();
  for (const stack of stacks) {
    const font = `24px ${getComputedStyle(document.documentElement).getPropertyValue(stack)}`;
    await document.fonts.load(font, text);
    const box = drawn(font, "\\u{10FFFD}");
    for (const character of text) if (drawn(font, character) === box) missing.add(character);
  }
  return [...missing];
}"""

# Words of a few characters, as names and values are, that stand on more than one line.
BROKEN = """() => {
  const broken = [];
  for (const cell of document.querySelectorAll(".list :is(th, td)")) {
    const walk = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    for (let text = walk.nextNode(); text; text = walk.nextNode()) {
      if (text.data.trim().length > 24) continue; // a sentence goes on anywhere
      for (const word of text.data.matchAll(/[^\\s，。；：、（）·\\/-]+/g)) {
        if (word[0].length > 5 && /[^\\w.%]/.test(word[0])) continue;
        const range = document.createRange();
        range.setStart(text, word.index);
        range.setEnd(text, word.index + word[0].length);
        const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
        if (lines.size > 1) broken.push(word[0]);
      }
    }
  }
  return broken;
}"""


@pytest.fixture
def supervisor(desktop: Page) -> Page:
    """A demo opens as the supervisor."""
    return desktop


@pytest.mark.parametrize("most", [2, pytest.param(10_000, marks=pytest.mark.long)])
def test_every_page_that_links_lead_to_is_whole(supervisor: Page, house: House, most: int) -> None:
    page, known, queue, text = supervisor, {"/"}, ["/"], set()
    seen_of: Counter[str] = Counter()
    sizes = [DESKTOP, PHONE]
    while queue:
        path = queue.pop()
        route = resolve(urlsplit(path).path).view_name
        seen_of[route] += 1
        if seen_of[route] > most:
            continue
        answer = page.goto(path)
        assert answer and answer.status == 200, path
        seen = page.evaluate(SEEN)
        # The next page is loaded at the width at which this one is left.
        assert seen["width"] <= sizes[0]["width"], (path, sizes[0])
        sizes.reverse()
        page.set_viewport_size(sizes[0])  # type: ignore[arg-type]
        assert page.evaluate(WIDTH) <= sizes[0]["width"], (path, sizes[0])
        assert seen["heads"] == 1, path
        assert seen["title"].removesuffix("回音").strip(" ·"), path
        assert seen["anchors"] == seen["twice"] == [], path
        text |= set(seen["text"])
        new = {at for link in seen["links"] if (at := ours(house.url, path, link))} - known
        known |= new
        queue += sorted(new)

    assert {"/customers/", "/cases/", "/settings/", "/subjects/repair/"} <= known
    assert any(path.startswith("/records/") for path in known)
    assert any(path.startswith("/settings/imports/") and "columns" in path for path in known)
    assert {"㐂", "𠮷"} <= text
    printable = "".join(sorted(character for character in text if character.isprintable()))
    assert page.evaluate(MISSING, [printable, ["--font", "--font-policy"]]) == []


def ours(base: str, page: str, link: str) -> str:
    """The path of a link within this site, without its fragment; "" for any other."""
    address = urlsplit(urldefrag(urljoin(base + page, link)).url)
    if f"{address.scheme}://{address.netloc}" != base:
        return ""
    if address.path.endswith(("/refusals/", "/doubts/")):
        return ""  # a file, not a page
    return address.path + (f"?{address.query}" if address.query else "")


def test_a_missing_glyph_would_be_found(supervisor: Page) -> None:
    supervisor.goto("/")

    assert supervisor.evaluate(MISSING, ["回\U0010fffe𠮷", ["--font"]]) == ["\U0010fffe"]


def test_the_keyboard_walks_the_day_and_opens_a_visit(supervisor: Page) -> None:
    supervisor.goto("/")
    hands.ready(supervisor)
    rows = supervisor.locator("[data-row] [data-open]")

    supervisor.keyboard.press("j")
    expect(rows.first).to_be_focused()
    supervisor.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    supervisor.keyboard.press("k")
    expect(rows.first).to_be_focused()
    where = rows.first.get_attribute("href")
    supervisor.keyboard.press("Enter")

    supervisor.wait_for_url(f"**{where}")


def test_a_row_is_copied_for_a_chat_and_said_to_be_delivered(supervisor: Page) -> None:
    supervisor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    supervisor.goto("/")
    hands.ready(supervisor)
    row = supervisor.locator(".row").first
    expect(row.get_by_text("已送达")).to_be_hidden()

    supervisor.keyboard.press("j")
    with supervisor.expect_response("**/copies/"):
        supervisor.keyboard.press("c")
    copied = supervisor.evaluate("navigator.clipboard.readText()")
    row.get_by_role("button", name="已送达").click()

    expect(row.get_by_role("status")).to_have_text("已送达")
    assert "【WX-" in copied and " 24:00" in copied and "依据：" in copied


@pytest.mark.parametrize(("path", "name"), [("/", "记一次回访"), ("bench", "提交")])
def test_tab_reaches_the_main_action(supervisor: Page, house: House, path: str, name: str) -> None:
    supervisor.goto("/" if path == "/" else f"/followups/new/{house.estate.safety.pk}/")
    hands.ready(supervisor)
    focused = "document.activeElement.textContent.trim()"

    passed = []
    while name not in passed and len(passed) < 60:
        supervisor.keyboard.press("Tab")
        passed.append(supervisor.evaluate(focused))

    assert name in passed


@pytest.mark.parametrize("path", ["permissions/", "roles/", ""])
def test_no_short_word_of_a_table_is_broken(supervisor: Page, path: str) -> None:
    supervisor.goto(f"/settings/{path}")

    assert supervisor.locator(".list :is(th, td)").count() > 10
    assert supervisor.evaluate(BROKEN) == []
    assert supervisor.evaluate(WIDTH) <= 1360
