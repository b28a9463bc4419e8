"""From the bytes of a text file to its lines: UTF-8, UTF-8 with BOM, UTF-16 with BOM, GB18030."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from huiyin.imports.errors import FileRefused

UNREADABLE = "\uffff"
"""Stands in a line that is not in the file's encoding; a noncharacter, so no text contains it."""

UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
THREE_BYTES = 0x800  # from here on UTF-8 needs three bytes: every Chinese character


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a file's lines are decoded, and how many bytes of mark stand before the first."""

    name: str
    title: str
    mark: int = 0


def lines_of(path: Path) -> tuple[Encoding, Iterator[str]]:
    """The encoding of a text file and its lines with their ends (LF, CRLF or CR).

    A line in another encoding than the rest comes with UNREADABLE in front, so that its row can
    be refused by number. Raises FileRefused for what is no text.
    """
    encoding = detect(path)
    if encoding.name.startswith("utf-16"):
        return encoding, _wide_lines(path)
    return encoding, _decoded(path, encoding)


def detect(path: Path) -> Encoding:
    """Try UTF-8, then GB18030. A guess by letter frequency names Chinese text wrongly."""
    with path.open("rb") as file:
        start = file.read(4096)
    is_wide = start.startswith(UTF16_MARKS)
    # UTF-32 begins with the mark of UTF-16; read as that, every other character is NUL.
    if "\0" in start.decode("utf-16" if is_wide else "latin-1", "ignore"):
        raise FileRefused(
            code="import.no_text",
            message=_("文件里有空字节，不是文本表格。请在表格软件里另存为 CSV UTF-8 或 XLSX。"),
        )
    if is_wide:
        return Encoding("utf-16", "UTF-16")
    if start.startswith(codecs.BOM_UTF8):
        return Encoding("utf-8", "UTF-8 BOM", mark=len(codecs.BOM_UTF8))
    return _by_majority(path)


def _by_majority(path: Path) -> Encoding:
    # UTF-8 Chinese often decodes as GB18030 (to nonsense), so a mixed file passes as GB18030:
    # each line is asked, and a line of the other kind is refused by itself.
    kinds = {"utf-8": 0, "gb18030": 0}
    for line in _raw_lines(path, mark=0):
        if not line.isascii():
            kinds["utf-8" if _is_utf8(line) else "gb18030"] += 1
    if kinds["gb18030"] > kinds["utf-8"]:
        return Encoding("gb18030", _("GB18030（中文 Windows）"))
    return Encoding("utf-8", "UTF-8")


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _raw_lines(path: Path, *, mark: int) -> Iterator[bytes]:
    # No byte of a GB18030 or UTF-8 character is CR or LF, so bytes may be split before decoding.
    with path.open("rb") as file:
        file.seek(mark)
        for line in file:
            if b"\r" in line:
                yield from line.splitlines(keepends=True)
            else:
                yield line


def _decoded(path: Path, encoding: Encoding) -> Iterator[str]:
    for line in _raw_lines(path, mark=encoding.mark):
        if line.isascii():
            yield line.decode("ascii")
        else:
            yield _decode(line, encoding.name)


def _decode(line: bytes, name: str) -> str:
    try:
        text = line.decode(name)
    except UnicodeDecodeError:
        return UNREADABLE + line.decode("latin-1")
    if name == "gb18030" and _is_utf8(line) and any(ord(c) >= THREE_BYTES for c in line.decode()):
        return UNREADABLE + text
    return text


def _wide_lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-16", newline="") as file:
        try:
            yield from file
        except UnicodeError as error:
            raise FileRefused(
                code="import.encoding",
                message=_("文件以 UTF-16 开头，但后面读不下去。请另存为 CSV UTF-8 或 XLSX。"),
            ) from error
