"""设置 → 登录与安全, 设置 → 登录账号: what the firm asks, and the logins of its people."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiyin.accounts.abilities import may_settle
from huiyin.accounts.access import person_for_reading
from huiyin.accounts.models import Person
from huiyin.accounts.signin import history, limits, queries, services
from huiyin.accounts.signin.forms import ReasonForm, RuleForm, UsernameForm
from huiyin.core import clock
from huiyin.core.errors import Forbidden, Invalid, NotFound
from huiyin.core.pages import keyset_page
from huiyin.core.words import wrong_form
from huiyin.ui.flash import saved

ORDER = ("number", "pk")


@require_http_methods(["GET", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """What is asked at the sign-in, for everybody to read and heads of the firm to change."""
    asked = queries.rule()
    initial = {"heads_need_factor": asked.heads_need_factor, "grace_days": asked.grace_days}
    form = RuleForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST":
        _require_settling(request)
        if form.is_valid() and _changed(request, form):
            saved(request, _("已更改，原因已记录。"))
            return redirect("signin:rules")
    context = {
        "rule": asked,
        "form": form,
        "may_settle": may_settle(request.viewer),
        "changes": queries.rule_changes()[:20],
    }
    return render(request, "signin/rules.html", context, status=limits.status_of(form))


def _changed(request: Any, form: RuleForm) -> bool:
    try:
        services.change_rule(**form.cleaned_data, by=request.person.pk, now=clock.now())
    except Invalid as error:
        for name, said in error.errors.items():
            form.add_error(name, said)
        return False
    return True


@require_GET
def logins(request: HttpRequest) -> HttpResponse:
    """Everybody of the firm, and how well each login is guarded."""
    _require_settling(request)
    rows = queries.logins(request.viewer, on=request.viewer.on, now=clock.now())
    page = keyset_page(rows, order=ORDER, cursor=request.GET.get("after", ""))
    context = {
        "rows": page.items,
        "rule": queries.rule(),
        "newer": f"?after={page.previous}" if page.previous else "",
        "older": f"?after={page.next}" if page.next else "",
    }
    return render(request, "signin/logins.html", context)


@require_GET
def login(request: HttpRequest, person: int) -> HttpResponse:
    """One person's login: what may be done about it, and what was."""
    return _login_page(request, _person(request, person))


@never_cache
@require_POST
def links(request: HttpRequest, person: int) -> HttpResponse:
    """A one-time link, shown on this answer and never again."""
    whose = _person(request, person)
    _confirm(request)
    username = ""
    if whose.user is None:
        form = UsernameForm(request.POST)
        if not form.is_valid():
            return _login_page(request, whose, username_form=form)
        username = form.cleaned_data["username"]
    try:
        secret = services.give_link(whose, username=username, by=request.person.pk, now=clock.now())
    except Invalid as error:
        form = UsernameForm(request.POST)
        for name, said in error.errors.items():
            form.add_error(name, said)
        return _login_page(request, whose, username_form=form)
    address = request.build_absolute_uri(reverse("signin:link", args=[secret]))
    hours = int(services.LINK_LASTS.total_seconds() // 3600)
    context = {"whose": whose, "address": address, "hours": hours}
    return render(request, "signin/link_given.html", context)


@require_POST
def switchings(request: HttpRequest, person: int) -> HttpResponse:
    """Switch a login off or on again, with a reason."""
    whose, on = _person(request, person), request.POST.get("on") == "1"
    reason = _reason(request)
    services.switch_login(whose, on=on, reason=reason, by=request.person.pk, now=clock.now())
    saved(request, _("登录已恢复，原因已记录。") if on else _("登录已停用，原因已记录。"))
    return redirect("signin:login", person=whose.pk)


@require_POST
def factor_removals(request: HttpRequest, person: int) -> HttpResponse:
    """Take off the second factors of somebody who lost his, with a reason."""
    whose = _person(request, person)
    _confirm(request)
    reason = _reason(request)
    services.forget_factors(whose, reason=reason, by=request.person.pk, now=clock.now())
    saved(request, _("两步验证已解除，原因已记录。"))
    return redirect("signin:login", person=whose.pk)


def _login_page(
    request: Any, whose: Person, *, username_form: UsernameForm | None = None
) -> HttpResponse:
    now = clock.now()
    standing = queries.logins(request.viewer, on=request.viewer.on, now=now).get(pk=whose.pk)
    form = username_form or UsernameForm(initial={"username": whose.number})
    context = {
        "row": standing,
        "is_self": whose.pk == request.person.pk,
        "factors": [history.FACTORS[each.type] for each in queries.factors_of(whose.user_id)],
        "form": form,
        "events": history.events(whose.pk),
        "sessions": queries.sessions_of(whose.user, now=now).count() if whose.user else 0,
    }
    status = limits.status_of(form)
    return render(request, "signin/login.html", context, status=status)


def _person(request: Any, person: int) -> Person:
    """Raises NotFound for nobody of his and who left, Forbidden for who may not manage logins."""
    found = person_for_reading(request.viewer, person)
    _require_settling(request)
    if found.left_on is not None and found.left_on < request.viewer.on:
        raise NotFound
    return found


def _require_settling(request: Any) -> None:
    if not may_settle(request.viewer):
        raise Forbidden(services.ONLY_HEADS)


def _confirm(request: Any) -> None:
    """Ask for the password again; the visitor of a demo or trial has none."""
    if request.user.is_authenticated:
        raise_if_reauthentication_required(request, app="allauth.account")


def _reason(request: HttpRequest) -> str:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise wrong_form(form)
    return str(form.cleaned_data["reason"])
