"""What a row of a firm's table means for subjects: a tracked thing and what happened to it.

A row is known when everything that it says is recorded already; then it is a duplicate. What it
adds is recorded; what it contradicts is refused, because an import never rewrites a record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huiyin.accounts import named
from huiyin.accounts.queries import moment_said, zone
from huiyin.core.errors import NotFound
from huiyin.core.punctuation import sentences
from huiyin.customers.importing import HOUSES
from huiyin.customers.models import Customer
from huiyin.customers.queries import numbers_taken
from huiyin.imports.errors import ImportStopped
from huiyin.imports.importer import (
    CREATE,
    UPDATE,
    Brought,
    Candidate,
    Judged,
    Obstacle,
    Occasion,
    refused,
    slices,
    texts_in,
)
from huiyin.imports.reading import Notice
from huiyin.imports.refusals import Refused, only
from huiyin.imports.values import Expected, Json
from huiyin.ledger.models import SKEW
from huiyin.records.answers import read_fields
from huiyin.records.imported import (
    LAST,
    TYPES,
    expected_of,
    in_the_way,
    kept_said,
)
from huiyin.subjects import declared, holders, queries, retracting, services
from huiyin.subjects.declared import Kind
from huiyin.subjects.models import Subject
from huiyin.subjects.services import NewEvent, NewSubject

CALLED = {"description": ("报修事项", "报修描述", "故障描述", "故障内容", "问题描述", "维修内容")}
"""What files usually call a field that packs name so."""


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

    title = gettext_lazy("跟踪对象")
    modes = ("history", "live")
    most_rows = 2_000_000

    def kinds(self) -> Mapping[str, str]:
        """What the policies in force track."""
        return {kind.key: kind.many for kind in declared.kinds()}

    def expected(self, kind: str) -> Mapping[str, Expected]:
        """``number unit customer created``, and ``<kind>.<field or event>`` as the pack declares."""
        declaration = _declared(kind)
        fields = {
            f"{kind}.{key}": expected_of(of, called=CALLED.get(key, ()))
            for key, of in declaration.fields.items()
            if of.type in TYPES
        }
        events = {
            f"{kind}.{event}": Expected(
                "datetime", title=title, aliases=(f"{title}时间", f"{title}日期", event)
            )
            for event, title in declaration.events.items()
        }
        return _own() | fields | events

    def judge(self, rows: Sequence[Candidate], *, occasion: Occasion) -> list[Judged]:
        """Each row against the firm's units, people, customers and what is recorded."""
        return _Judging(_declared(occasion.kind), rows, occasion).judged()

    def remarks(self, rows: Sequence[Judged]) -> list[Notice]:
        return []

    def apply(self, rows: Sequence[Judged], *, occasion: Occasion) -> list[Brought]:
        """Register the new subjects, then record all events in the order in which they happened."""
        now, by, live = occasion.now, occasion.by, occasion.live
        made: dict[int, int] = {}
        for piece in slices([row for row in rows if row.act == CREATE], occasion):
            ids = services.register(
                occasion.kind, [row.plan.new for row in piece], by=by, now=now, live=live
            )
            made |= {row.number: id for row, id in zip(piece, ids, strict=True)}
        events = [
            NewEvent(
                subject_id=row.plan.subject_id or made[row.number],
                event=event,
                happened_at=happened,
                by_id=by,
                recorded_by_id=by,
                values=row.plan.values,
                live=live,
                source=occasion.source_of(row.number),
            )
            for row in rows
            for event, happened in row.plan.events.items()
        ]
        # A stable sort: what happened at the same moment keeps the order of the file.
        facts = services.record_events(sorted(events, key=lambda each: each.happened_at), now=now)
        last = {fact.target_id: fact.pk for fact in facts}
        return [
            Brought(row.number, made[row.number], CREATE)
            if row.act == CREATE
            else Brought(
                row.number, row.plan.subject_id, UPDATE, None, {LAST: last[row.plan.subject_id]}
            )
            for row in rows
        ]

    def obstacles(self, rows: Sequence[Brought], *, occasion: Occasion) -> list[Obstacle]:
        return in_the_way(rows, occasion=occasion)

    def undo(self, rows: Sequence[Brought], *, occasion: Occasion, reason: str) -> None:
        """New subjects leave the lists; of others the events that the file told are voided."""
        of = {"by": occasion.by, "reason": reason, "now": occasion.now}
        changed = [row.target for row in rows if row.act == UPDATE]
        retracting.take_back_events(changed, occasion.source, **of)
        made = [row.target for row in rows if row.act == CREATE]
        retracting.retract(made, occasion.source, **of)


IMPORTER = SubjectImporter()


def _declared(kind: str) -> Kind:
    try:
        return declared.kind_of(kind)
    except NotFound as error:
        raise ImportStopped("import.kind_unknown", error.message) from error


def _own() -> dict[str, Expected]:
    return {
        "number": Expected(
            "text",
            required=True,
            title=_("编号"),
            aliases=("工单号", "单号", "维修单号", "报修单号", "批号", "合同号", "number"),
        ),
        "unit": Expected(
            "text",
            title=_("所属单位"),
            aliases=("区域", "片区", "管理区", "楼栋", "部门", "管理处", "项目", "unit", "zone"),
            constant=True,
            one_of=tuple(named.unit_paths()),
            names_one=named.unit_names(),
        ),
        "customer": Expected(
            "code",
            title=_("客户编号"),
            aliases=("户号", "住户编号", "客户", "customer"),
            parts=("楼栋", "楼号", "单元", "房号", "门牌号", "室"),
            stand_ins=HOUSES,
            joins=True,
            fronts=tuple(named.unit_paths()),
            known=numbers_taken,
        ),
        "created": Expected(
            "datetime",
            title=_("登记时间"),
            aliases=("报修时间", "报修日期", "创建时间", "受理时间", "created"),
        ),
    }


class _Judging:
    """Loads what the rows speak of in a handful of statements, then asks row by row."""

    def __init__(self, kind: Kind, rows: Sequence[Candidate], occasion: Occasion) -> None:
        self.kind, self.rows, self.occasion = kind, rows, occasion
        self.units = named.unit_ids()
        people = [k for k, of in kind.fields.items() if of.type == "person"]
        self.person_names = {f"{kind.key}.{key}" for key in people}
        texts = {text for name in self.person_names for text in texts_in(rows, name)}
        self.people = named.person_ids(texts)
        self.customers = dict(
            Customer.objects.filter(number__in=texts_in(rows, "customer")).values_list(
                "number", "pk"
            )
        )
        known = Subject.objects.filter(kind=kind.key, number__in=texts_in(rows, "number"))
        if not occasion.trial:
            # Who enters on a page what a row says is done by now, or waits and is told so.
            known = known.order_by("pk").select_for_update(of=("self",))
        self.known = {row.number: row for row in known.select_related("target")}
        self.reported = queries.reported_at(self.known.values()) if kind.reported else {}
        self.history = queries.moments_told(kind.key, self.known.values())
        self.seen: dict[str, Candidate] = {}

    def judged(self) -> list[Judged]:
        read = [self._read(row) for row in self.rows]
        meanings = [found for found in read if isinstance(found, Meaning)]
        typed = read_fields(self.kind.fields, [m.fields for m in meanings], zone=zone())
        misnamed = holders.misnamed(
            self.kind,
            [self._new(m, values) for m, (values, _w) in zip(meanings, typed, strict=True)],
        )
        answers = {
            meaning.row.number: (values, wrong | misnamed[place])
            for place, (meaning, (values, wrong)) in enumerate(zip(meanings, typed, strict=True))
        }
        return [
            found if isinstance(found, Judged) else self._judged(found, *answers[found.row.number])
            for found in read
        ]

    def _new(self, row: Meaning, values: Mapping[str, Any]) -> tuple[Mapping[str, Any], int | None]:
        """What a row tells that is not kept already, and the unit that it is of."""
        known = self.known.get(row.number)
        if known is None:
            return values, row.unit
        new = {k: value for k, value in values.items() if known.fields.get(k) is None}
        return new, known.target.unit_id

    def _read(self, row: Candidate) -> Meaning | Judged:
        try:
            return self._meaning(row)
        except Refused as error:
            return refused(row, error)

    def _judged(
        self, found: Meaning, fields: dict[str, Any], errors: dict[str, list[str]]
    ) -> Judged:
        row = found.row
        try:
            first = self.seen.get(found.number)
            if first is not None:
                return self._again(row, first)
            for key, messages in errors.items():
                raise Refused("field", f"{self.kind.key}.{key}", detail=sentences(messages))
            plan = self._plan(replace(found, fields=fields))
        except Refused as error:
            return refused(row, error)
        self.seen[found.number] = row
        if plan.new is None and not plan.events:
            return Judged(row.number, "duplicate")
        act = CREATE if plan.new is not None else UPDATE
        return Judged(row.number, "accepted", plan=plan, act=act)

    def _again(self, row: Candidate, first: Candidate) -> Judged:
        if row.values == first.values:
            return Judged(row.number, "duplicate")
        raise Refused("repeated", "number", detail=str(first.number))

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
            raise Refused(
                "too_long",
                "number",
                detail=_("最多 %(most)s 个字") % {"most": services.NUMBER_LENGTH},
            )
        return number

    def _value(self, name: str, value: Json) -> Any:
        if name not in self.person_names:
            return value
        return only(self.people.get(str(value), []), name, "unknown_person", "several_persons")

    def _unit(self, value: Json) -> int | None:
        if value is None:
            return None
        return only(
            self.units.get(named.unit_key(str(value)), []), "unit", "unknown_unit", "several_units"
        )

    def _customer(self, value: Json) -> int | None:
        if value is not None and str(value) not in self.customers:
            raise Refused("unknown_customer", "customer")
        return None if value is None else self.customers[str(value)]

    def _moment(self, name: str, value: Json) -> datetime | None:
        moment = None if value is None else datetime.fromisoformat(str(value))
        if moment is not None and moment > self.occasion.now + SKEW:
            raise Refused("future", name)
        return moment

    def _plan(self, row: Meaning) -> Plan:
        known = self.known.get(row.number)
        self._refuse_early(row, known)
        if known is None:
            new = NewSubject(
                number=row.number,
                fields=row.fields,
                customer_id=row.customer,
                unit_id=row.unit,
                created_at=row.created,
                source=self.occasion.source_of(row.row.number),
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
            raise Refused("changed", name, detail=_("系统里是空的"))
        return Plan(events, subject_id=known.pk, values=added)

    def _refuse_early(self, row: Meaning, known: Subject | None) -> None:
        """Refuse what happened before it was called in, as the form of a page does."""
        reported = row.created if known is None else self.reported.get(known.pk)
        for event, moment in row.events.items():
            if reported and services.is_too_early(self.kind, reported, moment):
                detail = moment_said(reported)
                raise Refused("too_early", f"{self.kind.key}.{event}", detail=detail)

    def _against(self, row: Meaning, known: Subject) -> dict[str, Any]:
        """The fields that the row adds. Raises where it contradicts what is kept."""
        kept = {"unit": known.target.unit_id, "customer": known.customer_id}
        for name, given in (("unit", row.unit), ("customer", row.customer)):
            if given is not None and given != kept[name]:
                raise Refused("changed", name)
        if row.created is not None and row.created != known.created_at:
            raise Refused("changed", "created", detail=moment_said(known.created_at))
        added = {}
        for key, given in row.fields.items():
            stands = known.fields.get(key)
            if stands is None:
                added[key] = given
            elif stands != given:
                detail = kept_said(self.kind.fields[key], stands)
                raise Refused("changed", f"{self.kind.key}.{key}", detail=detail)
        return added

    def _is_recorded(self, subject: int, event: str, moment: datetime) -> bool:
        standing, voided = self.history[subject, f"{self.kind.key}.{event}"]
        if moment in standing:
            return True
        name = f"{self.kind.key}.{event}"
        if standing:
            raise Refused("changed", name, detail=moment_said(min(standing)))
        if moment in voided:
            raise Refused("voided", name)
        return False
