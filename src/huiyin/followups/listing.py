"""The list of follow-ups, as page, saved view and sheet know it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

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
    within,
)
from huiyin.followups.models import Followup
from huiyin.followups.querysets import FollowupQuerySet
from huiyin.records.queries import names
from huiyin.ui.moments import moment_words


class FollowupList(Listing):
    """What was held or is planned, by the moment of it, newest first."""

    @cached_property
    def shape(self) -> Shape:
        return Shape(
            room="followups",
            title=_("回访"),
            url=reverse("followups:list"),
            search=_("维修单号、地点，或客户的编号、名称、拼音、电话尾号"),
            columns=(
                Column("about", _("回访对象")),
                Column("number", _("单号"), in_sheet_only=True),
                Column("at", _("回访时间"), sort="at"),
                Column("by", _("回访人")),
                Column("channel", _("方式")),
                Column("state", _("状态")),
                Column("record", _("记录编号")),
                Column("case", _("事项编号"), shown=False),
                Column("unit", _("所属"), shown=False),
            ),
            filters=[
                Filter("state", _("状态"), list(Followup.State.choices), _("全部状态")),
                Filter("channel", _("方式"), list(Followup.Channel.choices), _("全部方式")),
                unit_filter(self.viewer),
                *day_filters(_("回访自"), _("回访至")),
            ],
            orders=(
                Order("-at", _("最近的在前"), ("-at", "-pk")),
                Order("at", _("最早的在前"), ("at", "pk")),
            ),
            nothing=(_("还没有回访"), _("约定或登记的回访会出现在这里。")),
            not_found=(_("没有符合的回访"), _("可以放宽条件再找。")),
            icon="message-square",
        )

    def find(self, asked: Asked) -> FollowupQuerySet:
        found = (
            Followup.objects.visible_to(self.viewer)
            .matching(asked.q, self.viewer)
            .with_moment()
            .select_related("about__unit", "customer", "record", "case")
            .defer("customer__search", "case__search", "case__description")
            .filter(
                **{key: asked.chosen[key] for key in ("state", "channel") if key in asked.chosen}
            )
        )
        if unit := asked.chosen.get(UNIT):
            found = found.filter(about__unit__in=units_below(unit))
        return within(found, asked, "at")

    def rows(self, items: Sequence[Any]) -> list[Row]:
        people = names([_by(followup) for followup in items])
        return [self._row(followup, people) for followup in items]

    def _row(self, followup: Followup, people: dict[int, str]) -> Row:
        at, about = followup.at, followup.about  # type: ignore[attr-defined]
        is_held = followup.state == Followup.State.HELD
        place = followup.customer.number if followup.customer else ""
        page = ("followups:page", followup.pk) if is_held else ("followups:workbench", about.pk)
        return Row(
            url=reverse(page[0], args=[page[1]]),
            cells={
                "about": Cell(
                    place or about.label, note=about.label if place not in ("", about.label) else ""
                ),
                "number": Cell(about.label),
                "at": Cell(moment_words(at), value=at),
                "by": Cell(people.get(_by(followup) or 0, "")),
                "channel": Cell(followup.get_channel_display()),
                "state": Cell(followup.get_state_display(), pill=True),
                "record": Cell(followup.record.number if followup.record else ""),
                "case": Cell(followup.case.number if followup.case else ""),
                "unit": Cell(about.unit.label if about.unit else ""),
            },
        )


def _by(followup: Followup) -> int | None:
    """Who made it; of one that is planned, who planned it."""
    return followup.record.by_id if followup.record else followup.planned_by_id
