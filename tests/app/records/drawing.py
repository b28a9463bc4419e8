"""Pictures as a phone sends them."""

from __future__ import annotations

import base64
import io

from PIL import Image, ImageDraw

from huiyin.ui.fields import GivenSignature

GPS_INFO, MAKE, ORIENTATION = 0x8825, 0x010F, 0x0112


def address(image: Image.Image, kind: str = "PNG") -> str:
    file = io.BytesIO()
    image.save(file, kind)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(file.getvalue()).decode()}"


def strokes(width: int = 300, height: int = 120) -> Image.Image:
    """Dark strokes on nothing, as a signature pad draws them."""
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    ImageDraw.Draw(image).line([(20, 90), (80, 20), (150, 95), (260, 30)], (20, 20, 30, 255), 4)
    return image


def signed() -> GivenSignature:
    return GivenSignature(image=address(strokes()), refused=False, reason="")


def refused(reason: str = "住户赶时间") -> GivenSignature:
    return GivenSignature(image="", refused=True, reason=reason)


def photograph(width: int = 60, height: int = 40, *, kind: str = "JPEG") -> bytes:
    """Red on the left, blue on the right; the camera noted its make, a turn and a place."""
    image = Image.new("RGB", (width, height), (200, 30, 30))
    image.paste((30, 30, 200), (width // 2, 0, width, height))
    exif = Image.Exif()
    exif[MAKE], exif[ORIENTATION] = "Camera", 6
    exif.get_ifd(GPS_INFO)[1] = "N"
    file = io.BytesIO()
    image.save(file, kind, exif=exif)
    return file.getvalue()
