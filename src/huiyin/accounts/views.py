"""Signing in and out, and looking through another's eyes in a demo."""

from __future__ import annotations

from datetime import date

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from huiyin.accounts import services
from huiyin.accounts.forms import SignInForm, SwitchForm
from huiyin.accounts.middleware import SESSION_PERSON, open_to_all
from huiyin.core import clock
from huiyin.core.errors import NotFound


@open_to_all
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def signin(request: HttpRequest) -> HttpResponse:
    """The sign-in page; on success on to where the person wanted to go."""
    form = SignInForm(request, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        login(request, form.get_user())
        return redirect(_next(request))
    variables = {"form": form, "next": _next(request)}
    status = 422 if form.is_bound else 200
    return render(request, "accounts/signin.html", variables, status=status)


@open_to_all
@require_POST
def signout(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("accounts:signin")


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Look through another person from now on; in a demo or trial only."""
    form = SwitchForm(request.POST)
    if not form.is_valid():
        raise NotFound
    person = services.switch(form.cleaned_data["person"], on=_today(request))
    # A login would stay stronger than the choice.
    logout(request)
    request.session[SESSION_PERSON] = person.pk
    return redirect(_next(request))


def _today(request: HttpRequest) -> date:
    return request.viewer.on or clock.now().date()  # type: ignore[attr-defined]


def _next(request: HttpRequest) -> str:
    """Where to go on: only within this site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else resolve_url("/")
