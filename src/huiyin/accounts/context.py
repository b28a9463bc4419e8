"""Who is signed in, and whom one may look through, for the head of every page."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest

from huiyin.accounts import queries
from huiyin.core import clock


def signed_in(request: HttpRequest) -> dict[str, Any]:
    """`signed_in` and `switch_people` (where nobody signs in), looked up when a page shows them."""
    person = getattr(request, "person", None)
    if person is None:
        return {}
    today = request.viewer.on  # type: ignore[attr-defined]

    @cache  # the head names it several times
    def face() -> queries.Face:
        return queries.face(person, on=today)

    @cache
    def people() -> list[queries.Face]:
        return queries.faces(today, current=person.pk) if _may_switch(request) else []

    # Django calls a callable when a template names it, so a piece without a head asks nothing.
    return {"signed_in": face, "switch_people": people, "shown_at": clock.now()}


def _may_switch(request: Any) -> bool:
    return bool(request.open_house)
