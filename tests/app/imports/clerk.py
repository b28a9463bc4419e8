"""A list of households as a clerk of a property office keeps it, made here and written in any form.

A title merged over the columns, a remark, a header with a full-width blank; phones as numbers, in
full width, two in a cell; blank rows; the sum at the end.
"""

from __future__ import annotations

from pathlib import Path

from xlsxwriter import Workbook

TITLE = "一区住户花名册（2026年3月）"
HEADER = ("序号", "楼栋", "单元", "房号", "业主姓名", "联系电话　", "区域", "备注")
ROWS: tuple[tuple[object, ...], ...] = (
    (1, "1栋", "1", 101, "张一", 13800138001, "一区", ""),
    (2, "1栋", "1", 102, "李二", 13800138002.0, "一区", "出租"),
    (3, "1栋", "1", "１０３", "王三", "１３８００１３８００３", "一区", ""),
    (4, "1栋", "2", 201, "赵四", "13800138004/13800138005", "一区", "两个电话"),
    (5, "1栋", "2", 202, "钱五", "1.3800138006E+10", "一区", ""),
    (),
    (6, "2栋", "1", "0101", "孙六", "+86 138-0013-8007", "一区", ""),
    (7, "2栋", "1", 102, "㐂七", "010-67891234转8", "一区", "𠮷祥"),
    (8, "2栋", "1", 103, "周八", "", "一区", "没有电话"),
    (9, "2栋", "1", 104, "吴九", "1380013", "一区", "少了几位"),
    (10, "2栋", "1", 105, "郑十", "1.38E+10", "一区", "末几位已经丢失"),
    (11, "2栋", "", "", "冯一", 13800138011, "一区", "没有房号"),
    (12, "2栋", "2", 201, "陈二", 13800138012, "九区", "没有这个区域"),
    (13, "1栋", "1", 101, "张一", 13800138001, "一区", ""),
    (14, "1栋", "1", 102, "李贰", 13800138002.0, "一区", "同一房号，名字不同"),
    (15, "2栋", "2", 202, "=1+1", 13800138015, "一区", ""),
    (16, "2栋", "2", 203, "杨三", "没有", "一区", ""),
    (),
    ("合计", "", "", "16户", "", "", "", ""),
)
FIRST = 4
"""The number of the first row below the header, as a spreadsheet counts."""

ACCEPTED = 12
DUPLICATE = 1
IN_DOUBT = {
    13: ("phone_kept", "联系电话"),
    14: ("phone_kept", "联系电话"),
    20: ("phone_left", "联系电话"),
}
REFUSED = {
    15: ("part_empty", "楼栋＋单元＋房号"),
    16: ("unknown_unit", "区域"),
    18: ("repeated", "楼栋＋单元＋房号"),
}
MAP = """\
import: customers
columns:
  number: {join: [楼栋, 单元, 房号]}
  class: {constant: household}
  name: {column: 业主姓名}
  phone: {column: 联系电话}
  unit: {column: 区域}
"""


def write_workbook(path: Path) -> None:
    """As XLSX: numbers are numbers, the title is merged over all columns."""
    with Workbook(str(path), {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("花名册")
        sheet.merge_range(0, 0, 0, len(HEADER) - 1, TITLE)
        sheet.write(1, 0, "制表：客服部")
        sheet.write_row(2, 0, HEADER)
        for line, row in enumerate(ROWS, FIRST - 1):
            for column, value in enumerate(row):
                sheet.write(line, column, value)


def text() -> str:
    """As delimited text, the way a spreadsheet program saves it."""
    lines = [[TITLE], ["制表：客服部"], HEADER, *ROWS]
    return "".join(
        ",".join([str(cell) for cell in line] + [""] * (len(HEADER) - len(line))) + "\r\n"
        for line in lines
    )


def write_all(folder: Path) -> list[Path]:
    """The same list in every form in which a clerk hands it over."""
    paths = [folder / "花名册.xlsx"]
    write_workbook(paths[0])
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
        paths.append(folder / f"花名册-{encoding}.csv")
        paths[-1].write_bytes(text().encode(encoding))
    return paths
