"""What holds for what quality is tracked on."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huiyin.core.health import Invariant

REGISTERED = """
SELECT subject.target_id, subject.kind, subject.number FROM subjects_subject subject
WHERE NOT EXISTS (
    SELECT 1 FROM ledger_fact fact
    WHERE fact.target_id = subject.target_id AND fact.kind = subject.kind || '.registered')
UNION ALL
SELECT target.id, target.kind, target.label FROM ledger_target target
JOIN ledger_fact fact ON fact.target_id = target.id AND fact.kind = target.kind || '.registered'
WHERE target.kind <> 'customer'
  AND NOT EXISTS (SELECT 1 FROM subjects_subject subject WHERE subject.target_id = target.id)
"""

ALL = (Invariant("I8", _("每个跟踪对象有登记的事实，反之亦然"), REGISTERED),)
