"""Obligations and clauses as a page says them; for the pages of cases and of follow-ups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from django.db import transaction
from django.urls import reverse
from django.utils.translation import get_language

from huiyin.adoption import queries as adoptions
from huiyin.core import acts
from huiyin.core.errors import Refused
from huiyin.core.punctuation import listed
from huiyin.obligations.models import Obligation
from huiyin.records.links import obligation_url
from huiyin.ui.moments import due_tone, due_words


@dataclass(frozen=True, slots=True)
class ClauseLink:
    """A clause with our restatement and the way to its page."""

    id: str
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Duty:
    """One obligation in words: what, who owes it, until when, how it stands, by which clauses."""

    title: str
    who: str
    when: str
    tone: str
    standing: str
    due_at: datetime | None
    clauses: Sequence[ClauseLink]
    url: str


def told(row: Obligation, *, now: datetime, zone: tzinfo) -> Duty:
    """``row`` comes with its adoption, version and holder; no statement is made."""
    pack = adoptions.pack_of(row.adoption.policy_version_id)
    duty = pack.policy.lines.get(row.duty)
    standing = row.standing(now)
    waits = standing in ("due", "overdue")
    return Duty(
        title=duty.title.say(language()) if duty and duty.title else row.duty,
        who=who(row),
        when=due_words(row.due_at, now=now, zone=zone) if waits else "",
        tone=due_tone(row.due_at, now=now, zone=zone) if waits else "",
        standing=standing,
        due_at=row.due_at,
        clauses=[_link(pack, clause) for clause in _clock_first(row, duty)],
        url=obligation_url(row.pk),
    )


def _clock_first(row: Obligation, duty) -> list[str]:  # type: ignore[no-untyped-def]
    """The clause that set the deadline tells most, so it leads."""
    bound = duty.clauses if duty else {}

    def is_clock(clause: str) -> bool:
        return any(
            leaf.startswith(("within", "at", "by", "lead", "every"))
            for leaf in bound.get(clause, ())
        )

    return sorted(row.clauses, key=lambda clause: not is_clock(clause))


def who(row: Obligation) -> str:
    """The holder, or the roles any of whose holders may do it."""
    if row.holder is not None:
        return str(row.holder.as_person.name)
    return listed(adoptions.role_title(row.adoption, r, language()) for r in row.owed_roles)


def language() -> str:
    return get_language() or "zh"


def links(clauses: Iterable[str]) -> list[ClauseLink]:
    """Clauses that a refusal names, found in the policies in force; an unknown id stands alone."""
    packs = [pack for _adoption, pack in adoptions.current()]
    found = []
    for clause in clauses:
        pack = next((pack for pack in packs if clause in pack.clauses), None)
        found.append(_link(pack, clause) if pack else ClauseLink(clause, "", ""))
    return found


def _link(pack, clause: str) -> ClauseLink:  # type: ignore[no-untyped-def]
    written = pack.clauses.get(clause)
    return ClauseLink(
        id=clause,
        text=written.say(language()) if written else "",
        url=reverse("desk:clause", args=[pack.id, clause]),
    )


def refusal(error: Refused) -> dict[str, object]:
    """What `ui/_refusal.html` shows: what was refused, and each clause with its words."""
    return {
        "message": str(error.message),
        "clauses": links(error.clauses),
        "remedy": error.values.get("remedy", ""),
    }


def forbidden(context: acts.ActContext) -> dict[str, object] | None:
    """Tell before the way is made what the policies would refuse afterwards; nothing is kept."""
    try:
        with transaction.atomic():
            acts.check(context.act, context)
    except Refused as refused:
        return refusal(refused)
    return None
