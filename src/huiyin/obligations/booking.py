"""Writes points and their reversals: a ledger whose entries are never edited."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from huiyin.adoption.models import Adoption
from huiyin.adoption.queries import pack_of
from huiyin.obligations.models import ScoreEntry
from huiyin.policy.effects import Book, Reverse


def book(
    adoption: Adoption, effects: Sequence[Book], fact: Callable[[int], int], *, now: datetime
) -> None:
    """Book points once for each occurrence: a second booking of the same one changes nothing."""
    if not effects:
        return
    policy = pack_of(adoption.policy_version_id).policy.policy
    ScoreEntry.objects.bulk_create(
        [
            ScoreEntry(
                adoption_id=effect.adoption,
                policy=policy,
                rule=effect.rule,
                clauses=list(effect.why.clauses),
                account=effect.account,
                person_id=effect.person,
                points=effect.points,
                period=effect.period,
                fact_id=None if effect.fact is None else fact(effect.fact),
                occurrence=effect.occurrence,
                counts_at=effect.counts_at,
                confirm=effect.confirm,
                booked_at=now,
            )
            for effect in effects
        ],
        ignore_conflicts=True,
    )


def reverse(effects: Sequence[Reverse], *, now: datetime) -> None:
    """Take bookings back by entries of their own, which count when what they take back counts."""
    if not effects:
        return
    wanted = [effect.booking for effect in effects]
    entries = list(
        ScoreEntry.objects.filter(id__in=wanted, reversed=False, reverses=None)
        .order_by("id")
        .select_for_update()
    )
    ScoreEntry.objects.bulk_create(
        ScoreEntry(
            adoption_id=entry.adoption_id,
            policy=entry.policy,
            rule=entry.rule,
            clauses=entry.clauses,
            account=entry.account,
            person_id=entry.person_id,
            points=-entry.points,
            period=entry.period,
            fact_id=entry.fact_id,
            occurrence=entry.occurrence,
            counts_at=None if entry.counts_at is None else max(entry.counts_at, now),
            confirm=entry.confirm,
            booked_at=now,
            reverses=entry,
        )
        for entry in entries
    )
    ScoreEntry.objects.filter(id__in=[entry.id for entry in entries]).update(reversed=True)
