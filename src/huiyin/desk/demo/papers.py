"""Filled-in papers of the sample firm: answers, drawn signatures, photos."""

from __future__ import annotations

import base64
import io
import random
from functools import lru_cache

from PIL import Image, ImageDraw

from huiyin.records.answers import Sent
from huiyin.ui.fields import GivenSignature

REFUSALS = ("住户赶时间，口头确认无误", "老人在家，不便签名", "住户说不用签，电话确认过")


def satisfied(chance: random.Random, *, photo: bool) -> Sent:
    """The answers of a household that is content; some sign not, with a reason."""
    given = {
        "onsite_check": "fixed",
        "service": chance.choice(("4", "5", "5", "5")),
        "fees": chance.choice(("match", "match", "free")),
        "suggestions": "none",
        "respondent": chance.choice(("owner", "owner", "family")),
    }
    return Sent(given, {"visited": signature(chance)}, {"photo": [picture()] if photo else []})


def dissatisfied(chance: random.Random) -> Sent:
    """The answers of a visit that finds the repair undone."""
    given = {
        "onsite_check": "not_fixed",
        "service": "3",
        "fees": "match",
        "suggestions": "none",
        "respondent": "owner",
    }
    return Sent(given, {"visited": drawn(chance)}, {"photo": [picture()]})


def notice() -> Sent:
    return Sent(
        {
            "problem": "接口处仍有渗水，墙面有水渍",
            "requirement": "更换密封件，并做 30 分钟通水试验",
            "rectify_by": None,
        }
    )


def answer() -> Sent:
    return Sent({"cause": "密封圈老化", "measures": "已更换密封圈，通水试验无渗漏"})


def signature(chance: random.Random) -> GivenSignature:
    """Most sign; one in ten does not and says why."""
    if chance.random() < 0.1:
        return GivenSignature(image="", refused=True, reason=chance.choice(REFUSALS))
    return drawn(chance)


def drawn(chance: random.Random) -> GivenSignature:
    """A scribble, one of a few."""
    return GivenSignature(image=_scribble(chance.randrange(6)), refused=False, reason="")


@lru_cache(maxsize=6)
def _scribble(seed: int) -> str:
    chance = random.Random(seed)
    sheet = Image.new("RGBA", (320, 110), (0, 0, 0, 0))
    pen = ImageDraw.Draw(sheet)
    for start in (30, 120, 210):
        points = [
            (start + step * 9 + chance.uniform(-6, 6), 55 + chance.uniform(-34, 34))
            for step in range(8)
        ]
        pen.line(points, fill=(34, 38, 42, 255), width=3, joint="curve")
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


@lru_cache(maxsize=1)
def picture() -> bytes:
    """A tiled wall with a tap, as far as a few rectangles can be one."""
    photo = Image.new("RGB", (480, 360), (226, 224, 216))
    pen = ImageDraw.Draw(photo)
    for x in range(0, 480, 60):
        for y in range(0, 360, 45):
            pen.rectangle((x, y, x + 58, y + 43), fill=(236, 235, 229))
    pen.rectangle((200, 120, 280, 150), fill=(150, 156, 160))
    pen.rectangle((225, 150, 255, 235), fill=(130, 137, 142))
    out = io.BytesIO()
    photo.save(out, "JPEG", quality=80)
    return out.getvalue()
