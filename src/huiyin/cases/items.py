"""An item as a part of a form: its controls, and what a browser sent back.

A page that contains one includes `cases/_item.html` with its controls. What a kind does not ask
for is hidden by the style sheet alone, so that it works without a script.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from huiyin.cases import ways
from huiyin.cases.given import Item
from huiyin.cases.models import Case
from huiyin.core.errors import HuiyinError, Invalid, Refused
from huiyin.core.words import read_moment, wrong_moment
from huiyin.ui.fields import Control

ANSWERED, PROMISED = "answered", "promised"
ALWAYS = ("kind", "description")
DEMANDED = (*ALWAYS, "answer", "promised_at", "severity")
"""Fields of every kind of item; and all that have to be filled in wherever they are asked."""

Errors = Mapping[str, Sequence[Any]]
People = Sequence[tuple[int, str]]


@dataclass(frozen=True)
class Entry:
    """One item of a form; ``name`` stands before its fields, ``sent`` is what was entered.

    ``alone``: the form is for this item, so that what every kind asks for cannot be left out.
    """

    name: str
    kinds: Sequence[str]
    people: People
    sent: QueryDict
    alone: bool = False

    def said(self, field: str) -> str:
        return str(self.sent.get(f"{self.name}-{field}", ""))

    @property
    def on(self) -> bool:
        return bool(self.sent.get(self.name))

    def item(self, zone: tzinfo) -> Item:
        """What was entered, as far as its kind asks for it. Raises Invalid for what cannot be read."""
        kind = self.said("kind")
        way = ways.WAYS.get(kind) if kind in self.kinds else None
        answer, promised = self._answer(zone) if way and way.answerable else ("", None)
        return Item(
            kind=kind if way else "",
            description=self.said("description"),
            severity=self.said("severity") if way and way.rated else Case.Severity.MINOR,
            answer=answer,
            promised_reply_at=promised,
            complained_about=self._person() if way and way.about_somebody else None,
            safety=bool(self.said("safety")),
        )

    @property
    def owes_answer(self) -> bool:
        """Whether its kind is answered, and nothing was said of it."""
        way = ways.WAYS.get(self.said("kind"))
        return bool(way and way.answerable) and not self.said("answering")

    def _answer(self, zone: tzinfo) -> tuple[str, datetime | None]:
        how = self.said("answering")
        if how == ANSWERED:
            if not self.said("answer").strip():
                raise self._wrong("answer", _("请写明答复了什么。"))
            return self.said("answer"), None
        if how == PROMISED:
            written = self.said("promised_at")
            moment = read_moment(written, zone)
            if moment is None:
                wrong = wrong_moment(written) if written else _("请填写约定的时间。")
                raise self._wrong("promised_at", wrong)
            return "", moment
        if how:
            raise self._wrong("answering", _("请从列出的答案中选择。"))
        return "", None

    def _person(self) -> int | None:
        written = self.said("complained_about")
        found = {str(person): person for person, _name in self.people}.get(written)
        if written and found is None:
            raise self._wrong("complained_about", _("请从列出的人员中选择。"))
        return found

    def _wrong(self, field: str, message: str) -> Invalid:
        return Invalid({f"{self.name}-{field}": [message]})

    def controls(self, errors: Errors) -> dict[str, Control]:
        """The controls by field; nothing is chosen beforehand."""
        choices: dict[str, Sequence[Any]] = {
            "kind": [(each.value, each.label) for each in Case.Kind if each.value in self.kinds],
            "answering": [(ANSWERED, _("当场答复了")), (PROMISED, _("约定时间答复"))],
            "severity": list(Case.Severity.choices),
            "complained_about": self.people,
        }
        more: dict[str, dict[str, Any]] = {
            "promised_at": {
                "help": _("要当面告诉客户。超过 %(days)s 天会提醒。")
                % {"days": ways.PROMISE_WARNING.days}
            },
            "complained_about": {"placeholder": _("没有指名")},
            "safety": {"help": _("涉及安全的，一律按重大的办理。")},
        }
        return {
            field: Control.of(
                kind,
                f"{self.name}-{field}",
                title,
                {
                    "value": self.said(field),
                    "errors": errors.get(f"{self.name}-{field}", ()),
                    "choices": choices.get(field, ()),
                    # A place that is closed and a field that is hidden hold nobody back.
                    "required": self.alone and field in ALWAYS,
                    "required_sometimes": field in DEMANDED,
                    **more.get(field, {}),
                },
            )
            for field, (kind, title) in _fields().items()
        }


def errors_of(entries: Iterable[Entry], error: HuiyinError) -> Errors:
    """What is wrong by control: what cannot be taken, or the answer that a policy still misses."""
    if not isinstance(error, Refused):
        return getattr(error, "errors", {})
    if "case.promised_reply_at" not in error.values.get("missing", ()):
        return {}
    said = _("请写明当场答复了什么，或约定答复的时间。")
    return {f"{each.name}-answering": [said] for each in entries if each.owes_answer}


def _fields() -> dict[str, tuple[str, str]]:
    return {
        "kind": ("choice", _("类别")),
        "description": ("textarea", _("客户原话，或发现了什么")),
        "answering": ("choice", _("当场答复")),
        "answer": ("textarea", _("答复了什么")),
        "promised_at": ("datetime", _("约定的答复时间")),
        "severity": ("choice", _("轻重")),
        "complained_about": ("select", _("投诉的是谁")),
        "safety": ("checkbox", _("涉及安全")),
    }


def labels(name: str, place: int = 0) -> dict[str, str]:
    """Titles by control, for the summary of what has to be mended; ``place`` tells items apart."""
    titles = {f"{name}-{field}": title for field, (_kind, title) in _fields().items()}
    if not place:
        return titles
    return {
        control: _("事项 %(n)s %(title)s") % {"n": place, "title": title}
        for control, title in titles.items()
    }
