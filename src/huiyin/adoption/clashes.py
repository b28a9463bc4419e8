"""What two packs cannot both say of one firm: forms of one key, fields of one kind of thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huiyin.core.punctuation import bracketed, listed
from huiyin.policy.loading import Pack

Problem = tuple[str, tuple[str, ...]]


def clashes(pack: Pack, others: Sequence[Pack]) -> list[Problem]:
    """Why the pack cannot be in force beside the others: a text and the clauses it touches.

    A record is filed by the key of its form, so one key is one form in the firm. Kinds of things
    unify: they may add fields to each other, but a field that both know is of one type.
    """
    return [
        problem
        for other in others
        if other.id != pack.id
        for problem in (*_forms(pack, other), *_kinds(pack, other))
    ]


def _forms(pack: Pack, other: Pack) -> Iterator[Problem]:
    for key, form in pack.policy.forms.items():
        if key in other.policy.forms:
            text = _(
                "制度“%(one)s”的表单“%(title)s”与在用的制度“%(other)s”的表单用了同一个编号（%(key)s）。"
                "请在“%(one)s”里把它改成别的编号。"
            ) % {**_both(pack, other), "title": _said(form.title), "key": key}
            yield text, tuple(form.clauses)


def _kinds(pack: Pack, other: Pack) -> Iterator[Problem]:
    theirs = _fields(other)
    for (kind, key), field in _fields(pack).items():
        known = theirs.get((kind, key))
        if known is None or _type(known) == _type(field):
            continue
        text = _(
            "制度“%(one)s”的“%(field)s”（%(kind)s.%(key)s）是%(type)s，而在用的制度“%(other)s”里它是%(known)s。"
            "同一类对象的同一栏只能有一种类型，请在“%(one)s”里改成一致，或换一个编号。"
        ) % {
            **_both(pack, other),
            "field": _said(field.title),
            "kind": kind,
            "key": key,
            "type": _spoken(field),
            "known": _spoken(known),
        }
        yield text, ()


def _fields(pack: Pack) -> Mapping[tuple[str, str], Any]:
    """Every field of a kind of thing, and of customers, by kind and key."""
    found = {
        (kind, key): field
        for kind, subject in pack.policy.subjects.items()
        for key, field in subject.fields.items()
    }
    customers = pack.policy.customers.fields
    return found | {("customer", key): field for key, field in customers.items()}


def _type(field: Any) -> tuple[str, tuple[str, ...]]:
    """What an answer may be: of a choice, its answers belong to that."""
    choices = tuple(field.choices)
    return field.type, choices if field.type == "choice_ordered" else tuple(sorted(choices))


def _spoken(field: Any) -> str:
    choices = listed(_said(title) for title in field.choices.values())
    return bracketed(field.type, choices) if choices else str(field.type)


def _both(pack: Pack, other: Pack) -> dict[str, str]:
    return {"one": _said(pack.policy.title), "other": _said(other.policy.title)}


def _said(text: Any) -> str:
    return str(text.say(get_language() or "zh"))
