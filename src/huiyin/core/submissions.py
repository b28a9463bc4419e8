"""A form that is sent again has no second effect: the first answer is given again.

Every form carries the key of its submission (`{% csrf_token %}` writes it). The key is claimed in
the transaction in which the page does its work, so that of fifty of the same at once one does it,
and the others wait for its answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import Resolver404, resolve

from huiyin.core import clock, crypto, idempotency

KEY = 60
"""Characters of a key that count; ours have 32."""

SAME = timedelta(minutes=10)
"""For so long the same submission of a form that answers with a page is the same."""

REPEATED = ("Location", "HX-Redirect", "X-Huiyin-Done")
"""What is said again of the first answer; its content may be personal and is not kept."""


def speaks_outside(view: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a view that waits for another server: no transaction is held open meanwhile."""
    view.speaks_outside = True  # type: ignore[attr-defined]
    return view


def claims_its_key(view: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a view whose service keeps the key of a submission, in its own transaction."""
    view.claims_its_key = True  # type: ignore[attr-defined]
    return view


class SubmissionMiddleware:
    """Comes last: inside it there is only the page itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method != "POST" or getattr(request, "person", None) is None:
            return self.get_response(request)
        key = request.POST.get("key", "")[:KEY]
        if not key or "\0" in key or _sees_to_it(request):
            return self.get_response(request)
        return self._once(request, key)

    def _once(self, request: Any, key: str) -> HttpResponseBase:
        digest = _digest(request)
        claim, actor = f"{digest[:32]}:{key}", request.person.pk
        with transaction.atomic():
            earlier = idempotency.once(claim, actor, digest, now=clock.now())
            if earlier is not None:
                return self._again(request, claim, earlier)
            response = self.get_response(request)
            if response.status_code >= 500 or connection.needs_rollback:
                transaction.set_rollback(True)
            elif response.status_code >= 400:
                # Nothing was done, so it may be tried again; that it was refused stays written.
                idempotency.give_back(claim, actor)
            else:
                idempotency.keep(claim, actor, _reference(response))
        return response

    def _again(self, request: Any, claim: str, reference: str) -> HttpResponseBase:
        """The redirect once more; a page or a file is made again, and what that wrote is undone.

        Whoever asks for a file again after a while means another one.
        """
        status, headers = json.loads(reference)
        if headers:
            return HttpResponse(status=status, headers=headers)
        response = self.get_response(request)
        if idempotency.is_fresh(claim, request.person.pk, since=clock.now() - SAME):
            transaction.set_rollback(True)
        return response


def _sees_to_it(request: HttpRequest) -> bool:
    """Whether the page does it itself, or there is none."""
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return True
    return hasattr(view, "speaks_outside") or hasattr(view, "claims_its_key")


def _digest(request: HttpRequest) -> str:
    """Of what was sent and where to; keyed, because passwords are sent too."""
    fields = {
        name: values
        for name, values in sorted(request.POST.lists())
        if name not in ("csrfmiddlewaretoken", "key")
    }
    files = []
    for name, sent in request.FILES.lists():
        for file in sent:
            content = sha256()
            for chunk in file.chunks():
                content.update(chunk)
            file.seek(0)
            files.append([name, file.name, content.hexdigest()])
    body = json.dumps([request.get_full_path(), fields, files], ensure_ascii=False)
    return crypto.blind_index("core.submission", body)


def _reference(response: HttpResponseBase) -> str:
    kept = {name: response[name] for name in REPEATED if response.has_header(name)}
    return json.dumps([response.status_code, kept])
