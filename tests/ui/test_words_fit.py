"""Long words in narrow places: none is cut, none is broken."""

import pytest
from playwright.sync_api import Page

from tests.browser.hands import ready

pytestmark = pytest.mark.browser

CUT = """() => {
  const words = (title) => {
    const range = document.createRange();
    range.selectNodeContents(title);
    return range.getBoundingClientRect();
  };
  return [...document.querySelectorAll('.rooms__title')].filter((title, at, all) => {
    const room = title.parentElement;
    const high = title.getBoundingClientRect().height / parseFloat(getComputedStyle(title).lineHeight);
    const after = at + 1 < all.length ? words(all[at + 1]).left : innerWidth;
    return words(title).left < 0 || words(title).right > after
      || room.scrollHeight > room.clientHeight + 1 || room.getBoundingClientRect().width < 44
      || Math.round(high) > title.textContent.split(' ').length; })
    .map((title) => title.textContent);
}"""


def _open(page: Page, path: str) -> None:
    page.goto(path)
    ready(page)


def _in_english(page: Page) -> None:
    """The words of the frame as English has them; the rooms as many as the product's."""
    page.evaluate("""() => {
      const rooms = document.querySelector('.rooms');
      const said = ['Today', 'Customers', 'Repair order', 'Community event', 'Cases', 'Records',
                    'Policy', 'Settings'];
      document.documentElement.lang = 'en';
      while (rooms.children.length < said.length)
        rooms.append(rooms.lastElementChild.cloneNode(true));
      document.querySelectorAll('.rooms__title').forEach((title, at) => {
        title.textContent = said[at];
        title.parentElement.classList.toggle('rooms__room--kind', at === 2 || at === 3); });
      document.querySelector('.brand__motto').textContent =
        'Every matter has an outcome and an answer'; }""")


@pytest.mark.parametrize("width", [390, 360])
def test_eight_rooms_with_english_words_fit_a_phone(phone: Page, width: int) -> None:
    phone.set_viewport_size({"width": width, "height": 844})
    _open(phone, "/today")
    _in_english(phone)

    assert phone.locator(".rooms__room").count() == 8
    assert phone.evaluate("document.querySelector('.rooms').scrollWidth") <= width
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


def test_a_long_label_of_a_list_stands_beside_its_value_and_over_nothing(phone: Page) -> None:
    _open(phone, "/list")

    short, high = phone.evaluate("""() => {
      const cell = document.querySelector('.list td[data-label]:not(:empty)');
      const before = cell.getBoundingClientRect().height;
      cell.dataset.label = 'Time of the follow-up visit';
      const label = getComputedStyle(cell, '::before');
      return [before, [cell.getBoundingClientRect().height, parseFloat(label.width),
                       parseFloat(getComputedStyle(cell).paddingLeft)]]; }""")

    height, width, beside = high
    assert width < beside
    assert height > short
