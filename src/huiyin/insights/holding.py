"""On how many days of a month each role of a policy was held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Min

from huiyin.accounts.models import Post, Unit
from huiyin.adoption.models import Adoption
from huiyin.insights.figures import Span, next_month
from huiyin.policy.schema import Policy

Spell = tuple[int, date, date | None]
"""A unit, the first day and the last one of a post."""


@dataclass(frozen=True, slots=True)
class Held:
    """On how many ``days`` ``of`` all a role was held; of one per unit, added up over ``units``."""

    days: int
    of: int
    units: int = 0


def days_held(
    adoption: Adoption, policy: Policy, span: Span, *, now: datetime
) -> dict[tuple[date, str], Held]:
    """(month, role) → the days in force that have come, for roles bound to a clause."""
    roles = [key for key, role in policy.roles.items() if role.clauses]
    if not roles:
        return {}
    divided = {key: role.one_per for key, role in policy.roles.items() if role.one_per}
    today = now.astimezone(span.zone).date()
    since = _in_force_since(policy.policy).astimezone(span.zone).date()
    posts = _posts({adoption.role_map.get(role, role) for role in roles})
    found = {}
    for month in span.months:
        last = min(next_month(month) - timedelta(days=1), today)
        first = max(month, since)
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        for role in roles:
            spans = posts.get(adoption.role_map.get(role, role), [])
            found[month, role] = Held(sum(bool(_holding(spans, day)) for day in days), len(days))
        for role, kind in divided.items():
            spans = posts.get(adoption.role_map.get(role, role), [])
            units = _units(kind)
            held = [_holding(spans, day) for day in days]
            exactly = sum(each.count(unit) == 1 for each in held for unit in units)
            found[month, f"{role}.one_per"] = Held(exactly, len(days) * len(units), len(units))
    return found


def _holding(spans: list[Spell], day: date) -> list[int]:
    """The units in which the role is held on a day, once for each holder."""
    return [unit for unit, a, b in spans if a <= day and (b is None or day <= b)]


def _units(kind: str) -> list[int]:
    """The units of a kind (``zone``), or with ``unit`` all below the firm itself."""
    rows = Unit.objects.exclude(parent=None)
    return list((rows if kind == "unit" else rows.filter(kind=kind)).values_list("pk", flat=True))


def _in_force_since(policy: str) -> datetime:
    """When the first version of the policy came into force."""
    found = Adoption.objects.decided().of_policy(policy).aggregate(first=Min("starts_at"))
    return found["first"]


def _posts(positions: set[str]) -> dict[str, list[Spell]]:
    found: dict[str, list[Spell]] = {}
    rows = Post.objects.filter(position__in=positions)
    for position, *span in rows.values_list("position_id", "unit_id", "from_on", "to_on"):
        found.setdefault(position, []).append((span[0], span[1], span[2]))
    return found
