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

ALL = (Invariant("I8", _("每个客户有登记的事实，反之亦然"), REGISTERED),)
