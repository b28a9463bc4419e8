"""问题: by stage and deadline; what comes in; one case with its gates; the acts that lead on."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiyin.cases import (
    access,
    answers,
    dossier,
    front_desk,
    items,
    pages,
    queries,
    reports,
    services,
)  # fmt: skip
from huiyin.cases.forms import ACTS, person
from huiyin.cases.given import Doing
from huiyin.cases.listing import CaseList
from huiyin.cases.models import Case
from huiyin.core import clock
from huiyin.core.errors import HuiyinError, Invalid, Refused
from huiyin.core.words import given_moment
from huiyin.customers.access import for_reading as customer_for_reading
from huiyin.customers.finding import find
from huiyin.customers.queries import reached
from huiyin.notices import services as notices
from huiyin.records import backdating
from huiyin.records import forms as record_forms
from huiyin.records.models import Handover
from huiyin.ui import fields, lists
from huiyin.ui.fields import GivenSignature, read_signature
from huiyin.ui.flash import saved


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """Open cases, the most pressing first, or whatever else the address asks for."""
    return lists.list_page(request, CaseList(request.viewer, clock.now()))


@require_GET
def figures_page(request: HttpRequest) -> HttpResponse:
    """处理情况: what came in and what became of it, beside what would reveal that less came in."""
    context = reports.page(request.viewer, month=request.GET.get("month", ""), now=clock.now())
    return render(request, "cases/figures.html", context)


@require_GET
def arrival(request: HttpRequest) -> HttpResponse:
    """登记事项: first, whose it is."""
    found = find(
        request.viewer,
        request.GET.get("q", ""),
        onwards=lambda customer: reverse("cases:intake", args=[customer]),
    )
    context = found | {
        "title": _("登记事项"),
        "words": _("来电、来访、来信：先找到是哪一户"),
        "list_url": reverse("cases:list"),
        "list_label": pgettext("room", "事项"),
    }
    return render(request, "customers/find.html", context)


@require_http_methods(["GET", "POST"])
def intake(request: HttpRequest, customer_id: int) -> HttpResponse:
    """登记事项: what a customer brought up without a follow-up."""
    now = clock.now()
    customer = customer_for_reading(request.viewer, customer_id)
    desk = front_desk.Desk.of(customer, sent=request.POST, now=now)
    if request.method == "GET":
        return render(request, "cases/intake.html", desk.context(key=_key(request)))
    me = request.person.pk
    try:
        doing = Doing(
            by=me,
            recorded_by=me,
            happened_at=_moment(request) or now,
            now=now,
            key=_key(request),
            late_reason=backdating.read_reason(request.POST),
        )
        case = services.raise_case(
            desk.item(), about=desk.about(), origin=desk.origin(), doing=doing
        )
    except (Invalid, Refused) as error:
        answers.keep_refusal(error, act="case.raise", target=customer.pk, by=me, at=now)
        error = desk.named(error)
        errors, labels = items.errors_of([desk.entry], error), desk.labels()
        context = desk.context(key=_key(request), errors=errors)
        mending = fields.summary(errors, labels)
        return answers.mend(
            request, error, "cases/intake.html", context, labels=labels, mending=mending
        )
    saved(request, _("已登记，编号 %s。") % case.number, draft=desk.draft)
    return answers.onwards(request, reverse("cases:page", args=[case.pk]))


@require_GET
def page(request: HttpRequest, case_id: int) -> HttpResponse:
    """One case: what it is, what comes next and who owes it, every gate, its papers."""
    case = access.for_reading(request.viewer, case_id)
    context = dossier.whole(case, viewer=request.viewer, now=clock.now())
    return render(request, "cases/page.html", context)


@require_POST
def copied(request: HttpRequest, case_id: int) -> HttpResponse:
    """A ready message about the case went to somebody's clipboard."""
    case = access.for_reading(request.viewer, case_id)
    notices.log_copy(case.pk, by=request.person.pk, now=clock.now())
    return HttpResponse(status=204)


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
    blank = pages.Paper(case, form_key, words, _key(request), now)
    if request.method == "GET":
        return _closed(case) or render(request, "cases/paper.html", blank.context())
    sent = record_forms.read(blank.form, request.POST, request.FILES)
    try:
        doing = _doing(request, case, now=now, for_repairer=form_key == queries.ANSWER_FORM)
        if form_key == queries.NOTICE_FORM:
            # Sent a second time it names somebody who by now is named already.
            chosen = person(request.POST.get("repairer", ""), blank.around)
            services.file_notice(case, answers=sent, doing=doing, repairer=chosen)
        else:
            services.record_rectification(case, answers=sent, doing=doing)
    except (Invalid, Refused) as error:
        _keep(request, error, words.act, case, now)
        context = blank.context(sent=sent, error=error)
        return answers.mend(request, error, "cases/paper.html", context, labels=blank.labels)
    saved(request, words.done, draft=words.draft(case))
    return answers.onwards(request, reverse(then, args=[case.pk]))


@require_http_methods(["GET", "POST"])
def handover(request: HttpRequest, case_id: int) -> HttpResponse:
    """Hand the notice to the repairer: how, when, and his signature or refusal."""
    case = access.for_managing(request.viewer, case_id)
    if case.notice is None:
        return redirect("cases:notice", case_id=case.pk)
    posted = request.method == "POST"
    if not posted and (closed := _closed(case)):
        return closed
    receipt = read_signature(request.POST, "receipt") if posted else GivenSignature("", False, "")
    error: HuiyinError | None = None
    if posted:
        now = clock.now()
        try:
            services.hand_over_notice(
                case,
                channel=request.POST.get("channel", ""),
                receipt=receipt,
                way=request.POST.get("way", ""),
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
        "channels": [each for each in Handover.Channel.choices if each[0] != SPOKEN],
    }
    labels = {
        "channel": _("送达方式"), "way": _("怎么送到的"), "receipt": _("接收人签名"),
        "happened_at": _("送达时间"), backdating.FIELD: _("补录原因"),
    }  # fmt: skip
    return _answer(request, error, "cases/handover.html", context, labels)


Act = Callable[[Case, Mapping[str, str], Doing], None]


def _refer(case: Case, sent: Mapping[str, str], doing: Doing) -> None:
    to = person(sent["to"], queries.company(at=doing.now))
    services.refer(case, to=to, text=sent["text"], doing=doing)


SERVICES: dict[str, Act] = {
    "decision": lambda case, sent, doing: services.decide(case, doing=doing, **sent),
    "handling": lambda case, sent, doing: services.handle(case, doing=doing, **sent),
    "referral": _refer,
    "ruling": lambda case, sent, doing: services.rule_on_referral(case, doing=doing, **sent),
    "reply": lambda case, sent, doing: services.reply(case, doing=doing, **sent),
    "supplement": lambda case, sent, doing: services.supplement(case, doing=doing, **sent),
    "classification": lambda case, sent, doing: services.reclassify(case, doing=doing, **sent),
    "withdrawal": lambda case, sent, doing: services.withdraw(case, doing=doing, **sent),
    "closure": lambda case, sent, doing: services.close(case, doing=doing, **sent),
}
SPOKEN = Handover.Channel.PHONE
"""By which no written notice is handed over."""

OPENED = {"supplement": access.for_reading, "ruling": access.for_ruling}


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, case_id: int, noun: str) -> HttpResponse:
    """One act on a case: its page, and doing it; refused with the clause while a gate is not met."""
    case = OPENED.get(noun, access.for_managing)(request.viewer, case_id)
    asked, now = ACTS[noun], clock.now()
    error: HuiyinError | None = None
    draft = f"{noun}-{case.pk}-{case.round}"
    if request.method == "GET" and noun != "supplement" and (closed := _closed(case)):
        return closed
    if request.method == "POST":
        try:
            doing = _doing(request, case, now=now, for_company=noun == "ruling")
            sent = {each.name: request.POST.get(each.name, "") for each in asked.asked}
            SERVICES[noun](case, sent, doing)
        except (Invalid, Refused) as refused:
            _keep(request, refused, asked.act, case, now)
            error = refused
        else:
            saved(request, asked.done, draft=draft)
            return answers.onwards(request, reverse("cases:page", args=[case.pk]))
    errors = asked.errors_of(error)
    closing = noun == "closure"
    demanded = dossier.demanded(case, request.viewer, now=now) if closing else ()
    context = _shown(case, request, error) | {
        "errors": errors,
        "noun": noun,
        "words": asked,
        "draft": draft,
        "controls": asked.controls(case, request.POST, errors, now=now, demanded=demanded),
        "steps": dossier.steps(case, now=now) if closing else [],
        "reached": reached(case.customer_id, request.viewer) if noun == "reply" else {},
    }
    return _answer(
        request, error, "cases/act.html", context, asked.labels, asked.mending(case, error)
    )


def _closed(case: Case) -> HttpResponse | None:
    """Who opens a step of a closed case reads on its page what became of it."""
    return None if case.is_open else redirect("cases:page", case_id=case.pk)


def _key(request: HttpRequest) -> str:
    """The key of a submission; a page that is opened gets a new one."""
    return (
        request.POST.get("key", "")[:100] if request.method == "POST" else secrets.token_urlsafe(24)
    )


def _doing(
    request: HttpRequest,
    case: Case,
    *,
    now: datetime,
    for_repairer: bool = False,
    for_company: bool = False,
) -> Doing:
    """The person at the screen does it; a repairer's work is his, a ruling is the company's."""
    me = request.person.pk
    by = case.repairer_id if for_repairer and case.repairer_id else me
    if for_company:
        # A ruling that is sent a second time is that of who was asked last.
        asked = case.referrals.order_by(F("ruled_at").desc(nulls_first=True), "-pk")
        by = asked.values_list("to", flat=True).first() or me
    happened_at = _moment(request) or now
    return Doing(
        by=by,
        recorded_by=me,
        happened_at=happened_at,
        now=now,
        key=_key(request),
        late_reason=backdating.read_reason(request.POST),
    )


def _moment(request: HttpRequest) -> datetime | None:
    return given_moment(request.POST, "happened_at", timezone.get_current_timezone())


def _keep(request: HttpRequest, error: HuiyinError, act: str, case: Case, now: datetime) -> None:
    answers.keep_refusal(error, act=act, target=case.pk, by=request.person.pk, at=now)


def _shown(case: Case, request: HttpRequest, error: HuiyinError | None) -> dict[str, Any]:
    return {
        "case": case,
        "key": _key(request),
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
    mending: Sequence[Mapping[str, str]] = (),
) -> HttpResponse:
    if error is None:
        return render(request, template, context)
    return answers.mend(request, error, template, context, labels=labels, mending=mending)
