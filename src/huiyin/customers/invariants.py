"""What holds for customers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huiyin.core.health import Invariant

REGISTERED = """
SELECT customer.target_id, fact.target_id AS registered FROM customers_customer customer
FULL JOIN (SELECT target_id FROM ledger_fact WHERE kind = 'customer.registered') fact
       ON fact.target_id = customer.target_id
WHERE customer.target_id IS NULL OR fact.target_id IS NULL
"""

# What was known when the contact was recorded counts: a refusal that came in later blames nobody.
REFUSED = """
SELECT held.id, held.target_id, held.happened_at FROM ledger_fact refusal
JOIN ledger_target about ON coalesce(about.of_customer_id, about.id) = refusal.target_id
JOIN ledger_fact held ON held.target_id = about.id AND held.kind = 'followup.held'
    AND held.happened_at >= refusal.happened_at AND held.id > refusal.id
    AND refusal.values ->> 'consent.channel' IN ('all', held.values ->> 'followup.channel')
WHERE refusal.kind = 'consent.withdrawn' AND refusal.values ->> 'consent.purpose' IN ('all', 'followup')
  AND NOT EXISTS (SELECT FROM ledger_fact void WHERE void.voids_id = held.id)
  AND NOT EXISTS (SELECT FROM ledger_fact void WHERE void.voids_id = refusal.id AND void.id < held.id)
  AND NOT EXISTS (
      SELECT FROM ledger_fact given
      WHERE given.target_id = refusal.target_id AND given.kind = 'consent.given'
        AND (given.happened_at, given.id) > (refusal.happened_at, refusal.id)
        AND given.happened_at <= held.happened_at
        AND given.values ->> 'consent.channel' IN ('all', held.values ->> 'followup.channel')
        AND given.values ->> 'consent.purpose' IN ('all', 'followup'))
"""

ALL = (
    Invariant("I8", _("每个客户有登记的事实，反之亦然"), REGISTERED),
    Invariant("I14", _("没有在客户撤回同意之后还这样联系"), REFUSED),
)
