"""XLSX files put together by hand: any part changed, and archives that lie about themselves."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from xlsxwriter import Workbook

HEADER = ("户号", "姓名", "电话")
ROWS = (("1-101", "张三"), ("1-102", "李四"))
SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"


def book(write: Callable[[Workbook, Any], None] | None = None, **options: Any) -> bytes:
    """A workbook of two customers; ``write`` adds to it, given the book and its first sheet."""
    content = io.BytesIO()
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, **options}
    with Workbook(content, plain) as made:
        sheet = made.add_worksheet("台账")
        for number, row in enumerate([HEADER, *ROWS]):
            sheet.write_row(number, 0, row)
        if write is not None:
            write(made, sheet)
    return content.getvalue()


@lru_cache
def plain_parts() -> Mapping[str, bytes]:
    return parts_of(book())


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Mapping[str, bytes] | Iterable[tuple[str, bytes]]) -> bytes:
    content = io.BytesIO()
    pairs = parts.items() if isinstance(parts, Mapping) else parts
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in pairs:
            archive.writestr(zipfile.ZipInfo(name), body, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def with_parts(**changed: bytes) -> bytes:
    """The plain workbook with parts put in its place, named by the last of their path."""
    parts = dict(plain_parts())
    for name, body in changed.items():
        [path] = [each for each in parts if each.rpartition("/")[2] == f"{name}.xml"]
        parts[path] = body
    return packed(parts)


def with_more(more: Mapping[str, bytes]) -> bytes:
    return packed({**plain_parts(), **more})


def changed(name: str, before: bytes, after: bytes) -> bytes:
    """The plain workbook with one text of one part changed."""
    body = plain_parts()[name]
    assert before in body
    return packed({**plain_parts(), name: body.replace(before, after, 1)})


@dataclass(frozen=True)
class Entry:
    """A member as the archive tells of it; ``at`` is where it says that the member begins."""

    name: str
    deflated: bytes
    size: int
    crc: int = 0
    at: int | None = None


def honest(name: str, body: bytes) -> Entry:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return Entry(name, packer.compress(body) + packer.flush(), len(body), zlib.crc32(body))


def archive_of(entries: Iterable[Entry]) -> bytes:
    """The members as they were told, true or not."""
    content, directory = io.BytesIO(), io.BytesIO()
    members = list(entries)
    for entry in members:
        name, at = entry.name.encode(), content.tell() if entry.at is None else entry.at
        told = struct.pack("<IIIHH", entry.crc, len(entry.deflated), entry.size, len(name), 0)
        if entry.at is None:
            content.write(struct.pack("<IHHHHH", 0x04034B50, 20, 0, 8, 0, 0x21) + told + name)
            content.write(entry.deflated)
        directory.write(struct.pack("<IHHHHHH", 0x02014B50, 20, 20, 0, 8, 0, 0x21) + told)
        directory.write(struct.pack("<HHHII", 0, 0, 0, 0, at) + name)
    begins, length = content.tell(), directory.tell()
    content.write(directory.getvalue())
    content.write(
        struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, len(members), len(members), length, begins, 0)
    )
    return content.getvalue()


@lru_cache
def zeros(megabytes: int) -> bytes:
    """So many megabytes of blanks, deflated: a block of one of them over and over."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(b" " * 1024**2) + packer.flush(zlib.Z_FULL_FLUSH)
    return block * megabytes + packer.flush()


def bomb(megabytes: int, *, said: int | None = None, name: str = SHEET) -> bytes:
    """A workbook one part of which is blanks; ``said`` is the size that the archive tells of it."""
    size = min(megabytes * 1024**2, 2**32 - 1) if said is None else said
    parts = [honest(each, body) for each, body in plain_parts().items() if each != name]
    return archive_of([*parts, Entry(name, zeros(megabytes), size)])


def overlapping(times: int) -> bytes:
    """Members that all are the same bytes of the file."""
    parts = [honest(each, body) for each, body in plain_parts().items()]
    [first] = [part for part in parts if part.name == SHEET]
    at = archive_of(parts).index(first.name.encode()) - 30
    again = [
        Entry(f"xl/media/{n}.png", first.deflated, first.size, first.crc, at) for n in range(times)
    ]
    return archive_of([*parts, *again])
