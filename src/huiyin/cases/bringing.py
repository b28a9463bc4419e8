"""Cases that an import brings in with their replies, as history; and taking them back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from huiyin.cases import ways
from huiyin.cases.models import Case
from huiyin.cases.moving import own_values
from huiyin.core.copying import copy_rows
from huiyin.customers.models import Customer
from huiyin.ledger import services as ledger
from huiyin.ledger.services import NewFact, NewTarget
from huiyin.obligations import retracting


@dataclass(frozen=True, slots=True)
class OldCase:
    """An item of the past as another system or a book has it, with what came of it.

    ``reply`` and ``replied_at`` are both there or both not; ``closed_at`` only with an outcome.
    """

    number: str
    kind: str
    customer: Customer
    description: str
    raised_at: datetime
    severity: str = Case.Severity.MINOR
    origin: str = "message"
    raised_by_id: int | None = None
    reply: str = ""
    replied_at: datetime | None = None
    channel: str = ""
    outcome: str = ""
    closed_at: datetime | None = None
    source: str | None = None


@transaction.atomic
def take_in(rows: Sequence[OldCase], *, recorded_by: int | None, now: datetime) -> list[int]:
    """Write cases with the facts of their steps; they open no obligations. Ids in their order."""
    ids = ledger.create_targets(
        [
            NewTarget(
                kind="case",
                label=row.number,
                unit_id=row.customer.target.unit_id,
                owner_id=row.customer.target.owner_id,
                customer_id=row.customer.pk,
            )
            for row in rows
        ]
    )
    cases = [_case(id, row) for id, row in zip(ids, rows, strict=True)]
    columns = [field.attname for field in Case._meta.concrete_fields if not field.generated]
    copy_rows(Case, columns, ([getattr(case, name) for name in columns] for case in cases))
    facts = [
        NewFact(
            kind, case.pk, by, recorded_by, happened_at=at, known_at=at,
            values=own_values(case, referred=False), live=False, note=note, source=row.source,
        )
        for case, row in zip(cases, rows, strict=True)
        for kind, by, at, note in _steps(row)
    ]  # fmt: skip
    ledger.record(facts, now=now)
    return ids


@transaction.atomic
def retract(
    cases: Collection[int], source: str, *, by: int | None, reason: str, now: datetime
) -> None:
    """Cases of an import that was undone leave every list; their words are erased."""
    retracting.void_facts(cases, source, by=by, reason=reason, now=now)
    retracting.cancel_owed(cases, by=by, reason=reason, now=now)
    Case.objects.filter(pk__in=cases).update(
        retracted_at=now, description="", reply_to_customer="", replied_at=None
    )


def _case(id: int, row: OldCase) -> Case:
    case = Case(
        target_id=id,
        number=row.number,
        kind=row.kind,
        origin=row.origin,
        severity=row.severity,
        description=row.description,
        customer=row.customer,
        raised_by_id=row.raised_by_id,
        raised_at=row.raised_at,
        sorted_at=row.replied_at,
        reply_to_customer=row.reply,
        reply_channel=row.channel,
        replied_at=row.replied_at,
        outcome=row.outcome,
        closed_at=row.closed_at,
    )
    case.stage = ways.stage_of(case)
    return case


def _steps(row: OldCase) -> Iterator[tuple[str, int | None, datetime, str]]:
    """The facts of a case: what, by whom where the table says it, when, in which words."""
    yield "case.raised", row.raised_by_id, row.raised_at, row.description
    if row.replied_at is not None:
        yield "case.replied", None, row.replied_at, row.reply
        yield "case.sorted", None, row.replied_at, ""
    if row.closed_at is not None:
        yield "case.closed", None, row.closed_at, ""
