"""问题: by stage and deadline; one case with its gates; the acts that lead to closing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from huiyin.cases import access, answers, pages, queries, services
from huiyin.cases.given import Doing
from huiyin.cases.listing import CaseList
from huiyin.cases.models import Case
from huiyin.core import clock
from huiyin.core.errors import HuiyinError, Invalid, Refused
from huiyin.core.words import read_moment
from huiyin.records import forms as record_forms
from huiyin.records.models import Handover
from huiyin.ui import lists
from huiyin.ui.fields import GivenSignature, read_signature
from huiyin.ui.flash import saved


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """Open cases, the most pressing first, or whatever else the address asks for."""
    return lists.list_page(request, CaseList(request.viewer, clock.now()))


@require_GET
def page(request: HttpRequest, case_id: int) -> HttpResponse:
    """One case: what it is, what comes next and who owes it, every gate, its papers."""
    case = access.for_reading(request.viewer, case_id)
    context = pages.whole(case, viewer=request.viewer, now=clock.now())
    return render(request, "cases/page.html", context)


@require_http_methods(["GET", "POST"])
def notice(request: HttpRequest, case_id: int) -> HttpResponse:
    """Write the rectification notice of this round."""
    case = access.for_managing(request.viewer, case_id)
    return _paper(request, case, queries.NOTICE_FORM, pages.NOTICE, then="cases:handover")


@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, case_id: int) -> HttpResponse:
    """The repairer's answer, entered by himself or by who leads the case."""
    case = access.for_answering(request.viewer, case_id)
    return _paper(request, case, queries.ANSWER_FORM, pages.ANSWER, then="cases:page")


def _paper(
    request: HttpRequest, case: Case, form_key: str, words: pages.Words, *, then: str
) -> HttpResponse:
    now = clock.now()
    if request.method == "GET":
        context = pages.paper(case, form_key, words, now=now)
        return render(request, "cases/paper.html", context)
    sent = record_forms.read(pages.form_of(form_key), request.POST, request.FILES)
    try:
        doing = _doing(request, case, now=now, for_repairer=form_key == queries.ANSWER_FORM)
        if form_key == queries.NOTICE_FORM:
            services.file_notice(case, answers=sent, doing=doing)
        else:
            services.record_rectification(case, answers=sent, doing=doing)
    except (Invalid, Refused) as error:
        _keep(request, error, words.act, case, now)
        context = pages.paper(case, form_key, words, now=now, sent=sent, error=error)
        return answers.mend(
            request, error, "cases/paper.html", context,
            labels=record_forms.labels(pages.form_of(form_key)),
        )  # fmt: skip
    saved(request, words.done, draft=words.draft(case))
    return answers.onwards(request, reverse(then, args=[case.pk]))


@require_http_methods(["GET", "POST"])
def handover(request: HttpRequest, case_id: int) -> HttpResponse:
    """Hand the notice to the repairer: how, when, and his signature or refusal."""
    case = access.for_managing(request.viewer, case_id)
    if case.notice is None:
        return redirect("cases:notice", case_id=case.pk)
    posted = request.method == "POST"
    receipt = read_signature(request.POST, "receipt") if posted else GivenSignature("", False, "")
    error: HuiyinError | None = None
    if posted:
        now = clock.now()
        try:
            services.hand_over_notice(
                case,
                channel=request.POST.get("channel", ""),
                receipt=receipt,
                doing=_doing(request, case, now=now),
            )
        except (Invalid, Refused) as refused:
            _keep(request, refused, "record.send", case, now)
            error = refused
        else:
            saved(request, _("已登记送达。"), draft=f"handover-{case.pk}-{case.round}")
            return answers.onwards(request, reverse("cases:page", args=[case.pk]))
    context = _shown(case, request, error) | {
        "receipt": receipt,
        "channels": list(Handover.Channel.choices),
    }
    labels = {"channel": _("送达方式"), "receipt": _("接收人签名"), "happened_at": _("送达时间")}
    return _answer(request, error, "cases/handover.html", context, labels)


@require_http_methods(["GET", "POST"])
def reply(request: HttpRequest, case_id: int) -> HttpResponse:
    """Tell the customer what came of it."""
    case = access.for_managing(request.viewer, case_id)
    error: HuiyinError | None = None
    if request.method == "POST":
        now = clock.now()
        try:
            services.reply(
                case,
                text=request.POST.get("text", ""),
                channel=request.POST.get("channel", ""),
                doing=_doing(request, case, now=now),
            )
        except (Invalid, Refused) as refused:
            _keep(request, refused, "case.reply", case, now)
            error = refused
        else:
            saved(request, _("已登记答复。"), draft=f"reply-{case.pk}")
            return answers.onwards(request, reverse("cases:page", args=[case.pk]))
    context = _shown(case, request, error) | {"channels": list(Case.Channel.choices)}
    labels = {"text": _("答复内容"), "channel": _("答复方式"), "happened_at": _("答复时间")}
    return _answer(request, error, "cases/reply.html", context, labels)


@require_http_methods(["GET", "POST"])
def closure(request: HttpRequest, case_id: int) -> HttpResponse:
    """Close the case with its outcome; refused with the clause while a gate is not met."""
    case = access.for_managing(request.viewer, case_id)
    error: HuiyinError | None = None
    now = clock.now()
    if request.method == "POST":
        try:
            services.close(
                case,
                outcome=request.POST.get("outcome", ""),
                doing=_doing(request, case, now=now),
            )
        except (Invalid, Refused) as refused:
            _keep(request, refused, "case.close", case, now)
            error = refused
        else:
            saved(request, _("问题已关闭。"))
            return answers.onwards(request, reverse("cases:page", args=[case.pk]))
    context = _shown(case, request, error) | {
        "outcomes": list(Case.Outcome.choices),
        "steps": pages.steps(case, viewer=request.viewer, now=now),
    }
    labels = {"outcome": _("处理结果"), "happened_at": _("关闭时间")}
    return _answer(request, error, "cases/closure.html", context, labels)


def _doing(request: HttpRequest, case: Case, *, now: datetime, for_repairer: bool = False) -> Doing:
    """The person at the screen does it; a repairer's work is his, whoever enters it."""
    me = request.person.pk
    by = case.repairer_id if for_repairer and case.repairer_id else me
    return Doing(by=by, recorded_by=me, happened_at=_moment(request) or now, now=now)


def _moment(request: HttpRequest) -> datetime | None:
    written = request.POST.get("happened_at", "").strip()
    if not written:
        return None
    moment = read_moment(written, timezone.get_current_timezone())
    if moment is None:
        raise Invalid({"happened_at": [_("“%s”不是一个时间。") % written[:40]]})
    return moment


def _keep(request: HttpRequest, error: HuiyinError, act: str, case: Case, now: datetime) -> None:
    answers.keep_refusal(error, act=act, target=case.pk, by=request.person.pk, at=now)


def _shown(case: Case, request: HttpRequest, error: HuiyinError | None) -> dict[str, Any]:
    return {
        "case": case,
        "heading": pages.heading(case),
        "told": pages.told(case),
        "post": request.POST,
        "errors": getattr(error, "errors", {}),
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
