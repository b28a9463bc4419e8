"""What was planned from a last fact falls with it: there was no silence to break.

The planner links what it opens to no fact, since it looks at a whole population; so this is found by
the period, which begins on the day of the fact or so many steps behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from huiyin.adoption.models import Adoption
from huiyin.ledger import services as ledger
from huiyin.ledger.models import Fact
from huiyin.policy.state import InForce

# An earlier fact of the kind that stands had opened it as well. The first such is looked for once
# for each that falls, not once for each of its periods.
CANCEL = """
WITH fallen AS MATERIALIZED (
    SELECT void.id, taken.target_id, counted.duty, (taken.happened_at AT TIME ZONE %(zone)s)::date AS day,
        (SELECT min((other.happened_at AT TIME ZONE %(zone)s)::date) FROM ledger_fact other
         WHERE other.target_id = taken.target_id AND other.kind = taken.kind AND other.voids_id IS NULL
           AND NOT EXISTS (SELECT FROM ledger_fact v WHERE v.voids_id = other.id)) AS stands_from
    FROM ledger_fact void
    JOIN ledger_fact taken ON taken.id = void.voids_id
    JOIN unnest(%(duties)s::text[], %(kinds)s::text[]) AS counted (duty, kind) ON counted.kind = taken.kind
    WHERE void.id = ANY(%(voids)s))
UPDATE obligations_obligation o
SET state = 'voided', settled_by_id = fallen.id, next_look_at = NULL
FROM fallen
WHERE o.target_id = fallen.target_id AND o.adoption_id = %(adoption)s AND o.duty = fallen.duty
  AND o.state <> 'voided' AND lower(o.period) >= fallen.day
  AND (fallen.stands_from IS NULL OR lower(o.period) < fallen.stands_from)
RETURNING o.target_id, o.met_fact_id, o.missed_fact_id
"""


def cancel_planned(
    adoption: Adoption, in_force: InForce, voids: Sequence[Fact], *, now: datetime
) -> None:
    """Cancel what a version planned from facts that are taken back, done or not; and with it what
    the engine stated of it, which others may rest on.
    """
    counted = [(key, duty.since) for key, duty in in_force.policy.duties.items() if duty.since]
    if not counted:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            CANCEL,
            {
                "duties": [key for key, _kind in counted],
                "kinds": [kind for _key, kind in counted],
                "voids": [fact.pk for fact in voids],
                "adoption": adoption.pk,
                "zone": in_force.zone.key,
            },
        )
        stated = [(fact, target) for target, *facts in cursor for fact in facts if fact is not None]
    ledger.record(
        [
            ledger.NewFact(
                ledger.VOIDED, target, None, None, happened_at=now, known_at=now, voids_id=fact
            )
            for fact, target in stated
        ],
        now=now,
    )
