"""People as a population, and what rules may ask about a person: points, work, what is entrusted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from huiyin.accounts import owned
from huiyin.accounts.models import Person
from huiyin.obligations.models import Obligation, ScoreEntry
from huiyin.obligations.populations import Column, Population

Found = Mapping[int, list[Mapping[str, Any]]]


def _column(name: str) -> Column | None:
    return {"target.owner": Column("target__owner"), "person.number": Column("number")}.get(name)


def _owned(kind: str, targets: Collection[int]) -> Found:
    """What is entrusted to each person, a line for each kind of it."""
    return {
        person: [
            {"owned.kind": each, "owned.count": count}
            for each, count in owned.counts(person).items()
        ]
        for person in targets
    }


def _scores(kind: str, targets: Collection[int]) -> Found:
    """Points booked and not taken back."""
    found: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    rows = ScoreEntry.objects.filter(person__in=targets, reversed=False, reverses=None)
    for row in rows:
        found[row.person_id].append(
            {
                "score.account": row.account,
                "score.points": row.points,
                "score.rule": row.rule,
                "score.period": row.period.isoformat(),
            }
        )
    return found


def _obligations(kind: str, targets: Collection[int]) -> Found:
    """What each person owed, with how it stands by its own clock."""
    found: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    rows = Obligation.objects.filter(holder__in=targets).exclude(state="voided")
    for row in rows.exclude(due_at=None):
        late = row.missed or (row.done_at is not None and row.done_at > row.due_at)
        found[row.holder_id].append(
            {
                "obligation.duty": row.duty,
                "obligation.late": late,
                "obligation.due": row.due_at.isoformat(),
                "obligation.state": row.state,
            }
        )
    return found


PEOPLE = Population(rows=lambda kind: Person.objects.all(), column=_column)
OWNED = Population(
    rows=lambda kind: Person.objects.all(), column=lambda name: None, belonging=_owned
)
SCORES = Population(
    rows=lambda kind: ScoreEntry.objects.all(), column=lambda name: None, belonging=_scores
)
OBLIGATIONS = Population(
    rows=lambda kind: Obligation.objects.all(), column=lambda name: None, belonging=_obligations
)
