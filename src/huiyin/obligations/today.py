"""今日: what waits for somebody in groups, how far his rounds are, how his units stand.

One statement tells every number and which rows come first, another brings these rows, however long
the day is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q

from huiyin.accounts.visibility import Viewer
from huiyin.adoption import queries as adoptions
from huiyin.core.once import once, remember
from huiyin.core.statements import embedded
from huiyin.obligations import waiting
from huiyin.obligations.models import Obligation
from huiyin.obligations.queries import Meter, meters_of, share_counts

PAGE = 50

LONGEST = timedelta(days=366)
"""No period is longer: what began earlier is over."""

PARTS = ("late", "due_today", "this_week", "suggested", "blocked")


@dataclass(frozen=True)
class Group:
    """A part of 今日: the first rows and how many there are."""

    rows: Sequence[Obligation]
    count: int


@dataclass(frozen=True, slots=True)
class Round:
    """What a duty that returns asks of a person in the running period, and how much is done."""

    adoption: int
    policy: str
    duty: str
    total: int
    done: int
    last: datetime | None

    @property
    def left(self) -> int:
        return self.total - self.done


@dataclass(frozen=True, slots=True)
class Standing:
    """How a unit's work stands: overdue, due until midnight, blocked."""

    late: int
    today: int
    blocked: int


@dataclass(frozen=True)
class Today:
    """Somebody's work: late, due until midnight, the rest of the week, what comes later.

    ``suggested`` is due later still, and meant for today or an earlier day. ``blocked`` is what
    nobody may do now: no work of today's, and no miss. ``rounds`` are the running periods of what
    returns, by their ends, ``meters`` the shares; ``unit`` is None where the viewer oversees no unit.
    """

    late: Group
    due_today: Group
    this_week: Group
    suggested: Group
    blocked: Group
    later: int
    rounds: Sequence[Round]
    meters: Sequence[Meter]
    unit: Standing | None

    @property
    def groups(self) -> tuple[Group, ...]:
        return self.late, self.due_today, self.this_week, self.suggested, self.blocked

    @property
    def count(self) -> int:
        return self.late.count + self.due_today.count


NUMBERS = """
WITH parted AS MATERIALIZED (
    SELECT id, due_at, CASE
        WHEN obstructed_by <> '' THEN 'blocked'
        WHEN due_at < %(now)s THEN 'late'
        WHEN due_at <= %(midnight)s THEN 'due_today'
        WHEN due_at <= %(week)s THEN 'this_week'
        WHEN due_at > %(week)s AND plan_on <= %(day)s THEN 'suggested'
        ELSE 'later' END AS part
    FROM ({waiting}) waiting
),
placed AS (
    SELECT id, row_number() OVER (PARTITION BY part ORDER BY due_at, id) AS place, part
    FROM parted WHERE part <> 'later'
)
SELECT
    (SELECT json_object_agg(part, n) FROM (SELECT part, count(*) AS n FROM parted GROUP BY 1) c),
    (SELECT json_object_agg(part, ids)
     FROM (SELECT part, array_agg(id ORDER BY place) AS ids
           FROM placed WHERE place <= %(page)s GROUP BY 1) f),
    (SELECT json_agg(r ORDER BY r.last, r.duty)
     FROM (SELECT adoption_id AS adoption, policy, duty, count(*) AS total,
                  count(*) FILTER (WHERE state = 'done') AS done, max(due_at) AS last
           FROM ({running}) running GROUP BY adoption_id, policy, duty, period) r),
    (SELECT json_agg(s) FROM ({shares}) s),
    {unit}
"""
RUNNING = """
    o.period @> %(day)s AND lower(o.period) >= %(since)s AND o.opener_id IS NULL
    AND o.period IS NOT NULL AND o.needed IS NULL AND o.state NOT IN ('voided', 'waived')
    AND o.policy = ANY(%(policies)s)
"""
UNIT = """
    (SELECT json_build_array(count(*) FILTER (WHERE state = 'open' AND due_at < %(now)s),
                             count(*) FILTER (WHERE state = 'open' AND due_at >= %(now)s
                                              AND due_at <= %(midnight)s),
                             count(*) FILTER (WHERE state = 'blocked'))
     FROM ({seen}) seen)
"""


def today(person: int, *, now: datetime, zone: ZoneInfo, viewer: Viewer | None = None) -> Today:
    """今日 of one person in the firm's zone: groups by due moment, counts true to the lists.

    ``viewer``: how far he sees, where his units are to be shown.
    """
    told = _numbers(person, viewer, now=now, zone=zone)
    counts, first = dict(told.counts), dict(told.first)
    ids = [id for some in first.values() for id in some]
    found = Obligation.objects.select_related("target", "adoption").in_bulk(ids) if ids else {}
    groups = {
        part: Group([found[id] for id in first.get(part, ()) if id in found], counts.get(part, 0))
        for part in PARTS
    }
    remember(_due_now(person, now, zone), groups["late"].count + groups["due_today"].count)
    return Today(
        **groups,
        later=counts.get("later", 0),
        rounds=[
            Round(**each | {"last": each["last"] and datetime.fromisoformat(each["last"])})
            for each in told.rounds
        ],
        meters=meters_of(told.shares),
        unit=Standing(*told.unit) if told.unit else None,
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """What the statement told, as it told it."""

    counts: Mapping[str, int]
    first: Mapping[str, list[int]]
    rounds: Sequence[dict[str, Any]]
    shares: Sequence[dict[str, Any]]
    unit: Sequence[int]


def _numbers(person: int, viewer: Viewer | None, *, now: datetime, zone: ZoneInfo) -> _Told:
    seats, midnight = waiting.seats(person, now=now), end_of_day(now, zone)
    local = now.astimezone(zone).date()
    given = seats.parameters | {
        "now": now,
        "midnight": midnight,
        "week": midnight + timedelta(days=6 - local.weekday()),
        "day": local,
        "page": PAGE,
        "since": local - LONGEST,
        "policies": [pack.id for pack in adoptions.packs_in_force()],
    }
    shares, unit = "SELECT NULL WHERE false", "NULL"
    if adoptions.current():
        shares, of_shares = embedded(share_counts(now=now), "shares")
        given |= of_shares
    if viewer is not None and (viewer.all or viewer.unit_ids):
        seen = (
            Obligation.objects.visible_to(viewer)
            .waiting()
            .filter(Q(state=Obligation.State.BLOCKED) | Q(due_at__lte=midnight))
        )
        text, of_viewer = embedded(seen.values("state", "due_at"), "seen")
        unit, given = UNIT.format(seen=text), given | of_viewer
    statement = NUMBERS.format(
        waiting=waiting.rows(
            seats, columns="o.id, o.due_at, o.plan_on, o.obstructed_by", where=waiting.WAITING
        ),
        running=waiting.rows(
            seats,
            columns="o.adoption_id, o.policy, o.duty, o.period, o.state, o.due_at",
            where=RUNNING,
        ),
        shares=shares,
        unit=unit,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return _Told(*(each or () for each in cursor.fetchone()))


DUE_NOW = "o.obstructed_by = '' AND o.due_at <= %(midnight)s AND " + waiting.WAITING


def count_now(person: int, *, now: datetime, zone: ZoneInfo) -> int:
    """The number beside 今日: late, or due until midnight; 今日 itself has counted it already."""
    return once(_due_now(person, now, zone), lambda: _count_now(person, now=now, zone=zone))


def _count_now(person: int, *, now: datetime, zone: ZoneInfo) -> int:
    seats = waiting.seats(person, now=now)
    rows = waiting.rows(seats, columns="o.id", where=DUE_NOW)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM ({rows}) due",
            seats.parameters | {"midnight": end_of_day(now, zone)},
        )
        return int(cursor.fetchone()[0])


def _due_now(person: int, now: datetime, zone: ZoneInfo) -> tuple[str, int, datetime]:
    return "due now", person, end_of_day(now, zone)


def end_of_day(now: datetime, zone: ZoneInfo) -> datetime:
    local = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(local, time.min, zone)
