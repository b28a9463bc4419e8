"""A map laid on a table: headers found, rows left out, rows refused with their column."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from huiyin.imports.binding import Bound, bind
from huiyin.imports.errors import MapRefused
from huiyin.imports.maps import parse_map
from huiyin.imports.reading import read_table
from huiyin.imports.values import Expected

MAP = """\
import: subjects
columns:
  number: {column: [工单号, 编号]}
  phone: {column: 电话, required: false}
  category: {column: 类别, values: {水漏: leak}, else: other, default: other}
  created: {column: 报修, required: true}
  done: {column: 完工}
refuse:
  - {value: done, before: created, because: 完工早于报修}
  - {value: number, one_of: [作废]}
"""
EXPECTED = {
    "number": Expected("text", required=True),
    "phone": Expected("phone"),
    "category": Expected("choice", required=True, choices={"leak": "漏水", "other": "其他"}),
    "created": Expected("datetime"),
    "done": Expected("datetime"),
}
HEADER = "编号,类别,报修,完工\n"


def bound(folder: Path, content: str, text: str = MAP) -> Bound:
    path = folder / "t.csv"
    path.write_text(content, encoding="utf-8")
    file = parse_map(text, name="m.yaml")
    return bind(file, read_table(path), expected=EXPECTED, zone=ZoneInfo("Asia/Shanghai"))


def codes(found: Bound) -> dict[int, tuple[str, str, str]]:
    return {row.number: (row.column, row.code, row.value) for row in found.parsed() if row.code}


def test_a_plain_table(tmp_path: Path) -> None:
    [row] = bound(tmp_path, HEADER + "A1,水漏,2026-03-02 09:00,2026-03-03 10:00\n").parsed()

    assert row.number == 2
    assert row.values == {
        "number": "A1",
        "phone": None,
        "category": "leak",
        "created": "2026-03-02T01:00:00+00:00",
        "done": "2026-03-03T02:00:00+00:00",
    }


def test_title_rows_total_rows_and_blank_rows_are_left_out_with_a_notice(tmp_path: Path) -> None:
    content = (
        "一区报修台账,,,\n\n"
        + HEADER
        + "A1,水漏,2026-03-02,\n,,,\nA2,其他,2026-03-02,\n合计：,2,,\n"
    )
    found = bound(tmp_path, content)

    assert [row.number for row in found.parsed()] == [4, 6]
    assert [(notice.code, notice.row) for notice in found.notices] == [
        ("title_row", 1),
        ("total_row", 7),
        ("blank_rows", 0),
    ]


def test_headers_match_whatever_their_width_and_spaces(tmp_path: Path) -> None:
    found = bound(tmp_path, "工 单号 ,类别　,报修,完工,电话　\nA1,,2026-03-02,,138-1234-5678\n")

    [row] = found.parsed()
    assert row.values["number"] == "A1"
    assert row.values["category"] == "other"
    assert row.values["phone"] == "13812345678"


def test_each_refusal_names_row_column_and_value(tmp_path: Path) -> None:
    found = bound(
        tmp_path,
        HEADER
        + ",水漏,2026-03-02,\n"
        + "A2,水漏,2026/2/30,\n"
        + "A3,水漏,2026-03-02,2026-03-01\n"
        + "A4,水漏,,\n"
        + "作废,水漏,2026-03-02,\n"
        + "A6,水漏,2026-03-02,,too,many\n"
        + "A7,水漏,2026-03-02,2026-03-02\n",
    )

    assert codes(found) == {
        2: ("编号", "empty", ""),
        3: ("报修", "no_such_date", "2026/2/30"),
        4: ("完工", "order", "2026-03-01"),
        5: ("报修", "empty", ""),
        6: ("编号", "order", "作废"),
        7: ("", "cells", "A6 | 水漏 | 2026-03-02 | too | many"),
    }


def problems(folder: Path, content: str, text: str = MAP) -> str:
    with pytest.raises(MapRefused) as caught:
        bound(folder, content, text)
    return str(caught.value)


def test_a_missing_column_is_named_with_what_the_file_has(tmp_path: Path) -> None:
    message = problems(tmp_path, "编号,类别,报修日期,完工\nA1,,,\n")

    assert "m.yaml:6:" in message
    assert "报修" in message
    assert "报修日期" in message


def test_a_title_that_stands_twice_is_refused(tmp_path: Path) -> None:
    assert "两列" in problems(tmp_path, "编号,编号,类别,报修,完工\n1,2,,,\n")


def test_a_name_that_nobody_expects_is_refused(tmp_path: Path) -> None:
    text = MAP.replace("phone:", "fax:")

    assert "`fax`" in problems(tmp_path, HEADER, text)


def test_a_map_without_what_is_required_is_refused(tmp_path: Path) -> None:
    text = MAP.replace(
        "  category: {column: 类别, values: {水漏: leak}, else: other, default: other}\n", ""
    )

    assert "`category`" in problems(tmp_path, HEADER, text)


def test_positions_serve_a_table_without_header(tmp_path: Path) -> None:
    text = """\
import: subjects
header: false
columns:
  number: {column: 1}
  category: {constant: leak}
  created: {column: 2}
  done: {column: 9}
"""
    [row] = bound(tmp_path, "A1,2026-03-02\n", text).parsed()

    assert row.number == 1
    assert row.values["category"] == "leak"
    assert row.values["done"] is None
    assert codes(bound(tmp_path, "A1,x\n", text)) == {1: ("第 2 列", "date", "x")}
