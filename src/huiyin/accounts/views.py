"""Looking through another's eyes in a demo; signing in and out is in `signin`."""

from __future__ import annotations

from datetime import date

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from huiyin.accounts import services
from huiyin.accounts.forms import SwitchForm
from huiyin.accounts.middleware import SESSION_PERSON, SESSION_SWITCHED
from huiyin.core import clock
from huiyin.core.errors import Forbidden, NotFound


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Look through another person from now on; in a demo or trial only."""
    if not request.open_house:  # type: ignore[attr-defined]
        raise Forbidden(_("只有演示，或在本机上试用时，可以切换人员。"))
    form = SwitchForm(request.POST)
    if not form.is_valid():
        raise NotFound
    person = services.switch(form.cleaned_data["person"], on=_today(request))
    # A login would stay stronger than the choice.
    logout(request)
    request.session[SESSION_PERSON] = person.pk
    request.session[SESSION_SWITCHED] = wanted = _next(request)
    return redirect(wanted)


def _today(request: HttpRequest) -> date:
    return request.viewer.on or clock.now().date()  # type: ignore[attr-defined]


def _next(request: HttpRequest) -> str:
    """Where to go on: only within this site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else resolve_url("/")
