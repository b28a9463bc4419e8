"""Setting papers: the same bytes, nothing lost, nothing read as markup, and how much at a time."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
import qrcode

from huiyin.core.errors import Invalid
from huiyin.records.printing import glyphs, press, typesetting
from huiyin.records.printing.paper import Cell, Choice, Paper, Picture, Row, pairs, wide
from tests.app.records.pdf_reading import Reader

AT = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
ADDRESS = "http://192.168.1.20:8000/records/123/"


def paper(*rows: Row, **given: str) -> Paper:
    plain = Paper(
        firm="示例物业", title="维修回访记录", number="编号 WXHF-2026-0001",
        document="物业公司客户回访制度 WY-HF-01 第 1 版", foot="打印：2026-03-05 10:00 乙主管",
        rows=rows or (wide(Cell("意见原话", "好")),),
    )  # fmt: skip
    return replace(plain, **given)


def said(text: str) -> Paper:
    return paper(wide(Cell("意见原话", text)))


def read(*papers: Paper) -> Reader:
    return Reader(typesetting.pdf(papers, {}, at=AT))


def test_the_same_paper_gives_the_same_bytes_in_any_process() -> None:
    script = """
import hashlib, django
django.setup()
from tests.app.records.test_typesetting import AT, paper, typesetting
print(hashlib.sha256(typesetting.pdf([paper()], {}, at=AT)).hexdigest())
"""
    here = sha256(typesetting.pdf([paper()], {}, at=AT)).hexdigest()
    elsewhere = subprocess.run(
        [sys.executable, "-c", script], env=os.environ, capture_output=True, text=True, check=True
    )

    assert elsewhere.stdout.strip() == here
    assert sha256(typesetting.pdf([paper()], {}, at=AT)).hexdigest() == here


def test_another_moment_is_another_document() -> None:
    later = AT.replace(minute=1)

    assert typesetting.pdf([paper()], {}, at=AT) != typesetting.pdf([paper()], {}, at=later)


def test_the_document_bears_the_moment_of_printing() -> None:
    assert b"/CreationDate(D:20260305020000Z)" in typesetting.pdf([paper()], {}, at=AT)


@pytest.mark.parametrize(
    "text",
    [
        '#panic("x") #{1/0} *粗* _斜_ `码` $x^2$ @参 <签> \\u{41} // 注 /* 注 */ ~',
        "= 标题\n- 项\n+ 项\n/ 词: 义\n#set page(width: 1cm)\n-- --- ... ' \" \\",
        "[方括号] {花括号} (圆括号) %(name)s {page} {pages} </svg> &amp; ]]>",
    ],
)
def test_what_people_wrote_stands_there_as_they_wrote_it(text: str) -> None:
    shown = read(said(text)).text

    assert text.replace("\n", "") in shown


def test_every_word_of_a_paper_is_safe_from_markup() -> None:
    nasty = '#{1/0} $ * " \\'
    cell = Cell(
        nasty, nasty, nasty, (Choice(nasty, on=True),), sign=((nasty,),), note=nasty
    )  # fmt: skip
    words = {"title": nasty, "firm": nasty, "number": nasty, "document": nasty, "foot": nasty}

    shown = read(paper(wide(cell), Row("band", text=nasty), **words)).text

    assert shown.count(nasty) == 12


def test_ten_thousand_characters_run_on_over_pages_with_their_head() -> None:
    beside = set(read(said("")).text + "·0123456789")
    some = [c for c in map(chr, range(0x4E00, 0x5800)) if c not in beside][:2_500]
    text = "".join(some) * 4

    made = read(said(text))

    assert "".join(character for character in made.text if character not in beside) == text
    assert len(made.pages) >= 5
    for at, page in enumerate(made.pages, start=1):
        assert f"第 {at} 页　共 {len(made.pages)} 页" in page.text
        assert "编号 WXHF-2026-0001" in page.text
        assert "示例物业" in page.text


@pytest.mark.parametrize("number", ["W" * 80, "20260001/A" * 8])
def test_a_number_without_a_blank_is_broken_where_its_cell_ends(number: str) -> None:
    def twenty(number: str) -> Reader:
        rows = pairs([Cell("维修单号", number), Cell("维修人员", "丙维修")] * 20)
        return read(paper(*rows, number=f"编号 {number}"))

    made = twenty(number)

    assert made.text.count(number) > 20  # in the head too; one may be broken between pages
    assert len(made.pages) > len(twenty("WX-1").pages)


def test_each_paper_counts_its_own_pages() -> None:
    long = said("字" * 2_500)

    made = read(said("短"), long, said("短"))

    foot = [page.runs[-1] for page in made.pages]
    assert foot == [
        "第 1 页　共 1 页", "第 1 页　共 2 页", "第 2 页　共 2 页", "第 1 页　共 1 页",
    ]  # fmt: skip


def test_what_the_font_lacks_is_a_box_with_its_code() -> None:
    made = read(said("李㐂和𠮷先生😀\a"))

    assert "李㐂和" in made.text
    assert {"20BB7", "1F600", "7"} <= set(made.pages[0].runs)
    assert "�" not in made.text


def test_a_mark_that_would_turn_the_words_around_is_seen() -> None:
    assert glyphs.missing(["付\u202e款\u2066"]) == ["202E", "2066"]
    assert "202E" in read(said("付\u202e款")).pages[0].runs


@pytest.mark.parametrize("first", range(0, 0x3400, 0x400))
def test_no_character_stops_the_printing(first: int) -> None:
    """Whatever is lacking is an error of PDF/A, so all that is set has its shape."""
    text = "".join(map(chr, range(first, first + 0x400))).replace("\0", "")

    assert read(said(text)).pages


def test_characters_of_all_planes_are_drawn_or_boxed() -> None:
    codes = [
        0x2E80,
        0x9FFF,
        0xE000,
        0xFE0F,
        0xFEFF,
        0xFFFD,
        0x1F1E8,
        0x20000,
        0x30EDE,
        0xE0101,
        0x10FFFD,
    ]

    assert read(said("".join(map(chr, codes)))).pages


def test_the_fonts_own_table_is_read() -> None:
    held, lacking = "回㐂𬭚□✓§①℃·…—：、ＡA", "𠮷☐😀"

    assert all(ord(sign) in glyphs.covered() for sign in held)
    assert not any(ord(sign) in glyphs.covered() for sign in lacking)
    assert len(glyphs.covered()) > 30_000


def test_the_qr_code_says_the_address() -> None:
    expected = qrcode.QRCode(border=0)
    expected.add_data(ADDRESS)
    expected.make()

    with_code = paper(qr=Picture("qr-0", ADDRESS))  # type: ignore[arg-type]
    made = Reader(typesetting.pdf([with_code], {"qr-0": ADDRESS}, at=AT))

    dark = {
        (x, y)
        for y, line in enumerate(expected.get_matrix())
        for x, is_dark in enumerate(line)
        if is_dark
    }
    assert made.pages[0].modules == dark


def test_a_pile_that_is_too_high_is_refused_before_it_is_set() -> None:
    typesetting.refuse_too_long([paper()] * typesetting.MOST_PAGES)

    with pytest.raises(Invalid) as error:
        typesetting.refuse_too_long([paper()] * typesetting.MOST_PAGES + [said("字" * 5_000)])

    assert "约有 304 页，一次最多打印 300 页" in str(error.value)


def test_too_many_photos_are_refused_too() -> None:
    album = wide(Cell("照片", photos=(Picture("0" * 64, "照片"),) * typesetting.MOST_PHOTOS))
    typesetting.refuse_too_long([paper(album)])

    with pytest.raises(Invalid) as error:
        typesetting.refuse_too_long(
            [paper(album, wide(Cell("照片", photos=(Picture("1", "照片"),))))]
        )

    assert "共有 601 张照片，一次最多打印 600 张" in str(error.value)


@pytest.mark.parametrize("text", ["", "字" * 400, "字" * 3_000, "字" * 10_000, "行\n" * 400])
def test_the_estimate_of_pages_is_near(text: str) -> None:
    pages = len(read(said(text)).pages)

    assert pages - 1 <= typesetting.estimated([said(text)]) <= pages + 1


def test_a_pile_goes_through_a_process_of_its_own_and_is_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pile = [replace(paper(), number=f"编号 {n}") for n in range(press.PILE)]
    apart = typesetting.pdf(pile, {}, at=AT)

    monkeypatch.setattr(press, "PILE", press.PILE + 1)
    monkeypatch.setattr(subprocess, "run", None)
    here = typesetting.pdf(pile, {}, at=AT)

    assert apart == here
    assert [page.text.count("编号") for page in Reader(here).pages] == [1] * len(pile)


def test_a_page_takes_less_than_a_fifth_of_a_second() -> None:
    ticks = tuple(Choice(f"选项{n}") for n in range(5))
    full = paper(
        *pairs([Cell(f"词{n}", "内容" * 5) for n in range(10)]),
        *(wide(Cell(f"问{n}", choices=ticks)) for n in range(10)),
    )
    read(full)  # the fonts are read once per process

    def taken(turn: int) -> float:
        started = time.process_time()
        typesetting.pdf([replace(full, foot=f"第 {turn} 次")], {}, at=AT)
        return time.process_time() - started

    assert min(taken(turn) for turn in range(5)) < 0.2
