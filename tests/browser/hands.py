"""What a person does with a finger: taps that are counted, a name that is drawn, a photo."""

from __future__ import annotations

import io

from PIL import Image
from playwright.sync_api import Locator, Page, expect

COUNT = """
const key = "taps";
document.addEventListener("click", (event) => {
  // A tap on a label clicks its control once more, without a pointer: one tap, two events.
  if (!event.isTrusted || !event.pointerType) return;
  sessionStorage.setItem(key, Number(sessionStorage.getItem(key) ?? 0) + 1);
}, true);
document.addEventListener("keydown", (event) => {
  if (event.isTrusted) sessionStorage.setItem("keys", Number(sessionStorage.getItem("keys") ?? 0) + 1);
}, true);
"""


def ready(page: Page) -> None:
    """Wait until every behaviour that the page asks for runs: a key pressed before is lost."""
    expect(page.locator("[data-behaviour]:not([data-bound])")).to_have_count(0, timeout=20_000)


def follow(page: Page, name: str) -> None:
    """Tap the first link of that name and wait until the page behind it is ready."""
    with page.expect_navigation():
        page.get_by_role("link", name=name).first.tap()
    ready(page)


def count_taps(page: Page) -> None:
    """From the next page load on, until the tab is closed."""
    page.add_init_script(COUNT)


def counted(page: Page, what: str = "taps") -> int:
    return int(page.evaluate("(key) => Number(sessionStorage.getItem(key) ?? 0)", what))


def sign(page: Page) -> None:
    """One stroke on the pad for signatures."""
    pad = page.locator("[data-signature-canvas]")
    # Clear of the bar at the foot of a phone.
    pad.evaluate("(canvas) => canvas.scrollIntoView({ block: 'center' })")
    box = pad.bounding_box()
    assert box
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    for x, y in ((90, 80), (150, 50), (210, 90), (260, 45)):
        page.mouse.move(box["x"] + x, box["y"] + y, steps=4)
    page.mouse.up()
    page.locator("[data-signature-pad][data-signed]").wait_for()


def photograph(page: Page, button: Locator) -> None:
    """Through the file chooser that the button opens, as the camera of a phone does."""
    with page.expect_file_chooser() as chooser:
        button.tap()
    chooser.value.set_files({"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": picture()})
    page.locator(".photo__item").wait_for()


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (2400, 1800), "#4080a0").save(file, "JPEG")
    return file.getvalue()


def choose(page: Page, question: str, answer: str) -> None:
    """Tap an answer of one question."""
    group = page.get_by_role("group", name=question)
    group.locator("label", has_text=answer).filter(has=page.get_by_text(answer, exact=True)).tap()


def look_as(page: Page, name: str) -> None:
    """Look through another person, as the visitor of a demo does."""
    ready(page)
    choice = page.locator("#switch-person")
    value = choice.locator("option", has_text=name).get_attribute("value")
    with page.expect_navigation():
        choice.select_option(value)
