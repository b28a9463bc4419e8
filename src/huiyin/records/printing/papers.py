"""From records and empty forms to a PDF: read, lay out, frame, set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huiyin.accounts.models import Person
from huiyin.accounts.queries import firm
from huiyin.accounts.visibility import Viewer
from huiyin.adoption.models import Adoption
from huiyin.core.punctuation import bracketed, explained
from huiyin.records.links import target_url
from huiyin.records.printing import generic, glyphs, typesetting
from huiyin.records.printing.layouts import layout_of
from huiyin.records.printing.material import Asked, Material, gather
from huiyin.records.printing.paper import Paper, Picture


@dataclass(frozen=True, slots=True)
class Imprint:
    """Who prints, when, and under which address (http://…/) the firm's pages are reached."""

    by: Person
    viewer: Viewer
    at: datetime
    address: str


def pdf(asked: Sequence[Asked], imprint: Imprint, *, nth: Sequence[int] = ()) -> bytes:
    """One PDF, each paper from its own page 1. ``nth``: for which time each record is printed.

    The same records, imprint and counts give the same bytes. Raises Invalid when it would be too
    long.
    """
    owner = firm()
    papers: list[Paper] = []
    addresses: dict[str, str] = {}
    for at, material in enumerate(gather(asked, imprint.viewer)):
        layout, name = layout_of(material.form), f"qr-{at}"
        path = _path(material)
        if path:
            addresses[name] = imprint.address.rstrip("/") + path
        papers.append(
            _with_boxes_told(
                Paper(
                    firm=owner.name if owner else "",
                    title=material.form.title.say(get_language() or "zh"),
                    number=_number(material),
                    document=_document(material),
                    marks=tuple(_marks(material)),
                    rows=tuple(layout.rows(material)),
                    notes=tuple(layout.notes(material)),
                    foot=_foot(imprint, nth[at] if nth else 0),
                    qr=Picture(name, addresses[name]) if path else None,
                    roomy=material.sheet is None,
                )
            )
        )
    typesetting.refuse_too_long(papers)
    return typesetting.pdf(papers, addresses, at=imprint.at)


def _with_boxes_told(paper: Paper) -> Paper:
    """With a word about the boxes, if the font lacks a character that stands on the paper."""
    if not glyphs.missing(typesetting.strings(asdict(paper))):
        return paper
    said = _("方框是打印字体没有的字，请手写；框内小字是这个字的编码。")
    return replace(paper, notes=(*paper.notes, said))


def _path(material: Material) -> str:
    """Where the record can be read; an empty form leads to what it is about."""
    if record := material.asked.record:
        return reverse("records:page", args=[record.pk])
    return target_url(material.about) if material.about else ""


def _number(material: Material) -> str:
    record = material.asked.record
    return _("编号 %(number)s") % {"number": record.number if record else "_" * 14}


def _document(material: Material) -> str:
    """The written policy that asks for the form."""
    policy = material.asked.policy
    said = _("%(title)s %(number)s 第 %(version)s 版") % {
        "title": policy.title.say(get_language() or "zh"),
        "number": policy.document.number,
        "version": policy.document.version,
    }
    is_trial = material.asked.adoption.mode == Adoption.Mode.TRIAL
    return bracketed(said, _("试行")) if is_trial else said


def _marks(material: Material) -> list[str]:
    """That it is not the first version, and why; that it is not the newest, or counts no more."""
    if (sheet := material.sheet) is None:
        return []
    marks, version, newest = [], sheet.record.version, sheet.versions[-1].version
    if version > 1:
        amended = _("第 %(n)s 版") % {"n": version}
        marks.append(explained(amended, explained(_("更改原因"), sheet.reason)))
    if newest > version:
        marks.append(_("旧版本：已由第 %(n)s 版代替") % {"n": newest})
    if sheet.taken_back is not None:
        marks.append(explained(_("已撤销，不再算数"), sheet.taken_back))
    return marks


def _foot(imprint: Imprint, nth: int) -> str:
    said = _("打印：%(at)s %(by)s") % {"at": generic.moment(imprint.at), "by": imprint.by.name}
    times = _("第 %(n)s 次打印") % {"n": nth} if nth else _("空白表")
    return f"{said} · {times}"
