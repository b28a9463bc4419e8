"""分派: what is owed in the units that somebody heads, and giving it to others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Value
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from huiyin.accounts.models import Person
from huiyin.accounts.queries import people_of
from huiyin.accounts.units import UNIT, unit_filter, units_below
from huiyin.accounts.visibility import heads_any
from huiyin.cases import answers
from huiyin.cases.models import Case
from huiyin.core import clock
from huiyin.core.errors import Forbidden, Invalid, NotFound, Refused
from huiyin.core.lists import in_a_line
from huiyin.core.pages import keyset_page
from huiyin.core.punctuation import sentences
from huiyin.core.words import as_id
from huiyin.desk import work
from huiyin.desk.obligation_list import duties_in_force
from huiyin.obligations import assigning
from huiyin.obligations.models import Obligation
from huiyin.obligations.querysets import ObligationQuerySet
from huiyin.obligations.today import end_of_day
from huiyin.ui.fields import Control
from huiyin.ui.flash import saved

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Sorts after every real deadline."""

ORDER = ("clock", "pk")
NOBODY = "none"


@require_http_methods(["GET", "POST"])
def assignments(request: Any) -> HttpResponse:
    """What is owed in the units that the viewer heads, the nearest first; the ticked to one person."""
    if not heads_any(request.viewer):
        raise Forbidden(_("只能分派本人管辖的单位的义务。"))
    if request.method == "GET":
        return render(request, "desk/assignments.html", _page(request))
    ids = [id for text in request.POST.getlist("obligation") if (id := as_id(text))]
    try:
        person = _chosen(request, request.POST.get("to", ""))
        count = assigning.assign(ids, to=person.pk, by=request.person.pk, now=clock.now())
    except (Invalid, Refused, NotFound, Forbidden) as error:
        context = _page(request) | {"errors": getattr(error, "errors", {})}
        labels = {"to": _("分派给")}
        return answers.mend(request, error, "desk/assignments.html", context, labels=labels)
    saved(request, _("已把 %(n)s 项分派给 %(name)s。") % {"n": count, "name": person.name})
    kept = urlencode(_asked(request, _choices(request)))
    return redirect(f"{reverse('desk:assignments')}?{kept}" if kept else "desk:assignments")


def _page(request: Any) -> dict[str, Any]:
    """The page's variables; after a refusal with the ticks and the person that were sent."""
    now, choices = clock.now(), _choices(request)
    asked = _asked(request, choices)
    rows = _narrowed(_headed(request.viewer), asked, now=now)
    rows = rows.annotate(clock=Coalesce("due_at", Value(NEVER))).select_related(
        "target", "adoption", "holder__as_person"
    )
    cursor = request.GET.get("after", "")
    page = keyset_page(rows, order=ORDER, cursor=cursor, size=assigning.MOST)
    people = choices["holder"][2][1:]
    narrowed = page.items if "duty" in asked else ()
    if narrowed:
        may = assigning.takers(narrowed, [int(pk) for pk, _name in people], now=now)
        allowed = set().union(*may.values())
        people = [each for each in people if int(each[0]) in allowed]
    return {
        "rows": _rows(page.items, request.POST.getlist("obligation"), now=now),
        "filters": [_control(key, choices[key], asked) for key in choices],
        "people": people,
        "roles": assigning.roles_needed(narrowed),
        "to": request.POST.get("to", ""),
        "newer": f"?{urlencode(asked | {'after': page.previous})}" if page.previous else "",
        "older": f"?{urlencode(asked | {'after': page.next})}" if page.next else "",
    }


Offered = Mapping[str, tuple[str, str, list[tuple[str, str]]]]
"""By the name of a filter: its label, what no choice means, and its choices."""


def _choices(request: Any) -> Offered:
    viewer = request.viewer
    people = [(str(p.pk), f"{p.name} {p.number}") for p in people_of(viewer, viewer.on)]
    soon = [("late", _("已逾期")), ("today", _("今天到期")), ("week", _("七天内到期"))]
    return {
        UNIT: (_("所属"), _("全部单位"), list(unit_filter(viewer).choices)),
        "duty": (_("做什么"), _("全部义务"), duties_in_force()),
        "due": (_("时限"), _("全部时限"), soon),
        "holder": (_("承办人"), _("所有人"), [(NOBODY, _("还没有承办人")), *people]),
    }


def _asked(request: Any, choices: Offered) -> dict[str, str]:
    """What the address narrows the list to; what is not offered is left out."""
    given = {key: request.GET.get(key, "") for key in choices}
    return {key: value for key, value in given.items() if value in dict(choices[key][2])}


def _control(key: str, offered: tuple[str, str, list[tuple[str, str]]], asked: Any) -> Control:
    label, every, choices = offered
    given = {"value": asked.get(key, ""), "choices": choices, "placeholder": every}
    return Control.of("select", key, label, given)


def _headed(viewer: Any) -> ObligationQuerySet:
    rows = Obligation.objects.visible_to(viewer).waiting()
    return rows if viewer.heads_all else rows.filter(target__unit__in=viewer.headed)


def _narrowed(
    rows: ObligationQuerySet, asked: Mapping[str, str], *, now: datetime
) -> ObligationQuerySet:
    if unit := asked.get(UNIT):
        rows = rows.filter(target__unit__in=units_below(unit))
    if duty := asked.get("duty"):
        rows = rows.of_duty(duty)
    if holder := asked.get("holder"):
        rows = rows.filter(holder=None if holder == NOBODY else int(holder))
    midnight = end_of_day(now, timezone.get_current_timezone())
    match asked.get("due"):
        case "late":
            rows = rows.overdue(now)
        case "today":
            rows = rows.due_between(now, midnight)
        case "week":
            rows = rows.due_between(now, midnight + timedelta(days=6))
    return rows


def _rows(
    found: Sequence[Obligation], ticked: Sequence[str], *, now: datetime
) -> list[tuple[work.Row, str, bool]]:
    """Each as 今日 shows it, with what a case says, whose it is and whether it is ticked."""
    zone = timezone.get_current_timezone()
    shown = work.rows(found, now=now, zone=zone, language=get_language() or "zh")
    said = _cases_in_short([each.target_id for each in found if each.target.kind == "case"])
    return [
        (
            _saying(row, said.get(row.obligation.target_id, "")),
            row.obligation.holder.as_person.name if row.obligation.holder else "",
            row.key in ticked,
        )
        for row in shown
    ]


def _cases_in_short(ids: Sequence[int]) -> dict[int, str]:
    """Number and first words: of several cases of one kind, which one a row is about."""
    rows = Case.objects.filter(pk__in=ids).values_list("pk", "number", "description")
    return {pk: f"{number} {in_a_line(words)}".strip() for pk, number, words in rows}


def _saying(row: work.Row, more: str) -> work.Row:
    return replace(row, note=sentences([more, *filter(None, [row.note])])) if more else row


def _chosen(request: Any, text: str) -> Person:
    """Raises Invalid for nobody of those whom the viewer sees."""
    person = people_of(request.viewer, request.viewer.on).filter(pk=as_id(text)).first()
    if person is None:
        raise Invalid({"to": [_("请选择接手的人。")]})
    return person
