"""What the pages of points show, ready for their templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huiyin.accounts.models import Person
from huiyin.core.errors import NotFound
from huiyin.core.punctuation import bracketed
from huiyin.obligations import points
from huiyin.obligations.models import ScoreEntry

STANDINGS: Mapping[str, tuple[str, Any]] = {
    "counts": ("", _("已生效")),
    "pending": ("due", _("待生效")),
    "unconfirmed": ("due", _("待确认")),
    "contested": ("due", _("异议待裁决")),
    "reversed": ("", _("已冲销")),
    "reversal": ("", _("冲销")),
}
"""How an entry stands: tone and word."""

DECISIONS: Mapping[str, Any] = {
    "upheld": _("异议成立，冲销"),
    "dismissed": _("异议不成立，生效"),
}


@dataclass(frozen=True)
class Line:
    """One entry as a list shows it."""

    entry: ScoreEntry
    title: str
    url: str
    tone: str
    word: Any


def month_page(person: Person, month: date, *, now: datetime) -> dict[str, Any]:
    """A month of a person; a fixed number of statements."""
    return {
        "who": person,
        "month": month,
        "earlier": (month - timedelta(days=1)).strftime("%Y-%m"),
        "later": (month + timedelta(days=31)).replace(day=1).strftime("%Y-%m"),
        "accounts": points.accounts(person.pk, month, at=now),
        "lines": [line(entry, now) for entry in points.entries(person.pk, month)],
    }


def line(entry: ScoreEntry, now: datetime) -> Line:
    tone, word = STANDINGS[points.standing(entry, now)]
    url = reverse("desk:point", args=[entry.pk])
    return Line(entry, points.title_of(entry), url, tone, word)


def entry_page(entry: ScoreEntry, *, me: int, heads: bool, now: datetime) -> dict[str, Any]:
    """One entry and what may be done about it by the person at the screen."""
    standing = points.standing(entry, now)
    is_mine = entry.person_id == me
    note = getattr(entry.fact, "note", None) if entry.fact else None
    return {
        "line": line(entry, now),
        "entry": entry,
        "who": entry.person.as_person,
        "found": note.text if note else "",
        "may_contest": is_mine and standing in ("pending", "unconfirmed"),
        "decisions": list(DECISIONS.items()),
        "may_rule": heads and not is_mine and standing == "contested",
        "may_confirm": standing == "unconfirmed" and points.may_confirm(entry, me, now=now),
        "may_withdraw": heads
        and not is_mine
        and standing not in ("reversed", "reversal")
        and _is_finding(entry),
    }


def breach_choices() -> list[tuple[str, str]]:
    """The clauses of which a breach books points, as ``policy:clause`` with their words."""
    return [
        (f"{policy}:{clause}", bracketed(f"§ {clause} {words}", title))
        for policy, title, clauses in points.breach_policies()
        for clause, words in clauses
    ]


def _is_finding(entry: ScoreEntry) -> bool:
    return entry.fact is not None and entry.fact.kind == points.BREACH


def finding_of(entry: ScoreEntry) -> int:
    """The fact of the finding that booked the points. Raises NotFound where nobody found it."""
    if entry.fact is None or not _is_finding(entry):
        raise NotFound
    return int(entry.fact.pk)
