"""Whatever bytes come, reading ends in rows or in a refusal, never in an error of ours."""

import io
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from xlsxwriter import Workbook

from huiyin.imports.errors import FileRefused, MapRefused
from huiyin.imports.maps import parse_map
from huiyin.imports.moments import Calendar
from huiyin.imports.reading import read_table
from huiyin.imports.refusals import BadValue
from huiyin.imports.values import Expected, convert

PIECES = st.sampled_from(
    [b",", b";", b"\t", b'"', b"\r", b"\n", b"\r\n", b"\0", b"\xff", b"\xef\xbb\xbf", b"PK\x03\x04"]
    + [text.encode(form) for text in ("㐂", "𠮷庆里", "，") for form in ("utf-8", "gb18030")]
)


def end_of(content: bytes) -> str:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "t"
        path.write_bytes(content)
        try:
            for row in read_table(path).rows:
                assert row.number
        except FileRefused as refused:
            return str(refused)
    return "read"


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.lists(PIECES, max_size=60).map(b"".join)))
def test_any_bytes(content: bytes) -> None:
    assert end_of(content)


def sample() -> bytes:
    content = io.BytesIO()
    with Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet("台账")
        for row in range(5):
            sheet.write_row(row, 0, [row, "㐂", 1.5])
    return content.getvalue()


SAMPLE = sample()


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(SAMPLE) - 1), st.integers(0, 255))
def test_a_workbook_with_any_byte_changed(position: int, byte: int) -> None:
    assert end_of(SAMPLE[:position] + bytes([byte]) + SAMPLE[position + 1 :])


def with_sheet(markup: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(SAMPLE)) as old, zipfile.ZipFile(content, "w") as new:
        for name in old.namelist():
            new.writestr(name, markup if name.endswith("sheet1.xml") else old.read(name))
    return content.getvalue()


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [b"<worksheet>", b"<sheetData>", b'<row r="1">', b'<c r="A1">', b'<c r="B9" t="s">']
            + [b"<v>9</v>", b"<v>x</v>", b'<c r="ZZZ1" t="e">', b"</c>", b"</row>", b"<f>A1</f>"]
        ),
        max_size=12,
    ).map(b"".join)
)
def test_a_workbook_with_any_sheet(markup: bytes) -> None:
    assert end_of(with_sheet(markup))


TYPES = ("text", "choice", "boolean", "number", "date", "datetime", "phone")
CELLS = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="0123456789-/:. 年月日时分秒TZ+万,eE％", max_size=24),
    st.floats(),
    st.booleans(),
    st.datetimes(),
    st.dates(),
    st.none(),
)


@settings(max_examples=600, deadline=None)
@given(CELLS, st.sampled_from(TYPES), st.sampled_from([(), ("excel",), ("%d.%m.%Y",)]))
def test_any_cell(cell: object, to: str, formats: tuple[str, ...]) -> None:
    calendar = Calendar(ZoneInfo("America/New_York"), formats)
    try:
        convert(cell, to=Expected(to, choices={"a": "甲"}), calendar=calendar)
    except BadValue as bad:
        assert bad.code


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["import: x\n", "columns:\n", "  number: {column: 1}\n", "  a: ", "- ", "&a ", "*a"]
            + ["{", "}", "[", '"', "!!python/object:x ", "2026-01-01", "\n", "? ", "|", "\t", "%"]
        ),
        max_size=12,
    ).map("".join)
)
def test_any_map(text: str) -> None:
    try:
        parse_map(text, name="m.yaml")
    except MapRefused as refused:
        assert refused.problems
