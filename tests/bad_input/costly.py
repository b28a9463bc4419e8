"""Groups 14 to 16, 20 and 24: files of a few kilobytes or megabytes that unpack to gigabytes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from tests.bad_input import archives as of
from tests.bad_input.answers import File, Neutral, Refused

MAIN = b' xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
FEWER = "分几个文件导入"


def sheet_of(rows: bytes | Iterator[bytes]) -> bytes:
    body = rows if isinstance(rows, bytes) else b"".join(rows)
    return b"<worksheet" + MAIN + b"><sheetData>" + body + b"</sheetData></worksheet>"


def with_sheet(rows: Callable[[], bytes | Iterator[bytes]]) -> Callable[[], bytes]:
    return lambda: of.with_parts(sheet1=sheet_of(rows()))


def noisy(unit: bytes, times: int) -> bytes:
    """The unit over and over with noise between, so that it packs as badly as real sheets do."""
    chance = random.Random(7)
    noise = (b"<!--%x-->" % chance.getrandbits(64) for _ in range(times))
    return b"".join(unit * 12 + each for each in noise)


CORNERS = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="%d"><c r="%s%d"><v>1</v></c></row>'
FAR = CORNERS % (1_048_576, b"XFD", 1_048_576)
OTHERWISE = {
    "prefixed": lambda: of.with_parts(sheet1=sheet_of(FAR).replace(b"<", b"<x:").replace(b"<x:/", b"</x:")
                                      .replace(b"xmlns", b"xmlns:x")),
    "in single quotes": with_sheet(lambda: FAR.replace(b'"', b"'")),
    "after another attribute": with_sheet(lambda: FAR.replace(b"<c r", b'<c s="0" r')),
    "by an entity": with_sheet(lambda: FAR.replace(b"XFD", b"X&#70;D")),
    "in small letters": with_sheet(lambda: FAR.replace(b"XFD", b"xfd")),
    "by its row alone": with_sheet(lambda: FAR.replace(b' r="XFD1048576"', b"")
                                   .replace(b'"1"><c', b'"1">' + b"<c><v>1</v></c>" * 200 + b"<c")),
}  # fmt: skip


def one_text_in_every_cell() -> bytes:
    """108 KB: one text of 32 000 letters, in 20 000 cells."""
    strings = b"<sst" + MAIN + b"><si><t>" + b"x" * 32_000 + b"</t></si></sst>"
    rows = (b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(1, 20_001))
    return of.with_parts(sheet1=sheet_of(rows), sharedStrings=strings)


def styles() -> bytes:
    body, chance = of.plain_parts()["xl/styles.xml"], random.Random(7)
    each = (b'<xf fontId="%d" numFmtId="14"/>' % chance.getrandbits(16) for _ in range(65_536))
    return of.with_parts(styles=body.replace(b"</cellXfs>", b"".join(each) + b"</cellXfs>"))


def blank_rows() -> bytes:
    rows = of.plain_parts()[of.SHEET].partition(b"<sheetData>")[2].partition(b"</sheetData>")[0]
    blank = b"".join(b'<row r="%d" s="1"/>' % n for n in range(4, 200_000))
    return of.with_parts(sheet1=sheet_of(rows + blank))


TEXTS = [
    File(14, "a million columns", lambda: b"a" + b",a" * 1_000_000, Refused("第 1 行有 1000001 列", "请")),
    File(14, "a million columns in a later row",
         lambda: "户号,姓名\n1,张三\n2".encode() + b",a" * 1_000_000, Refused("第 3 行有 1000001 列", "请")),
    File(15, "a cell of 10 MB", lambda: "户号,姓名\n1,".encode() + b"x" * 10_000_000,
         Refused("第 2 行", "超过 32767 字")),
    File(15, "a cell of 10 MB in quotes", lambda: "户号,姓名\n1,\"".encode() + b"x\n" * 1_900_000,
         Refused("第 2 行", "补上引号")),
    File(16, "ten million empty rows", lambda: b"\n" * 10_000_000, Refused("10000000 行", FEWER)),
    File(16, "a sheet that says it is as large as can be",
         lambda: of.changed(of.SHEET, b"A1:C3", b"A1:XFD1048576"), Neutral(of.ROWS)),
    File(16, "a sheet with two far corners", with_sheet(lambda: FAR), Refused("1048576 行 16384 列", "请删去空白区域")),
    File(16, "two hundred thousand blank rows", blank_rows, Neutral(of.ROWS)),
    *(File(16, f"a far corner told {how}", make, Refused("表", "请")) for how, make in OTHERWISE.items()),
    File(16, "a rectangle of 256 columns", with_sheet(lambda: CORNERS % (900_000, b"IV", 900_000)),
         Refused("900000 行 256 列", FEWER)),
]  # fmt: skip
BOMBS = [
    File(20, "4 GB in 4 MB", lambda: of.bomb(4_096), Refused("4096 MB", FEWER)),
    File(20, "4 GB that say they are a kilobyte", lambda: of.bomb(4_096, said=1_000),
         Refused("表格文件", "另存为新的 XLSX")),
    File(20, "190 MB of blanks in one part", lambda: of.bomb(190), Refused("190 MB", FEWER)),
    File(20, "a picture of 4 GB", lambda: of.bomb(4_096, name="xl/media/a.png"), Refused("4096 MB", FEWER)),
    File(24, "2 GB of shared texts", lambda: of.bomb(2_048, name=of.STRINGS), Refused("2048 MB", FEWER)),
    File(24, "one text in every cell", one_text_in_every_cell, Refused("表", FEWER)),
    File(24, "64 k styles", styles, Neutral(of.ROWS)),
]  # fmt: skip
LONG = [
    File(24, "twelve million shared texts",
         lambda: of.with_parts(sharedStrings=b"<sst" + MAIN + b">" + noisy(b"<si/>", 1_000_000) + b"</sst>"),
         Refused("MB", FEWER)),
    File(24, "six million filled cells",
         lambda: of.with_parts(sheet1=sheet_of(noisy(b"<row><c><v>1</v></c></row>", 500_000))),
         Refused("MB", FEWER)),
]  # fmt: skip
COSTLY = [*TEXTS, *BOMBS, *LONG]
