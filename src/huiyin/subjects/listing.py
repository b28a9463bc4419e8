"""The list of one kind of subject, as page, saved view and sheet know it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from huiyin.accounts.abilities import may_see
from huiyin.accounts.units import UNIT, unit_filter, units_below
from huiyin.core.lists import (
    Asked,
    Cell,
    Column,
    Filter,
    Listing,
    Order,
    Row,
    Shape,
    day_filters,
    in_a_line,
    read_day,
    within,
)
from huiyin.records.queries import names
from huiyin.records.typed import is_free_text, people_in, said
from huiyin.subjects.declared import REGISTERED, Kind, language
from huiyin.subjects.models import Subject
from huiyin.subjects.queries import list_fields, place_of
from huiyin.subjects.querysets import SubjectQuerySet
from huiyin.ui.moments import moment_words

STATE = "state"
FOR, FOLLOWUP = "for", "followup"
PREFIX = "f-"
"""Before a pack's field in an address, so that none can be taken for a word of ours."""


@dataclass(frozen=True)
class SubjectList(Listing):
    """Newest first; the fields that a list shows are filters, every other field may be shown."""

    kind: Kind
    picking: bool = False
    """One is to be chosen for a follow-up, so that its row leads there."""

    @cached_property
    def shape(self) -> Shape:
        title = self.kind.title
        return Shape(
            room=f"subjects:{self.kind.key}",
            title=self.kind.many,
            url=reverse("subjects:list", args=[self.kind.key]),
            sub=_("选一张要回访的%(kind)s") % {"kind": title} if self.picking else "",
            search=_("编号、地点，或客户的名称、拼音、电话尾号"),
            columns=self._columns(),
            filters=self._filters(),
            orders=(
                Order("-new", _("最新登记的在前"), ("-created_at", "-pk")),
                Order("new", _("最早登记的在前"), ("created_at", "pk")),
                Order("number", _("按编号"), ("number", "pk")),
                Order("-number", _("按编号倒序"), ("-number", "-pk")),
            ),
            nothing=(_("还没有登记"), _("登记或导入后会出现在这里。")),
            actions=(
                (
                    _("登记%(kind)s") % {"kind": title},
                    reverse("subjects:new", args=[self.kind.key]),
                ),
            ),
            not_found=(
                _("没有符合的"),
                _("可以按编号或地点的任何部分，或按客户的编号、名称、拼音、电话后四位查找。"),
            ),
        )

    def find(self, asked: Asked) -> SubjectQuerySet:
        found = (
            Subject.objects.visible_to(self.viewer)
            .of_kind(self.kind.key)
            .matching(asked.q, self.viewer)
            .with_last_event()
            .select_related("customer", "target__unit")
            .defer("search", "customer__search")
        )
        fields = {f.key: asked.chosen[f.key] for f in self._choices() if f.key in asked.chosen}
        for key, value in fields.items():
            found = found.filter(**{f"fields__{key.removeprefix(PREFIX)}": value})
        if state := asked.chosen.get(STATE):
            found = found.in_state(f"{self.kind.key}.{state}")
        if unit := asked.chosen.get(UNIT):
            found = found.filter(target__unit__in=units_below(unit))
        return within(found, asked, "created_at")

    def rows(self, items: Sequence[Any]) -> list[Row]:
        people = names([id for each in items for id in people_in(self.kind.fields, each.fields)])
        return [self._row(each, people) for each in items]

    def _columns(self) -> tuple[Column, ...]:
        usual = list_fields(self.kind)
        return (
            Column("number", self.kind.title, sort="number"),
            Column("place", _("地点")),
            Column("customer", _("客户"), shown=False),
            *(
                Column(f"{PREFIX}{name}", field.title.say(language()), shown=name in usual)
                for name, field in self.kind.fields.items()
            ),
            Column("state", _("状态")),
            Column("state_at", _("状态时间"), in_sheet_only=True),
            Column("unit", _("所属"), shown=False),
            Column("created", _("登记时间"), shown=False, sort="new"),
        )

    def _filters(self) -> list[Filter]:
        states = [(REGISTERED, _("登记")), *self.kind.events.items()]
        return [
            *self._choices(),
            # One choice is not drawn, and carried on by every way through the list.
            *([Filter(FOR, _("用途"), [(FOLLOWUP, _("回访"))])] if self.picking else []),
            Filter(STATE, _("状态"), states, _("全部状态")),
            unit_filter(self.viewer),
            *day_filters(_("登记自"), _("登记至")),
        ]

    def _choices(self) -> list[Filter]:
        """The fields that people choose from."""
        tongue = language()
        return [
            Filter(
                f"{PREFIX}{name}",
                field.title.say(tongue),
                [(key, title.say(tongue)) for key, title in field.choices.items()],
                _("全部%(field)s") % {"field": field.title.say(tongue)},
            )
            for name, field in list_fields(self.kind).items()
            if field.choices
        ]

    def _url(self, subject: Subject) -> str:
        # The follow-up is a room above: only its address is known here.
        if self.picking and may_see(self.viewer, subject.target):
            return reverse("followups:workbench", args=[subject.pk])
        return reverse("subjects:page", args=[subject.kind, subject.pk])

    def _row(self, subject: Subject, people: Mapping[int, str]) -> Row:
        happened = getattr(subject, "event_at", None)
        event = self.kind.event_title(subject.event) if subject.event else ""
        return Row(
            url=self._url(subject),
            cells={
                "number": Cell(subject.number),
                "place": Cell(place_of(subject)),
                "customer": Cell(subject.customer.number if subject.customer else ""),
                "state": Cell(event, pill=True, note=moment_words(happened)),
                "state_at": Cell(moment_words(happened), value=happened),
                "unit": Cell(subject.target.unit.label if subject.target.unit else ""),
                "created": Cell(moment_words(subject.created_at), value=subject.created_at),
            }
            | {
                f"{PREFIX}{name}": Cell(
                    in_a_line(said(field, subject.fields.get(name), people)),
                    value=_typed(field, subject.fields.get(name)),
                )
                for name, field in self.kind.fields.items()
            },
        )


def _typed(field: Any, value: Any) -> Any:
    """What a sheet can calculate with, or the whole of a text; None where the line says all."""
    if value is None or value == "":
        return None
    if is_free_text(field):
        return str(value)
    if field.type in ("number", "money"):
        try:
            return Decimal(str(value))
        except InvalidOperation:
            return None
    if field.type == "date":
        return read_day(str(value))
    if field.type == "datetime":
        return datetime.fromisoformat(str(value))
    return None
