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
    "case.repairer": "repairer_id",
    "case.rectifier": "rectifier_id",
    "case.at_visit": "at_visit",
    "case.safety": "safety",
    "case.topic": "topic",
    "case.subject": "subject_id",
    "case.round": "round",
    "case.complained_about": "complained_about_id",
    "case.answered_at_once": "answered_at_once",
    "case.promised_reply_at": "promised_reply_at",
    "case.decision": "decision",
    "target.owner": "target__owner",
    "customer.class": "customer__customer_class",
}


def _column(name: str) -> Column | None:
    return Column(FIELDS[name]) if name in FIELDS else None


CASES = Population(rows=lambda kind: Case.objects.all(), column=_column, joined="raised_at")
