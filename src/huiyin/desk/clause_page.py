"""The page of one clause: its verdicts and what they rest on."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from huiyin.accounts.visibility import Viewer
from huiyin.adoption.models import Adoption
from huiyin.adoption.packs import Pack
from huiyin.desk import work
from huiyin.desk.queries import TREND, clause_row, months_until
from huiyin.desk.verdict_words import figures_of
from huiyin.insights.verdicts import verdicts
from huiyin.obligations.models import Obligation


def clause_page(
    adoption: Adoption, pack: Pack, clause: str, *, viewer: Viewer, now: datetime, language: str
) -> dict[str, Any]:
    """Everything the page of one clause shows."""
    zone = ZoneInfo(adoption.time_zone)
    months = months_until(now.astimezone(zone).date(), TREND)
    found = verdicts(adoption, pack, months=months, now=now)
    rows = (
        Obligation.objects.visible_to(viewer)
        .filter(policy=pack.id, clauses__contains=[clause])
        .select_related("target", "adoption")
        .order_by("-due_at", "-id")
    )
    return {
        "clause": clause_row(pack, clause, months, found, language),
        "history": [
            {"month": month, "verdict": verdict, "figures": figures_of(verdict, pack, language)}
            for month in reversed(months)
            if (verdict := found.get((clause, month)))
        ],
        "bindings": bindings(pack, clause),
        "rows": work.rows(list(rows[:30]), now=now, zone=zone, language=language),
        "pack": pack,
        "title": pack.policy.title.say(language),
    }


def bindings(pack: Pack, clause: str) -> list[str]:
    """The leaves that the clause is bound to, as the pack writes them."""
    found = [
        f"{key}.{place}" if place else key
        for part in pack.policy.bound_parts.values()
        for key, bound in part.items()
        for place in bound.clauses.get(clause, ())
    ]
    return found + ["acknowledge"] * (clause in pack.policy.acknowledge)
