"""The customary 整改通知单 on one sheet: the notice, its receipt, the answer, the second look.

What is known already is printed, the rest is room to write by hand: so the sheet that a repairer
gets is the sheet that he answers on, and the one that is filed. The answer and the second look are
the papers about the same case that were filed after this notice and before the next one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from huiyin.core.punctuation import explained, listed, sentences
from huiyin.ledger.models import Fact
from huiyin.policy.builtin import SEVERITIES
from huiyin.records.printing import generic
from huiyin.records.printing.cells import day_to_write, empty, filled
from huiyin.records.printing.material import CLOSED, RAISED, REVISITED, Material
from huiyin.records.printing.paper import LINES, SPACE, Cell, Choice, Row, band, pairs, wide
from huiyin.records.queries import Sheet

NOTICE, ANSWER = "rectification_notice", "rectification_answer"


def rows(material: Material) -> list[Row]:
    """The three parts of the sheet."""
    round = _round(material)
    answer = next((sheet for sheet in reversed(round) if sheet.record.form == ANSWER), None)
    look = next((sheet for sheet in reversed(round) if _revisited(material, sheet)), None)
    found = [
        *pairs(generic.settled(material, _head(material))),
        *(wide(cell) for cell in _fields(material)),
        *pairs([_issued(material), Cell(_("批准"), sign=((_("签字"),),))]),
        *(wide(cell) for cell in generic.handovers(material)),
        band(_("整改回执（责任人填写，交回签发人）")),
        *_answered(material, answer),
        band(_("复查（由整改人以外的人办理）")),
        *_looked_at(material, look),
    ]
    return [_tightened(row) for row in found] if _has_rare(material) else found


def _has_rare(material: Material) -> bool:
    """Whether a line is printed that most notices do not have: why the time is longer."""
    answers = material.sheet.answers if material.sheet else ()
    return any(_is_rare(answer.field) and answer.text for answer in answers)


def _tightened(row: Row) -> Row:
    """With less room to write by hand, so that a line more leaves it one sheet."""
    return replace(
        row, cells=tuple(replace(cell, space=max(0, cell.space - SPACE)) for cell in row.cells)
    )


def notes(material: Material) -> list[str]:
    return [_("一式三份：签发人、责任人、存档各一份。")]


def _round(material: Material) -> list[Sheet]:
    """The papers about the case after this notice and before the next one, oldest first."""
    if material.sheet is None:
        return []
    mine, found = _place(material.sheet), []
    for sheet in material.others:
        if _place(sheet) > mine:
            if sheet.record.form == NOTICE:
                break
            found.append(sheet)
    return found


def _place(sheet: Sheet) -> tuple[object, int]:
    """Where a paper stands among those about its case; a later version stays in its place."""
    return sheet.record.happened_at, sheet.versions[0].pk


def _notices(material: Material) -> list[Sheet]:
    return [sheet for sheet in material.others if sheet.record.form == NOTICE]


def _head(material: Material) -> Iterator[Cell]:
    """Addressee and date, place, case, what it was found at, basis."""
    responsible, sheet = _responsible(material), material.sheet
    yield Cell(_("责任人"), listed(responsible))
    issued = generic.moment(sheet.record.happened_at) if sheet else day_to_write(with_time=True)
    yield Cell(_("签发时间"), issued)
    yield from (cell for cell in generic.about(_bare(material)) if cell.text not in responsible)
    raised = _raised(material)
    yield Cell(_("发现时间"), generic.moment(raised.happened_at) if raised else "")
    yield Cell(_("整改次数"), _nth(material))
    yield Cell(pgettext("paper", "依据"), listed(f"§ {clause}" for clause in material.form.clauses))
    severity = raised.values.get("case.severity") if raised else None
    yield Cell(_("问题性质"), choices=_severities(severity))


def _bare(material: Material) -> Material:
    """Without what was called in, of any length: here stands what was found wanting."""
    return replace(material, shelf=replace(material.shelf, written={}))


def _responsible(material: Material) -> list[str]:
    """Whoever it was handed to; before that, whom it was written for or else has to reach."""
    handovers = material.sheet.handovers if material.sheet else ()
    named = handovers[-1][1] if handovers else material.addressee
    return [named] if named else generic.receivers(material)


def _raised(material: Material) -> Fact | None:
    """What raised the case, or raised it anew, before this notice."""
    until = material.sheet.record.happened_at if material.sheet else None
    raised = [
        fact
        for fact in material.facts
        if fact.kind == RAISED and (until is None or fact.happened_at <= until)
    ]
    return raised[-1] if raised else None


def _nth(material: Material) -> str:
    notices = _notices(material)
    if material.sheet is None:
        return _("第 %(n)s 次") % {"n": len(notices) + 1} if material.about else ""
    before = [sheet for sheet in notices if _place(sheet) < _place(material.sheet)]
    return _("第 %(n)s 次") % {"n": len(before) + 1}


def _severities(severity: object) -> tuple[Choice, ...]:
    titles = (_("一般"), _("较重"), _("重大"))
    return tuple(
        Choice(title, key == severity) for key, title in zip(SEVERITIES, titles, strict=True)
    )


def _fields(material: Material) -> Iterator[Cell]:
    """The form's own fields; below printed words there is room to add to them before it goes out."""
    if material.sheet is None:
        yield from _to_write(material)
        return
    for answer in material.sheet.answers:
        cell, spec = filled(answer), answer.field
        if not answer.text and not spec.required:
            continue  # a reason that nothing asked for
        is_short = spec.type == "text" and len(cell.text) < 80
        yield replace(cell, space=SPACE) if is_short else cell


def _is_rare(spec: Any) -> bool:
    """What a notice says only where something is out of the ordinary."""
    return spec.type == "text" and not spec.required


def _to_write(material: Material) -> Iterator[Cell]:
    """The fields of an empty notice; what is written in rare cases gets a line of the others."""
    specs = list(material.form.fields.values())
    cells = [cell for row in generic.fields(material) for cell in row.cells]
    rare = [_is_rare(spec) for spec in specs]
    for cell, spec, is_rare in zip(cells, specs, rare, strict=True):
        if is_rare:
            yield replace(cell, space=SPACE, note="")
        else:
            is_long = spec.type == "text" and any(rare)
            yield replace(cell, space=LINES - SPACE) if is_long else cell


def _issued(material: Material) -> Cell:
    by = generic.by(material, material.sheet) if material.sheet else ""
    return Cell(_("签发人"), by, sign=((_("签字"),),))


def _answered(material: Material, answer: Sheet | None) -> list[Row]:
    """The repairer's answer as it was filed, or room for it."""
    if answer is not None:
        return [
            *(wide(filled(each)) for each in answer.answers),
            *pairs(
                [
                    Cell(_("整改人"), answer.by, note=answer.record.number),
                    Cell(_("完成时间"), generic.moment(answer.record.happened_at)),
                ]
            ),
        ]
    return [
        *(wide(cell) for cell in _to_answer(material)),
        *pairs([Cell(_("整改人"), sign=((_("签字"),),)), Cell(_("完成时间"), day_to_write())]),
    ]


def _to_answer(material: Material) -> Iterator[Cell]:
    """The fields of the policy's own answer form; without one, the two that every office asks."""
    form, language = material.asked.policy.forms.get(ANSWER), get_language() or "zh"
    if form is None:
        yield Cell(_("原因分析"), space=LINES)
        yield Cell(_("整改措施"), space=LINES)
        return
    for key, spec in form.fields.items():
        yield replace(
            empty(spec.title.say(language), spec, form.clauses_at(key)),
            title=spec.title.say(language),
        )


def _looked_at(material: Material, look: Sheet | None) -> list[Row]:
    """The second look as it was recorded, or room for it; and the closing."""
    fact = _revisited(material, look) if look else None
    solved = fact.values.get("case.solved") if fact else None
    result = Cell(
        _("复查结果"),
        choices=(
            Choice(_("合格"), solved is True),
            Choice(_("不合格，另发整改通知单"), solved is False),
        ),
        sign=() if solved else ((_("另发通知单编号"),),),
    )
    if look is None:
        told = Cell(_("复查说明"), space=LINES - SPACE)
        who = Cell(_("复查人"), sign=((_("签字"),),))
        when = Cell(_("复查时间"), day_to_write())
    else:
        told = Cell(_("复查说明"), _told(look), note=f"{look.title} {look.record.number}")
        who = Cell(_("复查人"), generic.by(material, look))
        when = Cell(_("复查时间"), generic.moment(look.record.happened_at))
    return [wide(result), wide(told), *pairs([who, when]), wide(_closing(material))]


def _revisited(material: Material, sheet: Sheet) -> Fact | None:
    """What the filing of a paper stated as the second look; none where nobody was met."""
    return material.last(REVISITED, at=sheet.versions[0].recorded_at)


def _told(look: Sheet) -> str:
    """What was chosen and what was written at the second look."""
    shown = ("choice", "choice_ordered", "boolean", "text")
    said = (
        explained(answer.title, answer.text)
        for answer in look.answers
        if answer.field.type in shown and answer.text
    )
    return sentences(said)


def _closing(material: Material) -> Cell:
    """Who closed the case, if it was this round that solved it."""
    notices, closed = _notices(material), material.last(CLOSED)
    is_last = material.sheet is not None and (
        not notices or _place(notices[-1]) <= _place(material.sheet)
    )
    if closed is None or not is_last:
        return Cell(_("关闭批准"), sign=((_("签字"), _("日期")),))
    return Cell(
        _("关闭批准"), f"{material.name(closed.by_id)} · {generic.moment(closed.happened_at)}"
    )
