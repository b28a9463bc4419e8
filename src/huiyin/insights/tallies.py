"""How obligations stand by month: one pass over them for clocks, one over those of shares.

A period is a calendar month in the firm's zone. An obligation belongs to the month in which its
due moment lies; one that is due at 24:00 of the last day belongs to that month. What is planned
for a longer period counts in each of its months, so that it shows as running.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import connection

from huiyin.adoption.models import Adoption
from huiyin.insights.figures import Span, next_month
from huiyin.obligations.models import ShareCount

Key = tuple[date, str, str]


@dataclass(frozen=True, slots=True)
class Tally:
    """How the obligations of one clause and duty stand."""

    due: int = 0
    on_time: int = 0
    entered_late: int = 0
    late: int = 0
    overdue: int = 0
    waived: int = 0
    running: int = 0
    blocked: int = 0


@dataclass(frozen=True, slots=True)
class ShareTally:
    """A role's part of a share in one month: items that it may take, and what became of them."""

    items: int = 0
    done: int = 0
    waived: int = 0
    running: int = 0
    overdue: int = 0
    blocked: int = 0


def tallies(
    adoption: Adoption, span: Span, *, now: datetime
) -> tuple[dict[Key, Tally], dict[Key, ShareTally]]:
    """Obligations by (month, duty, clause), the clause "" being all of the duty; and shares by
    (month of completion, duty, role), whichever version of the policy counted the items.
    """
    policy = adoption.policy_version.policy
    return _by_clause(policy, span, now=now), _by_role(policy, span, now=now)


WAITING = "o.state in ('open', 'blocked') and o.obstructed_by = ''"
STANDINGS = {
    "on_time": "o.state = 'done' and o.done_at <= o.due_at"
    " and (o.done_recorded_at > o.due_at) is not true",
    "entered_late": "o.state = 'done' and o.done_at <= o.due_at and o.done_recorded_at > o.due_at",
    "late": "o.state = 'done' and o.done_at > o.due_at",
    "overdue": f"{WAITING} and o.due_at < %(now)s",
    "waived": "o.state = 'waived'",
    "running": f"{WAITING} and (o.due_at < %(now)s) is not true",
    "blocked": "o.state in ('open', 'blocked') and o.obstructed_by <> ''",
}
# Of a share it does not matter how late something was done.
SHARE_STANDINGS = {"done": "o.state = 'done'"} | {
    name: STANDINGS[name] for name in ("waived", "running", "overdue", "blocked")
}


def _counts(standings: Mapping[str, str]) -> str:
    return ", ".join(
        f"count(*) filter (where {each}) as {name}" for name, each in standings.items()
    )


# Groups are told apart by what the server knows to have few values: claims, and what it keeps
# statistics of (obligations 0002). Else it expects as many groups as rows, and one process counts
# them all.
COUNTED = f"""
select {{behind}}case when o.opener_id is null then lower(o.period) end, o.duty, o.clauses,
       {_counts(STANDINGS)}
from obligations_obligation o
where o.policy = %(policy)s and o.state <> 'voided' and o.due_at > %(starts)s
  and (o.due_at <= %(ends)s or (o.opener_id is null and lower(o.period) < %(after)s))
group by {{keys}}
"""


def _by_clause(policy: str, span: Span, *, now: datetime) -> dict[Key, Tally]:
    months, asked = _months(span), set(span.months)
    # One that is due at the very first moment of a month was due at the end of the month before.
    starts = [datetime.combine(month, time.min, span.zone) for month in months]
    given = {
        "policy": policy,
        "now": now,
        "starts": starts[0],
        "ends": span.ends,
        "after": next_month(months[-1]),
        **{f"start_{n}": start for n, start in enumerate(starts)},
    }
    behind = "".join(f"o.due_at > %(start_{n})s, " for n in range(1, len(months)))
    keys = ", ".join(str(place) for place in range(1, len(months) + 3))
    sums: dict[Key, Counter[str]] = defaultdict(Counter)
    for row in _rows(COUNTED.format(behind=behind, keys=keys), given):
        due = sum(row[: len(months) - 1])
        planned, duty, clauses, *counts = row[len(months) - 1 :]
        standing = dict(zip(STANDINGS, counts, strict=True))
        first = due if planned is None else min(due, bisect_right(months, planned) - 1)
        for month in months[max(first, 0) : due + 1]:
            for clause in (*clauses, "") if month in asked else ():
                sums[month, duty, clause].update(standing)
    return {key: Tally(due=standing.total(), **standing) for key, standing in sums.items()}


SHARED = f"""
select lower(o.period), o.duty, o.owed_roles[1], {_counts(SHARE_STANDINGS)}
from obligations_obligation o
where o.policy = %(policy)s and o.state <> 'voided' and o.duty = any(%(duties)s)
  and lower(o.period) between %(first)s and %(last)s
group by 1, 2, 3
"""


def _by_role(policy: str, span: Span, *, now: datetime) -> dict[Key, ShareTally]:
    items = _items(policy, span)
    found = {key: ShareTally(count) for key, count in items.items()}
    given = {
        "policy": policy,
        "now": now,
        "duties": sorted({duty for _month, duty, _role in items}),
        "first": min(span.months),
        "last": max(span.months),
    }
    for month, duty, role, *counts in _rows(SHARED, given):
        if (key := (month, duty, role)) in items:
            found[key] = ShareTally(items[key], *counts)
    return found


def _rows(statement: str, given: Mapping[str, object]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return cursor.fetchall()


def _months(span: Span) -> list[date]:
    """Every month from the first asked for to the last."""
    found, last = [min(span.months)], max(span.months)
    while found[-1] < last:
        found.append(next_month(found[-1]))
    return found


def _items(policy: str, span: Span) -> dict[Key, int]:
    """How many items each role might take, as they were counted."""
    items: dict[Key, int] = defaultdict(int)
    counts = ShareCount.objects.filter(
        adoption__policy_version__policy=policy, period__in=span.months
    )
    for count in counts:
        for role, (counted, _allotted) in count.counts.items():
            items[count.period, count.duty, role] += counted
    return items
