"""What somebody owes by number in a running period."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from huiyin.adoption import queries as adoptions
from huiyin.obligations.models import Obligation
from huiyin.obligations.today import LONGEST


def quotas(person: int, *, now: datetime, zone: ZoneInfo) -> Sequence[Obligation]:
    """The person's quotas of the running periods, full ones too; none is asked for in vain."""
    packs = adoptions.packs_in_force()
    if not any(duty.quota for pack in packs for duty in pack.policy.duties.values()):
        return []
    today = now.astimezone(zone).date()
    rows = Obligation.objects.filter(
        policy__in=[pack.id for pack in packs],
        period__startswith__gte=today - LONGEST,
        period__contains=today,
        holder=person,
        needed__isnull=False,
    ).exclude(state__in=("voided", "waived"))
    return list(rows.select_related("adoption", "target").order_by("due_at", "id"))
