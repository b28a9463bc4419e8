"""Pictures as they come from phones, made harmless: decoded, limited, drawn anew, stripped.

Nothing of the file that was sent survives but its picture: no place where it was taken, no
second format hidden behind the first, no name.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import struct
import zlib
from dataclasses import dataclass

from django.utils.translation import gettext as _
from PIL import Image, ImageChops, ImageOps

SIGNATURE_BYTES = 200_000
SIGNATURE_SIDE = 2_000
PHOTO_BYTES = 12_000_000
PHOTO_SIDE = 2_000
# A phone takes 12 to 50 million pixels; what has more is a bomb, and is never decoded. A JPEG is
# decoded smaller at once; other formats cannot be: 60 million pixels took 5 s and a gigabyte.
JPEG_PIXELS = 60_000_000
PHOTO_PIXELS = 16_000_000
# Pillow's readers report a broken file in all of these ways.
BROKEN = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError,
    RuntimeError, MemoryError, struct.error, zlib.error,
)  # fmt: skip
PNG_ADDRESS = "data:image/png;base64,"


class Unreadable(ValueError):
    """The message says, translated, what is wrong with the picture and what to do."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Bytes that this module drew itself; ``sha256`` is theirs."""

    content: bytes
    media_type: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def signature(address: str) -> Picture:
    """A drawn signature from its data address (PNG only). Raises Unreadable, also when blank."""
    if not address.startswith(PNG_ADDRESS):
        raise Unreadable(_("签名须是 PNG 图片，请重新签名。"))
    if len(address) > len(PNG_ADDRESS) + SIGNATURE_BYTES * 4 // 3 + 4:
        raise Unreadable(_("签名图片超过 200 kB，请重新签名。"))
    try:
        content = base64.b64decode(address[len(PNG_ADDRESS) :], validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unreadable(_("签名图片不完整，请重新签名。")) from error
    drawn = _opened(content, formats=("PNG",), pixels=SIGNATURE_SIDE * SIGNATURE_SIDE)
    paper = _on_white(drawn).convert("L")
    if ImageChops.invert(paper).getbbox() is None:
        raise Unreadable(_("签名是空白的，请签名，或写明不愿签名的缘由。"))
    return _written(paper, "PNG", "image/png", optimize=True)


def photo(content: bytes) -> Picture:
    """A photograph of at most 2000 pixels a side, upright, without what the camera noted.

    Raises Unreadable for anything but JPEG, PNG or WebP, and for pictures too large to decode.
    """
    if len(content) > PHOTO_BYTES:
        raise Unreadable(_("照片超过 12 MB，请缩小后再传。"))
    image = _opened(content, formats=("JPEG", "PNG", "WEBP"), pixels=PHOTO_PIXELS)
    flat = _on_white(_upright(image))
    flat.thumbnail((PHOTO_SIDE, PHOTO_SIDE))
    return _written(flat, "JPEG", "image/jpeg", quality=82)


def _opened(content: bytes, *, formats: tuple[str, ...], pixels: int) -> Image.Image:
    """Decode wholly, but look at the size first: decoding is what a bomb waits for."""
    try:
        image = Image.open(io.BytesIO(content), formats=formats)
        is_jpeg = image.format in ("JPEG", "MPO")  # a phone's JPEG that holds a second picture
        if image.width * image.height > (JPEG_PIXELS if is_jpeg else pixels):
            raise Unreadable(
                _("图片的像素太多（%(width)s×%(height)s），请缩小后再传。")
                % {"width": image.width, "height": image.height}
            )
        if is_jpeg:
            image.draft("RGB", (PHOTO_SIDE, PHOTO_SIDE))
        image.load()
    except Unreadable:
        raise
    except Image.DecompressionBombError as error:
        raise Unreadable(_("图片的像素太多，请缩小后再传。")) from error
    except BROKEN as error:
        raise Unreadable(_("这个文件不是能读的照片（须是 JPEG、PNG 或 WebP），请重拍。")) from error
    return image


def _upright(image: Image.Image) -> Image.Image:
    """Turned as the camera noted; a picture whose notes are broken stays as it lies."""
    try:
        return ImageOps.exif_transpose(image)
    except BROKEN:
        return image


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in ("RGB", "L"):
        return image.convert("RGB")
    seen = image.convert("RGBA")
    paper = Image.new("RGBA", seen.size, "white")
    paper.alpha_composite(seen)
    return paper.convert("RGB")


def _written(image: Image.Image, kind: str, media_type: str, **how: object) -> Picture:
    file = io.BytesIO()
    # A picture that is copied takes its notes along; a fresh one has none to take.
    clean = Image.frombytes(image.mode, image.size, image.tobytes())
    clean.save(file, kind, **how)
    return Picture(content=file.getvalue(), media_type=media_type)
