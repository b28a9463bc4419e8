"""Files as they come out of spreadsheet programs, and files that are none."""

import io
import time
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from xlsxwriter import Workbook

from huiyin.imports.errors import FileRefused
from huiyin.imports.reading import MAX_CELL, Row, Table, read_table
from huiyin.imports.workbooks import BROKEN_CELL

TEXT = "编号,楼栋,类别\r\n1,㐂园,漏水\r\n2,𠮷庆里,安全设施\r\n"
LAST_SECOND = datetime(2026, 11, 23, 23, 59, 59)  # noqa: DTZ001 (a cell has no zone)
CELLS = [["编号", "楼栋", "类别"], ["1", "㐂园", "漏水"], ["2", "𠮷庆里", "安全设施"]]


def table(folder: Path, content: bytes | str, name: str = "t.csv") -> Table:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path)


def rows(folder: Path, content: bytes | str, name: str = "t.csv") -> list[Row]:
    return list(table(folder, content, name).rows)


def cells(found: list[Row]) -> list[list[object]]:
    return [list(row.cells) for row in found]


def problems(found: list[Row]) -> dict[int, str]:
    return {row.number: row.problem for row in found if row.problem}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_rare_characters_survive_every_encoding(tmp_path: Path, encoding: str) -> None:
    assert cells(rows(tmp_path, TEXT.encode(encoding))) == CELLS


@pytest.mark.parametrize("mark", [",", ";", "\t", "，"])
def test_delimiters_are_found(tmp_path: Path, mark: str) -> None:
    assert cells(rows(tmp_path, TEXT.replace(",", mark))) == CELLS


@pytest.mark.parametrize(
    ("encoding", "mark", "said"),
    [
        ("gb18030", ",", "编码 GB18030（中文 Windows），逗号分隔"),
        ("utf-8", "\t", "编码 UTF-8，制表符分隔"),
    ],
)
def test_how_a_text_was_read_is_said_in_words(
    tmp_path: Path, encoding: str, mark: str, said: str
) -> None:
    assert table(tmp_path, TEXT.replace(",", mark).encode(encoding)).form == said


def test_a_delimiter_inside_quotes_does_not_count(tmp_path: Path) -> None:
    text = 'a;b\n"1,2,3,4";x\n"5,6,7,8";y\n'

    assert cells(rows(tmp_path, text)) == [["a", "b"], ["1,2,3,4", "x"], ["5,6,7,8", "y"]]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_all_systems(tmp_path: Path, end: str) -> None:
    assert cells(rows(tmp_path, TEXT.replace("\r\n", end))) == CELLS


def test_a_line_break_within_a_cell_is_one_row(tmp_path: Path) -> None:
    found = rows(tmp_path, 'a,b\r\n1,"x\r\ny ""z"""\r\n2,w\r\n')

    assert cells(found) == [["a", "b"], ["1", 'x\r\ny "z"'], ["2", "w"]]
    assert [row.number for row in found] == [1, 2, 3]


def test_a_line_in_another_encoding_is_named(tmp_path: Path) -> None:
    lines = [line.encode() for line in ("编号,楼栋", "1,一期", "2,二期")]

    mixed = b"\n".join([*lines, "3,三期北苑".encode("gb18030"), "4,四期".encode()])

    assert problems(rows(tmp_path, mixed)) == {4: "encoding"}


def test_a_utf8_line_in_a_gb18030_file_is_named(tmp_path: Path) -> None:
    lines = [line.encode("gb18030") for line in ("编号,楼栋", "1,一期", "2,二期")]

    mixed = b"\n".join([*lines, "3,三期北苑".encode()])

    assert problems(rows(tmp_path, mixed)) == {4: "encoding"}


@pytest.mark.parametrize("bad", [b"\xed\xa0\x80", b"\xc0\xaf", b"\xff"])
def test_surrogates_and_overlong_forms_are_refused_at_their_line(
    tmp_path: Path, bad: bytes
) -> None:
    content = "编号,楼栋\n1,一期\n".encode() + b"2," + bad + "\n3,三期\n".encode()

    assert problems(rows(tmp_path, content)) == {3: "encoding"}


def test_a_long_file_is_not_cut_within_a_character(tmp_path: Path) -> None:
    text = "编号,名\n" + "".join(f"{n},{'㐂' * 50}\n" for n in range(5_000))

    found = rows(tmp_path, text.encode("gb18030"))

    assert len(found) == 5_001
    assert not problems(found)


def test_nul_bytes_are_refused(tmp_path: Path) -> None:
    late = "编号,楼栋\n" + "1,一期\n" * 2_000

    assert problems(rows(tmp_path, late.encode() + b"2,a\0b\n")) == {2_002: "nul"}
    with pytest.raises(FileRefused, match="空字节"):
        rows(tmp_path, "编号,楼栋\n".encode("utf-16-le"))


def test_an_open_quote_is_refused_at_the_row_where_it_opens(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="第 3 行"):
        rows(tmp_path, 'a,b\n1,x\n2,"y\n' + "3,z\n" * 50)


def test_a_stray_quote_refuses_its_row_alone(tmp_path: Path) -> None:
    found = rows(tmp_path, 'a,b\n1,"x"y\n2,z\n')

    assert problems(found) == {2: "quotes"}
    assert found[2].cells == ["2", "z"]


@pytest.mark.parametrize(
    "content",
    [
        b"a" + b",a" * 1_000_000,
        b"a,b\n1," + b"x" * 10_000_000,
        b"\n" * 10_000_000,
        b"a,b\n" * 3_000_000,
    ],
    ids=["million columns", "ten megabytes in a cell", "ten million lines", "too many rows"],
)
def test_what_is_too_large_is_refused_soon(tmp_path: Path, content: bytes) -> None:
    began = time.monotonic()

    with pytest.raises(FileRefused):
        rows(tmp_path, content)

    assert time.monotonic() - began < 4


def test_the_longest_cell_that_a_spreadsheet_holds_is_read(tmp_path: Path) -> None:
    assert len(rows(tmp_path, "a,b\n1," + "字" * MAX_CELL + "\n")[1].cells[1]) == MAX_CELL


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7\n...",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        b"<html><table><tr><td>1</td></tr></table></html>",
        b"\xef\xbb\xbf <?xml version='1.0'?><a/>",
        b"PK\x03\x04 and then nothing of a workbook",
    ],
    ids=["empty", "pdf", "xls or locked", "html", "xml", "broken zip"],
)
def test_what_is_no_table_is_refused_in_plain_words(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(FileRefused) as caught:
        rows(tmp_path, content, "t.xlsx")

    assert str(caught.value)


def workbook(path: Path) -> tuple[Workbook, object]:
    book = Workbook(str(path))
    return book, book.add_worksheet("台账")


def test_a_workbook_gives_real_dates_and_names_broken_cells(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"  # the name is not believed
    book, sheet = workbook(path)
    day = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet.write_row(0, 0, ["编号", "完工", "费用"])
    sheet.write(1, 0, "𠮷-1")
    sheet.write_datetime(1, 1, LAST_SECOND, day)
    sheet.write_number(1, 2, 12.5)
    sheet.write_number(2, 0, 46920293)
    sheet.write_datetime(2, 1, date(2026, 11, 24), book.add_format({"num_format": "yyyy/m/d"}))
    sheet.write_formula(2, 2, "=1/0", None, "#DIV/0!")
    book.add_worksheet("别的")
    book.close()

    read = read_table(path)

    assert read.form == "XLSX 台账"
    assert [notice.code for notice in read.notices] == ["other_sheets"]
    assert cells(list(read.rows)) == [
        ["编号", "完工", "费用"],
        ["𠮷-1", LAST_SECOND, 12.5],
        [46920293.0, date(2026, 11, 24), BROKEN_CELL],
    ]


def test_a_sheet_that_spans_the_whole_grid_is_refused_soon(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    book, sheet = workbook(path)
    sheet.write(0, 0, "a")
    sheet.write(1_048_575, 16_383, "b")
    book.close()
    began = time.monotonic()

    with pytest.raises(FileRefused, match="16384"):
        read_table(path)

    assert time.monotonic() - began < 2


def packed(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return content.getvalue()


@pytest.mark.parametrize(
    "files",
    [
        {"xl/workbook.xml": b"<a/>", "xl/worksheets/sheet1.xml": b" " * 300_000_000},
        {"xl/workbook.xml": b"<a/>", "../evil.xml": b"x"},
        {"xl/workbook.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'},
        {"xl/workbook.xml": b"<a/>"},
        {"word/document.xml": b"<a/>"},
    ],
    ids=["bomb", "zip slip", "entities", "no sheet", "a letter"],
)
def test_a_dangerous_archive_is_refused_before_it_is_unpacked(
    tmp_path: Path, files: dict[str, bytes]
) -> None:
    content = packed(files)
    began = time.monotonic()

    with pytest.raises(FileRefused):
        rows(tmp_path, content, "t.xlsx")

    assert time.monotonic() - began < 2


def test_a_truncated_workbook_is_refused_at_every_length(tmp_path: Path) -> None:
    path = tmp_path / "whole.xlsx"
    book, sheet = workbook(path)
    for row in range(200):
        sheet.write_row(row, 0, [row, "楼栋", "㐂"])
    book.close()
    whole = path.read_bytes()

    for length in range(4, len(whole) - 1, 509):
        with pytest.raises(FileRefused):
            rows(tmp_path, whole[:length], "cut.xlsx")
