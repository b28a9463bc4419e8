"""Counts behind the verdicts: each a single grouped statement, whatever the number of obligations.

A period is a calendar month in the firm's zone. An obligation belongs to the month in which its
due moment lies; one that is due at 24:00 of the last day belongs to that month.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, Q
from django.db.models.functions import TruncMonth

from huiyin.accounts.models import Post
from huiyin.adoption.models import Acknowledgement, Adoption, Party
from huiyin.obligations.models import Refusal, ScoreEntry, ShareCount
from huiyin.policy.schema import Policy
from huiyin.records.models import Handover


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
select m.month::date, o.duty, c.clause,
       count(*),
       count(*) filter (where o.state = 'done' and o.done_at <= o.due_at
                        and o.done_recorded_at <= o.due_at),
       count(*) filter (where o.state = 'done' and o.done_at <= o.due_at
                        and o.done_recorded_at > o.due_at),
       count(*) filter (where o.state = 'done' and o.done_at > o.due_at),
       count(*) filter (where o.state in ('open', 'blocked') and o.obstructed_by = ''
                        and o.due_at < %(now)s),
       count(*) filter (where o.state = 'waived'),
       count(*) filter (where o.state in ('open', 'blocked') and o.obstructed_by = ''
                        and o.due_at >= %(now)s),
       count(*) filter (where o.state = 'blocked' and o.obstructed_by <> '')
from obligations_obligation o
cross join lateral (
    select date_trunc('month', (o.due_at - interval '1 microsecond') at time zone %(zone)s) as due
) d
cross join lateral generate_series(
    case when o.opener_id is null then least(date_trunc('month', lower(o.period)), d.due)
         else d.due end,
    d.due, interval '1 month'
) as m(month)
cross join lateral (select unnest(o.clauses) union all select '') as c(clause)
where o.policy = %(policy)s and o.state <> 'voided'
  and o.due_at > %(starts)s
  and (o.due_at <= %(ends)s
       or (o.opener_id is null and lower(o.period) < (%(ends)s at time zone %(zone)s)::date))
  and m.month >= (%(starts)s at time zone %(zone)s)
  and m.month < (%(ends)s at time zone %(zone)s)
group by 1, 2, 3
"""


def tallies(policy: str, span: Span, *, now: datetime) -> dict[tuple[date, str, str], Tally]:
    """Obligations by (month of the due moment, duty, clause); the clause "" is all of the duty.

    What is planned for a longer period counts in each of its months, so that it shows as running.
    """
    with connection.cursor() as cursor:
        cursor.execute(TALLIES, _arguments(span) | {"policy": policy, "now": now})
        return {(month, duty, clause): Tally(*rest) for month, duty, clause, *rest in cursor}


def _arguments(span: Span) -> dict[str, object]:
    return {"zone": span.zone.key, "starts": span.starts, "ends": span.ends}


SHARES = """
select lower(o.period), o.duty, o.owed_roles[1],
       count(*) filter (where o.state = 'done'),
       count(*) filter (where o.state = 'waived'),
       count(*) filter (where o.state in ('open', 'blocked') and o.obstructed_by = ''
                        and o.due_at >= %(now)s),
       count(*) filter (where o.state in ('open', 'blocked') and o.obstructed_by = ''
                        and o.due_at < %(now)s),
       count(*) filter (where o.state = 'blocked' and o.obstructed_by <> '')
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
    blocked: int = 0


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


GIVEN = """
select date_trunc('month', f.happened_at at time zone %(zone)s)::date,
       left(f.kind, -8), f.values ->> (left(f.kind, -8) || '.result'), count(*)
from ledger_fact f
where f.kind = any(%(kinds)s) and f.happened_at >= %(starts)s and f.happened_at < %(ends)s
  and not exists (select from ledger_fact v where v.voids_id = f.id)
group by 1, 2, 3
"""


def given(tables: Collection[str], span: Span) -> dict[tuple[date, str, str], int]:
    """How often each table gave each of its results, by (month, table, result)."""
    if not tables:
        return {}
    kinds = [f"{table}.decided" for table in tables]
    with connection.cursor() as cursor:
        cursor.execute(GIVEN, _arguments(span) | {"kinds": kinds})
        return {(month, table, result): n for month, table, result, n in cursor}


def sent(policy: str, span: Span) -> dict[tuple[date, str], int]:
    """What was handed over to each recipient outside the firm, by (month, party)."""
    parties = dict(Party.objects.filter(policy=policy).values_list("target_id", "key"))
    found: dict[tuple[date, str], int] = defaultdict(int)
    rows = Handover.objects.filter(
        to__in=parties, handed_at__gte=span.starts, handed_at__lt=span.ends
    )
    for to, at in rows.values_list("to_id", "handed_at").iterator():
        found[at.astimezone(span.zone).date().replace(day=1), parties[to]] += 1
    return found


def booked(policy: str, span: Span, *, now: datetime) -> dict[tuple[date, str], tuple[int, int]]:
    """Points by (month, rule): how many entries count, and how many stand at all."""
    rows = ScoreEntry.objects.filter(
        policy=policy, period__gte=min(span.months), period__lte=next_month(max(span.months)),
        reverses=None, reversed=False,
    )  # fmt: skip
    counting = Q(counts_at__lte=now, contested_at=None)
    grouped = rows.values("rule", month=TruncMonth("period")).annotate(
        counting=Count("id", filter=counting), all=Count("id")
    )
    return {(row["month"], row["rule"]): (row["counting"], row["all"]) for row in grouped}


def acknowledged(
    adoption: Adoption, policy: Policy, span: Span, *, now: datetime
) -> dict[tuple[date, str], tuple[int, int]]:
    """(month, clause) → how many of those in post had read it by then, and how many are in post."""
    if not policy.acknowledge:
        return {}
    said = dict(
        Acknowledgement.objects.filter(policy_version=adoption.policy_version_id).values_list(
            "person_id", "acknowledged_at"
        )
    )
    posts = list(Post.objects.values_list("person_id", "position_id", "from_on", "to_on"))
    found = {}
    for month in span.months:
        ends = datetime.combine(next_month(month), time.min, span.zone)
        at = min(now, ends - timedelta(microseconds=1))
        if at < adoption.starts_at:
            continue
        day = at.astimezone(span.zone).date()
        held = [(p, code) for p, code, a, b in posts if a <= day and (b is None or day <= b)]
        for clause, roles in policy.acknowledge.items():
            wanted = {adoption.role_map.get(role, role) for role in roles}
            people = {person for person, code in held if not roles or code in wanted}
            done = sum(person in said and said[person] <= at for person in people)
            found[month, clause] = (done, len(people))
    return found


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
