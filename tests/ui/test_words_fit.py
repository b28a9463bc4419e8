"""Long words in narrow places: none is cut, none is broken."""

import pytest
from playwright.sync_api import Page

from tests.browser.hands import ready

pytestmark = pytest.mark.browser

CUT = """() => [...document.querySelectorAll('.rooms__title')].filter((title) => {
    const room = title.parentElement;
    const high = title.getBoundingClientRect().height / parseFloat(getComputedStyle(title).lineHeight);
    return room.scrollWidth > room.clientWidth || room.scrollHeight > room.clientHeight + 1
      || Math.round(high) > title.textContent.split(' ').length; })
  .map((title) => title.textContent)"""


def _open(page: Page, path: str) -> None:
    page.goto(path)
    ready(page)


def _in_english(page: Page) -> None:
    """The words of the frame as English has them; the rooms as many as the product's."""
    page.evaluate("""() => {
      const rooms = document.querySelector('.rooms');
      rooms.append(rooms.lastElementChild.cloneNode(true));
      document.querySelectorAll('.rooms__title').forEach((title, at) => {
        title.textContent = ['Today', 'Customers', 'Repair orders', 'Cases', 'Records',
                             'Policy', 'Settings'][at]; });
      document.querySelector('.brand__motto').textContent =
        'Every matter has an outcome and an answer'; }""")


def test_seven_rooms_with_english_words_fit_a_phone(phone: Page) -> None:
    _open(phone, "/today")
    _in_english(phone)

    assert phone.locator(".rooms__room").count() == 7
    assert phone.evaluate("document.querySelector('.rooms').scrollWidth") <= 390
    assert phone.evaluate(CUT) == []


def test_the_motto_stays_inside_the_side(desktop: Page) -> None:
    _open(desktop, "/today")
    _in_english(desktop)

    side = desktop.locator(".side").bounding_box()
    motto = desktop.locator(".brand__motto").bounding_box()
    assert side and motto
    assert motto["x"] + motto["width"] <= side["x"] + side["width"]
    assert (
        desktop.evaluate("(s => s.scrollWidth - s.clientWidth)(document.querySelector('.side'))")
        == 0
    )


def test_a_text_box_grows_with_its_words(phone: Page) -> None:
    _open(phone, "/record")
    box = phone.locator("textarea[name=words]")
    empty = box.bounding_box()

    box.fill("楼道灯太暗，晚上看不清台阶。\n" * 8)

    grown = box.bounding_box()
    assert empty and grown and grown["height"] > empty["height"] * 2
    assert box.evaluate("(e) => e.scrollHeight <= e.clientHeight + 1")
