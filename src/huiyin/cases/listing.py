"""The list of cases, as page, saved view and sheet know it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from huiyin.accounts.units import UNIT, unit_filter, units_below
from huiyin.cases.models import Case
from huiyin.cases.queries import counts
from huiyin.cases.querysets import NEVER, CaseQuerySet
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
    within,
)
from huiyin.ui.moments import due_tone, due_words, last_of, moment_words

PRESSING = "due"
LATE, TIMELESS = "late", "none"


class CaseList(Listing):
    """Without a stage the open ones. The most pressing first; closed ones by their closing."""

    @cached_property
    def shape(self) -> Shape:
        return Shape(
            room="cases",
            title=pgettext("room", "事项"),
            sub=_("件件有着落：每件事项从提出到关闭，每一步由谁在什么时候之前办"),
            url=reverse("cases:list"),
            search=_("编号、描述，或客户的编号、名称、拼音、电话尾号"),
            columns=(
                Column("case", pgettext("column", "事项")),
                Column("number", _("编号"), in_sheet_only=True),
                Column("kind", _("类别"), shown=False),
                Column("severity", _("轻重"), shown=False),
                Column("customer", _("客户")),
                Column("repairer", _("维修人员")),
                Column("stage", _("阶段")),
                Column("due", _("最近期限"), sort=PRESSING),
                Column("raised", _("提出时间"), shown=False, sort="raised"),
                Column("raised_by", _("提出人"), shown=False),
                Column("closed", _("关闭时间"), shown=False),
                Column("outcome", _("处理结果"), shown=False),
                Column("unit", _("所属"), shown=False),
            ),
            filters=self._filters(),
            orders=(
                Order(PRESSING, _("紧要的在前"), ("due", "pk")),
                Order("-raised", _("最新提出的在前"), ("-raised_at", "-pk")),
                Order("raised", _("最早提出的在前"), ("raised_at", "pk")),
                Order("number", _("按编号"), ("number", "pk")),
            ),
            nothing=(
                _("没有未关闭的事项"),
                _("登记的和回访带回的事项会出现在这里，并按制度计时。"),
            ),
            not_found=(_("没有符合的事项"), _("可以换一个阶段，或放宽条件再找。")),
            icon="circle-check",
            actions=(
                (_("处理情况"), reverse("cases:figures")),
                (_("登记事项"), reverse("cases:arrival")),
            ),
        )

    def order(self, asked: Asked) -> tuple[str, ...]:
        if self._is_closed(asked) and asked.order == PRESSING:
            return ("-closed_at", "-pk")
        return super().order(asked)

    def find(self, asked: Asked) -> CaseQuerySet:
        found = (
            Case.objects.visible_to(self.viewer)
            .for_pages()
            .select_related("target__unit")
            .defer("search", "customer__search")
            .matching(asked.q, self.viewer)
            .filter(
                **{key: asked.chosen[key] for key in ("kind", "severity") if key in asked.chosen}
            )
        )
        if self._is_closed(asked):
            found = found.closed()
        else:
            found = found.open().with_due().filter(self._pressing(asked))
            if stage := asked.chosen.get("stage"):
                found = found.filter(stage=stage)
        if unit := asked.chosen.get(UNIT):
            found = found.filter(target__unit__in=units_below(unit))
        return within(found, asked, "raised_at")

    def rows(self, items: Sequence[Any]) -> list[Row]:
        return [self._row(case) for case in items]

    def _filters(self) -> list[Filter]:
        deadlines = [(LATE, _("已逾期")), (TIMELESS, _("没有期限"))]
        return [
            Filter(
                "stage", _("阶段"), list(Case.Stage.choices), pgettext("cases", "进行中"),
                counts=counts(self.viewer),
            ),
            Filter("kind", _("类别"), list(Case.Kind.choices), _("全部类别")),
            Filter("severity", _("轻重"), list(Case.Severity.choices), _("不论轻重")),
            Filter("deadline", _("期限"), deadlines, _("不论期限")),
            unit_filter(self.viewer),
            *day_filters(_("提出自"), _("提出至")),
        ]  # fmt: skip

    def _is_closed(self, asked: Asked) -> bool:
        return asked.chosen.get("stage") == Case.Stage.CLOSED

    def _pressing(self, asked: Asked) -> Q:
        deadline = asked.chosen.get("deadline")
        if deadline == LATE:
            return Q(due__lt=self.now)
        return Q(due=NEVER) if deadline == TIMELESS else Q()

    def _row(self, case: Case) -> Row:
        zone = timezone.get_current_timezone()
        due = getattr(case, "due", None)
        due = None if due == NEVER else due
        tone = due_tone(due, now=self.now, zone=zone)
        when = due_words(due, now=self.now, zone=zone) or moment_words(case.closed_at)
        severe = case.severity != Case.Severity.MINOR
        severity = case.get_severity_display()
        return Row(
            url=reverse("cases:page", args=[case.pk]),
            cells={
                "case": Cell(
                    in_a_line(case.description), value=case.description, note=case.number,
                    mark=severity if severe else "",
                ),
                "number": Cell(case.number),
                "kind": Cell(case.get_kind_display()),
                "severity": Cell(severity),
                "customer": Cell(case.customer.number if case.customer else ""),
                "repairer": Cell(case.repairer.name if case.repairer else ""),
                "stage": Cell(case.get_stage_display(), pill=True),
                "due": Cell(when, value=last_of(due, zone) if due else case.closed_at, pill=bool(tone), tone=tone),
                "raised": Cell(moment_words(case.raised_at), value=case.raised_at),
                "raised_by": Cell(case.raised_by.name),
                "closed": Cell(moment_words(case.closed_at), value=case.closed_at),
                "outcome": Cell(case.get_outcome_display()),
                "unit": Cell(case.target.unit.label if case.target.unit else ""),
            },
        )  # fmt: skip
