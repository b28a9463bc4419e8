"""What one page asks for several times and gets once: its pieces do not know of each other."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar, cast

from django.http import HttpRequest, HttpResponseBase

Found = TypeVar("Found")

_page: ContextVar[dict[Hashable, Any] | None] = ContextVar("page", default=None)


class OnePageMiddleware:
    """A page that is only read sees one state of what does not change while it is made.

    Whoever sends something reads anew each time, since he may change what he read before.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        with one_page():
            return self.get_response(request)


@contextmanager
def one_page() -> Iterator[None]:
    """Within the block `once` remembers; nothing of it outlives the block."""
    token = _page.set({})
    try:
        yield
    finally:
        _page.reset(token)


def once(key: Hashable, find: Callable[[], Found]) -> Found:
    """What ``find`` returns, asked for once a page; outside of a page each time."""
    known = _page.get()
    if known is None:
        return find()
    if key not in known:
        known[key] = find()
    return cast(Found, known[key])
