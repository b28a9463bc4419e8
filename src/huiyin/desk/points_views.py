"""积分: a person's points with their rules; contested, decided, confirmed; breaches found."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huiyin.cases.duties import links
from huiyin.core import clock
from huiyin.core.errors import Invalid
from huiyin.desk import access, points_pages
from huiyin.ledger import services as ledger
from huiyin.obligations import scores
from huiyin.ui.flash import saved


@require_GET
def points(request: HttpRequest, person: int) -> HttpResponse:
    """A person's accounts of a month, and every entry with its rule and where it stands."""
    now = clock.now()
    who = access.person_for_points(request.viewer, person)
    month = _month(request.GET.get("month", ""), now)
    heads = access.heads_person(request.viewer, who)
    context = points_pages.month_page(who, month, now=now) | {
        "is_mine": who.pk == request.person.pk,
        "clauses": points_pages.breach_choices() if heads else [],
        "occurrence": secrets.token_hex(8),
    }
    return render(request, "desk/points.html", context)


def _month(text: str, now: datetime) -> date:
    """The first day of the month that the address names, else of this one."""
    try:
        return date.fromisoformat(f"{text}-01") if len(text) == len("2026-03") else _this(now)
    except ValueError:
        return _this(now)


def _this(now: datetime) -> date:
    return now.astimezone(timezone.get_current_timezone()).date().replace(day=1)


@require_GET
def entry(request: HttpRequest, entry: int) -> HttpResponse:
    """One entry: by which rule, what it counts, and what may be done about it now."""
    now = clock.now()
    row = access.points_for_reading(request.viewer, entry)
    heads = access.heads_person(request.viewer, row.person.as_person)
    context = points_pages.entry_page(row, me=request.person.pk, heads=heads, now=now)
    context["clauses"] = links(row.clauses)
    return render(request, "desk/point.html", context)


@require_POST
def contest(request: HttpRequest, entry: int) -> HttpResponse:
    """Object to points of one's own before they count."""
    row = access.points_for_reading(request.viewer, entry)
    scores.contest(row, reason=_reason(request), by=request.person.pk, now=clock.now())
    saved(request, _("已提出异议；裁决之前这笔积分不生效。"))
    return redirect("desk:point", entry=row.pk)


@require_POST
def ruling(request: HttpRequest, entry: int) -> HttpResponse:
    """Decide an objection of somebody below."""
    row = access.points_for_deciding(request.viewer, entry)
    decision = request.POST.get("decision", "")
    if decision not in points_pages.DECISIONS:
        raise Invalid({"decision": [_("请选择异议成立或不成立。")]})
    scores.decide_contest(
        row,
        upheld=decision == "upheld",
        reason=_reason(request),
        by=request.person.pk,
        now=clock.now(),
    )
    saved(request, _("已裁决。"))
    return redirect("desk:point", entry=row.pk)


@require_POST
def confirmation(request: HttpRequest, entry: int) -> HttpResponse:
    """Confirm points that somebody of a role has to confirm."""
    row = access.points_for_reading(request.viewer, entry)
    scores.confirm(row, by=request.person.pk, now=clock.now())
    saved(request, _("已确认，积分生效。"))
    return redirect("desk:point", entry=row.pk)


@require_POST
def withdrawal(request: HttpRequest, entry: int) -> HttpResponse:
    """Take back the finding that booked the points: they are reversed with it."""
    row = access.points_for_deciding(request.viewer, entry)
    fact = points_pages.finding_of(row)
    ledger.void(fact, by=request.person.pk, reason=_reason(request), now=clock.now())
    saved(request, _("已撤销认定，由它记的分一并冲销。"))
    return redirect("desk:point", entry=row.pk)


@require_POST
def breaches(request: HttpRequest, person: int) -> HttpResponse:
    """Find that somebody below broke a clause."""
    who = access.person_for_finding(request.viewer, person)
    chosen = request.POST.get("clause", "")
    if chosen not in dict(points_pages.breach_choices()):
        raise Invalid({"clause": [_("请选择违反的条款。")]})
    policy, _colon, clause = chosen.partition(":")
    given: dict[str, Any] = {
        "person": who.pk,
        "clause": clause,
        "occurrence": _occurrence(request),
        "reason": _reason(request),
    }
    scores.confirm_breach(policy, by=request.person.pk, now=clock.now(), **given)
    saved(request, _("已认定，按制度记分。"))
    return redirect("desk:points", person=who.pk)


def _occurrence(request: HttpRequest) -> str:
    """What it is about: a number of a matter that the head names, else this one sending."""
    named = request.POST.get("matter", "").strip() or request.POST.get("occurrence", "").strip()
    if not named or len(named) > OCCURRENCE or "\0" in named:
        raise Invalid({"matter": [_("请写 1 至 %(most)s 个字。") % {"most": OCCURRENCE}]})
    return named


OCCURRENCE = 60


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "")
