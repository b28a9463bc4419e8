"""Which characters the printing font can draw, read from its own table."""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from huiyin.records.printing.press import FONTS

REGULAR, BOLD = "NotoSansSC_400Regular.ttf", "NotoSansSC_700Bold.ttf"
WHOLE_UNICODE = 12
"""The format of a character map that holds more than the first 65,536 characters."""

# Marks without a shape of their own, which typesetting heeds or passes over.
SILENT = frozenset(
    [0x0A, 0x20, 0xAD, *range(0x200B, 0x200E), *range(0x2060, 0x2065), *range(0xFE00, 0xFE10),
     *range(0xE0100, 0xE01F0)]
)  # fmt: skip


def missing(texts: Iterable[str]) -> list[str]:
    """The code points (upper-case hex) in the texts that the font cannot draw, in order.

    Marks that turn the direction of writing count as missing: on paper nobody would see them.
    """
    used = {ord(character) for text in texts for character in text}
    return [f"{code:X}" for code in sorted(used - SILENT) if code not in covered() or _turns(code)]


def _turns(code: int) -> bool:
    return unicodedata.category(chr(code)) in ("Cc", "Cf")


@lru_cache(maxsize=1)
def covered() -> frozenset[int]:
    """The code points that both weights of the font hold."""
    return _covered(REGULAR) & _covered(BOLD)


def _covered(name: str) -> frozenset[int]:
    content = (FONTS / name).read_bytes()
    [tables] = struct.unpack_from(">H", content, 4)
    records = (struct.unpack_from(">4sIII", content, 12 + 16 * n) for n in range(tables))
    start = next(offset for tag, _sum, offset, _size in records if tag == b"cmap")
    [maps] = struct.unpack_from(">H", content, start + 2)
    for n in range(maps):
        _platform, _encoding, offset = struct.unpack_from(">HHI", content, start + 4 + 8 * n)
        if struct.unpack_from(">H", content, start + offset)[0] == WHOLE_UNICODE:
            return frozenset(_in_groups(content, start + offset))
    raise ValueError(f"{name} has no map of all of Unicode")


def _in_groups(content: bytes, start: int) -> Iterable[int]:
    [groups] = struct.unpack_from(">I", content, start + 12)
    for n in range(groups):
        first, last, _glyph = struct.unpack_from(">III", content, start + 16 + 12 * n)
        yield from range(first, last + 1)
