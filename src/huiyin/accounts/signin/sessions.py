"""One sign-in on one device: when it was last seen, what it still owes, and how others end."""

from __future__ import annotations

from datetime import date
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.usersessions.internal.flows.sessions import end_other_sessions
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from huiyin.accounts.signin import queries
from huiyin.core import clock
from huiyin.ui.moments import day_words

SEEN = "seen_at"
"""In the session: the moment of the last note that it is in use, as a timestamp."""

FACTOR_DUE = "second_factor_due"
"""In the session: the last day without a second factor. Without it nothing is owed."""

NOTED_EVERY = 300
"""Seconds between two notes, so that a page costs no statement for it."""


def begin(request: Any, user: Any) -> None:
    """Called once somebody is signed in; says by when a second factor is asked of him."""
    request.session[SEEN] = clock.now().timestamp()
    due = owe_factor(request, user)
    if due is not None and request.viewer.on <= due:
        message = _("公司要求管理人员启用两步验证，请在 %(day)s 前启用。")
        messages.warning(request, message % {"day": day_words(due)})


def owe_factor(request: Any, user: Any) -> date | None:
    """Work out anew by when a second factor is asked of the person, and remember it."""
    person = queries.person_of(user, on=request.viewer.on)
    due = queries.factor_due(person, on=request.viewer.on) if person else None
    if due is None:
        request.session.pop(FACTOR_DUE, None)
    else:
        request.session[FACTOR_DUE] = due.isoformat()
    return due


def must_enrol(request: Any) -> bool:
    """Whether the day is over by which a second factor was asked of who is signed in."""
    due = request.session.get(FACTOR_DUE)
    return due is not None and request.viewer.on > date.fromisoformat(due)


def note_use(request: HttpRequest) -> None:
    """Keep when and from where a session was last seen, every few minutes."""
    seen, now = request.session.get(SEEN), clock.now()
    if seen is None or now.timestamp() - seen < NOTED_EVERY:
        return
    request.session[SEEN] = now.timestamp()
    UserSession.objects.filter(session_key=request.session.session_key).update(
        last_seen_at=now, ip=get_adapter().get_client_ip(request)
    )


def end_others(request: Any) -> None:
    """Sign the person out everywhere but here."""
    end_other_sessions(request, request.user)
