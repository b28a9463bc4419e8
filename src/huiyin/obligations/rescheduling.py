"""Provisional deadlines are counted anew when the firm learns how a year is worked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import connection

from huiyin.adoption import queries as adoptions
from huiyin.adoption.models import Adoption
from huiyin.ledger import services as ledger
from huiyin.ledger.models import Fact
from huiyin.obligations.extending import EXTENDED
from huiyin.obligations.models import Obligation
from huiyin.obligations.recomputing import clocks_of
from huiyin.policy.extending import longer_limit
from huiyin.policy.state import InForce
from huiyin.policy.timing import Clock

RESCHEDULED = "obligation.rescheduled"
ON = ("calendar.confirmed", "calendar.changed")
"""Facts after which provisional deadlines may be others."""

BATCH = 5_000


def reschedule(*, now: datetime) -> int:
    """Give open obligations with a provisional deadline the one that the calendar gives now.

    The first deadline is kept beside it; one that has passed does not move. States
    ``obligation.rescheduled`` for each that moved; returns how many were looked at.
    """
    looked = 0
    for adoption, in_force in adoptions.decided():
        last = 0
        while rows := _provisional(adoption, after=last, now=now):
            _move(adoption, in_force, rows, now=now)
            looked += len(rows)
            last = rows[-1].pk
    return looked


def _provisional(adoption: Adoption, *, after: int, now: datetime) -> list[Obligation]:
    rows = Obligation.objects.waiting().filter(adoption=adoption, provisional=True, pk__gt=after)
    return list(
        rows.filter(due_at__gt=now)
        .select_related("opener")
        .order_by("id")
        .select_for_update(of=("self",))[:BATCH]
    )


def _move(
    adoption: Adoption, in_force: InForce, rows: Sequence[Obligation], *, now: datetime
) -> None:
    clocks = dict(clocks_of(adoption, in_force, rows)) | dict(_longer(in_force, rows))
    moved = [row for row in rows if row.pk in clocks and clocks[row.pk].due != row.due_at]
    ledger.append(
        [
            ledger.NewFact(
                kind=RESCHEDULED,
                target_id=row.target_id,
                by_id=None,
                recorded_by_id=None,
                happened_at=now,
                known_at=now,
                values={
                    "obligation.id": row.pk,
                    "obligation.due": row.due_at.isoformat() if row.due_at else None,
                    "obligation.new_due": clocks[row.pk].due.isoformat(),
                },
            )
            for row in moved
        ],
        now=now,
    )
    with connection.cursor() as cursor:
        # On the right of SET stands the row as it was, so the old moment can be kept.
        cursor.execute(
            "UPDATE obligations_obligation o SET"
            " first_due_at = CASE WHEN given.due <> o.due_at"
            "   THEN coalesce(o.first_due_at, o.due_at) ELSE o.first_due_at END,"
            " due_at = given.due, provisional = given.provisional,"
            " next_look_at = CASE WHEN o.next_look_at IS NOT NULL THEN given.due END"
            " FROM unnest(%s::bigint[], %s::timestamptz[], %s::bool[])"
            "   AS given (id, due, provisional) WHERE o.id = given.id",
            [
                list(clocks),
                [clock.due for clock in clocks.values()],
                [clock.provisional for clock in clocks.values()],
            ],
        )


def _longer(in_force: InForce, rows: Sequence[Obligation]) -> Iterator[tuple[int, Clock]]:
    """The longer limits that somebody consented to: they are counted from the consent."""
    extended = {row.pk: row for row in rows if row.first_due_at is not None}
    facts = Fact.objects.standing().filter(
        kind=EXTENDED,
        target__in={row.target_id for row in extended.values()},
        **{"values__obligation.id__in": list(extended)},
    )
    for fact in facts.order_by("id"):
        row = extended[fact.values["obligation.id"]]
        duty = in_force.policy.lines[row.duty]
        if duty.extend is not None:
            stated = fact.values["obligation.due"]
            before = datetime.fromisoformat(stated) if stated else None
            limit = longer_limit(
                in_force, duty, duty.extend, due=before, consented=fact.happened_at
            )
            yield row.pk, Clock(limit.moment, "extend.until", (), limit.provisional)
