"""Facts in words: what a timeline shows of a customer, a subject, a case.

One line for one thing that a person did, however many facts it stated: a visit, its record, the
problem it raised and the duties it met are one line with its parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from huiyin.accounts.queries import entered_by, standing_in
from huiyin.adoption import queries as adoption
from huiyin.core.punctuation import bracketed
from huiyin.ledger.models import Fact
from huiyin.ledger.queries import act_of
from huiyin.records.contacts import said_of
from huiyin.records.links import target_url
from huiyin.records.queries import names, stands_for

OWN_TITLES = {
    "record.amended": gettext_lazy("更改记录"),
    "record.printed": gettext_lazy("打印记录"),
    "form.printed": gettext_lazy("打印空白表"),
    "phone.revealed": gettext_lazy("查看完整号码"),
    "fact.voided": gettext_lazy("撤销"),
    "case.notified": pgettext_lazy("event", "送达整改通知"),
    "case.revisited": gettext_lazy("复访问题"),
    "followup.cancelled": gettext_lazy("取消约定"),
    "customer.changed": gettext_lazy("更改资料"),
    "customer.moved": gettext_lazy("更改所属"),
    "customer.handed_over": gettext_lazy("移交负责人"),
    "customer.supplemented": gettext_lazy("补充资料"),
    "followup.handed_over": gettext_lazy("移交约好的回访"),
    "obligation.assigned": gettext_lazy("分派义务"),
    "list.exported": gettext_lazy("导出列表"),
    "consent.given": gettext_lazy("客户同意联系"),
    "consent.withdrawn": gettext_lazy("客户撤回同意"),
    "obligation.blocked": gettext_lazy("义务受阻"),
    "obligation.freed": gettext_lazy("义务恢复"),
    "obligation.extension_asked": gettext_lazy("申请延期"),
    "obligation.extension_declined": gettext_lazy("不同意延期"),
    "obligation.extended": gettext_lazy("同意延期"),
    "obligation.waived": gettext_lazy("免除义务"),
}
# Which fact names the act: the first of these, else whichever was stated first.
LEADING = ("followup", "case", "customer", "phone", "consent", "record")
FOLLOWING = ("met", "missed")
ICONS = {
    "record": "file-text",
    "form": "printer",
    "case": "flag",
    "followup": "message-square",
    "customer": "user",
    "phone": "eye",
    "consent": "message-square",
    "fact": "undo-2",
}


@dataclass(frozen=True)
class Part:
    """One of the other facts of the same act."""

    title: str
    text: str = ""
    url: str = ""


@dataclass(frozen=True)
class Event:
    """What the piece `ui/_timeline.html` shows of one act: its leading fact, and the others."""

    at: datetime
    title: str
    text: str
    by: str
    icon: str
    tone: str = ""
    url: str = ""
    clause: str = ""
    parts: tuple[Part, ...] = ()


def events(facts: Sequence[Fact], *, main: int | None = None) -> list[Event]:
    """Facts (from ``ledger.queries.timeline``) as events; a fixed number of statements.

    ``main`` is the target whose own facts need not be told apart.
    """
    titles = _titles(get_language() or "zh")
    absent = [stands_for(fact.values, fact.by_id) for fact in facts]
    people = names([each for fact in facts for each in (fact.by_id, fact.recorded_by_id)] + absent)
    acts: dict[Any, list[Fact]] = {}
    for fact in facts:
        acts.setdefault(act_of(fact), []).append(fact)
    return [_folded(stated, titles, people, main) for stated in acts.values()]


def titled(facts: Sequence[Fact], language: str = "") -> dict[int, str]:
    """What each fact is called, by its id; its kind where no pack has a word for it."""
    titles = _titles(language or get_language() or "zh")
    return {fact.pk: _title(fact, titles) for fact in facts}


def _folded(
    stated: Sequence[Fact], titles: Mapping[str, str], people: Mapping[int, str], main: int | None
) -> Event:
    """The facts of one act as one event; the papers of it first among the parts."""
    leading, *others = sorted(stated, key=_rank)
    event = _event(leading, titles, people, main)
    told = [_event(fact, titles, people, leading.target_id) for fact in others]
    tones = [each.tone for each in (event, *told)]
    return replace(
        event,
        tone="late" if "late" in tones else event.tone or next(filter(None, tones), ""),
        parts=tuple(Part(each.title, each.text, each.url) for each in told),
    )


def _rank(fact: Fact) -> tuple[bool, int, int]:
    room, _dot, name = fact.kind.rpartition(".")
    leading = LEADING.index(room) if room in LEADING else len(LEADING)
    return name in FOLLOWING, leading, fact.pk


def _event(
    fact: Fact, titles: Mapping[str, str], people: Mapping[int, str], main: int | None
) -> Event:
    room, _dot, name = fact.kind.rpartition(".")
    voided = getattr(fact, "voided_by", None)
    return Event(
        at=fact.happened_at,
        title=_title(fact, titles),
        text=_text(fact, titles, main, is_void=voided is not None),
        by=_by(fact, people),
        icon="circle-check" if name == "met" else ICONS.get(room, "circle"),
        tone={"met": "met", "missed": "late"}.get(name, ""),
        url=_url(fact, main),
    )


def _title(fact: Fact, titles: Mapping[str, str]) -> str:
    room, _dot, name = fact.kind.rpartition(".")
    return titles.get(fact.kind) or _other_title(room, name, titles) or fact.kind


def _by(fact: Fact, people: Mapping[int, str]) -> str:
    """Who did it: B, or B 代 A where a deputy stood in; and who entered it, if another did."""
    by = entered_by(people.get(fact.by_id or 0, ""), people.get(fact.recorded_by_id or 0, ""))
    absent = stands_for(fact.values, fact.by_id)
    return standing_in(by, people[absent]) if absent in people else by


def _other_title(room: str, name: str, titles: Mapping[str, str]) -> str:
    """What no pack declares by name: registrations, and what became of a duty."""
    duty = titles.get(f"duty:{room}", room)
    if name == "met":
        return _("已履行：%(duty)s") % {"duty": duty}
    if name == "missed":
        return _("逾期未办：%(duty)s") % {"duty": duty}
    return _("登记") if name == "registered" else ""


def _text(fact: Fact, titles: Mapping[str, str], main: int | None, *, is_void: bool) -> str:
    note = getattr(fact, "note", None)
    parts = [
        _("已撤销") if is_void else "",
        fact.target.label if main is not None and fact.target_id != main else "",
        _paper(fact, titles) if fact.kind.startswith(("record.", "form.")) else "",
        _consent(fact, titles) if "consent.channel" in fact.values else "",
        note.text if note else "",
    ]
    return " · ".join(part for part in parts if part)


def _paper(fact: Fact, titles: Mapping[str, str]) -> str:
    """Which form and which number: only where the fact is the record's own."""
    form = titles.get(f"form:{fact.values.get('record.form')}", "")
    return f"{form} {fact.values.get('record.number', '')}".strip()


def _url(fact: Fact, main: int | None) -> str:
    """The record that was filed or handed over; else the other target's own page."""
    record = fact.values.get("record.id")
    if fact.kind.startswith("record.") and isinstance(record, int):
        return reverse("records:page", args=[record])
    return target_url(fact.target) if main is not None and fact.target_id != main else ""


def _titles(language: str) -> dict[str, str]:
    """Titles of facts, forms and duties of the policies in force."""
    found = {kind: str(title) for kind, title in OWN_TITLES.items()}
    for policy in (pack.policy for _adoption, pack in adoption.current()):
        found |= {kind: title.say(language) for kind, title in policy.facts.items()}
        found |= _named("form", policy.forms.items(), language)
        found |= _named("duty", policy.lines.items(), language)
    return found


def _named(prefix: str, declared: Iterable[tuple[str, object]], language: str) -> dict[str, str]:
    titled = ((key, getattr(each, "title", None)) for key, each in declared)
    return {f"{prefix}:{key}": title.say(language) for key, title in titled if title}


def _consent(fact: Fact, titles: Mapping[str, str]) -> str:
    """What was said of being contacted; of another fact, that it was why."""
    what = said_of(fact.values["consent.channel"], fact.values["consent.purpose"])
    is_statement = fact.kind.startswith("consent.")
    return what if is_statement else bracketed(titles.get("consent.withdrawn", ""), what)
