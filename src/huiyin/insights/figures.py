"""Counts behind the verdicts beside obligations: each a single grouped statement.

A period is a calendar month in the firm's zone.
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
from huiyin.obligations.models import Refusal, ScoreEntry
from huiyin.policy.schema import Policy
from huiyin.records.models import Handover


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


def _arguments(span: Span) -> dict[str, object]:
    return {"zone": span.zone.key, "starts": span.starts, "ends": span.ends}


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
