"""Pages that join several rooms: 今日, 制度, 设置 and one obligation with its reasons."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huiyin.accounts.middleware import is_here
from huiyin.accounts.visibility import Viewer, heads_any
from huiyin.adoption import packs
from huiyin.adoption import queries as adopted
from huiyin.adoption import services as adoption_services
from huiyin.adoption.calendars import said_of
from huiyin.adoption.models import Adoption
from huiyin.cases.models import Case
from huiyin.core import clock
from huiyin.core.errors import Conflict, Invalid, NotFound
from huiyin.desk import (
    access,
    clause_page,
    day,
    directory,
    first_run_views,
    list_tools,
    obligation_page,
    phone_access,
    queries,
    reading,
    settings_pages,
    undoing,
    work,
)
from huiyin.desk.forms import AdoptionForm
from huiyin.desk.obligation_list import ObligationList
from huiyin.notices import messages as notices
from huiyin.notices import services as notice_services
from huiyin.notices.models import Notice
from huiyin.obligations import services as obligation_services
from huiyin.obligations import today as todays
from huiyin.obligations.models import Obligation
from huiyin.ui import lists
from huiyin.ui.flash import saved


def language() -> str:
    return get_language() or "zh"


@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """What the person at the screen has to do today, each with its clause."""
    if request.person is None:  # a server without a firm yet
        return redirect("desk:start")
    now, zone = clock.now(), timezone.get_current_timezone()
    mine = todays.today(request.person.pk, now=now, zone=zone, viewer=request.viewer)
    loaded = [row for group in mine.groups for row in group.rows]
    shown = day.with_notes(work.rows(loaded, now=now, zone=zone, language=language()))
    shown = work.lent(shown, work.absent(request.viewer))
    by_id = {row.obligation.pk: row for row in shown}
    groups = [
        (key, title, group.count, [by_id[row.pk] for row in group.rows])
        for key, title, group in (
            ("late", _("已逾期"), mine.late),
            ("due", _("今天到期"), mine.due_today),
            ("week", _("本周"), mine.this_week),
            ("suggested", _("建议今天办"), mine.suggested),
            ("blocked", _("受阻"), mine.blocked),
        )
    ]
    who, way = request.person.pk, first_run_views.strip(request)
    context = {
        "now": now.astimezone(zone),
        "day": said_of(now.astimezone(zone).date()),
        "groups": [group for group in groups if group[2]],
        "later": mine.later,
        "meters": queries.meter_rows(mine.meters, directory.role_titles(language())),
        "bars": day.bars(who, mine.rounds, now=now, zone=zone, language=language()),
        "unit": day.unit(mine.unit),
        "points": day.own_points(who, now=now, zone=zone),
        "later_url": f"{reverse('desk:obligations')}?whose=mine",
        "done": queries.done_today(request.person.pk, now=now, zone=zone),
        "notices": _notices(request.viewer),
        "start_url": work.start_url(request.viewer),
        "way": way,
        "first": first_run_views.first_followup(request, way),
        "on_trial": first_run_views.on_trial(request, way),
        "unread": reading.unread(who, now=now, language=language()),
        "heads": heads_any(request.viewer),
        "undoing": undoing.offer(who, now=now, zone=zone, language=language()),
        "followups_url": list_tools.opened(request, "followups", reverse("followups:list")),
    }
    return render(request, "desk/today.html", context)


def _notices(viewer: Viewer) -> list[dict[str, Any]]:
    # What a notice asked to do for a case is done once the case is closed.
    settled = {"template__in": notices.ASKING, "about__in": Case.objects.closed().values("pk")}
    rows = Notice.objects.to(viewer.person_id).unread().exclude(**settled).order_by("-id")
    rows = rows.with_sight(viewer).filter(hidden=False)[:10]
    return [
        {
            "id": row.pk,
            "text": notices.render(row),
            "clause": row.clause,
            "about_id": row.about_id,
            "delivered_at": row.delivered_at,
        }
        for row in rows
    ]


@require_GET
def policies(request: HttpRequest) -> HttpResponse:
    """The only policy in force at once, or the list of them."""
    found = adopted.current()
    if len(found) == 1:
        return redirect("desk:policy", policy=found[0][1].id)
    titled = [(adoption, pack, pack.policy.title.say(language())) for adoption, pack in found]
    return render(request, "desk/policies.html", {"policies": titled})


@require_GET
def policy(request: HttpRequest, policy: str) -> HttpResponse:
    """制度: the document as people know it, and beside each clause how it is kept."""
    adoption, pack = adopted.policy_in_force(policy)
    now = clock.now()
    sections = queries.living_policy(adoption, pack, now=now, language=language())
    context = {
        "adoption": adoption,
        "pack": pack,
        "title": pack.policy.title.say(language()),
        "sections": sections,
        "totals": queries.totals(sections),
        "month": now.astimezone(ZoneInfo(adoption.time_zone)).date(),
    }
    return render(request, "desk/policy.html", context)


@require_GET
def clause(request: HttpRequest, policy: str, clause: str) -> HttpResponse:
    """One clause: text, reading, its verdicts, what they rest on, and what it is bound to."""
    adoption, pack = adopted.policy_in_force(policy)
    if clause not in pack.clauses:
        raise NotFound
    context = clause_page.clause_page(
        adoption, pack, clause, viewer=request.viewer, now=clock.now(), language=language()
    )
    return render(request, "desk/clause.html", context)


@require_GET
def obligations_list(request: HttpRequest) -> HttpResponse:
    """What is owed, by oneself and in one's units, as the address asks for it."""
    return lists.list_page(request, ObligationList(request.viewer, clock.now()))


@require_GET
def obligation(request: HttpRequest, obligation: int) -> HttpResponse:
    """One obligation: why it is owed, step by step, how it is done, and what became of it."""
    return _obligation(
        request, access.obligation_for_doing(request.viewer, obligation, clock.now())
    )


def _obligation(
    request: HttpRequest, row: Obligation, error: Invalid | Conflict | None = None
) -> HttpResponse:
    """The page; where its waiver was refused, with what was typed and what is wrong with it."""
    now = clock.now()
    context = obligation_page.page(
        row,
        viewer=request.viewer,
        me=request.person.pk,
        now=now,
        zone=timezone.get_current_timezone(),
        language=language(),
    )
    context |= {
        "errors": getattr(error, "errors", {"": [error.message]} if error else {}),
        "reason": request.POST.get("reason", ""),
        "labels": {"reason": _("免除的原因")},
    }
    return render(request, "desk/obligation.html", context, status=error.status if error else 200)


@require_POST
def copies(request: HttpRequest, obligation: int) -> HttpResponse:
    """The ready message about an obligation went to somebody's clipboard."""
    row = access.obligation_for_doing(request.viewer, obligation, clock.now())
    notice_services.log_copy(row.target_id, by=request.person.pk, now=clock.now())
    return HttpResponse(status=204)


@require_POST
def deliveries(request: HttpRequest, obligation: int) -> HttpResponse:
    """The copied message reached whom it was for, over the clerk's own channel."""
    row = access.obligation_for_doing(request.viewer, obligation, clock.now())
    notice_services.log_delivery(row.target_id, by=request.person.pk, now=clock.now())
    return render(request, "desk/_delivered.html")


@require_POST
def waiver(request: HttpRequest, obligation: int) -> HttpResponse:
    """Release from one obligation, with a reason."""
    row = access.obligation_for_doing(request.viewer, obligation, clock.now())
    try:
        obligation_services.waive(
            row, by=request.person.pk, reason=request.POST.get("reason", ""), now=clock.now()
        )
    except (Invalid, Conflict) as error:
        row.refresh_from_db()
        return _obligation(request, row, error)
    saved(request, _("已免除，原因已记录。"))
    return redirect("desk:obligation", obligation=row.id)


@require_GET
def settings(request: HttpRequest) -> HttpResponse:
    """People and posts, packs in force, settings: to read; adoption is the one thing to do here."""
    now = clock.now()
    context = {
        "pages": list(settings_pages.pages(request.viewer)),
        "people": directory.people(request.viewer, now=now, zone=timezone.get_current_timezone()),
        "units": directory.units(),
        "adoptions": Adoption.objects.select_related(
            "policy_version", "proposed_by__as_person", "approved_by__as_person"
        ).order_by("-id"),
        "settings": directory.settings_rows(language()),
        "packs": directory.packs(language()),
        "form": AdoptionForm(
            packs=directory.packs(language()), now=now, zone=timezone.get_current_timezone()
        ),
    }
    return render(request, "desk/settings.html", context)


@require_GET
def phones(request: HttpRequest) -> HttpResponse:
    """How the phones in the building reach the house, or how to let them."""
    port = request.get_port() if is_here(request) else phone_access.USUAL_PORT
    context = {"access": phone_access.current(), "command": phone_access.command(port)}
    return render(request, "desk/phone_access.html", context)


@require_POST
def adoptions(request: HttpRequest) -> HttpResponse:
    """Propose to put a pack into force."""
    now = clock.now()
    form = AdoptionForm(
        request.POST,
        packs=directory.packs(language()),
        now=now,
        zone=timezone.get_current_timezone(),
    )
    form.require_valid()
    adoption_services.propose(
        packs.sources(form.cleaned_data["pack"]),
        starts_on=form.cleaned_data["starts_on"],
        mode=form.cleaned_data["mode"],
        start=form.cleaned_data["start"],
        by=request.person.pk,
        now=now,
    )
    saved(request, _("已提出启用，请另一位有权限的人批准。"))
    return redirect(reverse("desk:settings"))


@require_POST
def approval(request: HttpRequest, adoption: int) -> HttpResponse:
    """Approve a proposed adoption; the one who proposed it cannot."""
    row = Adoption.objects.filter(id=adoption).first()
    if row is None:
        raise NotFound
    adoption_services.approve(row, by=request.person.pk, now=clock.now())
    saved(request, _("制度已启用。"))
    return redirect(reverse("desk:settings"))
