"""The layout that suits every form: what it is about, its fields in their order, who signs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huiyin.core.punctuation import bracketed, chained, explained, listed
from huiyin.policy.schema import Subject
from huiyin.records.models import Handover
from huiyin.records.printing.cells import (
    NOTHING,
    choices_of,
    day_to_write,
    empty,
    filled,
)
from huiyin.records.printing.material import Material
from huiyin.records.printing.paper import LINES, Cell, Picture, Row, pairs, wide
from huiyin.records.queries import Sheet
from huiyin.records.typed import is_free_text, said
from huiyin.ui.moments import until_words

NOTICE_FORM = "rectification_notice"


def rows(material: Material) -> list[Row]:
    return [
        *pairs(settled(material, [*about(material), *circumstances(material)])),
        *fields(material),
        *(wide(cell) for cell in _found(material)),
        *(wide(cell) for cell in handovers(material)),
        wide(Cell(_("签字"), sign=((_("填表人"), _("审核"), _("批准")),))),
    ]


def notes(material: Material) -> list[str]:
    return [] if material.sheet else [_("带 * 的必须填写。")]


def settled(material: Material, cells: Iterable[Cell]) -> Iterator[Cell]:
    """On a filed record what is empty stays so: it is struck, where an empty form leaves room."""
    for cell in cells:
        is_open = material.sheet is None or cell.text or cell.choices or cell.sign
        yield cell if is_open else replace(cell, text=NOTHING)


def about(material: Material) -> Iterator[Cell]:
    """Customer, unit, the target by its number, and what is known of the subject."""
    target = material.about
    yield Cell(_("客户"), material.customer)
    unit = target.unit if target else None
    yield Cell(_("所属单位"), unit.label if unit else "")
    if target is None:
        yield from _unknown_target(material)
    elif target.kind == "case":
        yield Cell(_("事项编号"), target.label)
        yield from of_subjects(material)
    elif target.kind == "person":
        yield Cell(_("人员"), material.name(target.pk))
    elif target.kind not in ("customer", "unit"):
        yield from of_subjects(material)


def of_subjects(material: Material) -> Iterator[Cell]:
    """The number, the fields and the last events of what is tracked, as its facts state them."""
    target, language = material.about, get_language() or "zh"
    for kind, subject in material.asked.policy.subjects.items():
        is_it = target is not None and target.kind == kind
        if not is_it and not any(name.startswith(f"{kind}.") for name in material.known):
            continue
        number = target.label if is_it and target else material.subject
        yield Cell(subject.title.say(language), number)
        yield from _known_fields(material, kind, subject)


def _known_fields(material: Material, kind: str, subject: Subject) -> Iterator[Cell]:
    language = get_language() or "zh"
    for name, spec in subject.fields.items():
        in_words = is_free_text(spec)
        value = material.written.get(name) if in_words else material.known.get(f"{kind}.{name}")
        if value is not None:
            yield Cell(spec.title.say(language), said(spec, value, material.shelf.people))
    for name, title in subject.facts.items():
        if fact := material.last(f"{kind}.{name}"):
            yield Cell(title.say(language), moment(fact.happened_at))


def _unknown_target(material: Material) -> Iterator[Cell]:
    """An empty form that is carried along to whatever it will be about."""
    language = get_language() or "zh"
    for kind in material.form.about:
        if subject := material.asked.policy.subjects.get(kind):
            yield Cell(subject.title.say(language))
            for spec in subject.fields.values():
                yield Cell(spec.title.say(language), choices=choices_of(spec, None))
            return


def circumstances(material: Material) -> Iterator[Cell]:
    """Who did it, who was there, when, by when it had to be, and who entered it."""
    due = material.due
    deadline = until_words(due, zone=timezone.get_current_timezone()) if due else ""
    if (sheet := material.sheet) is None:
        yield Cell(_("办理人"))
        yield Cell(_("在场人员"))
        yield Cell(_("发生时间"), day_to_write(with_time=True))
        yield Cell(_("应办时限"), deadline)
        return
    record = sheet.record
    yield Cell(_("办理人"), by(material, sheet))
    yield Cell(_("在场人员"), listed(sheet.present))
    yield Cell(_("发生时间"), moment(record.happened_at))
    yield Cell(_("应办时限"), deadline)
    yield Cell(_("录入"), chained([sheet.recorded_by, moment(record.recorded_at)]))
    if sheet.late_reason:
        yield Cell(_("补录原因"), sheet.late_reason)


def by(material: Material, sheet: Sheet) -> str:
    """Who filed it, with the positions that he held then."""
    held = material.titles(sheet.record.by_id, sheet.record.happened_at)
    return bracketed(sheet.by, listed(held)) if held else sheet.by


def fields(material: Material) -> list[Row]:
    """Every field of the form in its order."""
    if material.sheet is not None:
        return [wide(filled(answer)) for answer in material.sheet.answers]
    language, form = get_language() or "zh", material.form
    return [
        wide(empty(spec.title.say(language), spec, form.clauses_at(key)))
        for key, spec in form.fields.items()
    ]


def _found(material: Material) -> Iterator[Cell]:
    """Cases that the filing raised, with the written notices about them."""
    if not any(spec.raises for spec in material.form.fields.values()) and not material.found:
        return
    title = _("带回的事项")
    if material.sheet is None:
        yield Cell(title, sign=((_("书面通知编号"),),), space=LINES)
        return
    lines = [
        chained(
            [
                fact.target.label,
                *(f"{s.title} {s.record.number}" for s in papers if s.record.form == NOTICE_FORM),
            ]
        )
        for fact, papers in material.found
    ]
    yield Cell(title, "\n".join(lines) or NOTHING)


def handovers(material: Material) -> Iterator[Cell]:
    """To whom it was handed over and how he received it; lines where that is still to come."""
    given = material.sheet.handovers if material.sheet else ()
    for handover, to, _by in given:
        yield _received(handover, to)
    if not given and must_be_sent(material):
        yield Cell(_("签收"), sign=((_("接收人签字"), _("签收时间")),))


def _received(handover: Handover, to: str) -> Cell:
    title = _("签收")
    text = f"{to} · {handover.get_channel_display()} · {moment(handover.handed_at)}"
    if handover.refused:
        reason = handover.fact.note.text if hasattr(handover.fact, "note") else ""
        return Cell(title, f"{text}\n{explained(_('拒签'), reason)}")
    if handover.blob_id:
        return Cell(title, text, signature=Picture(handover.blob_id, _("接收人的手写签名")))
    return Cell(title, text, sign=((_("接收人签字"), _("签收时间")),))


def must_be_sent(material: Material) -> bool:
    """Whether a duty is proven only by handing this form over."""
    return bool(_sent_to(material))


def receivers(material: Material) -> list[str]:
    """Whom the form has to reach, as the policy says it: persons, roles or parties."""
    policy, language = material.asked.policy, get_language() or "zh"
    declared = {**policy.roles, **policy.parties}
    named = [
        declared[name].title.say(language)
        if name in declared
        else material.name(material.known.get(name))
        for name in _sent_to(material)
    ]
    return [name for name in named if name]


def _sent_to(material: Material) -> tuple[str, ...]:
    for duty in material.asked.policy.duties.values():
        proof = duty.proof
        if proof and proof.record == material.form.key and proof.sent_to:
            return proof.sent_to
    return ()


def moment(at: datetime) -> str:
    return date_format(localtime(at), "Y-m-d H:i")
