"""Reads a PDF that typst wrote: its pages, and what the glyphs on them stand for.

The text comes from the page's own drawing operators and the fonts' ToUnicode maps, as a reader's
program takes it when somebody copies it; nothing here knows what should stand there.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

OBJECT = re.compile(rb"(?m)^(\d+) 0 obj\n(.*?)\nendobj", re.S)
MAPPED = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]+)>")
# A font chosen, the end of a run of text, what is said of a picture, a sign or a language (in brackets
# too, but not drawn), or a string: in hexadecimal, or the beginning of a plain one.
MARK = re.compile(
    rb"/(?P<font>f\d+) [\d.]+ Tf|(?P<end>\bET\b)|(?P<aside>/(?:Alt|Lang|ActualText))?(?:<(?P<hex>[0-9A-F]+)>|\()"
)
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
MODULE = re.compile(rb"(?<![\d.])(\d+) (\d+) m (\d+) (\d+) l (\d+) (\d+) l (\d+) (\d+) l\nh")


@dataclass(frozen=True)
class Page:
    """``runs``: the texts in the order in which they are drawn; ``modules``: dark ones of a QR."""

    runs: list[str]
    modules: set[tuple[int, int]]

    @property
    def text(self) -> str:
        """All of it without line breaks, so that what was broken over lines is found."""
        return "".join(self.runs)


class Reader:
    """``pages`` of the PDF, ``images`` (how many pictures it holds), ``info`` (its own words)."""

    def __init__(self, content: bytes) -> None:
        assert content.startswith(b"%PDF-1.7")
        self.objects = {int(found[1]): found[2] for found in OBJECT.finditer(content)}
        [tree] = [o for o in self.objects.values() if b"/Type/Pages" in o]
        kids = re.search(rb"/Kids\[([^]]*)\]", tree)
        assert kids
        self.pages = [self._page(int(kid)) for kid in re.findall(rb"(\d+) 0 R", kids[1])]
        self.images = sum(
            b"/Subtype/Image" in o and b"/SMask" not in o for o in self.objects.values()
        )

    @property
    def text(self) -> str:
        return "".join(page.text for page in self.pages)

    def _page(self, number: int) -> Page:
        page = self.objects[number]
        drawn = self._stream(self._named(page, b"Contents"))
        resources = self.objects[self._named(page, b"Resources")]
        fonts = {
            name.decode(): self._mapping(int(font))
            for name, font in re.findall(rb"/(f\d+) (\d+) 0 R", resources)
        }
        squares = {
            (int(x), int(y))
            for x, y, right, *_rest in MODULE.findall(drawn)
            if int(right) == int(x) + 1
        }
        return Page(_runs(drawn, fonts), squares)

    def _named(self, holder: bytes, name: bytes) -> int:
        found = re.search(rb"/%b (\d+) 0 R" % name, holder)
        assert found, (name, holder)
        return int(found[1])

    def _stream(self, number: int) -> bytes:
        head, _stream, rest = self.objects[number].partition(b"stream\n")
        length = re.search(rb"/Length (\d+)", head)
        assert length
        content = rest[: int(length[1])]
        return zlib.decompress(content) if b"/FlateDecode" in head else content

    def _mapping(self, font: int) -> dict[int, str]:
        cmap = self._stream(self._named(self.objects[font], b"ToUnicode"))
        return {
            int(glyph, 16): bytes.fromhex(text.decode()).decode("utf-16-be")
            for glyph, text in MAPPED.findall(cmap)
        }


def _runs(drawn: bytes, fonts: dict[str, dict[int, str]]) -> list[str]:
    font: dict[int, str] = {}
    runs, run, at = [], "", 0
    while found := MARK.search(drawn, at):
        at = found.end()
        if found["font"]:
            font = fonts[found["font"].decode()]
        elif found["end"]:
            runs, run = [*runs, *([run] if run else [])], ""
        else:
            hexed = found["hex"]
            codes, at = (bytes.fromhex(hexed.decode()), at) if hexed else _string(drawn, at)
            if not found["aside"]:
                pairs = zip(codes[::2], codes[1::2], strict=True)
                run += "".join(font.get(high << 8 | low, "") for high, low in pairs)
    return runs


def _string(drawn: bytes, at: int) -> tuple[bytes, int]:
    """The string that begins there, and where it ends: brackets inside are escaped or paired."""
    found, depth = b"", 1
    while True:
        sign, at = drawn[at : at + 1], at + 1
        if sign == b"\\":
            octal = re.compile(rb"[0-7]{1,3}").match(drawn, at)
            sign = (
                bytes([int(octal[0], 8)])
                if octal
                else ESCAPES.get(drawn[at : at + 1], drawn[at : at + 1])
            )
            at = octal.end() if octal else at + 1
        else:
            depth += {b"(": 1, b")": -1}.get(sign, 0)
            if not depth:
                return found, at
        found += sign
