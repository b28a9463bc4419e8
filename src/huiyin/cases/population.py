"""Cases as a population: what rules and indicators may ask of all of them."""

from __future__ import annotations

from huiyin.cases.models import Case
from huiyin.obligations.populations import Column, Population

FIELDS = {
    "case.kind": "kind",
    "case.origin": "origin",
    "case.severity": "severity",
    "case.stage": "stage",
    "case.outcome": "outcome",
    "case.raised_at": "raised_at",
    "case.closed_at": "closed_at",
    "case.rectify_by": "rectify_by",
    "case.rectifier": "rectifier_id",
    "target.owner": "target__owner",
    "customer.class": "customer__customer_class",
}


def _column(name: str) -> Column | None:
    return Column(FIELDS[name]) if name in FIELDS else None


CASES = Population(rows=lambda kind: Case.objects.all(), column=_column, joined="raised_at")
