"""What a signed-in request owes before its page: a note that it was here, a second factor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from huiyin.accounts.signin import sessions


def open_while_owing(view: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a view that also serves somebody who has still to set up a second factor."""
    view.open_while_owing = True  # type: ignore[attr-defined]
    return view


class SignInMiddleware:
    """Stands after `PersonMiddleware`. Whoever owes a second factor is led to set it up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if _is_signed_in(request):
            sessions.note_use(request)
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
    ) -> HttpResponse | None:
        if not _is_signed_in(request) or not sessions.must_enrol(request):
            return None
        if any(getattr(view, name, False) for name in ("open_to_all", "open_while_owing")):
            return None
        if getattr(request, "htmx", False):
            return HttpResponse(status=204, headers={"HX-Redirect": reverse("mfa_index")})
        return redirect("mfa_index")


def _is_signed_in(request: Any) -> bool:
    return hasattr(request, "firm") and request.user.is_authenticated
