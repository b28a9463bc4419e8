"""A filed record to read and print, its pictures, and handing it over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from huiyin.core import clock
from huiyin.core.errors import Invalid
from huiyin.records import access, queries, services
from huiyin.records.forms import HandoverForm
from huiyin.records.links import target_url
from huiyin.records.models import Record
from huiyin.ui.fields import GivenSignature, read_signature
from huiyin.ui.flash import saved

YEAR = 31_536_000


@require_GET
def page(request: HttpRequest, record_id: int) -> HttpResponse:
    """The whole record: answers, signatures or refusals, photos, who and when, its versions."""
    record = access.for_reading(request.viewer, record_id)
    context = {
        "sheet": queries.sheet(record),
        "about_url": target_url(record.about),
        "newer": getattr(record, "amended_by", None),
    }
    return render(request, "records/page.html", context)


@require_GET
def picture(request: HttpRequest, record_id: int, sha256: str) -> HttpResponse:
    """The bytes of a signature or photo of a record that the viewer may see."""
    blob = access.picture_for_reading(request.viewer, record_id, sha256)
    return HttpResponse(
        bytes(blob.content),
        content_type=blob.media_type,
        headers={
            "Content-Disposition": "inline",
            # The address names the content, so the browser need not ask again; no proxy keeps it.
            "Cache-Control": f"private, max-age={YEAR}, immutable",
        },
    )


@require_http_methods(["GET", "POST"])
def handover(request: HttpRequest, record_id: int) -> HttpResponse:
    """Hand a written record over: to whom, how, when; the receiver signs or refuses."""
    record = access.for_reading(request.viewer, record_id)
    form = HandoverForm(request.POST or None, people=queries.receivers(request.viewer.on))
    receipt = read_signature(request.POST, "receipt")
    errors: dict[str, list[str]] = {}
    if request.method == "POST" and form.is_valid():
        try:
            _hand_over(request, record, form.cleaned_data, receipt)
        except Invalid as invalid:
            errors = invalid.errors
        else:
            saved(request, _("已登记送达。"), draft=f"handover-{record.pk}")
            return redirect("records:page", record_id=record.pk)
    context = {
        "record": record,
        "title": queries.titles([record])[0][1],
        "form": form,
        "receipt": receipt,
        "receipt_errors": errors.get("receipt", ()),
        "errors": {**form.errors, **errors},
        "labels": {name: field.label for name, field in form.fields.items()},
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "records/handover.html", context, status=status)


def _hand_over(
    request: HttpRequest, record: Record, given: Mapping[str, Any], receipt: GivenSignature
) -> None:
    now = clock.now()
    services.hand_over(
        record,
        to=given["to"],
        channel=given["channel"],
        happened_at=given["happened_at"] or now,
        receipt=receipt,
        by=request.person.pk,
        now=now,
    )
