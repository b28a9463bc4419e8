"""What one page asks for several times and gets once: its pieces do not know of each other."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from django.http import HttpRequest, HttpResponseBase

Found = TypeVar("Found")


@dataclass
class _Page:
    """What is known while a page is made; ``is_sent``: it may change what it read before."""

    is_sent: bool
    known: dict[Hashable, Any] = field(default_factory=dict)


_page: ContextVar[_Page | None] = ContextVar("page", default=None)


class OnePageMiddleware:
    """A page that is only read sees one state of what does not change while it is made.

    Whoever sends something reads anew each time, since he may change what he read before; but for
    what is ``lasting``: whoever changes that says so by ``forget``.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with one_page(is_sent=request.method not in ("GET", "HEAD")):
            return self.get_response(request)


@contextmanager
def one_page(*, is_sent: bool = False) -> Iterator[None]:
    """Within the block `once` remembers; nothing of it outlives the block."""
    token = _page.set(_Page(is_sent))
    try:
        yield
    finally:
        _page.reset(token)


def once(key: Hashable, find: Callable[[], Found], *, lasting: bool = False) -> Found:
    """What ``find`` returns, asked for once a page; outside of a page each time."""
    page = _page.get()
    if page is None or (page.is_sent and not lasting):
        return find()
    if key not in page.known:
        page.known[key] = find()
    return cast(Found, page.known[key])


def remember(key: Hashable, found: object) -> None:
    """Let ``once`` know what something else has found on the way, on a page that is only read."""
    page = _page.get()
    if page is not None and not page.is_sent:
        page.known[key] = found


def forget() -> None:
    """What is lasting has changed: it is read anew."""
    page = _page.get()
    if page is not None:
        page.known.clear()
