"""How far somebody, or a unit, is: what returns by period, quotas, and what waits or stands still."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Q, QuerySet

from huiyin.accounts.visibility import Viewer
from huiyin.adoption.models import Adoption
from huiyin.obligations.models import Obligation
from huiyin.obligations.queries import end_of_day, owed_by

LONGEST = timedelta(days=366)
"""No period is longer: what began earlier is over."""


@dataclass(frozen=True, slots=True)
class Round:
    """What a duty that returns asks of a person in the running period, and how much is done."""

    adoption: int
    policy: str
    duty: str
    period: Any
    total: int
    done: int
    last: datetime | None

    @property
    def left(self) -> int:
        return self.total - self.done


def rounds(person: int, *, now: datetime, zone: ZoneInfo) -> list[Round]:
    """The running periods of what returns, by their ends. One statement beside those of posts."""
    rows = (
        _running(now, zone)
        .filter(owed_by(person, now=now), needed=None, opener=None)
        .values("adoption_id", "policy", "duty", "period")
        .annotate(total=Count("id"), done=Count("id", filter=Q(state="done")), last=Max("due_at"))
        .order_by("last", "duty")
    )
    return [
        Round(
            adoption=row["adoption_id"],
            policy=row["policy"],
            duty=row["duty"],
            period=row["period"],
            total=row["total"],
            done=row["done"],
            last=row["last"],
        )
        for row in rows
    ]


def quotas(person: int, *, now: datetime, zone: ZoneInfo) -> Sequence[Obligation]:
    """The person's quotas of the running periods, full ones too."""
    rows = _running(now, zone).filter(holder=person, needed__isnull=False)
    return list(rows.select_related("adoption", "target").order_by("due_at", "id"))


def _running(now: datetime, zone: ZoneInfo) -> QuerySet[Obligation]:
    today = now.astimezone(zone).date()
    in_force = Adoption.objects.filter(state="in_force").values("policy_version__policy")
    return Obligation.objects.filter(
        policy__in=in_force, period__startswith__gte=today - LONGEST, period__contains=today
    ).exclude(state__in=("voided", "waived"))


@dataclass(frozen=True, slots=True)
class Standing:
    """How a unit's work stands: overdue, due until midnight, blocked."""

    late: int
    today: int
    blocked: int


def standing_of(viewer: Viewer, *, now: datetime, zone: ZoneInfo) -> Standing | None:
    """What waits in the units that the viewer oversees; None where he oversees none."""
    if not (viewer.all or viewer.unit_ids):
        return None
    open_now = Q(state="open")
    found = (
        Obligation.objects.visible_to(viewer)
        .waiting()
        .aggregate(
            late=Count("id", filter=open_now & Q(due_at__lt=now)),
            today=Count(
                "id", filter=open_now & Q(due_at__gte=now, due_at__lte=end_of_day(now, zone))
            ),
            blocked=Count("id", filter=Q(state="blocked")),
        )
    )
    return Standing(**found)
