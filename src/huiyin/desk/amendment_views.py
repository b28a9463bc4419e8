"""更改: what was entered wrongly in a record is mended by a new version of it."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from huiyin.cases import answers
from huiyin.core import clock
from huiyin.core.errors import Conflict, Invalid, Refused
from huiyin.core.punctuation import in_turn
from huiyin.desk.amending import Amending
from huiyin.followups import amending
from huiyin.records import access
from huiyin.records import forms as record_forms
from huiyin.records import services as records
from huiyin.records.models import Record
from huiyin.records.queries import taken_back
from huiyin.ui.flash import saved

KEY = 100


@require_http_methods(["GET", "POST"])
def amendment(request: HttpRequest, record_id: int) -> HttpResponse:
    """A record with its answers to be mended; what was filed first stays as it is."""
    now = clock.now()
    record = access.for_amending(request.viewer, record_id)
    if request.method == "POST":
        return _amend(request, Amending(record, now), now=now)
    newest = Record.objects.versions_of(record).last()
    if newest is not None and newest.pk != record.pk:
        messages.warning(request, _("这份记录已有更新的版本，请在最新的版本上更改。"))
        return redirect("desk:amendment", record_id=newest.pk)
    if taken_back([record]):
        return redirect("records:page", record_id=record.pk)
    context = Amending(record, now).context(key=secrets.token_urlsafe(24))
    return render(request, "desk/amendment.html", context)


def _amend(request: HttpRequest, shown: Amending, *, now: datetime) -> HttpResponse:
    record, me = shown.record, request.person.pk
    key = request.POST.get("key", "")[:KEY]
    sent = record_forms.read(shown.form, request.POST, request.FILES)
    try:
        newer = records.amend_record(
            record,
            sent,
            reason=request.POST.get(records.WHY_AMENDED, ""),
            by=me,
            now=now,
            key=key or None,
        )
    except (Invalid, Refused, Conflict) as error:
        answers.keep_refusal(error, act="record.amend", target=record.about_id, by=me, at=now)
        context = shown.context(
            key=key, sent=sent, post=request.POST, errors=getattr(error, "errors", {})
        )
        return answers.mend(request, error, "desk/amendment.html", context, labels=shown.labels)
    return _amended(request, newer, shown)


def _amended(request: HttpRequest, newer: Record, shown: Amending) -> HttpResponse:
    done = _("已更改，现在是第 %(n)s 版。") % {"n": newer.version}
    followed = amending.consequences(newer)
    told = in_turn(done, followed) if followed else done
    saved(request, told, draft=shown.draft)
    return answers.onwards(request, reverse("records:page", args=[newer.pk]))
