"""The list of customers, as page, saved view and sheet know it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property
from itertools import chain
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from huiyin.accounts.units import UNIT, unit_filter, units_below
from huiyin.core.lists import Asked, Cell, Column, Filter, Listing, Order, Row, Shape
from huiyin.customers import access, queries
from huiyin.customers.models import Contact, Customer
from huiyin.customers.querysets import CustomerQuerySet
from huiyin.customers.zones import NONE, SOME, ZONE, inside, kinds
from huiyin.ledger.models import Target
from huiyin.records.queries import names

MINE, NOBODY = "me", "nobody"
Lines = tuple[tuple[str, str, str], ...]


class CustomerList(Listing):
    """By number at first; names sort by their pinyin, phones stay masked."""

    @cached_property
    def shape(self) -> Shape:
        return Shape(
            room="customers",
            title=pgettext("room", "客户"),
            url=reverse("customers:list"),
            search=_("编号、名称、拼音、电话或尾号"),
            columns=(
                Column("customer", _("客户"), sort="number"),
                Column("name", _("名称"), in_sheet_only=True),
                Column("class", _("类别"), sort="class"),
                Column("unit", _("所属")),
                Column("phone", _("电话")),
                Column("owner", _("负责人"), shown=False),
            ),
            filters=self._filters(),
            orders=(
                Order("number", _("按编号"), ("number_order", "pk")),
                Order("-number", _("按编号倒序"), ("-number_order", "-pk")),
                Order("name", _("按名称拼音"), ("pinyin", "pk")),
                Order("class", _("按类别"), ("customer_class", "number_order", "pk")),
                Order("-new", _("最近登记的在前"), ("-pk",)),
            ),
            nothing=(_("还没有客户"), _("客户登记后会出现在这里。")),
            not_found=(
                _("没有符合的客户"),
                _("可以按编号或名称的任何部分、拼音首字母、整个电话号码或电话后四位查找。"),
            ),
            icon="user",
            actions=self._actions(),
        )

    def _actions(self) -> tuple[tuple[str, str], ...]:
        if not access.may_enter(self.viewer):
            return ()
        return ((_("新增客户"), reverse("customers:new")),)

    def find(self, asked: Asked) -> CustomerQuerySet:
        found = (
            Customer.objects.visible_to(self.viewer)
            .of_class(asked.chosen.get("class", ""))
            .matching(asked.q)
            .defer("search")
        )
        if unit := asked.chosen.get(UNIT):
            found = found.filter(target__unit__in=units_below(unit))
        if owner := asked.chosen.get("owner"):
            mine = self.viewer.person_id if owner == MINE else None
            found = found.filter(target__owner=mine)
        if zone := asked.chosen.get(ZONE):
            there = Q(target__unit__in=inside(kinds()))
            found = found.filter(there) if zone == SOME else found.exclude(there)
        return found

    def rows(self, items: Sequence[Any]) -> list[Row]:
        # Not joined while one searches: everybody found would be looked up, and a page be shown.
        targets = Target.objects.select_related("unit").in_bulk([each.pk for each in items])
        contacts = queries.contacts_of(items)
        doubtful = queries.in_doubt(chain.from_iterable(contacts.values()))
        people = names([target.owner_id for target in targets.values()])
        return [
            self._row(each, targets[each.pk], _phones(contacts.get(each.pk, ()), doubtful), people)
            for each in items
        ]

    @cached_property
    def _classes(self) -> dict[str, str]:
        return queries.classes()

    def _filters(self) -> list[Filter]:
        classes = list(self._classes.items())
        # Where no policy has one officer for each zone, nobody asks who is in none.
        choices = [(SOME, _("在下级单位内")), (NONE, _("不在下级单位内"))]
        zones = [Filter(ZONE, _("下级单位"), choices, _("不论下级单位"))]
        return [
            Filter("class", _("类别"), classes, _("全部类别")),
            unit_filter(self.viewer),
            *(zones if kinds() else ()),
            Filter(
                "owner",
                _("负责人"),
                [(MINE, _("我负责的")), (NOBODY, _("没有负责人的"))],
                _("全部负责人"),
            ),
        ]

    def _row(
        self,
        customer: Customer,
        target: Target,
        phones: Lines,
        people: dict[int, str],
    ) -> Row:
        return Row(
            url=reverse("customers:page", args=[customer.pk]),
            cells={
                "customer": Cell(customer.number, note=customer.name),
                "name": Cell(customer.name),
                "class": Cell(self._classes.get(customer.customer_class, "")),
                "unit": Cell(target.unit.label if target.unit else ""),
                "phone": Cell(lines=phones),
                "owner": Cell(people.get(target.owner_id or 0, "")),
            },
        )


def _phones(contacts: Sequence[Contact], doubtful: Collection[int]) -> Lines:
    mark = _("待核对")
    return tuple(
        (each.phone_masked, each.relation_words, mark if each.pk in doubtful else "")
        for each in contacts
    )
