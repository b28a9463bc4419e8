"""Sets papers with typst: the same papers, pictures and moment give the same bytes.

Nothing is read from the network and no font but our own. Everything stays in memory: photos and
signatures of a firm's customers do not lie about in a folder for temporary files.
"""

from __future__ import annotations

import base64
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import qrcode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from PIL import Image

from huiyin.core.errors import Invalid
from huiyin.records.models import Blob
from huiyin.records.printing import glyphs, press
from huiyin.records.printing.paper import Cell, Paper, Picture, Row

TEMPLATE = Path(__file__).with_name("paper.typ")
PHOTO_SIDE, SIGNATURE_SIDE = 520, 900
"""Pixels: a photo is 45 mm wide on paper, a signature up to 100 mm."""

MOST_PAGES, MOST_PHOTOS = 300, 600
"""Of one PDF: 2 s for so many pages, 10 s for so many photos."""
LINES, PHOTOS = 46, 9
"""About as many as a page holds of text, or of photos."""
HEAD, ROW = 8, 1.5
"""Lines that the head of a paper takes, and a row of few words."""
WIDTH = {"wide": 37, "pair": 14, "band": 40}
"""Characters in a line, by the kind of row."""


def refuse_too_long(papers: Sequence[Paper]) -> None:
    """Raises Invalid before anything is set: by the photos, and by an estimate of the pages."""
    pages, photos = estimated(papers), sum(_photos(paper) for paper in papers)
    if pages > MOST_PAGES:
        said = _("约有 %(pages)s 页，一次最多打印 %(most)s 页，请分几次打印。")
        raise Invalid({"": [said % {"pages": pages, "most": MOST_PAGES}]})
    if photos > MOST_PHOTOS:
        said = _("共有 %(photos)s 张照片，一次最多打印 %(most)s 张，请分几次打印。")
        raise Invalid({"": [said % {"photos": photos, "most": MOST_PHOTOS}]})


def estimated(papers: Sequence[Paper]) -> int:
    """About how many pages they will be."""
    return math.ceil(sum(_pages(paper) for paper in papers))


def _pages(paper: Paper) -> float:
    lines = sum(max([ROW, *(_lines(row, cell.text) for cell in row.cells)]) for row in paper.rows)
    return max(1.0, (HEAD + lines) / LINES + _photos(paper) / PHOTOS)


def _photos(paper: Paper) -> int:
    return sum(len(cell.photos) for row in paper.rows for cell in row.cells)


def _lines(row: Row, text: str) -> int:
    return sum(1 + len(line) // WIDTH[row.kind] for line in text.split("\n"))


def pdf(papers: Sequence[Paper], addresses: Mapping[str, str], *, at: datetime) -> bytes:
    """The papers as one PDF; ``addresses``: what each QR picture says, by its file name."""
    return press.pdf(_files(papers, addresses), at=at, pages=estimated(papers))


def _files(papers: Sequence[Paper], addresses: Mapping[str, str]) -> dict[str, str]:
    given = _clean(
        {
            "title": f"{papers[0].title} {papers[0].number}",
            "author": papers[0].firm,
            **_language(),
            "pages": _("第 {page} 页　共 {pages} 页"),
            "papers": [asdict(paper) for paper in papers],
        }
    )
    return {
        "main.typ": TEMPLATE.read_text("utf-8"),
        "papers.json": json.dumps(given | {"missing": glyphs.missing(strings(given))}),
        **{f"{name}.svg": qr(address) for name, address in addresses.items()},
        **{f"{name}.svg": picture for name, picture in _pictures(papers)},
    }


def _language() -> dict[str, str | None]:
    spoken = get_language() or "zh"
    return (
        {"lang": "zh", "region": "CN"}
        if spoken.startswith("zh")
        else {"lang": "en", "region": None}
    )


def _clean(given: Any) -> Any:
    """The same with one kind of line end, and without the mark of byte order, which means nothing."""
    if isinstance(given, str):
        return "\n".join(given.replace("\ufeff", "").splitlines()).replace("\t", "    ")
    if isinstance(given, Mapping):
        return {key: _clean(value) for key, value in given.items()}
    return [_clean(each) for each in given] if isinstance(given, list | tuple) else given


def strings(given: Any) -> Iterator[str]:
    """Every text that stands somewhere in what is given."""
    if isinstance(given, str):
        yield given
    elif isinstance(given, Mapping | list | tuple):
        for each in given.values() if isinstance(given, Mapping) else given:
            yield from strings(each)


def qr(text: str) -> str:
    """A QR code as a drawing; the paper around it is its quiet zone."""
    code = qrcode.QRCode(border=0)
    code.add_data(text)
    code.make()
    modules = code.get_matrix()
    dark = "".join(
        f"M{x} {y}h1v1h-1z" for y, line in enumerate(modules) for x, on in enumerate(line) if on
    )
    side = len(modules)
    return _drawing(side, side, f'<path d="{dark}"/>')


def _pictures(papers: Iterable[Paper]) -> Iterator[tuple[str, str]]:
    shown = {each.file for paper in papers for cell in paper.cells for each in _of(cell)}
    # A photo is ten times larger as it is kept: few are in memory at a time.
    for blob in Blob.objects.filter(pk__in=shown).iterator(chunk_size=20):
        yield blob.sha256, _embedded(bytes(blob.content), blob.media_type)


def _of(cell: Cell) -> list[Picture]:
    return [*cell.photos, *([cell.signature] if cell.signature else [])]


def _embedded(content: bytes, media_type: str) -> str:
    """A kept picture at the size of print, inside a drawing: typst takes text files from memory."""
    image = Image.open(io.BytesIO(content))
    side = PHOTO_SIDE if media_type == "image/jpeg" else SIGNATURE_SIDE
    image.draft("RGB", (side, side))
    image.thumbnail((side, side))
    file = io.BytesIO()
    if media_type == "image/jpeg":
        image.save(file, "JPEG", quality=80)
    else:
        image.save(file, "PNG")
    address = f"data:{media_type};base64,{base64.b64encode(file.getvalue()).decode()}"
    width, height = image.size
    return _drawing(width, height, f'<image width="{width}" height="{height}" href="{address}"/>')


def _drawing(width: int, height: int, content: str) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
    return f"{head}{content}</svg>"
