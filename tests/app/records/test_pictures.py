"""What comes from a phone is drawn anew; what is not a picture never gets in."""

import io
import struct
import zlib

import pytest
from PIL import Image

from huiyin.records import pictures
from huiyin.records.pictures import Unreadable
from tests.app.records.drawing import GPS_INFO, MAKE, address, photograph, strokes


def test_a_photo_loses_what_the_camera_noted_and_stands_upright() -> None:
    sent = photograph(60, 40)
    assert Image.open(io.BytesIO(sent)).getexif()[MAKE] == "Camera"

    kept = pictures.photo(sent)

    image = Image.open(io.BytesIO(kept.content))
    assert not dict(image.getexif()) and GPS_INFO not in image.getexif()
    assert b"Camera" not in kept.content
    assert image.size == (40, 60)
    top, bottom = image.getpixel((20, 5)), image.getpixel((20, 55))
    assert top[0] > 150 > top[2] and bottom[2] > 150 > bottom[0]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_three_formats_of_phones_are_read_and_kept_as_one(kind: str) -> None:
    assert pictures.photo(photograph(kind=kind)).media_type == "image/jpeg"


def test_a_large_photo_becomes_two_thousand_pixels() -> None:
    image = Image.open(io.BytesIO(pictures.photo(photograph(3000, 1500)).content))

    assert max(image.size) == pictures.PHOTO_SIDE


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"%PDF-1.7 not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        photograph()[:200],
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 40,
    ],
)
def test_what_is_not_a_photo_is_refused(sent: bytes) -> None:
    with pytest.raises(Unreadable):
        pictures.photo(sent)


def test_a_bomb_is_refused_before_it_is_decoded() -> None:
    for side in (8_000, 20_000, 60_000):
        bomb = _png(side, side)
        assert len(bomb) < 1_000

        with pytest.raises(Unreadable):
            pictures.photo(bomb)

    with pytest.raises(Unreadable, match="8000×8000"):
        pictures.photo(_png(8_000, 8_000))


def test_a_photo_of_more_than_twelve_megabytes_is_refused() -> None:
    with pytest.raises(Unreadable, match="12 MB"):
        pictures.photo(photograph() + b"\0" * pictures.PHOTO_BYTES)


def test_a_signature_keeps_its_strokes_on_white() -> None:
    kept = pictures.signature(address(strokes()))

    image = Image.open(io.BytesIO(kept.content))
    assert kept.media_type == "image/png"
    assert image.getpixel((0, 0)) == 255
    assert image.getpixel((80, 20)) < 128


@pytest.mark.parametrize(
    "sent",
    [
        "",
        address(Image.new("RGBA", (300, 120), (0, 0, 0, 0))),
        address(Image.new("RGB", (300, 120), "white")),
        address(strokes().convert("RGB"), "JPEG"),
        "data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=",
        "data:image/png;base64,***",
        "data:image/png;base64," + "A" * 400_000,
        address(strokes(3_000, 2_000)),
    ],
)
def test_a_signature_that_is_blank_or_no_png_is_refused(sent: str) -> None:
    with pytest.raises(Unreadable):
        pictures.signature(sent)


def _png(width: int, height: int) -> bytes:
    """A picture that says it is large and holds nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 100)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
