"""阅知 and 撤销: what one says of a policy, takes back of one's own."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from huiyin.adoption import queries as adopted
from huiyin.adoption import services as adoption_services
from huiyin.core import clock
from huiyin.core.errors import Invalid
from huiyin.core.pages import keyset_page
from huiyin.core.words import as_id
from huiyin.desk import reading, undoing
from huiyin.ui.flash import saved


@require_http_methods(["GET", "POST"])
def acknowledgement(request: Any, policy: str) -> HttpResponse:
    """The text in force to read, one click that says so, and for heads who has and who has not."""
    adoption, pack = adopted.policy_in_force(policy)
    if request.method == "POST":
        adoption_services.acknowledge(policy, person=request.person.pk, now=clock.now())
        saved(request, _("已阅知，已记录。"))
        return redirect("desk:acknowledgement", policy=policy)
    rows = reading.readers(request.viewer, adoption, request.viewer.on)
    counts = rows.aggregate(all=Count("pk"), said=Count("pk", filter=Q(said_at__isnull=False)))
    page = keyset_page(rows, order=("number", "pk"), cursor=request.GET.get("after", ""))
    context = {
        "pack": pack,
        "adoption": adoption,
        "title": pack.policy.title.say(_language()),
        "clauses": reading.clauses(pack, _language()),
        "said_at": reading.said_at(request.person, adoption),
        "rows": page.items,
        "counts": counts,
        "newer": f"?after={page.previous}" if page.previous else "",
        "older": f"?after={page.next}" if page.next else "",
    }
    return render(request, "desk/acknowledgement.html", context)


@require_http_methods(["GET", "POST"])
def undo(request: Any) -> HttpResponse:
    """One's own last act: what it was, whether it can be taken back, and taking it back."""
    now = clock.now()
    if request.method == "POST":
        try:
            undoing.undo(
                request.person.pk,
                reason=request.POST.get("reason", ""),
                now=now,
                language=_language(),
                act=as_id(request.POST.get("act", "")),
            )
        except Invalid as error:
            return _undo_page(request, error.errors, error.status)
        saved(request, _("已撤销，原因已记录。"))
        return redirect("desk:today")
    return _undo_page(request)


def _undo_page(request: Any, errors: Any = None, status: int = 200) -> HttpResponse:
    last = undoing.last_act(request.person.pk)
    built = last.built(_language()) if last else []
    stands = last is not None and (bool(built) or not last.facts)
    context = {
        "last": last,
        "title": last.title(_language()) if last else "",
        "built": built,
        "instead": undoing.instead_of(last) if last and stands else None,
        "errors": errors or {},
        "labels": {"reason": _("撤销的原因")},
    }
    return render(request, "desk/undo.html", context, status=status)


def _language() -> str:
    return get_language() or "zh"
