"""What holds for obligations: none doubled, none lost, none moved; each as its facts say.

Where a row and its facts disagree, the facts are right.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huiyin.core.health import Invariant
from huiyin.obligations.recomputing import wrong_deadlines

DOUBLES = """
SELECT policy, line, target_id, key_opener, owed_roles, count(*) AS times, min(id) AS first
FROM obligations_obligation WHERE state <> 'voided'
GROUP BY policy, line, target_id, key_opener, owed_roles, recipient_id, ordinal, period
HAVING count(*) > 1
"""

SETTLED = """
SELECT o.id, o.state, o.done_at, o.settled_by_id
FROM obligations_obligation o LEFT JOIN ledger_fact f ON f.id = o.settled_by_id
WHERE CASE o.state
    WHEN 'done' THEN o.done_at IS NULL OR o.done_recorded_at IS NULL OR f.id IS NULL
    WHEN 'waived' THEN f.id IS NULL
        OR (f.kind = 'obligation.waived' AND coalesce(f.by_id, f.recorded_by_id) IS NULL)
    WHEN 'voided' THEN f.id IS NULL
    WHEN 'open' THEN f.id IS NOT NULL OR o.done_at IS NOT NULL
    WHEN 'blocked' THEN f.id IS NOT NULL OR o.done_at IS NOT NULL
    ELSE true END
"""

# What a share allotted was opened; a fact that speaks of an obligation finds it.
LOST = """
SELECT 'share' AS what, item.fact_id AS fact, role AS missing
FROM obligations_shareitem item JOIN obligations_sharecount c ON c.id = item.count_id
CROSS JOIN unnest(item.allotted) AS role
WHERE NOT EXISTS (
    SELECT 1 FROM obligations_obligation o
    WHERE o.target_id = item.target_id AND o.opener_id = item.fact_id AND o.duty = c.duty
      AND o.owed_roles = ARRAY[role])
UNION ALL
SELECT f.kind, f.id, f.values ->> 'obligation.id'
FROM ledger_fact f
WHERE f.kind IN ('obligation.waived', 'obligation.assigned')
  AND NOT EXISTS (SELECT 1 FROM obligations_obligation o
                  WHERE o.id = (f.values ->> 'obligation.id')::bigint)
"""

# The fact that it was missed keeps the deadline that was passed.
MOVED = """
SELECT o.id, o.duty, o.due_at FROM obligations_obligation o
WHERE o.missed AND NOT EXISTS (
    SELECT 1 FROM ledger_fact f
    WHERE f.target_id = o.target_id AND f.kind = o.duty || '.missed' AND f.happened_at = o.due_at)
"""

DONE = """
SELECT o.id, o.duty, o.done_at, f.happened_at
FROM obligations_obligation o JOIN ledger_fact f ON f.id = o.settled_by_id
WHERE o.state = 'done' AND (
    o.done_at <> f.happened_at OR o.done_recorded_at <> f.recorded_at
    -- What a quota counts happens to others than the person who owes it.
    OR (o.needed IS NULL AND o.target_id <> f.target_id)
    OR NOT EXISTS (SELECT 1 FROM ledger_fact met
                   WHERE met.target_id = o.target_id AND met.kind = o.duty || '.met'
                     AND met.happened_at = o.done_at))
"""

# What is voided later keeps the moments of its first life.
UNTOLD = """
SELECT f.id, f.kind, f.target_id FROM ledger_fact f
WHERE NOT EXISTS (SELECT FROM ledger_fact v WHERE v.voids_id = f.id) AND (
    (f.kind LIKE '%%.met' AND NOT EXISTS (
        SELECT 1 FROM obligations_obligation o
        WHERE o.target_id = f.target_id AND o.duty || '.met' = f.kind AND o.done_at = f.happened_at))
   OR (f.kind LIKE '%%.missed' AND NOT EXISTS (
        SELECT 1 FROM obligations_obligation o
        WHERE o.target_id = f.target_id AND o.duty || '.missed' = f.kind AND o.missed))
   OR (f.kind = 'obligation.waived' AND NOT EXISTS (
        SELECT 1 FROM obligations_obligation o
        WHERE o.id = (f.values ->> 'obligation.id')::bigint AND o.state IN ('waived', 'voided'))))
"""

VOIDED = """
SELECT o.id, o.duty, o.state, void.id AS void
FROM obligations_obligation o LEFT JOIN ledger_fact void ON void.voids_id = o.opener_id
WHERE o.opener_id IS NOT NULL AND (o.state = 'voided') <> (void.id IS NOT NULL)
"""

COUNTS = """
SELECT c.id, c.duty, c.period, role, held
FROM obligations_sharecount c CROSS JOIN jsonb_each(c.counts) AS told(role, held)
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE role = ANY(item.eligible)) AS items,
           count(*) FILTER (WHERE role = ANY(item.allotted)) AS allotted
    FROM obligations_shareitem item WHERE item.count_id = c.id) AS counted
WHERE held <> jsonb_build_array(counted.items, counted.allotted)
"""

BY_THE_EXCLUDED = """
SELECT o.id, o.duty, o.excluded_id FROM obligations_obligation o
LEFT JOIN ledger_fact f ON f.id = o.settled_by_id AND o.state = 'done'
WHERE o.excluded_id = o.holder_id
   OR (f.by_id = o.excluded_id
       AND jsonb_array_length(coalesce(f.values -> 'record.present', '[]')) <= 1)
"""

MOMENTS = """
SELECT o.id, o.duty, o.opened_at, o.done_at, o.done_recorded_at FROM obligations_obligation o
WHERE o.done_at > o.done_recorded_at + interval '10 minutes'
   OR o.opened_at > %(now)s + interval '10 minutes'
"""

ALL = (
    Invariant("I1", _("同一条规则、对象、起因只有一项义务"), DOUBLES),
    Invariant("I2", _("每项义务或在办，或办结、免除、撤销，且有事实、有时间、有人"), SETTLED),
    Invariant("I2", _("分配过、提到过的义务都在"), LOST),
    Invariant("I3", _("时限可由起因和制度重新算出"), wrong_deadlines),
    Invariant("I4", _("过了的时限没有移动"), MOVED),
    Invariant("I7", _("办结与它的事实一致"), DONE),
    Invariant("I7", _("起因撤销的义务都已撤销，反之亦然"), VOIDED),
    Invariant("I7", _("比例的计数等于逐项相加"), COUNTS),
    Invariant("I8", _("办结、逾期、免除的事实都有它的义务"), UNTOLD),
    Invariant("I13", _("制度排除的人没有办结它"), BY_THE_EXCLUDED),
    Invariant("I26", _("义务的时间先后有序"), MOMENTS),
)
