"""Marking notices read or delivered, and logging copies."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from huiyin.core import clock
from huiyin.notices import access, services


@require_POST
def read(request: HttpRequest, id: int) -> HttpResponse:
    notice = access.for_marking(request.viewer, id)
    services.mark_read([notice.pk], by=request.person.pk, now=clock.now())
    return _done(request)


@require_POST
def delivered(request: HttpRequest, id: int) -> HttpResponse:
    notice = access.for_reading(request.viewer, id)
    services.mark_delivered(notice, by=request.person.pk, now=clock.now())
    return _done(request)


@require_POST
def copied(request: HttpRequest, target_id: int) -> HttpResponse:
    """A ready message about a target went to somebody's clipboard."""
    target = access.target_for_copying(request.viewer, target_id)
    services.log_copy(target.pk, by=request.person.pk, now=clock.now())
    return HttpResponse(status=204)


def _done(request: HttpRequest) -> HttpResponse:
    if getattr(request, "htmx", False):
        return HttpResponse(status=200)
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return redirect(back if is_ours else "/")
