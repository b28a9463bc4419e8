"""What the page 处理情况 shows: rates with their bases, and beside them what would belie them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from huiyin.accounts.queries import zone
from huiyin.accounts.visibility import Viewer
from huiyin.cases import figures
from huiyin.cases.figures import Month, Rate, Span, Visitor
from huiyin.core.percentages import percent, tenths
from huiyin.core.punctuation import bracketed
from huiyin.records.queries import names

SILENT = 10
"""Whoever brings nothing back from so many visits is named as silent; from fewer it may be chance."""

SHOWN = 6
"""Months in the table, the running one included."""


def page(viewer: Viewer, *, month: str, now: datetime) -> dict[str, Any]:
    """The table of the last months, and everything about the one that was asked for."""
    here = zone()
    shown = _last_months(now.astimezone(here).date())
    found = figures.months(viewer, Span(shown, here), now=now)
    asked = next((each for each in shown if f"{each:%Y-%m}" == month), shown[0])
    households = figures.households(viewer)
    visitors = figures.visitors(viewer, Span([asked], here))
    return {
        "views": [
            {
                "title": _month_words(each),
                "url": f"{reverse('cases:figures')}?month={each:%Y-%m}",
                "current": each == asked,
            }
            for each in shown
        ],
        "months": [_row(each, found[each], households) for each in shown],
        "month": _month_words(asked),
        "rates": _rates(found[asked], households),
        "counter": _counter(found[asked], visitors),
        "visitors": _visitors(visitors),
    }


def _last_months(day: date) -> list[date]:
    """First days, newest first."""
    found = [day.replace(day=1)]
    while len(found) < SHOWN:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found


def _month_words(first: date) -> str:
    return date_format(first, pgettext("date format", "Y年n月"))


def _row(first: date, month: Month, households: int) -> dict[str, Any]:
    complaints = Rate(month.complaints, households)
    return {
        "month": _month_words(first),
        "received": month.received,
        "handled": month.handled,
        "handling": percent(month.handling.value),
        "late": month.handled < month.received,
        "complaints": month.complaints,
        "complaint_rate": percent(complaints.value),
    }


def _rates(month: Month, households: int) -> list[dict[str, str]]:
    """The two rates of the clauses, each with its base."""
    return [
        {
            "title": _("处理率"),
            "value": percent(month.handling.value),
            "base": _(
                "收到 %(n)s 件，已处理 %(part)s 件（已关闭、客户撤回，或仍在约定的答复时间内）"
            )
            % {"n": month.received, "part": month.handled},
            "interval": "",
        },
        {
            "title": _("投诉率"),
            "value": percent(Rate(month.complaints, households).value),
            "base": _("投诉 %(part)s 件，管理 %(n)s 户")
            % {"n": households, "part": month.complaints},
            "interval": _interval(Rate(month.complaints, households)),
        },
    ]


def _interval(rate: Rate) -> str:
    """The interval of a rate whose base is too small to stand alone."""
    if not rate.is_small or rate.interval is None:
        return ""
    low, high = rate.interval
    told = {"sure": "95%", "low": percent(low), "high": percent(high)}
    said = _(
        "户数不多，多一件少一件就差不少：实际水平有 %(sure)s 的把握在 %(low)s 至 %(high)s 之间"
    )
    return said % told


def _counter(month: Month, visitors: list[Visitor]) -> list[tuple[str, str]]:
    """What would show that complaints and problems are kept out of the count."""
    visits = sum(each.visits for each in visitors)
    items = sum(each.items for each in visitors)
    without = sum(each.without for each in visitors)
    per_hundred = tenths(Fraction(100 * items, visits)) if visits else "—"
    return [
        (_("投诉改为他类"), str(month.reclassified)),
        (_("问题改为他类"), str(month.problems_reclassified)),
        (_("投诉被撤回"), str(month.complaints_withdrawn)),
        (_("事项被撤回"), _of(month.withdrawn, month.received)),
        (_("每百次回访带回"), bracketed(per_hundred, f"{items}/{visits}")),
        (_("空手而回的回访"), _of(without, visits)),
        (_("三十天内再来"), _of(month.again, month.received)),
        (_("直接找来的"), _of(month.front_desk, month.received)),
    ]


def _visitors(visitors: list[Visitor]) -> list[dict[str, Any]]:
    people = names([each.person for each in visitors])
    return [
        {
            "name": people.get(each.person or 0, "—"),
            "visits": each.visits,
            "items": each.items,
            "per_hundred": tenths(each.per_hundred),
            "without": _of(each.without, each.visits),
            "silent": each.items == 0 and each.visits >= SILENT,
        }
        for each in visitors
    ]


def _of(part: int, whole: int) -> str:
    """12% (3/25): never a rate without its base."""
    return bracketed(percent(Rate(part, whole).value), f"{part}/{whole}")
