"""Groups 30 to 45 as somebody types or pastes them into the form of a new customer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.bad_input.answers import Answer, Neutral, Refused, Repaired
from tests.bad_input.cells import FORMULAS, MARKUP


@dataclass(frozen=True)
class BadField:
    """What is sent under ``name``, whose title on the page is ``title``."""

    group: int
    name: str
    title: str
    sent: str
    answer: Answer

    def __str__(self) -> str:
        return f"{self.group}-{self.name} {self.sent[:40]!r}"


TITLES = {
    "number": "户号／编号", "name": "名称", "contact-1-phone": "电话", "contact-1-name": "姓名",
    "f-area": "面积", "f-fee": "物业费", "f-born": "生日", "f-moved": "迁入时间", "f-pets": "养宠物",
    "f-mood": "满意度", "f-card": "身份证号", "f-note": "备注",
}  # fmt: skip


def field(group: int, name: str, *pairs: tuple[str, Answer]) -> list[BadField]:
    return [BadField(group, name, TITLES[name], sent, answer) for sent, answer in pairs]


def refused(name: str, remedy: str, *sent: str) -> list[tuple[str, Answer]]:
    return [(each, Refused(TITLES[name], remedy)) for each in sent]


def became(into: Any, *sent: str) -> list[tuple[str, Answer]]:
    return [(each, Repaired(into, "")) for each in sent]


def as_it_is(*sent: str) -> list[tuple[str, Answer]]:
    return [(each, Neutral(each)) for each in sent]


FIELDS = [
    *field(30, "contact-1-phone",
           *became("13812345678", "1.3812345678E10", "13812345678.0", "138-1234-5678", "+86 138 1234 5678",
                   "１３８１２３４５６７８", "'13812345678"),
           *became("010-67891234转8", "（010）6789 1234转8"), *became("4008001234", "400-800-1234"),
           *refused("contact-1-phone", "电话号码", "138123456789", "13812345678/13912345678", "1.38E+10",
                    "12345", "无", "1" * 5_000, "13812345678\u202e")),
    *field(31, "f-card", *as_it_is("11010119900101123x", "1.10101E+17")),
    *field(32, "number", *as_it_is("0012", "1E5", "2-3"), *became("3-12", "３－１２"),
           *refused("number", "", "", " ", "\u3000", "长" * 81, "a\u202eb", "\u200b"),
           *became("a b", "a\nb")),
    *field(33, "f-born", *refused("f-born", "2026-03-05", "2026/2/30", "2026-13-01", "0000-00-00", "2026-02-30",
                                  "26/11/23", "11/12/2026", "昨天", "20261301", "10000-01-01", "2026-W10-9"),
           *refused("f-born", "1900", "1899-12-31", "2201-01-01", "0001-01-01")),
    *field(35, "f-moved", *refused("f-moved", "2026-03-05T14:30", "2026-03-01T24:30", "2026-03-01T23:59:60", "昨天",
                                   "10000-01-01T00:00"),
           *refused("f-moved", "1900", "0001-01-01T00:00", "1" * 5_000),
           *became("2026-03-01T08:00:00+00:00", "2026-03-01T08:00:00Z")),
    *field(36, "f-pets", *became(True, "true", "on", "1"), *refused("f-pets", "请选择", "也许", "2", "[]")),
    *field(37, "f-fee", *became("1234.50", "1234.5"), *became("1234.00", "１２３４"), *became("0.00", "-0"),
           *refused("f-fee", "", "(500)", "NaN", "Infinity", "1e400", "12.345", "￥100", "1,2,3,4", "1" * 5_000)),
    *field(38, "f-mood", *became("5", "5"), *refused("f-mood", "没有这个选项", "6", "非常", "4.5", "5分", "__proto__")),
    *field(39, "f-area", *became(35.2, "35.2"),
           *refused("f-area", "请填写数字", "30MPa", "35.2*", "35.1/35.2", "1_000", "-Infinity", "0x10")),
    *field(40, "name", *became("张三", "张三\u00a0", "\u3000张三", "张\u200b三", "\ufeff张三"), *became("é", "e\u0301"),
           *as_it_is("張三", "〇五", "O'Brien")),
    *field(41, "name", *refused("name", "", "张\u202e三", "\x1b[31m红", "长" * 81, "e" + "\u0335" * 1_000_000),
           *as_it_is("Z" + "\u0335" * 20, "🇨🇳旗"), *became("👨👩👧", "👨\u200d👩\u200d👧")),
    *field(42, "f-note", *refused("f-note", "2000", "字" * 350_000, "甲" + "\n" * 1_000_000 + "乙"),
           *as_it_is("@张三 " * 400 + "。")),
    *field(43, "f-note", *as_it_is(*FORMULAS[:4])),
    *field(44, "f-note", *as_it_is(*MARKUP[:4])),
    *field(45, "number", *as_it_is(*MARKUP[7:12])),
]  # fmt: skip
