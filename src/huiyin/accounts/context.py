"""Who is signed in, and whom one may look through, for the head of every page."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from django.http import HttpRequest

from huiyin.accounts import queries
from huiyin.accounts.models import Firm
from huiyin.accounts.services import BEAT_HOLDS
from huiyin.accounts.standing import acting
from huiyin.core import clock
from huiyin.ledger.models import Fact


def signed_in(request: HttpRequest) -> dict[str, Any]:
    """`signed_in` and `switch_people` (where nobody signs in), looked up when a page shows them;
    `stopped`: for how many minutes the work behind the pages has not gone on."""
    person = getattr(request, "person", None)
    if person is None:
        return {}
    today, now = request.viewer.on, clock.now()  # type: ignore[attr-defined]

    @cache  # the head names it several times
    def face() -> queries.Face:
        return queries.face(person, acting(person.pk, now=now)[person.pk])

    @cache
    def people() -> list[queries.Face]:
        return queries.faces(today, current=person.pk) if _may_switch(request) else []

    @cache
    def stopped() -> int:
        return stopped_for(getattr(request, "firm", None), now)

    # Django calls a callable when a template names it, so a piece without a head asks nothing.
    return {
        "signed_in": face,
        "switch_people": people,
        "shown_at": now,
        "stopped": stopped,
    }


def stopped_for(firm: Firm | None, now: datetime) -> int:
    """For how many minutes planner and sweep have not gone through; 0 while they do."""
    if firm is None:
        return 0
    beat = firm.beat_at
    if beat is None or beat > now + BEAT_HOLDS:
        # Nobody has been through, or with a clock that was wrong.
        beat = _first_recorded(firm)
    if beat is None or now - beat <= BEAT_HOLDS:
        return 0
    return int((now - beat).total_seconds()) // 60


def _first_recorded(firm: Firm) -> datetime | None:
    """Since when there is something to go through; a demo is written on days long past."""
    if firm.demo:
        return None
    return Fact.objects.order_by("pk").values_list("recorded_at", flat=True).first()


def _may_switch(request: Any) -> bool:
    return bool(request.open_house)
