"""The list of obligations: one's own, or those of the units that one oversees."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huiyin.accounts.units import UNIT, unit_filter, units_below
from huiyin.adoption import queries as adoptions
from huiyin.core.lists import Asked, Cell, Column, Filter, Listing, Order, Row, Shape
from huiyin.desk import work
from huiyin.insights.behind import obligations_of
from huiyin.obligations.models import Obligation
from huiyin.obligations.queries import owed_by
from huiyin.obligations.querysets import ObligationQuerySet
from huiyin.obligations.today import end_of_day
from huiyin.records.queries import names
from huiyin.ui.moments import last_of
from huiyin.ui.templatetags.ui import STANDINGS

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
MINE, UNITS = "mine", "unit"
ANY = "any"


def duties_in_force() -> list[tuple[str, str]]:
    """What the policies in force may ask for: ``policy.duty`` with its title."""
    language = get_language() or "zh"
    return [
        (f"{pack.id}.{key}", duty.title.say(language) if duty.title else key)
        for _adoption, pack in adoptions.current()
        for key, duty in pack.policy.lines.items()
    ]


class ObligationList(Listing):
    """What is owed, by its deadline; settled ones only where they are asked for."""

    @cached_property
    def shape(self) -> Shape:
        return Shape(
            room="obligations",
            title=_("义务"),
            url=reverse("desk:obligations"),
            search=_("单号、地点，或承办人"),
            columns=(
                Column("duty", _("做什么")),
                Column("about", _("对象")),
                Column("due", _("时限"), sort="due"),
                Column("standing", _("状态")),
                Column("holder", _("承办人")),
                Column("progress", _("进度")),
                Column("policy", _("制度"), shown=False),
                Column("unit", _("所属"), shown=False),
            ),
            filters=[
                Filter("whose", _("谁的"), [(MINE, _("我的")), (UNITS, _("本单位"))], _("所有人的")),
                Filter(
                    "standing",
                    _("状态"),
                    [
                        ("late", _("已逾期")), ("today", _("今天到期")), ("blocked", _("受阻")),
                        ("settled", _("已了结")), (ANY, _("待办和已了结")),
                    ],
                    _("待办"),
                ),
                Filter("duty", _("做什么"), duties_in_force(), _("全部义务")),
                Filter("clause", _("条款"), self._clauses(), _("全部条款")),
                unit_filter(self.viewer),
            ],
            orders=(
                Order("due", _("紧要的在前"), ("due", "pk")),
                Order("-due", _("最晚的在前"), ("-due", "-pk")),
            ),
            nothing=(_("没有待办的义务"), _("制度要求的事会按时限列在这里。")),
            not_found=(_("没有符合的义务"), _("可以换一个状态，或放宽条件再找。")),
            icon="list-checks",
        )  # fmt: skip

    def _clauses(self) -> list[tuple[str, str]]:
        """Clauses that open obligations, in the order of their policies."""
        running = [pack for _adoption, pack in adoptions.current()]
        language = get_language() or "zh"
        found = []
        for pack in running:
            title = f"{pack.policy.title.say(language)} " if len(running) > 1 else ""
            bound = {clause for duty in pack.policy.lines.values() for clause in duty.clauses}
            found += [
                (f"{pack.id}.{each}", f"{title}§ {each}") for each in pack.clauses if each in bound
            ]
        return found

    def find(self, asked: Asked) -> QuerySet[Obligation]:
        me = self.viewer.person_id or 0
        own = owed_by(me, now=self.now)
        seen = Obligation.objects.visible_to(self.viewer)
        if asked.chosen.get("whose") == MINE:
            rows = Obligation.objects.filter(own)
        elif self.viewer.all or asked.chosen.get("whose") == UNITS:
            rows = seen
        else:
            rows = Obligation.objects.filter(own | Q(pk__in=seen.values("pk")))
        rows = self._standing(rows, asked.chosen.get("standing", ""))
        if duty := asked.chosen.get("duty"):
            rows = rows.of_duty(duty)
        if clause := asked.chosen.get("clause"):
            rows = rows.filter(_of_clause(clause))
        if unit := asked.chosen.get(UNIT):
            rows = rows.filter(target__unit__in=units_below(unit))
        if asked.q:
            found = Q(target__label__icontains=asked.q) | Q(
                holder__as_person__name__contains=asked.q
            )
            rows = rows.filter(found | Q(target__of_customer__label__icontains=asked.q))
        return rows.annotate(due=Coalesce("due_at", Value(NEVER))).select_related(
            "adoption", "target__unit"
        )

    def _standing(self, rows: ObligationQuerySet, wanted: str) -> ObligationQuerySet:
        zone = timezone.get_current_timezone()
        if wanted == ANY:
            return rows.exclude(state="voided")
        if wanted == "settled":
            return rows.exclude(state__in=("open", "blocked"))
        if wanted == "blocked":
            return rows.filter(state="blocked")
        if wanted == "late":
            return rows.open().overdue(self.now)
        if wanted == "today":
            return rows.open().due_between(self.now, end_of_day(self.now, zone))
        return rows.waiting()

    def rows(self, items: Sequence[Any]) -> list[Row]:
        people = names([each.holder_id for each in items])
        shown = work.rows(
            items,
            now=self.now,
            zone=timezone.get_current_timezone(),
            language=get_language() or "zh",
        )
        return [self._row(each, people) for each in shown]

    def _row(self, row: work.Row, people: dict[int, str]) -> Row:
        obligation = row.obligation
        standing = obligation.standing(self.now)
        return Row(
            url=row.url,
            cells={
                "duty": Cell(row.title, note=f"§ {row.clause_id}" if row.clause_id else ""),
                "about": Cell(row.place.words, note=row.place.aside),
                "due": Cell(
                    row.due,
                    value=obligation.due_at
                    and last_of(obligation.due_at, timezone.get_current_timezone()),
                    note=_("暂定") if row.provisional else "",
                ),
                "standing": Cell(str(STANDINGS[standing][1]), pill=True, tone=row.tone),
                "holder": Cell(
                    people.get(obligation.holder_id or 0, "") or self._roles(obligation)
                ),
                "progress": Cell(_progress(obligation)),
                "policy": Cell(row.policy),
                "unit": Cell(obligation.target.unit.label if obligation.target.unit else ""),
            },
        )

    def _roles(self, obligation: Obligation) -> str:
        """Of what waits for anyone of a role, the role."""
        language = get_language() or "zh"
        titles = [
            adoptions.role_title(obligation.adoption, role, language)
            for role in obligation.owed_roles
        ]
        return " / ".join(titles)


def _of_clause(asked: str) -> Q:
    policy, _dot, clause = asked.partition(".")
    packs = {pack.id: pack for _adoption, pack in adoptions.current()}
    return obligations_of(packs[policy], clause)


def _progress(row: Obligation) -> str:
    return f"{row.counted} / {row.needed}" if row.needed is not None else ""
