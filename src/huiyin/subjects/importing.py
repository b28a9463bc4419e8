"""What a row of a firm's table means for subjects: a tracked thing and what happened to it.

A row is known when everything that it says is recorded already; then it is a duplicate. What it
adds is recorded; what it contradicts is refused, because an import never rewrites a record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from huiyin.accounts.models import Person, Unit
from huiyin.accounts.queries import zone
from huiyin.core.errors import NotFound
from huiyin.core.punctuation import sentences
from huiyin.customers.models import Customer
from huiyin.imports.errors import ImportStopped
from huiyin.imports.importer import Candidate, Judged, Occasion
from huiyin.imports.refusals import BadValue
from huiyin.imports.values import Expected, Json, Type
from huiyin.ledger.models import SKEW, Fact
from huiyin.records.answers import read_fields
from huiyin.subjects import declared, services
from huiyin.subjects.declared import Kind
from huiyin.subjects.models import Subject
from huiyin.subjects.services import NewEvent, NewSubject

TYPES: dict[str, Type] = {
    "choice": "choice",
    "choice_ordered": "choice",
    "text": "text",
    "number": "number",
    "money": "number",
    "date": "date",
    "datetime": "datetime",
    "boolean": "boolean",
    "person": "text",
}
"""Declared field type → what a cell is read as; a person is found by number or name afterwards."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an accepted row adds: a new subject or none, and events by name."""

    events: Mapping[str, datetime]
    subject_id: int | None = None
    new: NewSubject | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Meaning:
    """A row in the firm's own terms: ids instead of names."""

    row: Candidate
    number: str
    unit: int | None
    customer: int | None
    created: datetime | None
    fields: Mapping[str, Any]
    events: Mapping[str, datetime]


class SubjectImporter:
    """Takes in subjects of any kind that a policy in force declares."""

    def expected(self, kind: str) -> Mapping[str, Expected]:
        """``number unit customer created``, and ``<kind>.<field or event>`` as the pack declares."""
        declaration = _declared(kind)
        names = {
            "number": Expected("text", required=True),
            "unit": Expected("text"),
            "customer": Expected("text"),
            "created": Expected("datetime"),
        }
        for key, of in declaration.fields.items():
            if of.type in TYPES:
                names[f"{kind}.{key}"] = _expected(of)
        return names | {f"{kind}.{event}": Expected("datetime") for event in declaration.events}

    def judge(self, rows: Sequence[Candidate], *, occasion: Occasion) -> list[Judged]:
        """Each row against the firm's units, people, customers and what is recorded."""
        return _Judging(_declared(occasion.kind), rows, occasion).judged()

    def apply(self, rows: Sequence[Judged], *, occasion: Occasion) -> None:
        """Register the new subjects, then record all events in the order in which they happened."""
        now, by, live = occasion.now, occasion.by, occasion.live
        fresh = [row for row in rows if row.plan.new is not None]
        ids = services.register(
            occasion.kind, [row.plan.new for row in fresh], by=by, now=now, live=live
        )
        made = {row.number: id for row, id in zip(fresh, ids, strict=True)}
        events = [
            NewEvent(
                subject_id=row.plan.subject_id or made[row.number],
                event=event,
                happened_at=happened,
                by_id=by,
                recorded_by_id=by,
                values=row.plan.values,
                live=live,
                source=f"{occasion.source}:{row.number}",
            )
            for row in rows
            for event, happened in row.plan.events.items()
        ]
        # A stable sort: what happened at the same moment keeps the order of the file.
        services.record_events(sorted(events, key=lambda event: event.happened_at), now=now)


IMPORTER = SubjectImporter()


def _declared(kind: str) -> Kind:
    try:
        return declared.kind_of(kind)
    except NotFound as error:
        raise ImportStopped("import.kind_unknown", error.message) from error


def _expected(of: Any) -> Expected:
    choices = {key: title.say("zh") for key, title in (of.choices or {}).items()}
    return Expected(TYPES[of.type], required=of.required is True, choices=choices)


class _Judging:
    """Loads what the rows speak of in a handful of statements, then asks row by row."""

    def __init__(self, kind: Kind, rows: Sequence[Candidate], occasion: Occasion) -> None:
        self.kind, self.rows, self.occasion = kind, rows, occasion
        self.units = _ids(Unit.objects.values_list("name", "pk"))
        people = [k for k, of in kind.fields.items() if of.type == "person"]
        self.person_names = {f"{kind.key}.{key}" for key in people}
        self.people = _people(rows, self.person_names)
        self.customers = dict(
            Customer.objects.filter(number__in=_all(rows, "customer")).values_list("number", "pk")
        )
        known = Subject.objects.filter(kind=kind.key, number__in=_all(rows, "number"))
        self.known = {row.number: row for row in known.select_related("target")}
        self.history = _history(kind, self.known.values())
        self.seen: dict[str, Candidate] = {}

    def judged(self) -> list[Judged]:
        read = [self._read(row) for row in self.rows]
        meanings = [found for found in read if isinstance(found, Meaning)]
        typed = read_fields(self.kind.fields, [m.fields for m in meanings], zone=zone())
        answers = dict(zip((meaning.row.number for meaning in meanings), typed, strict=True))
        return [
            found if isinstance(found, Judged) else self._judged(found, *answers[found.row.number])
            for found in read
        ]

    def _read(self, row: Candidate) -> Meaning | Judged:
        try:
            return self._meaning(row)
        except _Refused as refused:
            return _refusal(row, refused)

    def _judged(
        self, found: Meaning, fields: dict[str, Any], errors: dict[str, list[str]]
    ) -> Judged:
        row = found.row
        try:
            first = self.seen.get(found.number)
            if first is not None:
                return self._again(row, first)
            for key, messages in errors.items():
                raise _Refused("field", f"{self.kind.key}.{key}", detail=sentences(messages))
            plan = self._plan(replace(found, fields=fields))
        except _Refused as refused:
            return _refusal(row, refused)
        self.seen[found.number] = row
        if plan.new is None and not plan.events:
            return Judged(row.number, "duplicate")
        return Judged(row.number, "accepted", plan=plan)

    def _again(self, row: Candidate, first: Candidate) -> Judged:
        if row.values == first.values:
            return Judged(row.number, "duplicate")
        raise _Refused("repeated", "number", detail=_("第 %(row)d 行") % {"row": first.number})

    def _meaning(self, row: Candidate) -> Meaning:
        prefix = f"{self.kind.key}."
        given = {
            name.removeprefix(prefix): self._value(name, value)
            for name, value in row.values.items()
            if name.startswith(prefix) and value is not None
        }
        return Meaning(
            row=row,
            number=self._number(str(row.values["number"])),
            unit=self._unit(row.values.get("unit")),
            customer=self._customer(row.values.get("customer")),
            created=self._moment("created", row.values.get("created")),
            fields={key: value for key, value in given.items() if key in self.kind.fields},
            events={
                key: moment
                for key, value in given.items()
                if key in self.kind.events
                and (moment := self._moment(f"{prefix}{key}", value)) is not None
            },
        )

    def _number(self, number: str) -> str:
        if len(number) > services.NUMBER_LENGTH:
            raise _Refused("too_long", "number", detail=str(services.NUMBER_LENGTH))
        return number

    def _value(self, name: str, value: Json) -> Any:
        if name not in self.person_names:
            return value
        return _only(self.people.get(str(value), []), name, "unknown_person", "several_persons")

    def _unit(self, value: Json) -> int | None:
        if value is None:
            return None
        return _only(self.units.get(str(value), []), "unit", "unknown_unit", "several_units")

    def _customer(self, value: Json) -> int | None:
        if value is not None and str(value) not in self.customers:
            raise _Refused("unknown_customer", "customer")
        return None if value is None else self.customers[str(value)]

    def _moment(self, name: str, value: Json) -> datetime | None:
        moment = None if value is None else datetime.fromisoformat(str(value))
        if moment is not None and moment > self.occasion.now + SKEW:
            raise _Refused("future", name)
        return moment

    def _plan(self, row: Meaning) -> Plan:
        known = self.known.get(row.number)
        if known is None:
            new = NewSubject(
                number=row.number,
                fields=row.fields,
                customer_id=row.customer,
                unit_id=row.unit,
                created_at=row.created,
                source=f"{self.occasion.source}:{row.row.number}",
            )
            return Plan(row.events, new=new)
        added = self._against(row, known)
        events = {
            event: moment
            for event, moment in row.events.items()
            if not self._is_recorded(known.pk, event, moment)
        }
        if added and not events:
            name = f"{self.kind.key}.{next(iter(added))}"
            raise _Refused("changed", name, detail=_("系统里是空的"))
        return Plan(events, subject_id=known.pk, values=added)

    def _against(self, row: Meaning, known: Subject) -> dict[str, Any]:
        """The fields that the row adds. Raises where it contradicts what is kept."""
        kept = {"unit": known.target.unit_id, "customer": known.customer_id}
        for name, given in (("unit", row.unit), ("customer", row.customer)):
            if given is not None and given != kept[name]:
                raise _Refused("changed", name)
        if row.created is not None and row.created != known.created_at:
            raise _Refused("changed", "created", detail=known.created_at.isoformat())
        added = {}
        for key, given in row.fields.items():
            stands = known.fields.get(key)
            if stands is None:
                added[key] = given
            elif stands != given:
                raise _Refused("changed", f"{self.kind.key}.{key}", detail=str(stands))
        return added

    def _is_recorded(self, subject: int, event: str, moment: datetime) -> bool:
        standing, voided = self.history[subject, f"{self.kind.key}.{event}"]
        if moment in standing:
            return True
        name = f"{self.kind.key}.{event}"
        if standing:
            raise _Refused("changed", name, detail=min(standing).isoformat())
        if moment in voided:
            raise _Refused("voided", name)
        return False


def _refusal(row: Candidate, refused: _Refused) -> Judged:
    return Judged(
        number=row.number,
        outcome="refused",
        name=refused.name,
        value=str(row.values.get(refused.name) or ""),
        code=refused.code,
        detail=refused.detail,
    )


class _Refused(BadValue):
    """A value that cannot be taken, and under which name it stands."""

    def __init__(self, code: str, name: str, *, detail: str = "") -> None:
        super().__init__(code, detail=detail)
        self.name = name


def _all(rows: Iterable[Candidate], name: str) -> set[str]:
    return {str(value) for row in rows if (value := row.values.get(name)) is not None}


def _ids(pairs: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for name, id in pairs:
        found[name].append(id)
    return found


def _people(rows: Sequence[Candidate], names: set[str]) -> dict[str, list[int]]:
    """By number or by name; a number wins over somebody's name."""
    texts = {text for name in names for text in _all(rows, name)}
    by_name = Person.objects.filter(name__in=texts).values_list("name", "pk")
    by_number = Person.objects.filter(number__in=texts).values_list("number", "pk")
    return {**_ids(by_name), **_ids(by_number)}


def _only(ids: Sequence[int], name: str, unknown: str, several: str) -> int:
    if len(ids) != 1:
        raise _Refused(several if ids else unknown, name)
    return ids[0]


def _history(
    kind: Kind, subjects: Iterable[Subject]
) -> Mapping[tuple[int, str], tuple[set[datetime], set[datetime]]]:
    """For each subject and fact kind: the moments that stand, and those that were voided."""
    found: dict[tuple[int, str], tuple[set[datetime], set[datetime]]] = defaultdict(
        lambda: (set(), set())
    )
    facts: Iterator[tuple[int, str, datetime, int | None]] = Fact.objects.filter(
        target__in=[row.pk for row in subjects], kind__startswith=f"{kind.key}."
    ).values_list("target_id", "kind", "happened_at", "voided_by")
    for target, name, happened, voided in facts:
        found[target, name][voided is not None].add(happened)
    return found
