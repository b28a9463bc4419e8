"""受阻: what nobody may do is neither done nor missed; its clock stands still until it may be done.

An obligation is blocked when every act that would meet it is refused whoever does it: when the
customer withdrew his consent to each of its channels. It comes free when one of them serves again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from huiyin.accounts.queries import zone
from huiyin.adoption import queries as adoptions
from huiyin.core import acts
from huiyin.core.errors import Refused
from huiyin.ledger import services as ledger
from huiyin.ledger.models import Fact, Target
from huiyin.obligations.models import Obligation
from huiyin.obligations.proofs import way_of
from huiyin.policy.builtin import FIELDS

BLOCKED, FREED = "obligation.blocked", "obligation.freed"
WITHDRAWN = "consent.withdrawn"
ON = (WITHDRAWN, "consent.given")
"""Facts about a customer after which other acts may be done."""

REPLIES = ("visit", "phone", "message", "letter")
HANDOVERS = ("in_person", "wechat", "phone", "sms", "other")


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Which checker refuses every way, since the last of them was closed, in its own words."""

    by: str
    since: datetime
    message: str


def after(facts: Sequence[Fact], *, now: datetime) -> None:
    """Look again at all that waits about customers who said something, or took it back."""
    customers = {fact.target_id for fact in facts if fact.kind in ON}
    if voids := [fact.voids_id for fact in facts if fact.voids_id]:
        taken_back = Fact.objects.filter(pk__in=voids, kind__in=ON)
        customers.update(taken_back.values_list("target_id", flat=True))
    if customers:
        refresh(customers, now=now)


def refresh(customers: Collection[int] | None = None, *, now: datetime) -> int:
    """Block what can no longer be done, free what can; returns how many changed.

    Without ``customers`` all who ever withdrew a consent: what was opened beside a withdrawal, by
    somebody who did not see it yet, is found by the next run.
    """
    if customers is None:
        withdrawn = Fact.objects.filter(kind=WITHDRAWN).values("target")
        targets = Target.objects.filter(Q(pk__in=withdrawn) | Q(of_customer__in=withdrawn))
    else:
        targets = Target.objects.filter(Q(pk__in=customers) | Q(of_customer__in=customers))
    return _settle(Obligation.objects.filter(target__in=targets.values("pk")), now=now)


def refresh_opened(obligations: Collection[int], *, now: datetime) -> int:
    """The same for what has just been opened."""
    withdrawn = Fact.objects.filter(kind=WITHDRAWN).values("target")
    about = Q(target__in=withdrawn) | Q(target__of_customer__in=withdrawn)
    return _settle(Obligation.objects.filter(about, pk__in=obligations), now=now)


def obstacle_of(row: Obligation, *, now: datetime) -> Obstacle | None:
    """What stands in the way of one obligation now, for its page."""
    return obstacles([row], now=now).get(row.pk)


def obstacles(rows: Sequence[Obligation], *, now: datetime) -> dict[int, Obstacle]:
    """What stands in the way of each; what can be done in any way is left out."""
    contexts: list[acts.ActContext] = []
    places: dict[int, range] = {}
    for row in rows:
        ways = list(_ways(row, now))
        places[row.pk] = range(len(contexts), len(contexts) + len(ways))
        contexts += ways
    refused = acts.obstacles(contexts) if contexts else {}
    return {
        id: _obstacle([refused[n] for n in ways], now)
        for id, ways in places.items()
        if ways and all(n in refused for n in ways)
    }


def _obstacle(refused: Sequence[tuple[str, Refused]], now: datetime) -> Obstacle:
    name, last = max(refused, key=lambda each: each[1].values.get("since", now))
    return Obstacle(name, last.values.get("since", now), str(last.message))


def _ways(row: Obligation, now: datetime) -> Iterator[acts.ActContext]:
    """Every act that would meet the obligation; none where meeting it reaches no customer."""
    way = way_of(row)
    if way.kind == "followup":
        policy = adoptions.pack_of(row.adoption.policy_version_id).policy
        channels = policy.lines[row.duty].channel or FIELDS["followup.channel"].choices
        given: Iterable[tuple[str, dict[str, object]]] = [
            ("followup.hold", {"followup.channel": channel}) for channel in channels
        ]
    elif way.fact == "case.replied":
        given = [("case.reply", {"case.reply_channel": channel}) for channel in REPLIES]
    elif way.kind == "sending" and row.recipient_id is not None:
        to = row.recipient_id
        given = [
            ("record.send", {"record.to": to, "record.channel": channel}) for channel in HANDOVERS
        ]
    else:
        given = ()
    for act, values in given:
        yield acts.ActContext(act, row.target_id, None, now, values=values)


def _settle(rows: QuerySet[Obligation], *, now: datetime) -> int:
    waiting = list(rows.waiting().select_related("adoption").order_by("id"))
    if not waiting:
        return 0
    found = obstacles(waiting, now=now)
    blocked = _block([row for row in waiting if not row.obstructed_by], found)
    freed = _free([row for row in waiting if row.obstructed_by and row.pk not in found], now=now)
    targets = {row.pk: row.target_id for row in waiting}
    told = [(BLOCKED, id, found[id].by) for id in blocked] + [(FREED, id, "") for id in freed]
    ledger.append([_fact(kind, id, targets[id], by, now) for kind, id, by in told], now=now)
    return len(told)


BLOCK = """
UPDATE obligations_obligation o
SET state = 'blocked', obstructed_by = v.by, obstructed_at = v.since, next_look_at = NULL
FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[]) AS v (id, by, since)
WHERE o.id = v.id AND o.state IN ('open', 'blocked') AND o.obstructed_by = ''
RETURNING o.id
"""


def _block(rows: Sequence[Obligation], found: Mapping[int, Obstacle]) -> list[int]:
    """What was overdue before stays so: that miss was made while it could still be done."""
    changed = [
        row
        for row in rows
        if row.pk in found
        and not row.missed
        and (row.due_at is None or row.due_at >= found[row.pk].since)
    ]
    ids = [row.pk for row in changed]
    return _returned(
        BLOCK, [ids, [found[id].by for id in ids], [found[id].since for id in ids]], ids
    )


# The time that was left when it was blocked is left when it comes free; where that was until the
# end of a day, it is again.
FREE = """
UPDATE obligations_obligation o
SET state = CASE o.blocked_by WHEN '' THEN 'open' ELSE 'blocked' END,
    obstructed_by = '', obstructed_at = NULL, due_at = due.at,
    -- What was counted from a calendar no longer is, and is not counted anew.
    provisional = o.provisional AND due.at = o.due_at,
    first_due_at = CASE WHEN due.at = o.due_at THEN o.first_due_at
                        ELSE coalesce(o.first_due_at, o.due_at) END,
    next_look_at = CASE o.blocked_by WHEN '' THEN due.at END
FROM obligations_obligation was
CROSS JOIN LATERAL (SELECT %(now)s::timestamptz + (was.due_at - was.obstructed_at) AS at) AS rest
CROSS JOIN LATERAL (
    SELECT CASE WHEN was.due_at IS NULL OR was.due_at >= %(now)s THEN was.due_at
        WHEN (was.due_at AT TIME ZONE %(zone)s)::time = '00:00'
        THEN (date_trunc('day', (rest.at - interval '1 microsecond') AT TIME ZONE %(zone)s)
              + interval '1 day') AT TIME ZONE %(zone)s
        ELSE rest.at END AS at) AS due
WHERE was.id = o.id AND o.id = ANY(%(ids)s) AND o.state = 'blocked' AND o.obstructed_by <> ''
RETURNING o.id
"""


def _free(rows: Sequence[Obligation], *, now: datetime) -> list[int]:
    ids = [row.pk for row in rows]
    return _returned(FREE, {"ids": ids, "now": now, "zone": zone().key}, ids)


def _returned(statement: str, parameters: object, ids: Sequence[int]) -> list[int]:
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [id for (id,) in cursor]


def _fact(kind: str, id: int, target: int, by: str, now: datetime) -> ledger.NewFact:
    return ledger.NewFact(
        kind=kind,
        target_id=target,
        by_id=None,
        recorded_by_id=None,
        happened_at=now,
        known_at=now,
        values={"obligation.id": id, **({"obligation.blocked_by": by} if by else {})},
    )
