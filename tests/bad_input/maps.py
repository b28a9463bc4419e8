"""Group 51 again: the map of an import is a text of the same kind as a pack."""

from __future__ import annotations

from tests.bad_input.answers import Answer, File, Neutral, Refused
from tests.bad_input.texts import SIMPLE, SIMPLE_ROWS
from tests.bad_input.ways import MAP


def by(name: str, by_map: bytes, answer: Answer) -> File:
    return File(51, f"map: {name}", lambda: SIMPLE.encode(), answer, by_map=by_map)


def changed(before: str, after: str) -> bytes:
    assert before in MAP
    return MAP.replace(before, after, 1).encode()


ALIAS = b"a: &a [x]\nb: [*a, *a]\n"
FILES = [
    by("a reference", ALIAS, Refused("map.yaml:2:5", "不用锚点和别名", "*a")),
    by("a thousand deep", b"columns: " + b"[" * 1_000, Refused("map.yaml:1:17", "最多 8 层", "9 > 8")),
    by("a hundred thousand deep", b"columns: " + b"[" * 100_000, Refused("map.yaml:1:17", "最多 8 层")),
    by("an endless list", b"dates: [" + b"a," * 100_000 + b"]",
       Refused("map.yaml:1:", "10000 个键和值", "10001 > 10000")),
    by("300 KB", MAP.encode() + b"#" * 300_000, Refused("map.yaml:1:1", "最多", "256 KB")),
    by("nothing", b"", Refused("map.yaml:1:1", "docs/import.md", "整个文件")),
    by("NUL", MAP.encode() + b"\0", Refused("map.yaml:16:1", "不用锚点", "U+0000")),
    by("GBK", MAP.encode("gbk"), Refused("map.yaml:1:1", "另存为 UTF-8")),
    by("a tag is read as nothing", changed("import: customers", "import: !!python/name:os.system customers"),
       Neutral(SIMPLE_ROWS)),
    by("one key twice", MAP.encode() + b"import: cases\n", Refused("map.yaml:16:1", "每个键只写一次")),
    by("a key that is none", changed("columns:", "colums:"), Refused("map.yaml:2:1", "是不是 `columns`")),
    by("a name that is none", changed("customer.area", "role"), Refused("map.yaml:8:", "可用", "role")),
    by("a list where a text belongs", changed("import: customers", "import: [customers]"),
       Refused("map.yaml:1:9", "docs/import.md", "import")),
    by("a zone that is none", MAP.encode() + b"time_zone: ../../etc/passwd\n",
       Refused("map.yaml:16:12", "Asia/Shanghai", "etc/passwd")),
    by("a format that says nothing", MAP.encode() + b"dates: ['yyyy']\n",
       Refused("map.yaml:16:", "%Y-%m-%d", "yyyy")),
]  # fmt: skip
