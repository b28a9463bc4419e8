"""What became late in a stretch of time, and why: asked after the server stood still."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import F, Q
from django.utils.translation import gettext as _

from huiyin.adoption import queries as adoptions
from huiyin.obligations.models import Obligation

NOTICED = timedelta(hours=1)
"""Later than this after its due moment nobody was told of a miss in time: nothing ran."""


@dataclass(frozen=True, slots=True)
class Late:
    """One obligation: where, which duty, due when, and why it is late."""

    obligation: int
    label: str
    duty: str
    due: datetime
    why: str

    def line(self, zone: ZoneInfo) -> str:
        due = self.due.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        return "\t".join((str(self.obligation), self.label, self.duty, due, self.why))


def became_late(*, since: datetime, now: datetime) -> Iterator[Late]:
    """What was due in ``[since, now)`` and not done by then, the earliest first; two statements.

    So is what was opened since then with a due moment that had passed. Without what is blocked:
    that is nobody's miss.
    """
    arose = Q(due_at__gte=since) | Q(opened_at__gte=since, due_at__lt=F("opened_at"))
    rows = (
        Obligation.objects.filter(arose, state__in=["open", "done"], due_at__lt=now)
        .select_related("target", "adoption", "missed_fact")
        .order_by("due_at", "id")
    )
    for row in rows.iterator():
        if row.due_at is None or (row.done_at is not None and row.done_at <= row.due_at):
            continue
        duty = adoptions.pack_of(row.adoption.policy_version_id).policy.lines.get(row.duty)
        title = duty.title.zh if duty is not None and duty.title is not None else row.duty
        yield Late(row.pk, row.target.label, title, row.due_at, why(row))


def why(row: Obligation) -> str:
    """In words; what was opened or noticed too late is not its holder's alone."""
    if row.opened_late:
        return _("开立时已过时限：计入条款，不算个人逾期")
    noticed = row.missed_fact.recorded_at if row.missed_fact is not None else None
    if noticed is None:
        return _("过了时限，系统还没有查看")
    if row.due_at is not None and noticed - row.due_at > NOTICED:
        return _("到期时系统没有运行，事后才发现；没有按时办理")
    return _("没有按时办理")
