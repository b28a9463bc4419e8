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

# Of all that a customer said about a contact the newest counts.
REFUSED = """
SELECT followup.id, followup.about_id, followup.planned_for, said.happened_at
FROM followups_followup followup
CROSS JOIN LATERAL (
    SELECT fact.kind, fact.happened_at FROM ledger_fact fact
    WHERE fact.target_id = followup.customer_id
      AND fact.kind IN ('consent.given', 'consent.withdrawn')
      AND fact.values ->> 'consent.channel' IN ('all', followup.channel)
      AND fact.values ->> 'consent.purpose' IN ('all', 'followup')
      AND NOT EXISTS (SELECT FROM ledger_fact void WHERE void.voids_id = fact.id)
    ORDER BY fact.happened_at DESC, fact.id DESC LIMIT 1
) said
WHERE followup.state = 'planned' AND said.kind = 'consent.withdrawn'
"""

ALL = (
    Invariant("I7", _("已回访的与事实一致"), HELD),
    Invariant("I14", _("没有约着客户已经拒绝的回访"), REFUSED),
)
