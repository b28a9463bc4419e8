"""What holds for facts and their notes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huiyin.core.health import Invariant

VOIDS = """
SELECT void.id, void.voids_id FROM ledger_fact void JOIN ledger_fact voided ON voided.id = void.voids_id
WHERE voided.voids_id IS NOT NULL OR voided.target_id <> void.target_id
   OR voided.recorded_at > void.recorded_at
"""
NOTES = """
SELECT note.fact_id, fact.kind FROM ledger_note note JOIN ledger_fact fact ON fact.id = note.fact_id
WHERE fact.values ->> 'note' IS DISTINCT FROM
      encode(sha256(convert_to(note.salt || ':' || note.text, 'UTF8')), 'hex')
"""
# Ten minutes: how far the clocks of two machines may lie apart (ledger.models.SKEW).
MOMENTS = """
SELECT id, kind, happened_at, known_at, recorded_at FROM ledger_fact
WHERE known_at < happened_at OR known_at > recorded_at + interval '10 minutes'
   OR recorded_at > %(now)s + interval '10 minutes'
"""

ALL = (
    Invariant("I7", _("撤销只针对同一对象、更早的事实，且不撤销撤销"), VOIDS),
    Invariant("I8", _("说明文字与事实里的摘要一致"), NOTES),
    Invariant("I26", _("事实先发生、后得知、再登记，都不在将来"), MOMENTS),
)
