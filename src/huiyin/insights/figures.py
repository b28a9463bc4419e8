"""Counts behind the verdicts: each a single grouped statement, whatever the number of obligations.

A period is a calendar month in the firm's zone. An obligation belongs to the month in which its
due moment lies; one that is due at 24:00 of the last day belongs to that month.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection

from huiyin.adoption.models import Adoption
from huiyin.obligations.models import Refusal, ShareCount


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


@dataclass(frozen=True, slots=True)
class Filed:
    """Records of one form: how many were filed, and how many have each field."""

    filed: int
    fields: dict[str, int]


@dataclass(frozen=True, slots=True)
class Span:
    """The months asked for, as instants in the firm's zone."""

    months: tuple[date, ...]
    zone: ZoneInfo

    @property
    def starts(self) -> datetime:
        return datetime.combine(min(self.months), time.min, self.zone)

    @property
    def ends(self) -> datetime:
        return datetime.combine(next_month(max(self.months)), time.min, self.zone)


def next_month(first: date) -> date:
    return (first.replace(day=1) + timedelta(days=32)).replace(day=1)


TALLIES = """
select date_trunc('month', (o.due_at - interval '1 microsecond') at time zone %(zone)s)::date,
       o.duty, c.clause,
       count(*),
       count(*) filter (where o.state = 'done' and o.done_at <= o.due_at
                        and o.done_recorded_at <= o.due_at),
       count(*) filter (where o.state = 'done' and o.done_at <= o.due_at
                        and o.done_recorded_at > o.due_at),
       count(*) filter (where o.state = 'done' and o.done_at > o.due_at),
       count(*) filter (where o.state in ('open', 'blocked') and o.due_at < %(now)s),
       count(*) filter (where o.state = 'waived'),
       count(*) filter (where o.state in ('open', 'blocked') and o.due_at >= %(now)s)
from obligations_obligation o cross join lateral unnest(o.clauses) as c(clause)
where o.policy = %(policy)s and o.state <> 'voided'
  and o.due_at > %(starts)s and o.due_at <= %(ends)s
group by 1, 2, 3
"""


def tallies(policy: str, span: Span, *, now: datetime) -> dict[tuple[date, str, str], Tally]:
    """Obligations by (month of the due moment, duty, clause)."""
    with connection.cursor() as cursor:
        cursor.execute(TALLIES, _arguments(span) | {"policy": policy, "now": now})
        return {(month, duty, clause): Tally(*rest) for month, duty, clause, *rest in cursor}


def _arguments(span: Span) -> dict[str, object]:
    return {"zone": span.zone.key, "starts": span.starts, "ends": span.ends}


SHARES = """
select lower(o.period), o.duty, o.owed_roles[1],
       count(*) filter (where o.state = 'done'),
       count(*) filter (where o.state = 'waived'),
       count(*) filter (where o.state in ('open', 'blocked') and o.due_at >= %(now)s),
       count(*) filter (where o.state in ('open', 'blocked') and o.due_at < %(now)s)
from obligations_obligation o
where o.policy = %(policy)s and o.state <> 'voided'
  and lower(o.period) between %(first)s and %(last)s
group by 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class ShareTally:
    """A role's part of a share in one month: items that it may take, and what became of them."""

    items: int = 0
    done: int = 0
    waived: int = 0
    running: int = 0
    overdue: int = 0


def shares(
    adoption: Adoption, span: Span, *, now: datetime
) -> dict[tuple[date, str, str], ShareTally]:
    """By (month of completion, duty, role), whichever version of the policy counted the items."""
    with connection.cursor() as cursor:
        cursor.execute(
            SHARES,
            {
                "policy": adoption.policy_version.policy,
                "now": now,
                "first": min(span.months),
                "last": max(span.months),
            },
        )
        done = {(month, duty, role): rest for month, duty, role, *rest in cursor}
    items: dict[tuple[date, str, str], int] = defaultdict(int)
    counts = ShareCount.objects.filter(
        adoption__policy_version__policy=adoption.policy_version.policy, period__in=span.months
    )
    for count in counts:
        for role, (counted, _allotted) in count.counts.items():
            items[count.period, count.duty, role] += counted
    return {key: ShareTally(n, *done.get(key, ())) for key, n in items.items()}


RECORDS = """
select date_trunc('month', f.happened_at at time zone %(zone)s)::date,
       f.values ->> 'record.form', k.key, count(*)
from ledger_fact f cross join lateral (
    select '' as key union all
    select e.key from jsonb_each(f.values) e where e.value <> 'null'::jsonb
) k
where f.kind = 'record.filed' and f.happened_at >= %(starts)s and f.happened_at < %(ends)s
  and not exists (select from ledger_fact v where v.voids_id = f.id)
group by 1, 2, 3
"""


def records(span: Span) -> dict[tuple[date, str], Filed]:
    """Filed records by (month, form), with how many carry each of the form's typed values."""
    totals: dict[tuple[date, str], dict[str, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(RECORDS, _arguments(span))
        for month, form, key, count in cursor:
            totals[month, form][key] = count
    return {
        (month, form): Filed(
            filed=counts.get("", 0),
            fields={
                key.removeprefix(f"{form}."): count
                for key, count in counts.items()
                if key.startswith(f"{form}.")
            },
        )
        for (month, form), counts in totals.items()
    }


FACTS = """
select date_trunc('month', f.happened_at at time zone %(zone)s)::date, f.kind, count(*)
from ledger_fact f
where f.kind = any(%(kinds)s) and f.happened_at >= %(starts)s and f.happened_at < %(ends)s
  and not exists (select from ledger_fact v where v.voids_id = f.id)
group by 1, 2
"""


def facts(kinds: set[str], span: Span) -> dict[tuple[date, str], int]:
    """How many facts of each kind happened in each month, without the voided ones."""
    if not kinds:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(FACTS, _arguments(span) | {"kinds": sorted(kinds)})
        return {(month, kind): count for month, kind, count in cursor}


def refusals(policy: str, span: Span) -> dict[tuple[date, str], int]:
    """Refused acts by (month, clause)."""
    found: dict[tuple[date, str], int] = defaultdict(int)
    rows = Refusal.objects.filter(
        adoption__policy_version__policy=policy, at__gte=span.starts, at__lt=span.ends
    )
    for at, clauses in rows.values_list("at", "clauses").iterator():
        month = at.astimezone(span.zone).date().replace(day=1)
        for clause in clauses:
            found[month, clause] += 1
    return found
