"""Writing facts: one path for one fact and for a hundred thousand."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from huiyin.core.copying import copy_rows, reserve_ids
from huiyin.core.errors import Conflict, Invalid, NotFound
from huiyin.core.transactions import joins
from huiyin.core.words import require_reason
from huiyin.ledger.models import SKEW, Fact, Note, Target

VOIDED = "fact.voided"

Subscriber = Callable[[Sequence[Fact], datetime], None]
"""Gets the facts just written, inside their transaction, and the moment of recording."""

_subscribers: list[Subscriber] = []


@dataclass(frozen=True, slots=True)
class NewTarget:
    """A target to be made. `unit_is_self` is for a unit, which belongs to itself."""

    kind: str
    label: str = ""
    unit_id: int | None = None
    owner_id: int | None = None
    customer_id: int | None = None
    unit_is_self: bool = False
    owner_is_self: bool = False


@dataclass(frozen=True, slots=True)
class NewFact:
    """A fact to be written. All moments are aware; `note` is free text, kept apart and erasable.

    `source` says where an imported fact came from (batch and row).
    """

    kind: str
    target_id: int
    by_id: int | None
    recorded_by_id: int | None
    happened_at: datetime
    known_at: datetime
    values: Mapping[str, Any] = field(default_factory=dict)
    live: bool = True
    note: str = ""
    voids_id: int | None = None
    source: str | None = None


def subscribe(subscriber: Subscriber) -> None:
    """Let `subscriber` see every recorded fact in the transaction that writes it."""
    if subscriber not in _subscribers:
        _subscribers.append(subscriber)


@joins
def create_targets(rows: Sequence[NewTarget]) -> list[int]:
    """Make targets in one statement; ids in the order of `rows`."""
    if not rows:
        return []
    ids = reserve_ids(Target, len(rows))
    copy_rows(
        Target,
        ["id", "kind", "unit_id", "owner_id", "of_customer_id", "label"],
        (
            (
                id,
                row.kind,
                id if row.unit_is_self else row.unit_id,
                id if row.owner_is_self else row.owner_id,
                row.customer_id,
                row.label,
            )
            for id, row in zip(ids, rows, strict=True)
        ),
    )
    return ids


@joins
def record(
    facts: Sequence[NewFact], *, now: datetime, not_before: timedelta | None = None
) -> list[Fact]:
    """Write `facts` and let the subscribers act on them, all or nothing.

    `not_before` limits back-dating: a fact that happened longer ago than that is refused.
    Raises Invalid (key: position in `facts`) for moments that cannot be; Conflict for a fact
    that is voided already or is itself a void.
    """
    written = append(facts, now=now, not_before=not_before)
    if written:
        for subscriber in _subscribers:
            subscriber(written, now)
    return written


@joins
def append(
    facts: Sequence[NewFact], *, now: datetime, not_before: timedelta | None = None
) -> list[Fact]:
    """Write `facts` without telling the subscribers: for what a subscriber itself states.

    Raises as `record` does.
    """
    if not facts:
        return []
    _refuse_impossible_moments(facts, now=now, not_before=not_before)
    _refuse_impossible_voids([fact.voids_id for fact in facts if fact.voids_id is not None])
    salts = [secrets.token_hex(16) if fact.note else "" for fact in facts]
    ids, targets = _reserve(facts)
    rows = [
        _row(id, _with_digest(fact, salt), now)
        for id, fact, salt in zip(ids, facts, salts, strict=True)
    ]
    _write(rows, voids=any(fact.voids_id is not None for fact in facts))
    written = [Fact.from_db(connection.alias, COLUMNS, row) for row in rows]
    for row in written:
        if row.target_id in targets:
            row.target = targets[row.target_id]
    notes = [
        (row.id, salt, fact.note)
        for row, fact, salt in zip(written, facts, salts, strict=True)
        if fact.note
    ]
    if notes:
        copy_rows(Note, ["fact_id", "salt", "text"], notes)
    return written


@transaction.atomic
def void(fact_id: int, *, by: int | None, reason: str, now: datetime) -> Fact:
    """Take a fact back, with a reason; what it opened is withdrawn by the subscribers.

    Raises NotFound, Invalid without a reason, Conflict for a fact that is void or is a void.
    """
    require_reason(reason, missing=_("请写明撤销的原因。"))
    target_id = Fact.objects.filter(pk=fact_id).values_list("target_id", flat=True).first()
    if target_id is None:
        raise NotFound
    voiding = NewFact(
        VOIDED, target_id, by, by, happened_at=now, known_at=now, voids_id=fact_id, note=reason
    )
    return record([voiding], now=now)[0]


@transaction.atomic
def void_together(
    facts: Sequence[tuple[int, int]], *, by: int | None, reason: str, now: datetime
) -> list[Fact]:
    """Take back several facts, each as (fact, target), with one reason; the subscribers see all.

    In the order given: what rests on another fact comes before it. Raises as ``void`` does.
    """
    require_reason(reason, missing=_("请写明撤销的原因。"))
    return record(
        [
            NewFact(
                VOIDED, target, by, by, happened_at=now, known_at=now, voids_id=fact, note=reason
            )
            for fact, target in facts
        ],
        now=now,
    )


@transaction.atomic
def erase_note(fact_id: int) -> bool:
    """Remove the free text of a fact for good; its digest stays. False: there was none."""
    deleted, _per_model = Note.objects.filter(pk=fact_id).delete()
    return bool(deleted)


def note_digest(salt: str, text: str) -> str:
    """What stands in a fact for its note: SHA-256 over salt and text."""
    return hashlib.sha256(f"{salt}:{text}".encode()).hexdigest()


RESERVE = """
SELECT nextval(pg_get_serial_sequence('ledger_fact', 'id')), target.id, target.kind,
       target.unit_id, target.owner_id, target.of_customer_id, target.label
FROM unnest(%s::bigint[]) AS asked LEFT JOIN ledger_target target ON target.id = asked
"""
TARGET = ("id", "kind", "unit_id", "owner_id", "of_customer_id", "label")


def _reserve(facts: Sequence[NewFact]) -> tuple[list[int], dict[int, Target]]:
    """An id for each fact, ascending, and the targets: whoever is told of a fact reads its target."""
    with connection.cursor() as cursor:
        cursor.execute(RESERVE, [[fact.target_id for fact in facts]])
        rows = cursor.fetchall()
    targets = {row[1]: row[1:] for row in rows if row[1] is not None}
    return sorted(row[0] for row in rows), {
        id: Target.from_db(connection.alias, TARGET, row) for id, row in targets.items()
    }


# In the order of the model's fields, which `from_db` goes by; the transaction id is the database's.
COLUMNS = (
    "id", "kind", "target_id", "by_id", "recorded_by_id", "happened_at", "known_at",
    "recorded_at", "values", "live", "voids_id", "source",
)  # fmt: skip


def _row(id: int, fact: NewFact, now: datetime) -> tuple[Any, ...]:
    return (
        id, fact.kind, fact.target_id, fact.by_id, fact.recorded_by_id, fact.happened_at,
        fact.known_at, now, dict(fact.values), fact.live, fact.voids_id, fact.source,
    )  # fmt: skip


def _write(rows: Sequence[tuple[Any, ...]], *, voids: bool) -> None:
    try:
        copy_rows(Fact, COLUMNS, rows)
    except IntegrityError as error:
        if not voids:
            raise
        # Another session voided the same fact since we looked.
        raise Conflict(_("该事实已被撤销。"), code="voided_already") from error


def _with_digest(fact: NewFact, salt: str) -> NewFact:
    if not fact.note:
        return fact
    return replace(fact, values={**fact.values, "note": note_digest(salt, fact.note)})


def _refuse_impossible_moments(
    facts: Sequence[NewFact], *, now: datetime, not_before: timedelta | None
) -> None:
    latest = now + SKEW
    earliest = None if not_before is None else now - not_before
    errors: dict[str, list[str]] = {}
    for position, fact in enumerate(facts):
        if fact.happened_at > latest or fact.known_at > latest:
            errors[str(position)] = [_("时间在将来，尚未发生的事不能登记。")]
        elif fact.known_at < fact.happened_at:
            errors[str(position)] = [_("得知时间不能早于发生时间。")]
        elif earliest is not None and fact.happened_at < earliest:
            errors[str(position)] = [_("发生时间超出补录期限。")]
    if errors:
        raise Invalid(errors)


def _refuse_impossible_voids(fact_ids: Sequence[int]) -> None:
    if not fact_ids:
        return
    found = Fact.objects.filter(pk__in=fact_ids).values_list("pk", "voids_id", "voided_by")
    if len(found) != len(set(fact_ids)):
        raise NotFound
    if len(found) != len(fact_ids) or any(by is not None for _pk, _voids, by in found):
        raise Conflict(_("该事实已被撤销。"), code="voided_already")
    if any(voids is not None for _pk, voids, _by in found):
        raise Conflict(_("撤销本身不能再撤销，请重新登记事实。"), code="void_of_void")
