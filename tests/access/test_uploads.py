"""Files that are no photographs, or try to cost more than one, sent where a photo belongs."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests.access.test_hostile_forms import BY_NAME, sent, wrong_answer
from tests.access.world import World, rows, undone
from tests.app import scene as on

pytestmark = pytest.mark.django_db

UPLOADS = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "html": b"<html><script>alert(1)</script></html>",
    "pdf": b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n",
    "empty": b"",
    "cut off": on.photograph()[: len(on.photograph()) // 2],
    "only a head": on.photograph()[:20],
    "gif": b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!",
    "too large": b"\xff\xd8\xff" + b"\0" * 12_000_100,
}


def _bomb() -> bytes:
    """20 000 × 20 000 pixels in 50 kB."""
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(b"\0" * 2501) for _ in range(20_000)) + packer.flush()
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", 20_000, 20_000, 1, 0, 0, 0, 0)),
        (b"IDAT", rows),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )


@pytest.mark.parametrize("what", [*UPLOADS, "bomb", "thirteen"])
def test_a_file_that_is_no_photo_is_refused(place: World, what: str) -> None:
    content = _bomb() if what == "bomb" else UPLOADS.get(what, on.photograph())
    files = [
        SimpleUploadedFile("a\u202egpj.exe", content, "image/jpeg")
        for _n in range(13 if what == "thirteen" else 1)
    ]
    before = rows()

    with undone():
        answer = sent(place, BY_NAME["followups:workbench"], {"photo": files})
        after = rows()

    assert wrong_answer(answer, "照片") == ""
    assert after == before


def test_a_good_photo_with_broken_notes_is_still_a_photo(place: World) -> None:
    notes, file = Image.Exif(), io.BytesIO()
    notes[0x0112] = 6  # turned by a quarter
    Image.new("RGB", (64, 48), "grey").save(file, "WEBP", exif=notes)
    broken = file.getvalue().replace(b"MM\0*", b"M\xfe\0*")
    assert broken != file.getvalue()

    with undone():
        photo = SimpleUploadedFile("a.webp", broken, "image/webp")
        answer = sent(place, BY_NAME["followups:workbench"], {"photo": [photo]})

    assert answer.status_code == 302
