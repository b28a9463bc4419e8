"""One field of a form as a cell of a paper: answered, or to be filled in by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from huiyin.core.punctuation import explained
from huiyin.policy.declared import FormField
from huiyin.records.printing.paper import LINES, Cell, Choice, Picture
from huiyin.records.queries import Answer

NOTHING = "/"
"""What an office writes where there is nothing to say, so that nothing can be added later."""


def filled(answer: Answer) -> Cell:
    """What was answered; a signature that is still wanting gets a line.

    One on an earlier version says so, and may be given anew.
    """
    cell = _cell(answer.title, (clause for clause, _url in answer.clauses))
    spec, signature = answer.field, answer.signature
    if signature is not None and signature.refused:
        return cell(text=explained(_("未签名"), answer.text))
    if signature is not None:
        alt = _("%(field)s的手写签名") % {"field": answer.title}
        return cell(signature=Picture(str(signature.blob_id), alt))
    if spec.type == "signature":
        return cell(text=answer.text, sign=(_signature_words(),))
    if answer.photos:
        return cell(photos=tuple(_photos(answer)))
    if choices := choices_of(spec, answer.value):
        return cell(choices=choices)
    return cell(text=answer.text or NOTHING)


def empty(title: str, spec: FormField, clauses: Iterable[str]) -> Cell:
    """The same to be filled in by hand; a field that has to be filled in bears an asterisk."""
    cell = _cell(f"{title}*" if spec.required else title, clauses)
    note = spec.hint.say(get_language() or "zh") if spec.hint else ""
    if choices := choices_of(spec, None):
        return cell(choices=choices, note=note)
    if spec.type == "signature":
        refusal = ((_("不愿签名的缘由"),),) if spec.or_reason else ()
        return cell(sign=(_signature_words(), *refusal), note=note)
    if spec.type == "photo":
        return cell(sign=((_("另附照片（张）"),),), note=note)
    if spec.type in ("date", "datetime"):
        return cell(text=day_to_write(spec.type == "datetime"), note=note)
    return cell(note=note, space=LINES if spec.type == "text" else 5)


def choices_of(spec: FormField, value: Any) -> tuple[Choice, ...]:
    """The boxes of a field that has any, ticked as answered."""
    language = get_language() or "zh"
    if spec.type == "boolean":
        return (Choice(_("是"), value is True), Choice(_("否"), value is False))
    return tuple(Choice(title.say(language), key == value) for key, title in spec.choices.items())


def day_to_write(with_time: bool = False) -> str:
    """Room for a day, and the time of it, between their words."""
    day = pgettext("written by hand", "　　　年　　月　　日")
    return day + (pgettext("written by hand", "　　时　　分") if with_time else "")


def clause_marks(clauses: Iterable[str]) -> str:
    return " ".join(f"§ {clause}" for clause in clauses)


def _signature_words() -> tuple[str, ...]:
    return _("签名"), _("日期")


def _photos(answer: Answer) -> Iterable[Picture]:
    for n, photo in enumerate(answer.photos, start=1):
        caption = _("%(field)s 第 %(n)s 张") % {"field": answer.title, "n": n}
        yield Picture(str(photo.blob_id), caption, caption)


def _cell(title: str, clauses: Iterable[str]) -> Any:
    marks = clause_marks(clauses)

    def made(**given: Any) -> Cell:
        return Cell(title, clauses=marks, **given)

    return made
