"""The behaviours, tried with a real browser under the real content policy."""

import re
import struct
import zlib
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from showing import Server, page

from tests.browser.hands import ready

pytestmark = pytest.mark.browser

INKED = """() => { const c = document.querySelector('[data-signature-canvas]');
  const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
  return d.some((v, i) => i % 4 === 3 && v > 0); }"""
WIDTHS = (320, 390, 768, 1360)
PAGES = ("today", "policy", "record", "case", "list", "signin", "saved", "errors")


def _png(folder: Path, width: int, height: int) -> Path:
    """A picture of one colour, as large as a phone's camera makes them."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    rows = (b"\0" + b"\x40\x80\xa0" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path = folder / "photo.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
                     + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))  # fmt: skip
    return path


def _ready(page: Page, path: str) -> None:
    page.goto(path)
    ready(page)


def _sign(page: Page) -> None:
    pad = page.locator("[data-signature-canvas]")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 90, steps=6)
    page.mouse.move(box["x"] + 180, box["y"] + 50, steps=6)
    page.mouse.up()


def test_no_page_scrolls_sideways(desktop: Page) -> None:
    for path in PAGES:
        desktop.goto(f"/{path}")
        for width in WIDTHS:
            desktop.set_viewport_size({"width": width, "height": 844})
            assert desktop.evaluate("document.documentElement.scrollWidth") <= width, (path, width)


def test_what_a_thumb_must_hit_is_large_enough(phone: Page) -> None:
    small = """() => [...document.querySelectorAll(
        '.button, .rooms__room, .seg__choice, .chips__chip, .input__box, .tick, .row__open, .back')]
      .filter((e) => e.offsetParent && !e.closest('dialog'))
      .map((e) => {
        const box = (e.matches('.row__open') ? e.closest('.row') : e).getBoundingClientRect();
        return [e.className, Math.round(box.height)];
      }).filter(([, height]) => height < 44)"""

    for path in PAGES:
        phone.goto(f"/{path}")
        assert phone.evaluate(small) == [], path


def test_the_rooms_make_way_for_the_buttons_of_a_form(phone: Page) -> None:
    _ready(phone, "/today")
    expect(phone.locator(".rooms")).to_be_in_viewport()

    _ready(phone, "/record")
    expect(phone.locator(".rooms")).to_be_hidden()
    expect(phone.get_by_role("button", name="提交")).to_be_in_viewport()


def test_the_keyboard_walks_the_rows_and_opens_one(desktop: Page) -> None:
    _ready(desktop, "/today")

    desktop.keyboard.press("j")
    desktop.keyboard.press("j")
    expect(desktop.locator(".row__open").nth(1)).to_be_focused()
    desktop.keyboard.press("ArrowUp")
    expect(desktop.locator(".row__open").first).to_be_focused()
    desktop.keyboard.press("Enter")

    desktop.wait_for_url("**/record")


def test_keys_do_nothing_while_somebody_writes(desktop: Page) -> None:
    _ready(desktop, "/list")

    desktop.keyboard.press("/")
    search = desktop.locator("[data-search]").first
    expect(search).to_be_focused()
    desktop.keyboard.type("jk?")

    expect(search).to_have_value("jk?")
    expect(desktop.locator("#keys-dialog")).to_be_hidden()


def test_the_help_opens_and_closes(desktop: Page) -> None:
    _ready(desktop, "/today")

    desktop.keyboard.press("?")
    expect(desktop.locator("#keys-dialog")).to_be_visible()
    desktop.keyboard.press("Escape")

    expect(desktop.locator("#keys-dialog")).to_be_hidden()


def test_a_copy_is_in_the_clipboard_and_in_the_log(desktop: Page, gallery: Server) -> None:
    _ready(desktop, "/today")

    with desktop.expect_request("**/log"):
        desktop.locator("#row-1 .copy").click()

    copied = desktop.evaluate("navigator.clipboard.readText()")
    assert copied == "3栋1202 漏水 维修回访，已逾期 6 小时（B.2.c）"
    assert ("log", {"channel": ["wechat"]}) in gallery.posts


def test_copying_works_where_the_browser_has_no_clipboard(desktop: Page, gallery: Server) -> None:
    desktop.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    _ready(desktop, "/today")

    with desktop.expect_request("**/log"):
        desktop.locator("#row-1 .copy").click()

    expect(desktop.locator("#row-1 .copy")).to_have_attribute("data-copied", "")


def test_copying_reveals_what_comes_next(desktop: Page) -> None:
    _ready(desktop, "/case")
    expect(desktop.get_by_role("button", name="已送达")).to_be_hidden()

    desktop.get_by_role("button", name="复制到微信").click()

    expect(desktop.get_by_role("button", name="已送达")).to_be_visible()


def test_a_dialog_opens_and_a_cancel_closes_it(desktop: Page) -> None:
    _ready(desktop, "/case")

    desktop.get_by_role("button", name="免除").first.click()
    expect(desktop.get_by_role("dialog")).to_be_visible()
    expect(desktop.get_by_label("缘由")).to_be_focused()
    desktop.get_by_role("button", name="取消").click()

    expect(desktop.get_by_role("dialog")).to_be_hidden()


def test_a_signature_becomes_a_picture_and_can_be_done_again(phone: Page) -> None:
    _ready(phone, "/record")
    picture = phone.locator("[data-signature-picture]")

    _sign(phone)
    assert picture.input_value().startswith("data:image/png;base64,")
    phone.locator("[data-signature-clear]").click()

    expect(picture).to_have_value("")


def test_a_signature_survives_a_turned_phone(phone: Page) -> None:
    _ready(phone, "/record")
    _sign(phone)

    phone.set_viewport_size({"width": 844, "height": 390})
    phone.wait_for_timeout(200)

    assert phone.evaluate(INKED)


def test_a_signature_that_an_answer_brings_back_is_seen(phone: Page) -> None:
    _ready(phone, "/record")
    _sign(phone)
    given = phone.locator("[data-signature-picture]").input_value()
    _forget(phone)

    phone.route("**/record", lambda route: route.fulfill(
        body=page("record", given={"visited": given}), content_type="text/html"))  # fmt: skip
    _ready(phone, "/record")

    expect(phone.locator("[data-signature-pad]")).to_have_attribute("data-signed", "")
    assert phone.evaluate(INKED)


def test_a_refusal_asks_for_its_reason_and_takes_the_signature_away(phone: Page) -> None:
    _ready(phone, "/record")
    _sign(phone)
    expect(phone.locator("[data-signature-reason]")).to_be_hidden()

    phone.get_by_label("对方不愿签名").check()

    expect(phone.locator("[data-signature-reason]")).to_be_focused()
    expect(phone.locator("[data-signature-picture]")).to_have_value("")
    assert phone.locator("[data-signature-reason]").evaluate("e => e.required")


def test_a_photo_is_made_small_shown_and_can_be_taken_away(phone: Page, tmp_path: Path) -> None:
    _ready(phone, "/record")
    chosen = phone.locator("input[type=file]")

    chosen.set_input_files(_png(tmp_path, 3200, 2400))
    expect(phone.locator(".photo__item")).to_have_count(1)

    kind = chosen.evaluate("e => e.files[0].type")
    size = chosen.evaluate("async e => { const b = await createImageBitmap(e.files[0]);"
                           " return [b.width, b.height] }")  # fmt: skip
    assert (kind, size) == ("image/jpeg", [1600, 1200])
    phone.get_by_role("button", name="去掉这张").click()
    assert chosen.evaluate("e => e.files.length") == 0


def test_a_file_that_is_no_photo_is_refused_in_words(phone: Page, tmp_path: Path) -> None:
    _ready(phone, "/record")
    wrong = tmp_path / "note.png"
    wrong.write_text("not a picture")

    phone.locator("input[type=file]").set_input_files(wrong)

    expect(phone.get_by_text("这个文件不是能读的照片，请重拍。")).to_be_visible()
    assert phone.locator("input[type=file]").evaluate("e => e.files.length") == 0


DRAFTS = """() => new Promise((done) => {
  const asked = indexedDB.open("huiyin");
  asked.onsuccess = () => {
    const rows = asked.result.transaction("drafts").objectStore("drafts").getAll();
    rows.onsuccess = () => { asked.result.close(); done(rows.result.map((row) => row.id)); };
  };
})"""


def _forget(page: Page) -> None:
    """As if the draft had never been kept."""
    page.evaluate("""() => new Promise((done) => {
      const asked = indexedDB.open("huiyin");
      asked.onsuccess = () => {
        const cleared = asked.result.transaction("drafts", "readwrite");
        cleared.objectStore("drafts").clear();
        cleared.oncomplete = () => { asked.result.close(); done(); };
      };
    })""")


def _begin_record(page: Page) -> None:
    page.get_by_label("已修好", exact=True).check()
    page.get_by_label("意见原话").fill("师傅很细心。")
    _sign(page)
    page.wait_for_timeout(600)


def test_a_draft_outlives_a_closed_page_and_an_expired_sign_in(phone: Page) -> None:
    _ready(phone, "/record")
    _begin_record(phone)

    _ready(phone, "/signin")
    _ready(phone, "/record")

    expect(phone.locator("[data-draft-banner]")).to_be_visible()
    expect(phone.get_by_label("意见原话")).to_have_value("师傅很细心。")
    expect(phone.locator("input[name=repaired][value=yes]")).to_be_checked()
    assert phone.locator("[data-signature-picture]").input_value().startswith("data:image/png")
    words = phone.locator("[data-draft-banner]").inner_text()
    assert re.search(r"已恢复 \d\d:\d\d 的草稿", words), words


def test_a_draft_keeps_its_photos_as_they_were(phone: Page, tmp_path: Path) -> None:
    _ready(phone, "/record")
    chosen = phone.locator("input[type=file]")
    chosen.set_input_files([_png(tmp_path, 2000, 1500)])
    chosen.set_input_files([_png(tmp_path, 1500, 2000)])
    expect(phone.locator(".photo__item")).to_have_count(2)
    taken = "e => [...e.files].map((f) => [f.name, f.size, f.type])"
    before = chosen.evaluate(taken)
    phone.wait_for_timeout(600)

    _ready(phone, "/record")
    expect(phone.locator(".photo__item")).to_have_count(2)

    assert chosen.evaluate(taken) == before
    phone.get_by_role("button", name="丢弃草稿").click()
    expect(phone.locator(".photo__item")).to_have_count(0)


def test_a_draft_thrown_away_leaves_an_empty_form(phone: Page) -> None:
    _ready(phone, "/record")
    _begin_record(phone)
    _ready(phone, "/record")

    phone.get_by_role("button", name="丢弃草稿").click()

    expect(phone.locator("[data-draft-banner]")).to_be_hidden()
    expect(phone.locator("[data-signature-picture]")).to_have_value("")
    assert (
        phone.locator(":checked").evaluate_all("all => all.filter(e => e.type === 'radio').length")
        == 0
    )
    _ready(phone, "/record")
    expect(phone.get_by_label("意见原话")).to_have_value("")


def test_a_draft_ends_when_the_server_says_that_it_is_saved(phone: Page) -> None:
    _ready(phone, "/record")
    _begin_record(phone)

    _ready(phone, "/saved")
    _ready(phone, "/record")

    expect(phone.locator("[data-draft-banner]")).to_be_hidden()
    expect(phone.get_by_label("意见原话")).to_have_value("")


def test_a_draft_belongs_to_one_person(phone: Page) -> None:
    _ready(phone, "/record")
    _begin_record(phone)

    other = {"id": "2", "name": "陆一帆", "role": "维修负责人"}
    phone.route("**/record", lambda route: route.fulfill(
        body=page("record", signed_in=other), content_type="text/html"))  # fmt: skip
    _ready(phone, "/record")

    expect(phone.locator("[data-draft-banner]")).to_be_hidden()
    expect(phone.get_by_label("意见原话")).to_have_value("")
    # It is not only out of sight: nothing of it is left on the device.
    assert phone.evaluate(DRAFTS) == []


def test_filters_wait_until_a_composition_has_ended(desktop: Page) -> None:
    _ready(desktop, "/list")
    search = desktop.locator(".filters [data-search]")

    search.focus()
    search.dispatch_event("compositionstart")
    desktop.keyboard.type("lou")
    desktop.wait_for_timeout(700)
    assert "q=" not in desktop.url
    with desktop.expect_navigation():
        search.dispatch_event("compositionend")

    assert "q=lou" in desktop.url


def test_a_number_is_revealed_by_a_post_and_covers_itself(desktop: Page, gallery: Server) -> None:
    desktop.clock.install()
    _ready(desktop, "/record")

    desktop.get_by_role("button", name="查看完整号码（会登记）").click()
    expect(desktop.get_by_role("link", name="13800002046")).to_be_visible()
    assert ("reveal", {}) in gallery.posts
    # The behaviour is loaded when the number arrives; only then does its minute begin.
    ready(desktop)
    desktop.clock.run_for(61_000)

    expect(desktop.get_by_text("138••••2046")).to_be_visible()
    expect(desktop.get_by_text("13800002046")).to_have_count(0)


def test_errors_take_the_focus_and_lead_to_their_fields(desktop: Page) -> None:
    _ready(desktop, "/errors")

    expect(desktop.locator(".message[role=alert]")).to_be_focused()
    desktop.get_by_role("link", name="维修人员服务：请选择一项。").click()

    expect(desktop.locator("#field-service")).to_be_in_viewport()


def test_the_first_tab_leads_past_the_rooms(desktop: Page) -> None:
    _ready(desktop, "/today")

    desktop.keyboard.press("Tab")
    expect(desktop.get_by_role("link", name="跳到正文")).to_be_focused()
    desktop.keyboard.press("Enter")

    expect(desktop.locator("main")).to_be_focused()
