"""The list of follow-ups, the workbench, its confirmation, and appointments."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiyin.cases import answers, items
from huiyin.core import clock
from huiyin.core.errors import Invalid, Refused
from huiyin.core.submissions import claims_its_key
from huiyin.core.words import read_moment, wrong_moment
from huiyin.followups import access, bench, forms, queries, services
from huiyin.followups.listing import FollowupList
from huiyin.followups.models import Followup
from huiyin.followups.services import Appointment, Visit
from huiyin.records import forms as record_forms
from huiyin.records.access import may_amend
from huiyin.records.links import amendment_url
from huiyin.records.models import Record
from huiyin.ui import fields, lists
from huiyin.ui.flash import saved


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """Follow-ups that were held or are planned, as the address asks for them."""
    return lists.list_page(request, FollowupList(request.viewer, clock.now()))


@claims_its_key
@require_http_methods(["GET", "POST"])
def workbench(request: HttpRequest, target_id: int) -> HttpResponse:
    """Everything for one follow-up on one page, and its filing."""
    now = clock.now()
    target = access.target_for_holding(request.viewer, target_id)
    shown = bench.Bench.of(target, viewer=request.viewer, me=request.person.pk, now=now)
    if request.method == "POST":
        return _file(request, shown, now=now)
    context = shown.context(key=secrets.token_urlsafe(24), for_another="for" in request.GET)
    return render(request, "followups/workbench.html", context)


def _file(request: HttpRequest, shown: bench.Bench, *, now: datetime) -> HttpResponse:
    sent = record_forms.read(shown.form, request.POST, request.FILES)
    zone = timezone.get_current_timezone()
    try:
        circumstances = forms.circumstances(
            request.POST, me=request.person.pk, known=shown.people, zone=zone
        )
        followup = services.hold(
            Visit(
                shown.target.pk,
                shown.form.key,
                circumstances.present,
                circumstances.channel,
                seen=circumstances.seen,
                again=circumstances.again,
            ),
            answers=sent,
            items=forms.entered(shown.entries(request.POST), zone),
            finding=forms.finding(request.POST) if shown.target.kind == "case" else None,
            doing=circumstances.doing(recorded_by=request.person.pk, now=now),
            key=circumstances.key,
        )
    except (Invalid, Refused) as error:
        answers.keep_refusal(
            error, act="followup.hold", target=shown.target.pk, by=request.person.pk, at=now
        )
        errors = items.errors_of(forms.opened(shown.entries(request.POST)), error)
        labels = record_forms.labels(shown.form) | forms.labels()
        return answers.mend(
            request,
            error,
            "followups/workbench.html",
            shown.context(
                key=request.POST.get("key", ""),
                sent=sent,
                post=request.POST,
                errors=errors,
            ),
            labels=labels,
            mending=fields.summary(errors, labels),
        )
    saved(request, _("已登记，回访记录 %s。") % followup.record.number, draft=shown.draft)
    return answers.onwards(request, reverse("followups:page", args=[followup.pk]))


@require_GET
def page(request: HttpRequest, followup_id: int) -> HttpResponse:
    """What a follow-up met and opened, and what comes next."""
    followup = access.for_reading(request.viewer, followup_id)
    if followup.record is None:
        return redirect("followups:workbench", target_id=followup.about_id)
    context = bench.confirmation(
        followup, viewer=request.viewer, me=request.person.pk, now=clock.now()
    )
    versions = list(Record.objects.versions_of(followup.record))
    if may_amend(request.viewer, followup.about, versions):
        context["amend_url"] = amendment_url(versions[-1].pk)
    return render(request, "followups/page.html", context)


@require_http_methods(["GET", "POST"])
def appointment(request: HttpRequest, target_id: int) -> HttpResponse:
    """Fix when and how a customer will be contacted."""
    target = access.target_for_holding(request.viewer, target_id)
    now = clock.now()
    context: dict[str, Any] = {
        "matter": queries.matter_of(target),
        "channels": list(Followup.Channel.choices),
        "post": request.POST,
        "errors": {},
    }
    if request.method == "GET":
        return render(request, "followups/appointment.html", context)
    written = request.POST.get("planned_for", "").strip()
    moment = read_moment(written, timezone.get_current_timezone())
    try:
        if moment is None:
            wrong = wrong_moment(written) if written else _("请填写约定的日期和时间。")
            raise Invalid({"planned_for": [wrong]})
        owed = queries.owed_about(target)
        services.plan(
            Appointment(
                about=target.pk,
                channel=request.POST.get("channel", ""),
                planned_for=moment,
                obligation=owed[0].pk if owed else None,
            ),
            by=request.person.pk,
            now=now,
        )
    except (Invalid, Refused) as error:
        context["errors"] = getattr(error, "errors", {})
        return answers.mend(
            request, error, "followups/appointment.html", context, labels=forms.labels()
        )
    saved(request, _("已约好回访。"))
    return answers.onwards(request, reverse("followups:workbench", args=[target.pk]))


@require_POST
def cancellation(request: HttpRequest, followup_id: int) -> HttpResponse:
    """Call an appointment off, with a reason."""
    followup = access.for_changing(request.viewer, followup_id)
    services.cancel(
        followup,
        reason=request.POST.get("reason", ""),
        by=request.person.pk,
        now=clock.now(),
    )
    saved(request, _("已取消约定。"))
    return answers.onwards(request, reverse("followups:workbench", args=[followup.about_id]))
