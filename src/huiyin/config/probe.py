"""`/healthz`, for a proxy: does this process answer, and reach its database?"""

from __future__ import annotations

from collections.abc import Callable

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase


class ProbeMiddleware:
    """Stands before sessions, people and pages, which would read the database for their own ends."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path != "/healthz":
            return self.get_response(request)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except Error:
            return _said("no database\n", 503)
        return _said("ok\n", 200)


def _said(text: str, status: int) -> HttpResponse:
    # What was well a minute ago is no answer.
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(text, "text/plain", status, headers=headers)
