"""Lists and the search of every page, under a real keyboard and a real thumb."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

pytestmark = pytest.mark.browser


def test_a_slash_leads_to_the_search_of_everything(desktop: Page) -> None:
    desktop.goto("/settings/")
    desktop.wait_for_load_state("networkidle")

    desktop.keyboard.press("/")
    expect(desktop.locator(".seek__box")).to_be_focused()
    desktop.keyboard.type("1202")
    desktop.keyboard.press("Enter")

    desktop.wait_for_url("**/search/?q=1202")
    expect(desktop.get_by_role("link", name="3栋1202", exact=True)).to_be_visible()
    desktop.keyboard.press("Escape")
    desktop.locator("h1").click()
    desktop.keyboard.press("j")
    desktop.keyboard.press("Enter")
    desktop.wait_for_url("**/customers/*/")


def test_a_list_narrows_while_one_types_and_keeps_the_cursor(desktop: Page) -> None:
    desktop.goto("/customers/")
    desktop.wait_for_load_state("networkidle")
    box = desktop.locator("#field-q")
    rows = desktop.locator("[data-row]")
    expect(rows).to_have_count(2)

    box.click()
    desktop.keyboard.type("㐂")
    expect(rows).to_have_count(1)
    expect(box).to_be_focused()
    expect(desktop).to_have_url(re.compile("q=%E3%90%82"))
    desktop.keyboard.type("苑")
    desktop.wait_for_url("**q=%E3%90%82%E8%8B%91*")

    expect(rows).to_have_count(1)
    desktop.go_back()
    expect(box).to_have_value("㐂")


def test_nothing_is_sent_while_an_input_method_composes(desktop: Page) -> None:
    desktop.goto("/customers/")
    desktop.wait_for_load_state("networkidle")
    box = desktop.locator("#field-q")
    asked: list[str] = []
    desktop.on("request", lambda request: asked.append(request.url))

    box.click()
    box.dispatch_event("compositionstart")
    box.press_sequentially("xi")
    desktop.wait_for_timeout(600)
    while_composing = list(asked)
    box.fill("㐂")
    box.dispatch_event("compositionend")

    expect(desktop.locator("[data-row]")).to_have_count(1)
    assert while_composing == []


def test_a_view_is_saved_opened_and_deleted(desktop: Page) -> None:
    desktop.goto("/subjects/repair/?f-category=leak")
    desktop.get_by_text("存为常用视图").click()
    desktop.get_by_role("textbox", name="名称 （必填）").fill("漏水的")
    desktop.get_by_role("button", name="保存").click()

    tab = desktop.get_by_role("link", name="漏水的", exact=True)
    expect(tab).to_have_attribute("aria-current", "page")
    desktop.get_by_role("link", name="全部", exact=True).click()
    expect(tab).not_to_have_attribute("aria-current", "page")
    tab.click()
    expect(desktop.locator("[data-row]")).to_have_count(1)

    desktop.get_by_text("存为常用视图").click()
    desktop.get_by_role("link", name="管理常用视图").click()
    desktop.get_by_role("link", name="修改").click()
    desktop.get_by_role("button", name="删除视图").click()
    expect(desktop.get_by_text("还没有常用视图")).to_be_visible()


def test_columns_are_chosen_and_sorted_by_their_heads(desktop: Page) -> None:
    desktop.goto("/customers/")
    desktop.get_by_text("列", exact=True).click()
    desktop.get_by_role("checkbox", name="负责人").check()
    desktop.get_by_role("button", name="显示这些列").click()
    expect(desktop.get_by_role("columnheader", name="负责人")).to_be_visible()

    desktop.get_by_role("columnheader", name="客户").get_by_role("link").click()

    expect(desktop.get_by_role("columnheader", name="客户")).to_have_attribute(
        "aria-sort", "descending"
    )
    expect(desktop.get_by_role("columnheader", name="负责人")).to_be_visible()
    expect(desktop).to_have_url(re.compile("sort=-number"))


def test_a_list_is_taken_along(desktop: Page, tmp_path: Path) -> None:
    desktop.goto("/customers/?q=㐂")
    with desktop.expect_download() as download:
        desktop.get_by_role("button", name="导出 XLSX").click()

    path = tmp_path / "list.xlsx"
    download.value.save_as(path)
    book = CalamineWorkbook.from_filelike(BytesIO(path.read_bytes()))
    assert download.value.suggested_filename.startswith("客户 ")
    assert book.get_sheet_by_name("客户").to_python()[1][0] == "㐂苑𠮷座0101"


def test_on_a_phone_a_list_is_cards_and_the_search_a_symbol(phone: Page) -> None:
    phone.goto("/cases/?stage=closed")
    phone.wait_for_load_state("networkidle")

    first = phone.locator("[data-row]").first
    box = first.bounding_box()
    assert box and box["width"] > 330 and box["height"] > 100
    expect(phone.locator(".filters__row")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") == 390

    phone.get_by_role("link", name="搜索", exact=True).tap()
    phone.get_by_label("编号、名称、拼音首字母、电话或尾号").fill("0815")
    phone.get_by_role("button", name="查找").tap()
    expect(phone.get_by_role("link", name="㐂苑𠮷座0101")).to_be_visible()


@pytest.mark.parametrize("device", ["phone", "desktop"])
def test_a_number_longer_than_its_place_is_broken(
    device: str, request: pytest.FixtureRequest
) -> None:
    page: Page = request.getfixturevalue(device)
    page.goto("/obligations/")
    width = page.evaluate("document.documentElement.clientWidth")
    number = page.locator(".list td[data-label=对象] .nowrap").first
    number.evaluate("one => { one.textContent = 'W'.repeat(80); }")

    box = number.bounding_box()

    assert box and box["x"] + box["width"] <= width
    assert number.evaluate("one => one.scrollWidth <= one.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("room", ["/cases/", "/customers/", "/subjects/repair/", "/followups/"])
def test_no_filter_is_cut_on_a_phone(phone: Page, room: str) -> None:
    phone.goto(room)
    fields = phone.locator(".filters__row .field")

    edges = [box for each in fields.all() if (box := each.bounding_box())]

    assert len(edges) >= 2
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 390 for box in edges)


@pytest.mark.parametrize("menu", ["列", "存为常用视图"])
def test_a_panel_fits_the_phone(phone: Page, menu: str) -> None:
    phone.goto("/subjects/repair/")
    phone.get_by_text(menu, exact=True).tap()

    box = phone.locator(".menu[open] .menu__panel").bounding_box()

    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390
    assert phone.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_whole_page_is_ticked_and_given_within_reach(
    size: str, request: pytest.FixtureRequest
) -> None:
    page: Page = request.getfixturevalue(size)
    page.goto("/obligations/assignments/")
    page.wait_for_load_state("networkidle")
    boxes = page.locator("[data-row] input[type=checkbox]")
    every = boxes.count()
    assert every > 1

    page.keyboard.press("a")
    expect(page.locator("[data-row] input:checked")).to_have_count(every)
    page.locator("[data-row] [data-open]").first.focus()
    page.keyboard.press("x")

    expect(page.locator("[data-row] input:checked")).to_have_count(every - 1)
    expect(page.locator("[data-ticked]")).to_have_text(str(every - 1))
    assert page.locator("[data-all]").evaluate("box => box.indeterminate")
    expect(page.get_by_role("button", name="分派选中的")).to_be_in_viewport(ratio=1)


# What is chosen beside the room for it; the arrow takes some.
CUT = """() => [...document.querySelectorAll(".filters__row select")].filter((select) => {
  const style = getComputedStyle(select);
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = style.font;
  const words = pen.measureText(select.selectedOptions[0].text).width;
  const pads = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
  return words + pads + 12 > select.clientWidth;
}).map((select) => select.selectedOptions[0].text)"""


@pytest.mark.parametrize(
    ("size", "language"),
    [
        ("phone", "en"),
        ("desktop", "zh-hans"),
        pytest.param("phone", "zh-hans", marks=pytest.mark.long),
        pytest.param("desktop", "en", marks=pytest.mark.long),
    ],
)
def test_no_filter_is_cut(size: str, language: str, request: pytest.FixtureRequest) -> None:
    page: Page = request.getfixturevalue(size)
    page.goto("/")
    page.context.add_cookies(
        [{"name": "django_language", "value": language, "url": page.url.rstrip("/")}]
    )

    for room in ("customers", "cases", "obligations", "obligations/assignments"):
        page.goto(f"/{room}/")
        assert page.locator(".filters__row select").count() > 2
        assert page.evaluate(CUT) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]


def test_quotes_in_english_are_not_drawn_as_wide_as_a_han_character(desktop: Page) -> None:
    desktop.goto("/")
    desktop.context.add_cookies(
        [{"name": "django_language", "value": "en", "url": desktop.url.rstrip("/")}]
    )
    desktop.goto("/")
    desktop.evaluate("document.fonts.load('1em \"Noto Sans SC Variable\"', '\u201c')")

    narrow, wide = desktop.evaluate("""() => ["en", "zh-Hans"].map((language) => {
      document.documentElement.lang = language;
      const [plain, quoted] = ["to the", "to \u201cthe"].map((words) => {
        const text = document.createElement("span");
        text.textContent = words;
        document.querySelector("main").append(text);
        return text.getBoundingClientRect().width;
      });
      return (quoted - plain) / parseFloat(getComputedStyle(document.body).fontSize);
    })""")

    assert narrow < 0.6 < wide


def test_arrows_pass_through_choices_until_enter_means_one(desktop: Page) -> None:
    desktop.goto("/subjects/repair/")
    desktop.wait_for_load_state("networkidle")
    choice = desktop.get_by_label("类别").first
    asked: list[str] = []
    desktop.on("request", lambda request: asked.append(request.url))

    choice.focus()
    desktop.keyboard.press("ArrowDown")
    desktop.wait_for_timeout(600)
    while_passing = list(asked)
    desktop.keyboard.press("Enter")

    desktop.wait_for_url("**f-category=*")
    assert while_passing == []


def test_escape_closes_a_menu_and_leaves_the_focus_on_it(desktop: Page) -> None:
    desktop.goto("/customers/?q=1")
    desktop.get_by_text("存为常用视图").click()
    box = desktop.get_by_role("textbox", name="名称 （必填）")
    box.focus()
    desktop.keyboard.press("Escape")

    expect(box).to_be_hidden()
    expect(desktop.locator("details.menu summary:focus")).to_have_count(1)
