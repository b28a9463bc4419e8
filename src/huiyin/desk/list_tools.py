"""What the desk adds to every list: the views one saved, and whether one may take it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from huiyin.desk import lists
from huiyin.desk.abilities import may_export
from huiyin.desk.models import SavedView

KEPT = "_offered_views"


@dataclass(frozen=True)
class ViewTab:
    """A saved view above its list."""

    name: str
    url: str
    query: str
    shared: bool


def tools(request: HttpRequest) -> dict[str, Any]:
    """For the templates of lists; nothing is looked up before one of them asks."""
    viewer = getattr(request, "viewer", None)
    if viewer is None or viewer.person_id is None:
        return {}
    return {"saved_views": lambda: _tabs(request), "may_export": may_export(viewer)}


def opened(request: HttpRequest, room: str, url: str) -> str:
    """The address of a room's list with the view that the person wants to see first."""
    views = (view for view in _offered(request) if view.is_own and view.is_default)
    query = next((view.query for view in views if view.room == room), "")
    return f"{url}?{query}" if query else url


def _tabs(request: HttpRequest) -> list[ViewTab]:
    """Pinned views of the list on this page; one that a colleague shares says so."""
    room = lists.room_of(request.resolver_match)
    return [
        ViewTab(view.name, f"{request.path}?{view.query}", view.query, shared=not view.is_own)
        for view in _offered(request)
        if view.room == room and view.pinned
    ]


def _offered(request: HttpRequest) -> list[Any]:
    """One statement a page, however many pieces ask."""
    found = getattr(request, KEPT, None)
    if found is None:
        found = list(SavedView.objects.offered_to(request.viewer))  # type: ignore[attr-defined]
        setattr(request, KEPT, found)
    return found
