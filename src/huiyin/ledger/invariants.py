"""What holds for facts and their notes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huiyin.core.health import Finding, Invariant, Look, Status
from huiyin.ledger import sealing
from huiyin.ledger.verifying import Verified

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

SAMPLE = 3
"""Seals that are looked at where not everything is asked."""


def unlike_their_seals(look: Look) -> Iterator[tuple[str, int]]:
    """Facts and seals that are not as they were sealed; the newest seals, or all."""
    found = sealing.verify(Verified(), newest=None if look.full else SAMPLE)
    return ((each.kind, each.what) for each in found)


ALL = (
    Invariant("I6", _("封存过的事实没有被更改、移走或塞入"), unlike_their_seals),
    Invariant("I7", _("撤销只针对同一对象、更早的事实，且不撤销撤销"), VOIDS),
    Invariant("I8", _("说明文字与事实里的摘要一致"), NOTES),
    Invariant("I26", _("事实先发生、后得知、再登记，都不在将来"), MOMENTS),
)

LATE = timedelta(hours=2)
"""The worker seals every ten minutes; a transaction that runs for hours holds it up."""


def seals(now: datetime) -> Iterator[Finding]:
    """Whether what was recorded is sealed by now."""
    key, title = "seals", gettext("事实已封存")
    oldest = sealing.unsealed_since(before=now - LATE)
    if oldest is None:
        yield Finding(key, title, Status.OK)
        return
    yield Finding(
        key, title, Status.WARNING,
        gettext("%(moment)s 登记的事实还没有封存") % {"moment": f"{localtime(oldest):%Y-%m-%d %H:%M}"},
        gettext("在封存之前，改动它们看不出来"),
        gettext("看 huiyin worker 是否在运行；也可运行 huiyin ledger seal"),
    )  # fmt: skip
