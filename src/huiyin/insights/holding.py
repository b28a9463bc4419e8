"""On how many days of a month each role of a policy was held."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import Min

from huiyin.accounts.models import Post
from huiyin.adoption.models import Adoption
from huiyin.insights.figures import Span, next_month
from huiyin.policy.schema import Policy


def days_held(
    adoption: Adoption, policy: Policy, span: Span, *, now: datetime
) -> dict[tuple[date, str], tuple[int, int]]:
    """(month, role) → (days held, days in force that have come), for roles bound to a clause."""
    roles = [key for key, role in policy.roles.items() if role.clauses]
    if not roles:
        return {}
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
            held = sum(any(a <= day and (b is None or day <= b) for a, b in spans) for day in days)
            found[month, role] = (held, len(days))
    return found


def _in_force_since(policy: str) -> datetime:
    """When the first version of the policy came into force."""
    found = Adoption.objects.decided().of_policy(policy).aggregate(first=Min("starts_at"))
    return found["first"]


def _posts(positions: set[str]) -> dict[str, list[tuple[date, date | None]]]:
    found: dict[str, list[tuple[date, date | None]]] = {}
    rows = Post.objects.filter(position__in=positions)
    for position, from_on, to_on in rows.values_list("position_id", "from_on", "to_on"):
        found.setdefault(position, []).append((from_on, to_on))
    return found
