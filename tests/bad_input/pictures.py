"""Group 29: what is sent where a photograph belongs, and photographs that carry something else."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.app.scene import photograph
from tests.bad_input.answers import Answer, Refused, Repaired

HIDDEN = b"<script>alert('hidden')</script>"
RETAKE = "请重拍"


@dataclass(frozen=True)
class BadPicture:
    """A file and its name, as a browser sends them."""

    name: str
    make: Callable[[], bytes]
    answer: Answer
    called: str = "a\u202egpj.exe"

    def __str__(self) -> str:
        return f"29-{self.name}"


def pixels_of(width: int, height: int) -> bytes:
    """A white PNG: 20 000 × 20 000 pixels fit into 50 kB."""
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes((width + 7) // 8 + 1)) for _ in range(height))
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)),
        (b"IDAT", rows + packer.flush()),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )


def taken_somewhere() -> bytes:
    """A photograph that says where it was taken, and by whose telephone."""
    notes, file = Image.Exif(), io.BytesIO()
    notes[0x010F] = "A telephone"
    notes.get_ifd(0x8825).update({1: "N", 2: (39.0, 54.0, 20.0), 3: "E", 4: (116.0, 23.0, 29.0)})
    Image.new("RGB", (64, 48), "grey").save(file, "JPEG", exif=notes, comment=HIDDEN)
    return file.getvalue()


def with_a_text() -> bytes:
    told, file = PngInfo(), io.BytesIO()
    told.add_text("Comment", HIDDEN.decode())
    Image.new("RGB", (64, 48), "grey").save(file, "PNG", pnginfo=told)
    return file.getvalue()


def no_photo(
    name: str, make: Callable[[], bytes], remedy: str = RETAKE, value: str = ""
) -> BadPicture:
    return BadPicture(name, make, Refused("照片", remedy, value))


def stripped(name: str, make: Callable[[], bytes], called: str = "a.jpg") -> BadPicture:
    return BadPicture(name, make, Repaired(b"\xff\xd8\xff", "stripped"), called)


PICTURES = [
    no_photo("svg", lambda: b'<svg xmlns="http://www.w3.org/2000/svg">' + HIDDEN + b"</svg>"),
    no_photo("html", lambda: b"<html>" + HIDDEN + b"</html>"),
    no_photo("pdf", lambda: b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"),
    no_photo("a photograph behind a PDF", lambda: b"%PDF-1.4\n" + photograph()),
    no_photo("heic", lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(400)),
    no_photo("empty", lambda: b""),
    no_photo("cut off", lambda: photograph()[: len(photograph()) // 2]),
    no_photo("only a head", lambda: photograph()[:20]),
    no_photo("gif", lambda: b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!"),
    no_photo("too large", lambda: b"\xff\xd8\xff" + b"\0" * 12_000_100, "请缩小后再传", "12 MB"),
    no_photo("bomb", lambda: pixels_of(20_000, 20_000), "请缩小后再传", "像素太多"),
    no_photo("a line", lambda: pixels_of(1_000_000, 20), "请缩小后再传", "1000000×20"),
    stripped("the place where it was taken", taken_somewhere),
    stripped("a text beside the picture", with_a_text),
    stripped("a page behind the picture", lambda: photograph() + HIDDEN),
    *(stripped(f"called {name[:20]!r}", photograph, name)
      for name in ("名" * 300 + ".jpg", "CON", "a\u202egpj.exe", "📷.jpg", "../../etc/passwd", "=cmd|calc.jpg")),
]  # fmt: skip
NO_PHOTOS = [each for each in PICTURES if isinstance(each.answer, Refused)]
STRIPPED = [each for each in PICTURES if not isinstance(each.answer, Refused)]
