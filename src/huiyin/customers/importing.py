"""What a row of a firm's table means for customers: a household, a company, and whom to call.

A row is known when everything that it says is there already; then it is a duplicate. What a
customer lacked is added; what a row contradicts is refused, because an import rewrites nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from huiyin.accounts import named
from huiyin.accounts.queries import moment_said, zone
from huiyin.core.punctuation import sentences
from huiyin.customers import bringing, declared, queries, zones
from huiyin.customers.bringing import Supplement
from huiyin.customers.changing import NAME
from huiyin.customers.contacting import NAME as CONTACT_NAME
from huiyin.customers.contacting import RELATION
from huiyin.customers.doubts import contacts_of, doubt_of, odd_dates, phones_of
from huiyin.customers.entrusting import entrusted
from huiyin.customers.models import Customer
from huiyin.customers.services import (
    NUMBER_LENGTH,
    NewContact,
    NewCustomer,
    register_customers,
)
from huiyin.imports.errors import ImportStopped
from huiyin.imports.importer import (
    CREATE,
    UPDATE,
    Brought,
    Candidate,
    Judged,
    Obstacle,
    Occasion,
    doubted,
    refused,
    slices,
    texts_in,
)
from huiyin.imports.reading import Notice
from huiyin.imports.refusals import Refused, only
from huiyin.imports.values import Expected
from huiyin.records.answers import read_fields
from huiyin.records.imported import (
    LAST,
    TYPES,
    expected_of,
    in_the_way,
    kept_said,
)

PREFIX = "customer."
LENGTHS = {"number": NUMBER_LENGTH, "name": NAME, "contact": CONTACT_NAME, "relation": RELATION}
"""Characters of each column at most; a form allows no more."""

NAMED = 20
"""Rows that a remark names; where more are meant, it says how many more."""

_ADRIFT = gettext_lazy("单位不止一个：没有写所属的，回访没有人负责。")
SEVERAL_UNITS = 3
"""From so many on, the firm itself among them, a number may be that of a house elsewhere."""

HOUSES = ("楼栋房号", "房号", "门牌", "住址", "房屋", "房间")
"""Words in the title of a column that tells the customer where none is titled as its number."""


class CustomerImporter:
    """Takes in customers with their contacts, their unit and who looks after them."""

    title = gettext_lazy("客户")
    modes = ("history", "live")
    most_rows = 200_000

    def kinds(self) -> Mapping[str, str]:
        """There is one kind."""
        return {"": str(self.title)}

    def expected(self, kind: str) -> Mapping[str, Expected]:
        """``number class name phone contact relation unit owner registered``, and declared fields.

        Raises ImportStopped for a kind, and while no policy in force says which classes there are.
        """
        if kind:
            message = _("客户不分种类，映射里不要写 kind。")
            raise ImportStopped("import.kind_unknown", message)
        fields = {
            f"{PREFIX}{key}": replace(expected_of(of), forgiving=of.required is not True)
            for key, of in declared.fields().items()
            if of.type in TYPES
        }
        return _own(queries.classes()) | fields

    def judge(self, rows: Sequence[Candidate], *, occasion: Occasion) -> list[Judged]:
        """Each row against the firm's units, people and customers."""
        judging = _Judging(rows, occasion)
        return [judging.judged(row) for row in judging.rows]

    def remarks(self, rows: Sequence[Judged]) -> list[Notice]:
        """Which new ones would be in no zone, where each zone has its officer; who may be meant elsewhere."""
        return [*self._adrift(rows), *self._unplaced(rows)]

    def _unplaced(self, rows: Sequence[Judged]) -> list[Notice]:
        unplaced = tuple(row.number for row in rows if row.act == UPDATE and row.plan.unplaced)
        if not unplaced or len(named.unit_paths()) < SEVERAL_UNITS:
            return []
        return [Notice("unplaced", text=str(len(unplaced)), rows=unplaced[:NAMED])]

    def _adrift(self, rows: Sequence[Judged]) -> list[Notice]:
        wanted = zones.kinds()
        fresh = [row for row in rows if row.act == CREATE] if wanted else []
        inside = zones.inside(wanted) if fresh else set()
        adrift = tuple(row.number for row in fresh if row.plan.unit_id not in inside)
        if not adrift:
            return []
        return [
            Notice("no_zone", text=str(len(adrift)), rows=adrift[:NAMED], url=zones.adrift_url())
        ]

    def apply(self, rows: Sequence[Judged], *, occasion: Occasion) -> list[Brought]:
        """Register the new customers, add to the others what they lacked."""
        brought: list[Brought] = []
        by, now = occasion.by, occasion.now
        for piece in slices(rows, occasion):
            fresh = [row for row in piece if row.act == CREATE]
            news = entrusted([row.plan for row in fresh], now=now)
            ids = register_customers(news, by=by, now=now, live=occasion.live)
            brought += [Brought(row.number, ids[row.plan.number], CREATE) for row in fresh]
            more = [row for row in piece if row.act == UPDATE]
            facts = bringing.supplement([row.plan for row in more], by=by, now=now)
            brought += [
                Brought(row.number, row.plan.customer_id, UPDATE, None, _kept(row.plan, fact))
                for row, fact in zip(more, facts, strict=True)
            ]
        return brought

    def obstacles(self, rows: Sequence[Brought], *, occasion: Occasion) -> list[Obstacle]:
        return in_the_way(rows, occasion=occasion)

    def undo(self, rows: Sequence[Brought], *, occasion: Occasion, reason: str) -> None:
        """New customers leave the lists; what was added to others goes."""
        of = {"by": occasion.by, "reason": reason, "now": occasion.now}
        more = [_again(row) for row in rows if row.act == UPDATE]
        bringing.withdraw(more, occasion.source, **of)
        made = [row.target for row in rows if row.act == CREATE]
        bringing.retract(made, occasion.source, **of)


IMPORTER = CustomerImporter()


def _own(classes: Mapping[str, str]) -> dict[str, Expected]:
    return _named(classes) | _entrusted()


def _named(classes: Mapping[str, str]) -> dict[str, Expected]:
    """Who it is, and whom to call."""
    return {
        "number": Expected(
            "code",
            required=True,
            title=_("客户编号"),
            aliases=("编号", "户号", "住户编号", "房产编号", "number", "customer number", "unit no."),
            parts=(
                "小区", "楼栋", "楼号", "幢号", "栋", "幢", "单元", "单元号", "房号", "房间号",
                "门牌号", "室", "房间"),
            stand_ins=HOUSES,
            joins=True,
            fronts=tuple(named.unit_paths()),
            known=queries.numbers_taken,
        ),
        "class": Expected(
            "choice",
            required=len(classes) > 1,
            choices=classes,
            shown=classes,
            title=_("客户类别"),
            aliases=("类别", "客户类型", "class"),
            constant=True,
        ),
        "name": Expected(
            "name",
            title=_("名称"),
            aliases=("客户名称", "姓名", "业主", "业主姓名", "户主", "住户", "客户", "name"),
        ),
        "phone": Expected(
            "phones",
            title=pgettext_lazy("of a contact", "电话"),
            aliases=("联系电话", "手机", "手机号", "手机号码", "电话号码", "联系方式", "phone"),
        ),
        "contact": Expected(
            "name", title=_("联系人"), aliases=("联系人姓名", "contact")
        ),
        "relation": Expected(
            "name", title=_("关系"), aliases=("与户主关系", "身份", "relation"), constant=True
        ),
    }  # fmt: skip


def _entrusted() -> dict[str, Expected]:
    """Where it belongs, who looks after it, since when."""
    paths = tuple(named.unit_paths())
    return {
        "unit": Expected(
            "name",
            title=_("所属单位"),
            aliases=("区域", "片区", "管理区", "责任区", "部门", "管理处", "项目", "unit", "zone"),
            constant=True,
            one_of=paths,
            needed=_ADRIFT if len(paths) > 1 else "",
            names_one=named.unit_names(),
        ),
        "owner": Expected(
            "name",
            title=_("负责人"),
            aliases=("管家", "物管员", "客户经理", "责任人", "owner"),
            constant=True,
        ),
        "registered": Expected(
            "datetime",
            title=_("登记时间"),
            aliases=("登记日期", "registered"),
            forgiving=True,
        ),
    }  # fmt: skip


class _Judging:
    """Loads what the rows speak of in a handful of statements, then asks row by row."""

    def __init__(self, rows: Sequence[Candidate], occasion: Occasion) -> None:
        self.occasion = occasion
        self.odd = odd = {row.number: odd_dates(row.values, now=occasion.now) for row in rows}
        # A date that cannot be meant is as one that was never given.
        rows = [replace(r, values={**r.values, **dict.fromkeys(odd[r.number])}) for r in rows]
        self.rows = rows
        self.units = named.unit_ids()
        self.classes = queries.classes()
        self.fields = declared.fields()
        people = {key for key, of in self.fields.items() if of.type == "person"}
        self.person_names = {f"{PREFIX}{key}" for key in people}
        texts = {t for name in ("owner", *self.person_names) for t in texts_in(rows, name)}
        self.people = named.person_ids(texts)
        known = Customer.objects.filter(number__in=texts_in(rows, "number"))
        self.known = {row.number: row for row in known.select_related("target")}
        self.places = queries.places(self.known.values())
        self.phones = phones_of([row.pk for row in self.known.values()])
        self.seen: dict[str, Candidate] = {}
        self.typed = self._typed(rows)

    def judged(self, row: Candidate) -> Judged:
        try:
            return self._judged(row)
        except Refused as error:
            return refused(row, error)

    def _typed(
        self, rows: Sequence[Candidate]
    ) -> dict[int, tuple[dict[str, Any], dict[str, list[str]]]]:
        if not self.fields:
            return {}
        given = [
            {
                name.removeprefix(PREFIX): self._person(value)
                if name in self.person_names
                else value
                for name, value in row.values.items()
                if name.startswith(PREFIX) and value is not None
            }
            for row in rows
        ]
        read = read_fields(self.fields, given, zone=zone())
        return {row.number: found for row, found in zip(rows, read, strict=True)}

    def _person(self, value: Any) -> Any:
        ids = self.people.get(str(value), [])
        return ids[0] if len(ids) == 1 else value

    def _judged(self, row: Candidate) -> Judged:
        number = str(row.values["number"])
        for name, most in LENGTHS.items():
            if len(str(row.values.get(name) or "")) > most:
                raise Refused("too_long", name, detail=_("最多 %(most)s 个字") % {"most": most})
        first = self.seen.get(number)
        if first is not None:
            if first.values == row.values:
                return Judged(row.number, "duplicate")
            raise Refused("repeated", "number", detail=str(first.number))
        new = self._meant(row, number)
        known = self.known.get(number)
        more = self._against(new, known, row) if known is not None else None
        self.seen[number] = row
        doubt = doubt_of(row.values, self.odd[row.number])
        if more is None:
            return doubted(row, Judged(row.number, "accepted", plan=new), doubt)
        if not (more.name or more.fields or more.contacts):
            return Judged(row.number, "duplicate")
        return doubted(row, Judged(row.number, "accepted", plan=more, act=UPDATE), doubt)

    def _meant(self, row: Candidate, number: str) -> NewCustomer:
        """The row in the firm's own terms. Raises Refused."""
        values = row.values
        fields, wrong = self.typed.get(row.number, ({}, {}))
        for key, messages in wrong.items():
            name = f"{PREFIX}{key}"
            if name in self.person_names and values.get(name) is not None:
                only(
                    self.people.get(str(values[name]), []),
                    name,
                    "unknown_person",
                    "several_persons",
                )
            raise Refused("field", name, detail=sentences(messages))
        return NewCustomer(
            number=number,
            customer_class=str(values.get("class") or next(iter(self.classes), "")),
            name=str(values.get("name") or ""),
            unit_id=self._unit(values.get("unit")),
            owner_id=self._owner(values.get("owner")),
            contacts=contacts_of(values),
            fields=fields,
            registered_at=self._registered(values.get("registered")),
            source=self.occasion.source_of(row.number),
        )

    def _unit(self, value: Any) -> int | None:
        if value is None:
            return None
        ids = self.units.get(named.unit_key(str(value)), [])
        return only(ids, "unit", "unknown_unit", "several_units")

    def _owner(self, value: Any) -> int | None:
        if value is None:
            return None
        return only(self.people.get(str(value), []), "owner", "unknown_person", "several_persons")

    def _registered(self, value: Any) -> datetime | None:
        return None if value is None else datetime.fromisoformat(str(value))

    def _against(self, new: NewCustomer, known: Customer, row: Candidate) -> Supplement:
        """What the row adds to the customer. Raises Refused where it contradicts what is kept."""
        if new.unit_id is not None and new.unit_id != known.target.unit_id:
            if place := self.places.get(known.number):
                raise Refused("elsewhere", "number", detail=place)
            raise Refused("changed", "unit")
        if new.owner_id is not None and new.owner_id != known.target.owner_id:
            raise Refused("changed", "owner")
        if row.values.get("class") and new.customer_class != known.customer_class:
            raise Refused("changed", "class", detail=self.classes.get(known.customer_class, ""))
        if new.name and known.name and new.name != known.name:
            raise Refused("renamed", "name", detail=known.name)
        if new.registered_at is not None and new.registered_at != known.registered_at:
            raise Refused("changed", "registered", detail=moment_said(known.registered_at))
        added = {}
        for key, given in new.fields.items():
            if given is not None and known.fields.get(key) is None:
                added[key] = given
            elif given is not None and known.fields[key] != given:
                detail = kept_said(self.fields[key], known.fields[key])
                raise Refused("changed", f"{PREFIX}{key}", detail=detail)
        there = self.phones[known.pk]
        return Supplement(
            customer_id=known.pk,
            number=known.number,
            name="" if known.name else new.name,
            fields=added,
            contacts=[contact for contact in new.contacts if contact.index not in there],
            source=new.source,
            unplaced=new.unit_id is None and known.target.unit_id is not None,
        )


def _kept(plan: Supplement, fact: int) -> dict[str, Any]:
    """What was added, so that it can be taken back."""
    return {
        LAST: fact,
        "number": plan.number,
        "named": bool(plan.name),
        "fields": list(plan.fields),
        "phones": [contact.phone for contact in plan.contacts],
    }


def _again(row: Brought) -> Supplement:
    added = row.after or {}
    return Supplement(
        customer_id=row.target,
        number=added["number"],
        name=added["number"] if added["named"] else "",
        fields=dict.fromkeys(added["fields"]),
        contacts=[NewContact(phone) for phone in added["phones"]],
    )
