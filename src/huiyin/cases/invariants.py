"""What holds for cases."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huiyin.core.health import Invariant

CLOSED = """
SELECT c.target_id, c.number, c.stage, c.closed_at FROM cases_case c
WHERE c.retracted_at IS NULL AND (c.stage = 'closed') <> EXISTS (
    SELECT 1 FROM ledger_fact fact LEFT JOIN ledger_fact void ON void.voids_id = fact.id
    WHERE fact.target_id = c.target_id AND fact.kind IN ('case.closed', 'case.withdrawn')
      AND void.id IS NULL)
"""
RAISED = """
SELECT c.target_id, c.number FROM cases_case c
WHERE NOT EXISTS (SELECT 1 FROM ledger_fact fact
                  WHERE fact.target_id = c.target_id AND fact.kind = 'case.raised')
UNION ALL
SELECT target.id, target.label FROM ledger_target target
WHERE target.kind = 'case'
  AND NOT EXISTS (SELECT 1 FROM cases_case c WHERE c.target_id = target.id)
"""
MOMENTS = """
SELECT c.target_id, c.number, c.raised_at, c.notified_at, c.rectified_at, c.closed_at
FROM cases_case c
WHERE c.notified_at < c.raised_at OR c.rectified_at < c.raised_at
   OR c.revisited_at < c.rectified_at OR c.closed_at < c.raised_at
"""

ALL = (
    Invariant("I7", _("事项已关闭，当且仅当有未撤销的关闭事实"), CLOSED),
    Invariant("I8", _("每件事项有提出的事实，反之亦然"), RAISED),
    Invariant("I26", _("事项各步先后有序"), MOMENTS),
)
