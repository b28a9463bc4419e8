"""What holds for contacts with customers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huiyin.core.health import Invariant

HELD = """
SELECT followup.id, followup.about_id, followup.held_at FROM followups_followup followup
WHERE followup.state = 'held' AND NOT EXISTS (
    SELECT 1 FROM ledger_fact fact
    WHERE fact.target_id = followup.about_id AND fact.kind = 'followup.held'
      AND fact.happened_at = followup.held_at
      AND NOT EXISTS (SELECT FROM ledger_fact void WHERE void.voids_id = fact.id))
UNION ALL
SELECT fact.id, fact.target_id, fact.happened_at FROM ledger_fact fact
WHERE fact.kind = 'followup.held'
  AND NOT EXISTS (SELECT FROM ledger_fact void WHERE void.voids_id = fact.id)
  AND NOT EXISTS (
    SELECT 1 FROM followups_followup followup
    WHERE followup.about_id = fact.target_id AND followup.held_at = fact.happened_at)
"""

ALL = (Invariant("I7", _("已回访的与事实一致"), HELD),)
