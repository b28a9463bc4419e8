"""Errors as pages, or as pieces for htmx: the one place that turns them into answers."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.translation import gettext as _

from huiyin.core.errors import Forbidden, HuiyinError, Invalid, NotFound, NotOpened, Refused
from huiyin.core.signs import is_unseen

log = logging.getLogger(__name__)


class ErrorMiddleware:
    """Shows every `HuiyinError`; anything else gets a reference number and stays an error."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        if answer.status_code == 405:
            return _not_opened(request, answer)
        return answer

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
    ) -> HttpResponse | None:
        if wrong := _unkeepable(request):
            return error_response(request, wrong)
        _read_as_seen(request)
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        known = _as_ours(error)
        if known is not None:
            return error_response(request, known)
        request.error_reference = secrets.token_hex(4).upper()  # type: ignore[attr-defined]
        log.error("fault %s at %s %s", _reference(request), request.method, request.path)
        return None


def error_response(request: HttpRequest, error: HuiyinError) -> HttpResponse:
    """The answer to an error that the caller can act on.

    An htmx request gets the message alone, aimed at the page's alert region.
    """
    variables = _variables(error)
    if not getattr(request, "htmx", False):
        name = [f"{error.status}.html", "core/error.html"]
        text = render_to_string(name, variables, request)
        return HttpResponse(text, status=error.status)
    piece = "ui/_error_summary.html" if isinstance(error, Invalid) else "ui/_refusal.html"
    text = render_to_string([piece, "core/_error.html"], variables, request)
    headers = {"HX-Retarget": "#alerts", "HX-Reswap": "innerHTML"}
    return HttpResponse(text, status=error.status, headers=headers)


def _not_opened(request: HttpRequest, answer: HttpResponseBase) -> HttpResponse:
    """An address that takes forms only was opened by itself, as after signing in again."""
    # This stands outside of what set the zone of the firm.
    with timezone.override(getattr(request, "time_zone", None)):
        known = _variables(NotOpened()) | {"above": _page_above(request.path_info)}
        page = render_to_string(["405.html", "core/error.html"], known, request)
    return HttpResponse(page, status=405, headers={"Allow": answer.headers["Allow"]})


def _page_above(path: str) -> str:
    """The nearest address above that is one of ours: where the form stands that was sent here."""
    parts = path.strip("/").split("/")[:-1]
    while parts:
        above = f"/{'/'.join(parts)}/"
        try:
            resolve(above)
        except Resolver404:
            parts.pop()
        else:
            return above
    return "/"


def server_error(request: HttpRequest, template_name: str = "500.html") -> HttpResponse:
    """Our fault, with the number under which the log has it. Named by the root URLs."""
    variables = {"reference": _reference(request)}
    text = render_to_string([template_name, "core/500.html"], variables)
    return HttpResponse(text, status=500)


def _unkeepable(request: HttpRequest) -> HuiyinError | None:
    """No keyboard types a NUL and the database's text holds none, so it is refused at the door."""
    if "\0" in request.path_info:
        return NotFound()
    for name, values in request.POST.lists():
        if any("\0" in text for text in (name, *values)):
            shown = next((text for text in values if "\0" in text), name).replace("\0", "␀")
            message = _("“%(text)s”里有不能保存的字符（NUL，显示为 ␀），请删去后再提交。")
            return Invalid({name.replace("\0", ""): [message % {"text": shown[:40]}]})
    return None


def _read_as_seen(request: HttpRequest) -> None:
    """What nobody can read was not written: no gate opens on a reason of zero-width spaces."""
    unseen = [
        name for name, values in request.POST.lists() if any(map(is_unseen, filter(None, values)))
    ]
    if unseen:
        sent = request.POST.copy()
        for name in unseen:
            sent.setlist(name, ["" if is_unseen(each) else each for each in sent.getlist(name)])
        request.POST = sent  # type: ignore[misc]


def _as_ours(error: Exception) -> HuiyinError | None:
    if isinstance(error, HuiyinError):
        return error
    if isinstance(error, Http404):
        return NotFound()
    return Forbidden() if isinstance(error, PermissionDenied) else None


def _reference(request: HttpRequest) -> str:
    return str(getattr(request, "error_reference", ""))


def _variables(error: HuiyinError) -> dict[str, Any]:
    variables = {
        "code": error.code,
        "message": error.message,
        "clauses": error.clauses if isinstance(error, Refused) else [],
        "remedy": error.values.get("remedy", ""),
        "onwards": error.values.get("onwards", ()),
    }
    if isinstance(error, Invalid):
        variables["errors"] = error.errors
        variables["entries"] = [
            {"label": "", "message": message, "id": f"field-{field}" if field else ""}
            for field, messages in error.errors.items()
            for message in messages
        ]
    return variables
