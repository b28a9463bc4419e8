"""How obligations stand by month: one pass over them, whatever their number, for clocks and shares.

A period is a calendar month in the firm's zone. An obligation belongs to the month in which its
due moment lies; one that is due at 24:00 of the last day belongs to that month. What is planned
for a longer period counts in each of its months, so that it shows as running.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import connection

from huiyin.adoption.models import Adoption
from huiyin.insights.figures import Span, next_month
from huiyin.obligations.models import ShareCount

TICK = timedelta(microseconds=1)

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
    items = _items(policy, span)
    months = _months(span)
    counted = _counted(policy, months, {duty for _month, duty, _role in items}, span, now=now)
    return _by_clause(counted, months, span), _by_role(counted, items)


@dataclass(frozen=True, slots=True)
class _Counted:
    """How many obligations have months, duty, clauses, role and standing in common.

    Months are places in a list; ``first_month`` only of what was planned.
    """

    first_month: int | None
    due_month: int | None
    duty: str
    clauses: Sequence[str]
    share_month: date | None
    role: str | None
    standing: int
    count: int


STANDINGS = ("on_time", "entered_late", "late", "overdue", "waived", "running", "blocked")

# Months are places among moments, since asking a zone about each row costs more than counting it;
# how a row stands is asked once, as a place in STANDINGS. What is no share has neither its month
# nor its role, so that few groups are left.
COUNTED = """
select case when o.opener_id is null
            then width_bucket(lower(o.period), %(days)s::date[]) - 1 end,
       width_bucket(o.due_at, %(moments)s::timestamptz[]) - 1,
       o.duty, o.clauses,
       case when o.duty = any(%(shared)s) then lower(o.period) end,
       case when o.duty = any(%(shared)s) then o.owed_roles[1] end,
       case when o.state = 'done'
            then case when o.done_at > o.due_at then 2
                      when o.done_recorded_at > o.due_at then 1 else 0 end
            when o.state = 'waived' then 4
            when o.obstructed_by <> '' then 6
            when o.due_at < %(now)s then 3
            else 5 end,
       count(*)
from obligations_obligation o
where o.policy = %(policy)s and o.state <> 'voided'
  and (o.due_at > %(starts)s
       and (o.due_at <= %(ends)s or (o.opener_id is null and lower(o.period) < %(after)s))
       or cardinality(%(shared)s::text[]) > 0 and lower(o.period) between %(first)s and %(last)s)
group by 1, 2, 3, 4, 5, 6, 7
"""


def _counted(
    policy: str, months: Sequence[date], shared: Collection[str], span: Span, *, now: datetime
) -> list[_Counted]:
    starts = [datetime.combine(month, time.min, span.zone) for month in months]
    given = {
        "policy": policy,
        "now": now,
        "shared": sorted(shared),
        "days": list(months),
        # The very first moment is the end of the day before.
        "moments": [start + TICK for start in starts],
        "starts": span.starts,
        "ends": span.ends,
        "first": months[0],
        "last": months[-1],
        "after": next_month(months[-1]),
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, given)
        return [_Counted(*row) for row in cursor]


def _months(span: Span) -> list[date]:
    """Every month from the first asked for to the last."""
    found, last = [min(span.months)], max(span.months)
    while found[-1] < last:
        found.append(next_month(found[-1]))
    return found


def _by_clause(counted: Sequence[_Counted], months: Sequence[date], span: Span) -> dict[Key, Tally]:
    asked = set(span.months)
    sums: dict[Key, Counter[str]] = defaultdict(Counter)
    for each in counted:
        if each.due_month is None:
            continue
        first = min(each.due_month, each.due_month if each.first_month is None else each.first_month)  # fmt: skip
        for month in months[max(first, 0) : each.due_month + 1]:
            for clause in (*each.clauses, "") if month in asked else ():
                sums[month, each.duty, clause][STANDINGS[each.standing]] += each.count
    return {key: Tally(due=standing.total(), **standing) for key, standing in sums.items()}


def _by_role(counted: Sequence[_Counted], items: Mapping[Key, int]) -> dict[Key, ShareTally]:
    sums: dict[Key, Counter[str]] = {key: Counter() for key in items}
    for each in counted:
        key = (each.share_month, each.duty, each.role)
        if key in sums:
            sums[key][AS_SHARE.get(STANDINGS[each.standing], "done")] += each.count
    return {key: ShareTally(items[key], **standing) for key, standing in sums.items()}


AS_SHARE = {name: name for name in ("overdue", "waived", "running", "blocked")}
"""Of a share it does not matter how late something was done."""


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
