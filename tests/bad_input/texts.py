"""Groups 1 to 13, 17 and 18: text files in every encoding, with every line end and delimiter."""

from __future__ import annotations

import codecs
import random

from tests.bad_input.answers import File, Neutral, Refused, Repaired

ROWS = (("1-101", "张三"), ("1-102", "㐂七"), ("1-103", "𠮷祥"))
TEXT = "户号,姓名\r\n" + "".join(f"{number},{name}\r\n" for number, name in ROWS)
PLAIN = ROWS[:1]
SAVE_AS = "另存为 CSV UTF-8"
SIMPLE = "户号,姓名\r\n1-101,张三\r\n1-102,李四\r\n"
SIMPLE_ROWS = (("1-101", "张三"), ("1-102", "李四"))


def lines(*rows: str, end: str = "\r\n") -> bytes:
    return "".join(row + end for row in rows).encode()


def mixed(most: str, one: str) -> bytes:
    """Six lines in one encoding, the fourth in another."""
    rows = ["户号,姓名", *(f"1-10{n},住户甲{n}" for n in range(1, 6))]
    return b"\r\n".join(row.encode(one if n == 3 else most) for n, row in enumerate(rows)) + b"\r\n"


MIXED_REST = tuple((f"1-10{n}", f"住户甲{n}") for n in (1, 2, 4, 5))


def at_the_edge(encoding: str, block: int = 65_536) -> bytes:
    """A character of several bytes lies over the end of each block that a reader takes at once."""
    found, number = ["户号,姓名\r\n".encode(encoding)], 0
    chance = random.Random(7)
    while sum(map(len, found)) < block + 1000:
        number += 1
        name = "𠮷" * chance.randrange(50, 80)
        found.append(f"E-{number},{name}\r\n".encode(encoding))
    return b"".join(found)


def edge_rows() -> tuple[tuple[str, str], ...]:
    rows = at_the_edge("utf-8").decode().splitlines()[1:]
    return tuple((number, name) for number, name in (row.split(",") for row in rows))


def big5() -> bytes:
    return "戶號,姓名\r\n1-101,張三\r\n1-102,陳小姐\r\n".encode("big5")


ENCODINGS = [
    File(1, "gbk", lambda: SIMPLE.encode("gbk"), Repaired(SIMPLE_ROWS, "GB18030")),
    File(2, "rare names in four bytes", lambda: TEXT.encode("gb18030"), Repaired(ROWS, "GB18030")),
    File(2, "䶮", lambda: "户号,姓名\r\n1,刘䶮\r\n".encode("gb18030"),
         Repaired((("1", "刘䶮"),), "GB18030")),
    File(3, "mark of UTF-8", lambda: TEXT.encode("utf-8-sig"), Repaired(ROWS, "UTF-8 BOM")),
    File(4, "UTF-16 little, marked", lambda: codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
         Repaired(ROWS, "UTF-16")),
    File(4, "UTF-16 big, marked", lambda: codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
         Repaired(ROWS, "UTF-16")),
    File(4, "UTF-16 little, bare", lambda: TEXT.encode("utf-16-le"), Refused("文件里", SAVE_AS)),
    File(4, "UTF-16 big, bare", lambda: TEXT.encode("utf-16-be"), Refused("文件里", SAVE_AS)),
    File(4, "UTF-32 little, marked", lambda: codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"),
         Refused("空字节", SAVE_AS)),
    File(4, "UTF-32 big, marked", lambda: codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"),
         Refused("空字节", SAVE_AS)),
    File(4, "UTF-16 cut off", lambda: (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"))[:-1],
         Refused("文件以 UTF-16", SAVE_AS)),
    File(5, "one line of GBK in UTF-8", lambda: mixed("utf-8", "gbk"),
         Refused("第 4 行", SAVE_AS, beside=MIXED_REST)),
    File(5, "one line of UTF-8 in GBK", lambda: mixed("gbk", "utf-8"),
         Refused("第 4 行", SAVE_AS, beside=MIXED_REST)),
    # Read as GB18030 its header is no header of ours; which one was meant has to be asked.
    File(6, "Big5", big5, Refused("没有列“户号", "文件里有")),
    File(7, "UTF-8 over the end of a block", lambda: at_the_edge("utf-8"),
         Repaired(edge_rows(), "UTF-8")),
    File(7, "GB18030 over the end of a block", lambda: at_the_edge("gb18030"),
         Repaired(edge_rows(), "GB18030")),
    File(8, "a lone surrogate", lambda: lines("户号,姓名", "1-101,张三") + b"2,\xed\xa0\x80\r\n",
         Refused("第 3 行", SAVE_AS, beside=PLAIN)),
    File(8, "an overlong form", lambda: lines("户号,姓名", "1-101,张三") + b"2,\xc0\xaf\r\n",
         Refused("第 3 行", SAVE_AS, beside=PLAIN)),
    File(9, "NUL in a late line", lambda: lines("户号,姓名", "1-101,张三", *[""] * 3000) + b"2,a\0b\n",
         Refused("第 3003 行", "重新另存", beside=PLAIN)),
    File(9, "NUL in the first lines", lambda: lines("户号,姓名", "1-101,张\0三"),
         Refused("空字节", SAVE_AS)),
    File(9, "NUL in UTF-16", lambda: TEXT.replace("张", "\0").encode("utf-16"),
         Refused("空字节", SAVE_AS)),
    File(9, "NUL in a late line of UTF-16",
         lambda: (SIMPLE[:-2] + "\r\n" * 1500 + "x\0y,王五\r\n").encode("utf-16"),
         Refused("第 1503 行", "重新另存", beside=SIMPLE_ROWS)),
    File(9, "NUL written as text", lambda: lines("户号,姓名", "1-101,张三\\0"),
         Neutral((("1-101", "张三\\0"),))),
]  # fmt: skip
SHAPES = [
    File(10, "lines end in CR", lambda: SIMPLE.replace("\r\n", "\r").encode(),
         Repaired(SIMPLE_ROWS, "UTF-8")),
    File(10, "lines end in LF", lambda: SIMPLE.replace("\r\n", "\n").encode(),
         Repaired(SIMPLE_ROWS, "UTF-8")),
    File(10, "U+2028 is no line end", lambda: lines("户号,姓名", "1-101,张\u2028三"),
         Repaired((("1-101", "张 三"),), "UTF-8")),
    *(File(11, f"cells part at {mark!r}", lambda mark=mark: SIMPLE.replace(",", mark).encode(),
           Repaired(SIMPLE_ROWS, f"{said}分隔"))
      for mark, said in ((";", "分号"), ("\t", "制表符"), ("，", "全角逗号"))),
    File(11, "no delimiter that anybody knows", lambda: SIMPLE.replace(",", "§").encode(),
         Refused("没有列“户号", "文件里有", value="户号§姓名")),
    File(12, "a quote swallows the rest", lambda: lines("户号,姓名", '1,"张三', *["2,李"] * 50),
         Refused("第 2 行", "补上引号")),
    File(12, "a quote swallows 40 000 characters",
         lambda: lines("户号,姓名", "1,张三", '2,"李四', *["3,王五"] * 8000),
         Refused("第 3 行", "补上引号")),
    File(12, "a quote swallows the rest of a long file",
         lambda: lines("户号,姓名", *[f"{n},张三" for n in range(5100)], 'x,"李四', *["3,王五"] * 9),
         Refused("第 5102 行", "补上引号")),
    File(12, "a stray quote", lambda: lines("户号,姓名", "1-101,张三", '2,"李"四'),
         Refused("第 3 行", "把整格用引号括起来", beside=PLAIN)),
    File(13, "a line break within a cell", lambda: lines("户号,姓名", '1,"张\r\n三"'),
         Repaired((("1", "张 三"),), "UTF-8")),
    File(17, "nothing", lambda: b"", Refused("文件", "打开原来的表格核对")),
    File(17, "a header alone", lambda: lines("户号,姓名"), Refused("只有表头", "请核对选的是不是这个文件")),
    File(17, "blank lines alone", lambda: lines("", " ", ""), Refused("文件", "打开原来的表格核对")),
    File(17, "the header twice", lambda: lines("户号,姓名", "1-101,张三", "户号,姓名"),
         Repaired(PLAIN, "第 3 行又是表头")),
    File(17, "a sum at the end", lambda: lines("户号,姓名", "1-101,张三", "合计,1户"),
         Repaired(PLAIN, "第 3 行是合计行，已跳过")),
    File(17, "a header of two lines", lambda: lines("基本情况,,联系", "户号,姓名,电话", "1-101,张三,"),
         Repaired(PLAIN, "第 1 行在表头之前，已跳过")),
    File(18, "a title in full width with blanks", lambda: lines("户　号　,姓 名", "1-101,张三"),
         Repaired(PLAIN, "UTF-8")),
    File(18, "a title under another name", lambda: lines("房号,姓名", "1-101,张三"),
         Repaired(PLAIN, "UTF-8")),
    File(18, "a title twice", lambda: lines("户号,姓名,姓名", "1-101,张三,李四"),
         Refused("两列都叫“姓名”", "请改用列号", value="姓名")),
    File(18, "a title renamed", lambda: lines("门户,姓名", "1-101,张三"),
         Refused("没有列“户号", "文件里有", value="门户")),
]  # fmt: skip
FILES = [*ENCODINGS, *SHAPES]
