"""Opens what is owed by period: set-based, and never twice."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from huiyin.adoption.models import Adoption
from huiyin.core.statements import embedded
from huiyin.ledger import services as ledger
from huiyin.obligations.models import Obligation
from huiyin.policy.effects import Open

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    """What all obligations of one rule in one period have in common.

    ``days``: the working days over which they are spread. ``size``: how many are drawn by
    ``seed``; without a seed all are taken.
    """

    adoption: int
    policy: str
    duty: str
    clauses: tuple[str, ...]
    period: tuple[date, date]
    roles: tuple[str, ...]
    due: datetime
    provisional: bool
    times: int
    days: tuple[date, ...]
    seed: str
    size: int


@dataclass(frozen=True, slots=True)
class Owners:
    """Who owes it: by unit (holder, why nobody may), or whoever stands in the member's row."""

    by_unit: Mapping[int | None, tuple[int | None, str]]
    of_row: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """How many were opened, and the SHA-256 over their targets and ordinals in order."""

    count: int
    digest: str


OPEN = """
WITH members (target, unit, owner) AS ({members}),
chosen AS (
    SELECT target, unit, owner FROM members
    {draw}
),
placed AS (
    SELECT target, unit, owner,
           row_number() OVER (ORDER BY target) - 1 AS place, count(*) OVER () AS total
    FROM chosen
),
opened AS (
    INSERT INTO obligations_obligation (
        adoption_id, policy, duty, line, clauses, target_id, period, owed_roles, holder_id,
        ordinal, "values", opened_at, due_at, plan_on, provisional, state, next_look_at, level,
        missed, counted, blocked_by)
    SELECT %(adoption)s, %(policy)s, %(duty)s, %(duty)s, %(clauses)s, placed.target,
           daterange(%(first)s, %(after)s), %(roles)s,
           CASE WHEN %(of_row)s THEN placed.owner ELSE owners.holder END,
           times.ordinal, '{{}}'::jsonb, %(now)s, %(due)s,
           (%(days)s::date[])[1 + (times.ordinal * placed.total + placed.place)
                              * cardinality(%(days)s::date[]) / (%(times)s * placed.total)],
           %(provisional)s,
           CASE WHEN blocked.why = '' THEN 'open' ELSE 'blocked' END,
           CASE WHEN blocked.why = '' THEN %(due)s::timestamptz END,
           0, false, 0, blocked.why
    FROM placed
    CROSS JOIN generate_series(0, %(times)s - 1) AS times (ordinal)
    LEFT JOIN unnest(%(units)s::bigint[], %(holders)s::bigint[], %(blocked)s::text[])
           AS owners (unit, holder, blocked) ON coalesce(owners.unit, 0) = coalesce(placed.unit, 0)
    CROSS JOIN LATERAL (SELECT CASE
        WHEN %(of_row)s AND placed.owner IS NULL THEN 'no_eligible_holder'
        WHEN %(of_row)s THEN '' ELSE coalesce(owners.blocked, '') END) AS blocked (why)
    WHERE NOT EXISTS (
        SELECT FROM obligations_obligation o
        WHERE o.target_id = placed.target AND o.policy = %(policy)s AND o.line = %(duty)s
          AND o.period = daterange(%(first)s, %(after)s) AND o.ordinal = times.ordinal
          AND o.state <> 'voided')
    RETURNING target_id, ordinal
)
SELECT count(*), coalesce(encode(sha256(convert_to(
           string_agg(target_id || '/' || ordinal, ',' ORDER BY target_id, ordinal), 'UTF8')),
           'hex'), '')
FROM opened
"""
DRAW = """ORDER BY encode(sha256(convert_to(%(seed)s || '/' || target, 'UTF8')), 'hex')
    LIMIT %(size)s"""


def open_members(
    members: QuerySet[Any, Any], line: Line, *, owners: Owners, now: datetime
) -> Opened:
    """Open the line for every member that has none yet; ``members`` gives target, unit, owner.

    The caller sees to it that nobody else opens any meanwhile: to be ready for that at every row
    takes as long as to write it.
    """
    inner, of_members = embedded(members, "member")
    units = list(owners.by_unit.items())
    parameters = {
        "adoption": line.adoption,
        "policy": line.policy,
        "duty": line.duty,
        "clauses": list(line.clauses),
        "first": line.period[0],
        "after": line.period[1],
        "roles": list(line.roles),
        "of_row": owners.of_row,
        "units": [unit for unit, _owner in units],
        "holders": [holder for _unit, (holder, _why) in units],
        "blocked": [why for _unit, (_holder, why) in units],
        "due": line.due,
        "days": list(line.days),
        "times": line.times,
        "provisional": line.provisional,
        "seed": line.seed,
        "size": line.size,
        "now": now,
    }
    statement = OPEN.format(members=inner, draw=DRAW if line.seed else "")
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters | of_members)
        return Opened(*cursor.fetchone())


FEW = """
WITH opened AS (
    INSERT INTO obligations_obligation (
        adoption_id, policy, duty, line, clauses, target_id, period, owed_roles, holder_id,
        excluded_id, ordinal, "values", opened_at, due_at, plan_on, provisional, needed, state,
        next_look_at, level, missed, counted, blocked_by)
    SELECT %(adoption)s, %(policy)s, %(duty)s, %(duty)s, given.clauses::text[], given.target,
           daterange(given.first, given.after), %(roles)s, given.holder, given.excluded,
           given.ordinal,
           '{}'::jsonb, %(now)s, given.due, given.plan_on, given.provisional, given.needed,
           CASE WHEN given.blocked = '' THEN 'open' ELSE 'blocked' END,
           CASE WHEN given.blocked = '' THEN given.due END, 0, false, 0, given.blocked
    FROM unnest(%(clauses)s::text[], %(targets)s::bigint[], %(firsts)s::date[], %(afters)s::date[],
                %(holders)s::bigint[], %(excluded)s::bigint[], %(ordinals)s::int[],
                %(dues)s::timestamptz[], %(plans)s::date[], %(provisional)s::bool[],
                %(needed)s::int[], %(blocked)s::text[])
      AS given (clauses, target, first, after, holder, excluded, ordinal, due, plan_on,
                provisional, needed, blocked)
    ON CONFLICT DO NOTHING
    RETURNING target_id, ordinal
)
SELECT count(*), coalesce(encode(sha256(convert_to(
           string_agg(target_id || '/' || ordinal, ',' ORDER BY target_id, ordinal), 'UTF8')),
           'hex'), '')
FROM opened
"""


def open_few(adoption: Adoption, policy: str, opens: Sequence[Open], *, now: datetime) -> Opened:
    """Write obligations that were planned one by one, all of one rule; those there stay."""
    if not opens:
        return Opened(0, "")
    first = opens[0]
    parameters = {
        "adoption": adoption.id,
        "policy": policy,
        "duty": first.duty,
        "roles": list(first.roles),
        "now": now,
        # An array of arrays would have to be as long in each row.
        "clauses": [_array(each.why.clauses) for each in opens],
        "targets": [each.target for each in opens],
        "firsts": [each.period for each in opens],
        "afters": [each.period_after for each in opens],
        "holders": [each.holder for each in opens],
        "excluded": [each.excluded for each in opens],
        "ordinals": [each.ordinal for each in opens],
        "dues": [each.due for each in opens],
        "plans": [each.plan_on for each in opens],
        "provisional": [each.provisional for each in opens],
        "needed": [each.needed for each in opens],
        "blocked": [each.blocked for each in opens],
    }
    with connection.cursor() as cursor:
        cursor.execute(FEW, parameters)
        return Opened(*cursor.fetchone())


def together(parts: Sequence[Opened]) -> Opened:
    """Several statements of one rule as one: their digests make one."""
    brought = [part for part in parts if part.count]
    if len(brought) < 2:
        return brought[0] if brought else Opened(0, "")
    digest = hashlib.sha256(",".join(part.digest for part in brought).encode()).hexdigest()
    return Opened(sum(part.count for part in brought), digest)


def _array(texts: Sequence[str]) -> str:
    """The literal of a text array; clause ids have neither quotes nor backslashes."""
    return "{" + ",".join(f'"{text}"' for text in texts) + "}"


RELEASED = "obligation.released"


def release_outside(
    adoption: Adoption,
    duty: str,
    inside: Sequence[QuerySet[Any, Any] | Collection[int]],
    *,
    now: datetime,
) -> int:
    """Release from the open obligations of a rule whose target is in none of ``inside`` any more."""
    waiting = Obligation.objects.waiting().filter(
        policy=adoption.policy_version.policy, adoption=adoption, duty=duty, due_at__gt=now
    )
    for targets in inside:
        # Each looked for: a long list of those inside would be gone through for every row.
        if isinstance(targets, QuerySet):
            waiting = waiting.exclude(Exists(targets.filter(pk=OuterRef("target"))))
        else:
            waiting = waiting.exclude(target__in=targets)
    rows = list(
        waiting.order_by("id").select_for_update(skip_locked=True).values_list("id", "target_id")
    )
    if not rows:
        return 0
    facts = ledger.append(
        [
            ledger.NewFact(
                kind=RELEASED,
                target_id=target,
                by_id=None,
                recorded_by_id=None,
                happened_at=now,
                known_at=now,
                values={"obligation.id": id, "obligation.reason": "left"},
            )
            for id, target in rows
        ],
        now=now,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE obligations_obligation o SET state = 'waived', settled_by_id = given.fact,"
            " next_look_at = NULL FROM unnest(%s::bigint[], %s::bigint[]) AS given (id, fact)"
            " WHERE o.id = given.id",
            [[id for id, _target in rows], [fact.id for fact in facts]],
        )
    return len(rows)
