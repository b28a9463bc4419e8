"""Reads of points: what a person's accounts stand at, and every entry with where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet, Sum

from huiyin.adoption import queries as adoptions
from huiyin.obligations.guards import language
from huiyin.obligations.loading import holders_for
from huiyin.obligations.models import ScoreEntry

BREACH = "breach.confirmed"


@dataclass(frozen=True, slots=True)
class Account:
    """An account of one month: what counts by now, and what may still come to count."""

    name: str
    points: int
    pending: int


def accounts(person: int, month: date, *, at: datetime) -> list[Account]:
    """Every account of a person in which a month has entries; one statement."""
    counting = Q(counts_at__lte=at, contested_at=None)
    rows = (
        ScoreEntry.objects.filter(person=person, period=month)
        .values("account")
        .annotate(
            counted=Sum("points", filter=counting, default=0),
            waiting=Sum("points", filter=~counting | Q(counts_at=None), default=0),
        )
        .order_by("account")
    )
    return [Account(row["account"], row["counted"], row["waiting"]) for row in rows]


def entries(person: int, month: date) -> QuerySet[ScoreEntry]:
    """What was booked for a person in a month, newest first."""
    rows = ScoreEntry.objects.filter(person=person, period=month)
    return rows.select_related("adoption", "fact", "reverses").order_by("-id")


def title_of(entry: ScoreEntry) -> str:
    """The rule that booked it; ``entry`` comes with its adoption."""
    pack = adoptions.pack_of(entry.adoption.policy_version_id)
    rule = pack.policy.scores.get(entry.rule)
    return rule.title.say(language()) if rule and rule.title else entry.rule


def standing(entry: ScoreEntry, now: datetime) -> str:
    """``reversal reversed contested unconfirmed pending counts`` at ``now``."""
    if entry.reverses_id is not None:
        return "reversal"
    if entry.reversed:
        return "reversed"
    if entry.contested_at is not None:
        return "contested"
    if entry.counts_at is None:
        return "unconfirmed"
    return "counts" if entry.counts_at <= now else "pending"


def may_confirm(entry: ScoreEntry, person: int, *, now: datetime) -> bool:
    """Whether the person holds the role that confirms these points of somebody else."""
    if not entry.confirm or person == entry.person_id:
        return False
    held = holders_for(entry.adoption, {(entry.confirm, None)}, at=now)
    return any(person in persons for persons in held.values())


def breach_policies() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The policies in force that book points for a breach: id, title, clauses to choose from."""
    return [
        (
            pack.id,
            pack.policy.title.say(language()),
            [(key, clause.say(language())) for key, clause in pack.clauses.items()],
        )
        for _adoption, pack in adoptions.current()
        if any(rule.on == BREACH for rule in pack.policy.scores.values())
    ]


def keeps_points() -> bool:
    """Whether a policy in force books points at all."""
    return any(pack.policy.scores for _adoption, pack in adoptions.current())
