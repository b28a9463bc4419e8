"""Doing what is owed: a form is filled in, handed over, a question decided, a limit extended."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from huiyin.cases import answers
from huiyin.cases.duties import links
from huiyin.core import clock
from huiyin.core.errors import Conflict, HuiyinError, Invalid, NotFound, Refused
from huiyin.core.words import given_moment
from huiyin.desk import access, work
from huiyin.desk.doing import OF_CASES
from huiyin.desk.handing import Given, Handing, consent, hand_over
from huiyin.desk.papers import Paper, language
from huiyin.followups.forms import circumstances
from huiyin.obligations import answering, extending
from huiyin.records import backdating
from huiyin.records import forms as record_forms
from huiyin.records import services as records
from huiyin.records.links import target_url
from huiyin.records.models import Record
from huiyin.ui.fields import GivenSignature, read_signature
from huiyin.ui.flash import saved

KEY = 100


@require_http_methods(["GET", "POST"])
def paper(request: HttpRequest, form: str, target_id: int) -> HttpResponse:
    """A form about a target, filled in and filed."""
    now = clock.now()
    target = access.target_for_filing(request.viewer, target_id, now)
    if form in OF_CASES and target.kind == "case":
        return redirect("cases:page", case_id=target.pk)
    shown = Paper.of(
        target,
        form,
        of=request.GET.get("of", ""),
        viewer=request.viewer,
        me=request.person.pk,
        now=now,
    )
    if shown.is_contact:
        return redirect("followups:workbench", target_id=target.pk)
    back = _back(request, shown, now)
    if request.method == "GET":
        context = shown.context(key=secrets.token_urlsafe(24))
        return render(request, "desk/paper.html", context | back)
    sent = record_forms.read(shown.form, request.POST, request.FILES)
    try:
        record = _file(request, shown, sent, now=now)
    except (Invalid, Refused) as error:
        answers.keep_refusal(
            error, act="record.file", target=target.pk, by=request.person.pk, at=now
        )
        context = shown.context(
            key=_key(request), sent=sent, post=request.POST, errors=getattr(error, "errors", {})
        )
        return answers.mend(request, error, "desk/paper.html", context | back, labels=shown.labels)
    if shown.is_sent:
        saved(request, _("已填写，编号 %s；送达后才算数。") % record.number, draft=shown.draft)
        return answers.onwards(request, reverse("desk:handover", args=[record.pk]))
    saved(request, _("已提交，编号 %s。") % record.number, draft=shown.draft)
    return answers.onwards(
        request, back["back_url"] if back["owes"] else reverse("records:page", args=[record.pk])
    )


def _file(request: HttpRequest, shown: Paper, sent: record_forms.Sent, *, now: datetime) -> Record:
    zone, me = timezone.get_current_timezone(), request.person.pk
    known = [person for person, _name in shown.people]
    found = circumstances(request.POST, me=me, known=known, zone=zone)
    return records.file_record(
        shown.form.key,
        about=shown.target.pk,
        by=found.by,
        recorded_by=me,
        present=found.present,
        given=sent.given,
        signatures=sent.signatures,
        photos=sent.photos,
        happened_at=found.happened_at or now,
        late_reason=found.late_reason,
        customer=shown.target.of_customer_id,
        reviews=shown.reviewed,
        now=now,
        key=found.key or None,
    )


def _back(request: HttpRequest, shown: Paper, now: datetime) -> dict[str, Any]:
    """Where one came from: the obligation that the address names, else what the form is about."""
    named = request.GET.get("for", "")
    if named.isascii() and named.isdecimal() and len(named) < 19:
        try:
            row = access.obligation_for_doing(request.viewer, int(named), now)
        except NotFound:
            pass
        else:
            url = reverse("desk:obligation", args=[row.pk])
            return {"back_url": url, "back_label": _("义务"), "owes": True}
    url = target_url(shown.target)
    if url:
        return {"back_url": url, "back_label": shown.target.label, "owes": False}
    return {"back_url": reverse("desk:today"), "back_label": _("今日"), "owes": False}


@require_http_methods(["GET", "POST"])
def handover(request: HttpRequest, record_id: int) -> HttpResponse:
    """Hand a record over: to whom, how, when, and his signature or refusal."""
    now = clock.now()
    handing = Handing(access.record_for_handing_over(request.viewer, record_id, now), now)
    posted = request.method == "POST"
    receipt = read_signature(request.POST, "receipt") if posted else GivenSignature("", False, "")
    error: HuiyinError | None = None
    if posted:
        me = request.person.pk
        try:
            given = Given(
                request.POST.get("to", ""),
                request.POST.get("channel", ""),
                receipt,
                _moment(request) or now,
                request.POST.get("way", ""),
                backdating.read_reason(request.POST),
            )
            hand_over(handing, given, key=_key(request), by=me, now=now)
        except (Invalid, Refused) as refused:
            answers.keep_refusal(
                refused, act="record.send", target=handing.record.about_id, by=me, at=now
            )
            error = refused
        else:
            saved(request, _("已登记送达。"), draft=f"handover-{record_id}")
            return answers.onwards(request, reverse("records:page", args=[record_id]))
    context = handing.context(request.POST, getattr(error, "errors", {})) | {
        "receipt": receipt,
        "key": _key(request) if posted else secrets.token_urlsafe(24),
    }
    labels = {
        "to": _("接收方"), "channel": _("送达方式"), "way": _("怎么送到的"),
        "receipt": _("接收人签名"), "happened_at": _("送达时间"),
        backdating.FIELD: _("补录原因"),
    }  # fmt: skip
    return _answer(request, error, "desk/handover.html", context, labels)


@require_http_methods(["GET", "POST"])
def decision(request: HttpRequest, obligation: int) -> HttpResponse:
    """Decide what a decision table could not, with the reason."""
    now = clock.now()
    row = access.obligation_for_doing(request.viewer, obligation, now)
    asked = answering.asked(row)
    error: HuiyinError | None = None
    if request.method == "POST":
        results = request.POST.getlist("results")
        if not asked.several and len(results) > 1:
            results = []
        try:
            answering.answer(
                row,
                results=results,
                reason=request.POST.get("reason", ""),
                by=request.person.pk,
                now=now,
            )
        except (Invalid, Refused, Conflict) as refused:
            error = refused
        else:
            saved(request, _("已判定。"), draft=f"decision-{row.pk}")
            return answers.onwards(request, reverse("desk:obligation", args=[row.pk]))
    context = _about(row, request, error, now=now) | {"asked": asked}
    context["chosen"] = request.POST.getlist("results")
    labels = {"results": _("判定为"), "reason": _("理由")}
    return _answer(request, error, "desk/decision.html", context, labels)


@require_http_methods(["GET", "POST"])
def extension(request: HttpRequest, obligation: int) -> HttpResponse:
    """Ask for the longer limit that the policy knows, consent to it or decline."""
    now = clock.now()
    row = access.obligation_for_doing(request.viewer, obligation, now)
    longer = extending.longer(row, now=now)
    if longer is None:
        raise NotFound
    me = request.person.pk
    may_consent = me in longer.consenters
    error: HuiyinError | None = None
    if request.method == "POST":
        reason = request.POST.get("reason", "")
        try:
            if may_consent and request.POST.get("answer") == "declined":
                extending.decline_extension(row, reason=reason, by=me, now=now)
                done = _("已答复：不同意延期。")
            elif may_consent:
                done = _("已同意延期。")
                consent(row, reason=reason, key=_key(request), by=me, now=now)
            else:
                done = _("已申请延期，等待同意。")
                extending.ask_extension(row, reason=reason, by=me, now=now)
        except (Invalid, Refused, Conflict) as refused:
            error = refused
        else:
            saved(request, done, draft=f"extension-{row.pk}")
            return answers.onwards(request, reverse("desk:obligation", args=[row.pk]))
    context = _about(row, request, error, now=now) | {
        "longer": longer,
        "clauses": links(longer.clauses),
        "may_consent": may_consent,
        "requests": extending.asked_for(row),
    }
    return _answer(request, error, "desk/extension.html", context, {"reason": _("原因")})


def _about(
    row: Any, request: HttpRequest, error: HuiyinError | None, *, now: datetime
) -> dict[str, Any]:
    """The obligation above a page that does something with it, and what was entered."""
    [shown] = work.rows([row], now=now, zone=timezone.get_current_timezone(), language=language())
    return {
        "row": shown,
        "obligation": row,
        "errors": getattr(error, "errors", {}),
        "post": request.POST,
        "key": _key(request) or secrets.token_urlsafe(24),
    }


def _answer(
    request: HttpRequest,
    error: HuiyinError | None,
    template: str,
    context: dict[str, Any],
    labels: dict[str, str],
) -> HttpResponse:
    if error is None:
        return render(request, template, context)
    return answers.mend(request, error, template, context, labels=labels)


def _key(request: HttpRequest) -> str:
    return request.POST.get("key", "")[:KEY]


def _moment(request: HttpRequest) -> datetime | None:
    """When it happened, if it was not just now. Raises Invalid."""
    return given_moment(request.POST, "happened_at", timezone.get_current_timezone())
