"""Signs that nobody sees: which are taken out of what is typed or pasted, and which refuse it."""

from __future__ import annotations

import re
import unicodedata

# Invisible at the ends of copied cells: no-break and ideographic spaces go with str.strip().
INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u3164"
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
# What turns the direction of writing shows another name than it is.
TURNING = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
# A workbook writes the carriage return as `_x000D_`, and programs that make text of it leave that.
LINE_END = re.compile(r"(?:_x000[Dd]_|\r)\n?")
UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Kinds of characters that nobody sees, and that turn or break the words around them."""
# A font may draw what is private or newer than this Python, such as a rare Han character of a name.
BARE = ("Cc", "Cf", "Zl", "Zp")
# Letters and marks that are blank: fillers, joiners, an empty Braille cell, variation selectors.
BLANK = frozenset(
    map(
        chr,
        (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, *range(0xFE00, 0xFE10)),
    )
)
# Full-width letters, digits and signs, and every dash, as a keyboard types them.
HALF_WIDTH = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | dict.fromkeys(
    map(ord, "‐‑‒–—―−"), "-"
)


def as_text(text: str) -> str:
    """NFC, lines end in LF, nothing invisible at the ends."""
    composed = LINE_END.sub("\n", unicodedata.normalize("NFC", text))
    while (bare := composed.strip().strip(INVISIBLE)) != composed:
        composed = bare
    return composed


def as_name(text: str) -> str:
    """The same in one line, with nothing invisible inside."""
    return " ".join(as_text(text).translate(dict.fromkeys(map(ord, INVISIBLE))).split())


def as_code(text: str) -> str:
    """A name by which things are told apart, as one types it on a keyboard."""
    return as_name(text).translate(HALF_WIDTH)


def is_unseen(text: str) -> bool:
    """Whether there is nothing in it that anybody could read."""
    return all(
        sign.isspace() or sign in BLANK or unicodedata.category(sign) in BARE for sign in text
    )


def has_wrong_signs(name: str) -> bool:
    """Whether a control character stands in it, or one that turns the direction of writing."""
    return bool(CONTROL.search(name) or TURNING.search(name))
