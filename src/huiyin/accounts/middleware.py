"""Who is asking, how far he sees, and in which zone the page speaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from ipaddress import ip_address
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _

from huiyin.accounts import queries
from huiyin.accounts.models import Firm, Person
from huiyin.accounts.standing import firm_and_acting
from huiyin.accounts.visibility import NOBODY, viewer_for, viewer_of
from huiyin.core import clock
from huiyin.core.errors import Forbidden
from huiyin.core.http import error_response

SESSION_PERSON = "looks_as"
"""In the session of a demo or trial: the person through whom the visitor looks."""

SESSION_SWITCHED = "switched_on"
"""The page on which the visitor has just changed the person through whom he looks."""

SENDER = "X-Huiyin-Person"
"""The header by which a form that waited for the network names its person."""

PUBLIC_NAMES = {"set_language"}
"""Django's own views that need nobody signed in."""


def open_to_all(view: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a view that needs nobody signed in."""
    view.open_to_all = True  # type: ignore[attr-defined]
    return view


class PersonMiddleware:
    """Sets `request.firm`, `request.person` and `request.viewer`, and activates the firm's zone.

    Every page but those marked `open_to_all` needs a person: signed in, or in a demo, or a trial
    on the machine itself, the one the visitor looks through, at first the supervisor. The
    language is Django's to set.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(settings.STATIC_URL):
            return self.get_response(request)
        zone = _attach(request, clock.now())
        request.time_zone = zone  # type: ignore[attr-defined]
        with timezone.override(zone):
            switched = request.method == "GET" and request.session.pop(SESSION_SWITCHED, "")
            answer = self.get_response(request)
        # Whom the visitor looks through from now on may not see the page: so to what is his.
        came_from_switch = switched == request.get_full_path()
        return redirect("/") if came_from_switch and _is_refused(answer) else answer

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
    ) -> HttpResponse | None:
        if not hasattr(request, "firm"):
            return None
        if _is_of_another(request):
            return HttpResponse(status=401)
        if request.person is not None:
            return None
        if getattr(view, "open_to_all", False) or _is_public(request):
            return None
        if request.firm is not None:
            return to_signin(request)
        # Before the firm is set up there is nobody who could sign in, and nobody who could act.
        if request.method in ("GET", "HEAD"):
            return None
        return error_response(request, Forbidden(_("公司还没有建立，现在不能办理任何事情。")))


def _attach(request: Any, now: datetime) -> ZoneInfo:
    """Who asks, of which firm, seeing how far; the firm's zone."""
    person = _signed_in(request)
    if person is None:
        firm, posts = queries.firm(), {}
    else:
        firm, posts = firm_and_acting(person.pk, now=now)
    zone = ZoneInfo(firm.time_zone if firm else settings.TIME_ZONE)
    today = now.astimezone(zone).date()
    request.firm = firm
    request.open_house = firm is not None and _is_open(firm, request)
    if person is not None and person.pk in posts:
        request.person, request.viewer = person, viewer_of(person.pk, posts, today)
        return zone
    if SESSION_KEY in request.session and firm is not None:
        # Left, or switched off, since he signed in: the session ends here.
        logout(request)
    request.person = found = _looked_through(request, today)
    request.viewer = replace(NOBODY, on=today) if found is None else viewer_for(found, today)
    return zone


def _is_refused(answer: HttpResponseBase) -> bool:
    return answer.status_code in (403, 404, 405, 409)


def _signed_in(request: Any) -> Person | None:
    """The person of the session's login, whether he is still in the firm or not."""
    if SESSION_KEY not in request.session or not request.user.is_authenticated:
        return None
    return getattr(request.user, "person", None)


def _is_open(firm: Firm, request: HttpRequest) -> bool:
    """Whether pages open without signing in: a demo to everybody, as there is nothing real in it.

    A trial holds real people and customers: it is open on the machine itself, and nowhere else.
    """
    return firm.demo or (firm.trial and is_here(request))


def is_here(request: HttpRequest) -> bool:
    """Whether the request was made on this machine, as far as can be known for certain."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        # A proxy is nearer than whoever asks.
        return False
    address = request.META.get("REMOTE_ADDR", "")
    # Over a socket in the file system there is no address, and nobody from elsewhere.
    return not address or ip_address(address).is_loopback


def _looked_through(request: Any, today: date) -> Person | None:
    """Whose eyes somebody looks through where no one signs in."""
    if not request.open_house:
        return None
    chosen = request.session.get(SESSION_PERSON)
    person = Person.objects.in_firm(today).filter(pk=chosen).first() if chosen else None
    return person or queries.first_supervisor(today)


def _is_of_another(request: Any) -> bool:
    """Whether it was finished by somebody else than who is signed in when it is sent at last."""
    sender = request.headers.get(SENDER)
    return sender is not None and sender != (str(request.person.pk) if request.person else "")


def _is_public(request: HttpRequest) -> bool:
    return request.resolver_match is not None and request.resolver_match.url_name in PUBLIC_NAMES


def to_signin(request: HttpRequest) -> HttpResponse:
    """A whole page goes to the sign-in; so does the page around an htmx piece."""
    if not getattr(request, "htmx", False):
        return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
    page = request.htmx.current_url_abs_path or "/"
    answer = redirect_to_login(page, settings.LOGIN_URL)
    return HttpResponse(status=204, headers={"HX-Redirect": resolve_url(answer.url)})
