"""Groups 19 to 28: workbooks, and what is none although its name says so."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

from xlsxwriter import Workbook

from tests.bad_input import archives as of
from tests.bad_input.answers import File, Neutral, Refused, Repaired
from tests.bad_input.texts import SIMPLE, SIMPLE_ROWS

SAVE_AS = "另存为 XLSX 或 CSV UTF-8"
SAVE_ANEW = "打开后另存为新的 XLSX"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
LAUGHS = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
TRUNCATED_EVERY = 1_024


def sheet(write: Any) -> Any:
    return lambda: of.book(write)


def xml(name: str, *before: bytes, encoding: str = "") -> Any:
    """A part that begins with a document type, perhaps behind a comment or in UTF-16."""

    def made() -> bytes:
        head, _end, body = of.plain_parts()[name].partition(b"?>")
        text = head + b"?>" + b"".join(before) + body
        if encoding:
            text = text.replace(b"UTF-8", b"UTF-16", 1).decode().encode(encoding)
        return of.packed({**of.plain_parts(), name: text})

    return made


def named(*names: str) -> Any:
    return lambda: of.packed([*of.plain_parts().items(), *((name, b"x") for name in names)])


def symlink() -> bytes:
    content = io.BytesIO(of.book())
    with zipfile.ZipFile(content, "a") as archive:
        link = zipfile.ZipInfo("xl/media/a.png")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return content.getvalue()


def hidden(book: Workbook, page: Any) -> None:
    page.set_row(2, None, None, {"hidden": True})
    page.set_column(1, 1, None, None, {"hidden": True})
    other = book.add_worksheet("旧表")
    other.write_row(0, 0, of.HEADER)
    other.write_row(1, 0, ("9-909", "不该读"))


def filtered(book: Workbook, page: Any) -> None:
    page.autofilter(0, 0, 2, 2)
    page.filter_column(1, "x == 张三")
    page.set_row(2, None, None, {"hidden": True})


def merged(book: Workbook, page: Any) -> None:
    page.write_row(3, 0, ("1-103", ""))
    page.merge_range(2, 1, 3, 1, "李四")


def formula(text: str, value: Any = "") -> Any:
    def write(book: Workbook, page: Any) -> None:
        page.write(3, 0, "1-103")
        page.write_formula(3, 1, text, None, value)

    return write


def calculated(kind: str, value: bytes, formula: bytes = b"A1&amp;A2") -> Any:
    """The name of the second customer is a formula, with what it came to."""
    told = f' t="{kind}"'.encode() if kind else b""
    cell = b'<c r="B3"' + told + b"><f>" + formula + b"</f>" + value + b"</c>"
    return lambda: of.changed(of.SHEET, b'<c r="B3" t="s"><v>6</v></c>', cell)


def prefixed() -> bytes:
    """As some programs write it: every tag of the sheet has a prefix."""
    body = of.plain_parts()[of.SHEET].replace(b"xmlns=", b"xmlns:x=", 1)
    return of.with_parts(sheet1=re.sub(rb"<(/?)([a-zA-Z])", rb"<\1x:\2", body))


def extras() -> bytes:
    """What a workbook may carry beside its values, none of which is opened."""
    more = {
        "xl/vbaProject.bin": of.zeros(1),
        "xl/externalLinks/externalLink1.xml": b'<externalLink><ddeLink ddeService="cmd"/></externalLink>',
        "xl/embeddings/oleObject1.bin": OLE,
        "xl/connections.xml": b'<connections><connection command="=cmd|calc"/></connections>',
    }  # fmt: skip
    images = {f"xl/media/image{n}.png": b"\x89PNG" + bytes([n % 256]) for n in range(5_000)}
    return of.with_more({**more, **images})


def truncated() -> bytes:
    return of.book(lambda book, page: [page.write(n, 3, n * 7) for n in range(900)])


WHOLE = len(truncated())
KINDS = [
    File(19, "a workbook named .csv", of.book, Repaired(of.ROWS, "XLSX 台账")),
    File(19, "a text named .xlsx", lambda: SIMPLE.encode(), Repaired(SIMPLE_ROWS, "UTF-8"), "a.xlsx"),
    File(19, "XLS, ET, or a password", lambda: OLE, Refused("XLS（或加了密码）", SAVE_AS), "a.xls"),
    File(19, "ODS", lambda: of.packed({"mimetype": b"application/vnd.oasis", "content.xml": b"<a/>"}),
         Refused("压缩包", SAVE_AS), "a.ods"),
    File(19, "a page named .xls", lambda: b"<html><table><tr><td>1</td></tr></table></html>",
         Refused("HTML/XML", SAVE_AS), "a.xls"),
    File(19, "a table of Excel 2003", lambda: b"<?xml version='1.0'?><Workbook/>",
         Refused("HTML/XML", SAVE_AS), "a.xls"),
    File(19, "PDF", lambda: b"%PDF-1.7\n", Refused("PDF", SAVE_AS), "a.xlsx"),
    File(19, "a text in an archive", lambda: of.packed({"a.csv": SIMPLE.encode()}),
         Refused("压缩包", SAVE_AS), "a.zip"),
    File(19, "members locked by a password", lambda: locked(), Refused("加密", SAVE_ANEW), "a.xlsx"),
]  # fmt: skip


def locked() -> bytes:
    """Every member says that it is encrypted."""
    content = bytearray(of.book())
    for mark, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = content.find(mark)
        while at >= 0:
            content[at + flags] |= 1
            at = content.find(mark, at + 4)
    return bytes(content)


DANGERS = [
    File(20, "one archive within another",
         lambda: of.with_more({"xl/media/a.zip": of.packed({"b.zip": of.bomb(2)})}), Neutral(of.ROWS)),
    File(20, "members that overlap", lambda: of.overlapping(400), Refused("MB", "分几个文件导入")),
    File(21, "a billion laughs in the sheet", xml(of.SHEET, LAUGHS), Refused("表格文件", SAVE_ANEW)),
    File(21, "a billion laughs in the strings", xml(of.STRINGS, LAUGHS), Refused("表格文件", SAVE_ANEW)),
    File(21, "an outside entity in the book", xml("xl/workbook.xml", OUTSIDE),
         Refused("表格文件", SAVE_ANEW)),
    File(21, "a document type behind a comment", xml(of.SHEET, b"<!--" + b"x" * 2_000 + b"-->", OUTSIDE),
         Refused("表格文件", SAVE_ANEW)),
    File(21, "a document type in UTF-16", xml("xl/workbook.xml", OUTSIDE, encoding="utf-16"),
         Refused("表格文件", SAVE_ANEW)),
    *(File(22, f"a member called {name!r}", named(name), Refused("表格文件", SAVE_ANEW))
      for name in ("../../etc/cron.d/x", "/etc/passwd", "..\\..\\x", "C:\\x", "xl/../../x")),
    File(22, "two members of one name", named("xl/a", "xl/a"), Refused("表格文件", SAVE_ANEW)),
    File(22, "a link", symlink, Refused("表格文件", SAVE_ANEW)),
    File(23, "macros, links, objects and 5 000 pictures", extras, Neutral(of.ROWS)),
]  # fmt: skip
CONTENTS = [
    File(25, "hidden rows, columns and sheets", sheet(hidden),
         Repaired(of.ROWS, "有 1 行是隐藏的或被筛选掉的，也读取了")),
    File(25, "hidden columns", sheet(hidden), Repaired(of.ROWS, "B 列是隐藏的，也读取了")),
    File(25, "other sheets", sheet(hidden), Repaired(of.ROWS, "只读取了工作表“台账”")),
    File(25, "filtered rows", sheet(filtered), Repaired(of.ROWS, "也读取了")),
    File(26, "merged downwards", sheet(merged),
         Repaired((*of.ROWS, ("1-103", "李四")), "第 3 行起有上下合并的单元格")),
    File(27, "a formula that was never calculated", calculated("", b""),
         Refused("第 3 行 姓名", "请改成数值后保存", beside=of.ROWS[:1])),
    File(27, "a formula that was never calculated, with an empty value", calculated("", b"<v></v>"),
         Refused("第 3 行 姓名", "请改成数值后保存", beside=of.ROWS[:1])),
    File(27, "a formula that came to an empty text", calculated("str", b"<v></v>"),
         Neutral((of.ROWS[0], ("1-102", "")))),
    *(File(27, f"a cell that shows {shown}", sheet(formula("=1/0", shown)),
           Refused("第 4 行 姓名", "请改成数值后保存", beside=of.ROWS))
      for shown in ("#REF!", "#N/A", "#DIV/0!", "#NAME?")),
    File(28, "cells under another prefix", prefixed, Neutral(of.ROWS)),
    File(28, "a broken directory", lambda: of.book().replace(b"PK\x01\x02", b"PK\x09\x09"),
         Refused("表格文件", SAVE_ANEW)),
    File(28, "a broken end", lambda: of.book().replace(b"PK\x05\x06", b"PK\x09\x09"),
         Refused("表格文件", SAVE_ANEW)),
    File(28, "a part that is no XML", lambda: of.with_parts(workbook=b"<a><b></a>"),
         Refused("表格文件", SAVE_ANEW)),
    File(28, "a sheet that is not there",
         lambda: of.changed("xl/_rels/workbook.xml.rels", b"sheet1.xml", b"sheet9.xml"),
         Refused("表格文件", SAVE_ANEW)),
    File(28, "NUL in a cell", lambda: of.changed(of.STRINGS, "李四".encode(), "李_x0000_四".encode()),
         Refused("第 3 行", "重新另存", beside=of.ROWS[:1])),
    File(28, "NUL in a title", lambda: of.changed(of.STRINGS, "姓名".encode(), "姓_x0000_名".encode()),
         Repaired(of.ROWS, "NUL in a title is left out")),
    *(File(28, f"cut off after {length} bytes", lambda length=length: truncated()[:length],
           Refused("表格文件", SAVE_ANEW))
      for length in range(TRUNCATED_EVERY, WHOLE, TRUNCATED_EVERY)),
]  # fmt: skip
FILES = [*KINDS, *DANGERS, *CONTENTS]
