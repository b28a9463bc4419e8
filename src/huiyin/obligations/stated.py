"""What was planned or booked for a rule and a period stands in the ledger, and is read from there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models.fields.json import KT

from huiyin.accounts.models import Unit
from huiyin.ledger import services as ledger
from huiyin.ledger.models import Fact
from huiyin.policy.periods import Period

PLANNED = "planned"


@dataclass(frozen=True, slots=True)
class Planned:
    """What one run brought for a rule in a period: how many, and the SHA-256 over their keys."""

    rule: str
    period: Period
    count: int = 0
    digest: str = ""


def root_unit() -> int | None:
    """The firm as a target: what is owed about nobody in particular is owed about it."""
    return Unit.objects.filter(parent=None).order_by("pk").values_list("pk", flat=True).first()


def last(policy: str, rules: Collection[str]) -> dict[str, Period]:
    """The last period planned of each rule, whichever version planned it."""
    if not rules:
        return {}
    rows = (
        Fact.objects.standing()
        .filter(kind__in=[f"{rule}.{PLANNED}" for rule in rules], **{"values__plan.policy": policy})
        .annotate(first=KT("values__plan.first"), after=KT("values__plan.after"))
        .order_by("kind", "-first", "-id")
        .distinct("kind")
    )
    return {
        kind.removesuffix(f".{PLANNED}"): Period(
            date.fromisoformat(first), date.fromisoformat(after)
        )
        for kind, first, after in rows.values_list("kind", "first", "after")
    }


def state(policy: str, planned: Sequence[Planned], *, now: datetime) -> None:
    """One fact ``<rule>.planned`` about the firm for each."""
    firm = root_unit()
    if firm is None:
        return
    ledger.append(
        [
            ledger.NewFact(
                kind=f"{each.rule}.{PLANNED}",
                target_id=firm,
                by_id=None,
                recorded_by_id=None,
                happened_at=now,
                known_at=now,
                values={
                    "plan.policy": policy,
                    "plan.first": each.period.first.isoformat(),
                    "plan.after": each.period.after.isoformat(),
                    "plan.count": each.count,
                    "plan.digest": each.digest,
                },
            )
            for each in planned
        ],
        now=now,
    )
