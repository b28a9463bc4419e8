"""Registering subjects and recording what happens to them: one path for one and for thousands."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NotRequired, TypedDict, Unpack

from django.db import connection, transaction
from django.utils.translation import gettext as _

from huiyin.accounts.queries import moment_said, zone
from huiyin.core import acts
from huiyin.core.copying import copy_rows
from huiyin.core.errors import Conflict, Invalid, NotFound
from huiyin.core.punctuation import explained, listed, sentences
from huiyin.customers.declared import values_of as customer_values
from huiyin.ledger import services as ledger
from huiyin.ledger.models import SKEW, Fact, Target
from huiyin.ledger.services import NewFact, NewTarget
from huiyin.records.answers import read_fields
from huiyin.subjects import declared, holders, lineage, queries
from huiyin.subjects.declared import REGISTERED, Kind
from huiyin.subjects.models import Subject
from huiyin.subjects.queries import values_of

__all__ = ["Event", "NewEvent", "NewSubject", "values_of"]

NUMBER_LENGTH = 80


@dataclass(frozen=True, slots=True)
class NewSubject:
    """A subject to be registered; ``fields`` by key, as text or typed.

    ``parents`` are the subjects that it was made from; ``note`` is kept with the fact of it.
    """

    number: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    customer_id: int | None = None
    parents: Sequence[int] = ()
    unit_id: int | None = None
    owner_id: int | None = None
    created_at: datetime | None = None
    source: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class NewEvent:
    """Something that happened to a subject; ``values`` are fields that became known with it.

    Without ``known_at`` it was known when it happened.
    """

    subject_id: int
    event: str
    happened_at: datetime
    by_id: int | None
    recorded_by_id: int | None
    known_at: datetime | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    live: bool = True
    source: str | None = None
    note: str = ""


class Event(TypedDict):
    """The same, said of one subject."""

    happened_at: datetime
    by: int | None
    recorded_by: int | None
    known_at: NotRequired[datetime | None]
    values: NotRequired[Mapping[str, Any]]
    note: NotRequired[str]


@transaction.atomic
def register(
    kind: str, rows: Sequence[NewSubject], *, by: int | None, now: datetime, live: bool = True
) -> list[int]:
    """Register subjects of a kind, all or none; target ids in the order of ``rows``.

    States ``<kind>.registered`` for each, at its ``created_at`` or now. Raises NotFound for an
    undeclared kind, Invalid whose keys are positions in ``rows``.
    """
    declaration = declared.kind_of(kind)
    fields = _checked(declaration, rows)
    ids = ledger.create_targets(
        [NewTarget(kind, row.number, row.unit_id, row.owner_id, row.customer_id) for row in rows]
    )
    copy_rows(
        Subject,
        ["target_id", "kind", "number", "customer_id", "fields", "created_at"],
        (
            (id, kind, row.number, row.customer_id, values, row.created_at or now)
            for id, row, values in zip(ids, rows, fields, strict=True)
        ),
    )
    lineage.link(
        [(parent, id) for id, row in zip(ids, rows, strict=True) for parent in row.parents]
    )
    behind = customer_values([row.customer_id for row in rows])
    facts = [
        NewFact(
            f"{kind}.{REGISTERED}", id, by, by,
            happened_at=row.created_at or now, known_at=row.created_at or now,
            values=behind.get(row.customer_id or 0, {}) | declaration.typed(values),
            live=live, source=row.source, note=row.note,
        )
        for id, row, values in zip(ids, rows, fields, strict=True)
    ]  # fmt: skip
    ledger.record(facts, now=now)
    return ids


@transaction.atomic
def record_events(rows: Sequence[NewEvent], *, now: datetime) -> list[Fact]:
    """Record what happened to subjects, all or none: a fact ``<kind>.<event>`` for each row.

    Every fact carries all typed fields of its subject, those of the row included, because rules
    read facts only. Raises NotFound, Invalid whose keys are positions in ``rows``, also for what
    happened before its subject was called in, Refused where a policy does not allow what is told
    live.
    """
    wanted = {row.subject_id for row in rows}
    subjects = Subject.objects.select_related("target").in_bulk(wanted)
    if len(subjects) != len(wanted):
        raise NotFound
    kinds = {key: declared.kind_of(key) for key in {s.kind for s in subjects.values()}}
    facts, errors = [], {}
    behind = customer_values([subject.customer_id for subject in subjects.values()])
    learned = _learned(rows, subjects, kinds)
    reported = queries.reported_at([s for s in subjects.values() if kinds[s.kind].reported])
    changes: dict[int, dict[str, Any]] = defaultdict(dict)
    for position, (row, (values, wrong)) in enumerate(zip(rows, learned, strict=True)):
        subject = subjects[row.subject_id]
        kind = kinds[subject.kind]
        early = _too_early(kind, reported.get(subject.pk), row.happened_at)
        if messages := [*_wrong_event(kind, row, now), *early, *wrong]:
            errors[str(position)] = messages
        subject.fields = subject.fields | values
        changes[subject.pk] |= values
        facts.append(_fact(kind, subject, row, behind.get(subject.customer_id or 0, {})))
    if errors:
        raise Invalid(errors)
    _ask(facts)
    _keep_fields({id: values for id, values in changes.items() if values})
    return ledger.record(facts, now=now)


@transaction.atomic
def record_event(subject: Subject, event: str, *, now: datetime, **happened: Unpack[Event]) -> Fact:
    """Record what happened to one subject; see ``record_events``. Raises Invalid by field.

    Raises Conflict when the same stands already, unless a policy counts from each: a correction is
    a void first.
    """
    _refuse_again(subject, event, happened["happened_at"], now)
    row = NewEvent(
        subject_id=subject.pk,
        event=event,
        happened_at=happened["happened_at"],
        known_at=happened.get("known_at"),
        by_id=happened["by"],
        recorded_by_id=happened["recorded_by"],
        values=happened.get("values", {}),
        note=happened.get("note", ""),
    )
    try:
        [fact] = record_events([row], now=now)
    except Invalid as error:
        raise Invalid({"happened_at": error.errors.get("0", [])}) from error
    subject.refresh_from_db(fields=["fields"])
    return fact


def is_too_early(kind: Kind, reported: datetime | None, happened_at: datetime) -> bool:
    """Nothing happens to what is called in before that, where it is known when that was."""
    # People write minutes; the moment of a registration has seconds as well.
    return (
        kind.reported
        and reported is not None
        and happened_at < reported.replace(second=0, microsecond=0)
    )


def _refuse_again(subject: Subject, event: str, happened_at: datetime, now: datetime) -> None:
    # Of two who enter the same at once, the second waits here and then sees the first one's.
    Subject.objects.select_for_update().get(pk=subject.pk)
    if happened_at <= now + SKEW and queries.is_told_again(subject, event, happened_at):
        title = declared.kind_of(subject.kind).event_title(event)
        raise Conflict(
            _("“%(event)s”已经登记过了，请刷新页面；要改正请先撤销原来的登记。") % {"event": title},
            code="event_again",
        )


@transaction.atomic
def void_event(fact: Fact, *, by: int, reason: str, now: datetime) -> Fact:
    """Take an event back, with a reason; the subject's fields are again what the rest states.

    Raises Invalid without a reason, Conflict when it is void already.
    """
    voiding = ledger.void(fact.pk, by=by, reason=reason, now=now)
    subject = Subject.objects.select_for_update().get(pk=fact.target_id)
    kind = declared.kind_of(subject.kind)
    prefix = f"{subject.kind}."
    last = queries.last_values(subject)
    stated = {name.removeprefix(prefix): v for name, v in last.items() if name.startswith(prefix)}
    written = kind.written(subject.fields)
    Subject.objects.filter(pk=subject.pk).update(fields=written | stated)
    return voiding


@transaction.atomic
def correct_event(fact: Fact, *, reason: str, now: datetime, **happened: Unpack[Event]) -> Fact:
    """A correction is a void and a new fact. Raises as ``void_event`` and ``record_event`` do."""
    void_event(fact, by=happened["recorded_by"] or 0, reason=reason, now=now)
    subject = Subject.objects.get(pk=fact.target_id)
    return record_event(subject, fact.kind.rpartition(".")[2], now=now, **happened)


def _fact(kind: Kind, subject: Subject, row: NewEvent, behind: Mapping[str, Any]) -> NewFact:
    return NewFact(
        f"{kind.key}.{row.event}", subject.pk, row.by_id, row.recorded_by_id,
        happened_at=row.happened_at, known_at=row.known_at or row.happened_at,
        values={**behind, **kind.typed(subject.fields)}, live=row.live, source=row.source, note=row.note,
    )  # fmt: skip


def _ask(facts: Sequence[NewFact]) -> None:
    """Every event is an act; what only tells of the past was done already. Raises Refused."""
    live = [fact for fact in facts if fact.live]
    units = dict(
        Target.objects.filter(pk__in={fact.target_id for fact in live}).values_list("pk", "unit_id")
    )
    refused = acts.refusals(
        [
            acts.ActContext(
                act=fact.kind,
                target=fact.target_id,
                by=fact.by_id,
                at=fact.happened_at,
                unit=units.get(fact.target_id),
                values=fact.values,
            )
            for fact in live
        ]
    )
    for refusal in refused.values():
        raise refusal


def _checked(kind: Kind, rows: Sequence[NewSubject]) -> list[dict[str, Any]]:
    """The typed fields of every row. Raises Invalid by position."""
    counts = Counter(row.number for row in rows)
    taken = queries.numbers_taken(kind.key, list(counts))
    found, errors = [], {}
    read = read_fields(kind.fields, [row.fields for row in rows], zone=zone())
    units = [(values, row.unit_id) for row, (values, _w) in zip(rows, read, strict=True)]
    misnamed = holders.misnamed(kind, units)
    for position, (row, (values, wrong)) in enumerate(zip(rows, read, strict=True)):
        messages = _titled(kind, misnamed[position] | wrong)
        if not row.number.strip() or len(row.number) > NUMBER_LENGTH:
            messages.append(_("编号须有 1 至 %(most)s 个字。") % {"most": NUMBER_LENGTH})
        if row.number in taken or counts[row.number] > 1:
            messages.append(_("编号“%(number)s”已有或重复。") % {"number": row.number})
        if messages:
            errors[str(position)] = messages
        found.append(values)
    if errors:
        raise Invalid(errors)
    return found


def _titled(kind: Kind, wrong: Mapping[str, Sequence[str]]) -> list[str]:
    """What is wrong with each field, after the field's title; an unknown one after its key."""
    return [
        explained(kind.field_title(name), sentences(messages)) for name, messages in wrong.items()
    ]


def _wrong_event(kind: Kind, row: NewEvent, now: datetime) -> list[str]:
    messages = []
    if row.event not in kind.events:
        known = listed(kind.events)
        messages.append(
            _("“%(event)s”不是声明过的事件，可用：%(known)s。")
            % {"event": row.event, "known": known}
        )
    if row.happened_at > now + SKEW:
        messages.append(_("时间在将来，尚未发生的事不能登记。"))
    return messages


def _too_early(kind: Kind, reported: datetime | None, happened_at: datetime) -> list[str]:
    if reported is None or not is_too_early(kind, reported, happened_at):
        return []
    return [_("不能早于登记时间（%s），请改正时间。") % moment_said(reported)]


def _learned(
    rows: Sequence[NewEvent], subjects: Mapping[int, Subject], kinds: Mapping[str, Kind]
) -> list[tuple[dict[str, Any], list[str]]]:
    """What each row changes in its subject's fields, typed, and what is wrong with it.

    Checked on top of all that is known by then, so that a required field cannot be emptied; all
    rows of a kind are read at once.
    """
    found: list[tuple[dict[str, Any], list[str]]] = [({}, []) for _row in rows]
    known: dict[int, dict[str, Any]] = {}
    asked: dict[str, list[tuple[int, dict[str, Any]]]] = defaultdict(list)
    for position, row in enumerate(rows):
        if row.values:
            subject = subjects[row.subject_id]
            declared_here = kinds[subject.kind].fields
            before = {name: v for name, v in subject.fields.items() if name in declared_here}
            known[subject.pk] = known.get(subject.pk, before) | dict(row.values)
            asked[subject.kind].append((position, known[subject.pk]))
    for key, whole in asked.items():
        read = read_fields(kinds[key].fields, [fields for _p, fields in whole], zone=zone())
        brought = [
            {name: values.get(name) for name in rows[position].values}
            for (position, _fields), (values, _wrong) in zip(whole, read, strict=True)
        ]
        units = [subjects[rows[position].subject_id].target.unit_id for position, _f in whole]
        misnamed = holders.misnamed(kinds[key], list(zip(brought, units, strict=True)))
        for place, (position, _fields) in enumerate(whole):
            wrong = misnamed[place] | read[place][1]
            found[position] = brought[place], _titled(kinds[key], wrong)
    return found


def _keep_fields(changes: Mapping[int, Mapping[str, Any]]) -> None:
    """Merged in the database, so that two who learn different things at once both count."""
    if not changes:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE subjects_subject AS s SET fields = s.fields || given.fields"
            " FROM unnest(%s::bigint[], %s::jsonb[]) AS given (id, fields)"
            " WHERE s.target_id = given.id",
            [list(changes), [json.dumps(values) for values in changes.values()]],
        )
