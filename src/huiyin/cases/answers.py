"""How the pages of cases and follow-ups answer a form: onwards, or back with what to mend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from huiyin.cases import duties
from huiyin.core.errors import HuiyinError, Invalid, Refused
from huiyin.obligations import services as obligations
from huiyin.ui import fields

TO_ALERTS = {"HX-Retarget": "#alerts", "HX-Reswap": "innerHTML"}


def onwards(request: HttpRequest, url: str) -> HttpResponse:
    """The next page, for a whole-page form and for an htmx one.

    What leads elsewhere before anything was done (a sign-in) does not say that it is done.
    """
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": url, "X-Huiyin-Done": "yes"})
    return redirect(url)


def mend(
    request: HttpRequest,
    error: HuiyinError,
    template: str,
    context: dict[str, Any],
    *,
    labels: Mapping[str, str],
    mending: Sequence[Mapping[str, str]] = (),
) -> HttpResponse:
    """The same page with everything that was entered, and what stands in the way: 422 or 409.

    ``mending``: the fields and pages where a refusal is put right. An htmx form gets the message
    alone: the page in the browser keeps photos and signature.
    """
    if isinstance(error, Invalid):
        shown: dict[str, Any] = {"entries": fields.summary(error.errors, labels)}
        piece = "ui/_error_summary.html"
    else:
        shown = duties.refusal(error) if isinstance(error, Refused) else {"message": error.message}
        shown = {**shown, "entries": mending}
        piece = "ui/_refusal.html"
    if getattr(request, "htmx", False):
        answer = render(request, piece, shown, status=error.status)
        for name, value in TO_ALERTS.items():
            answer.headers[name] = value
        return answer
    whole = context | ({"labels": labels} if isinstance(error, Invalid) else {"refusal": shown})
    return render(request, template, whole, status=error.status)


def keep_refusal(error: HuiyinError, *, act: str, target: int, by: int, at: datetime) -> None:
    """A policy's refusal is part of its proof: kept after the refused act was rolled back."""
    if isinstance(error, Refused) and error.values.get("adoption") is not None:
        obligations.record_refusal(error, act=act, target=target, by=by, at=at)
