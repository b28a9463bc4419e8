"""A firm with one completed repair, and a satisfied customer's answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from huiyin.customers.services import NewCustomer, register_customers
from huiyin.records.models import Record
from huiyin.records.services import file_record
from huiyin.subjects.models import Subject
from huiyin.subjects.services import NewSubject, record_event, register
from tests.app.imports.estate import estate
from tests.app.records.drawing import signed
from tests.people import SmallFirm

SATISFIED = {
    "onsite_check": "fixed",
    "service": "5",
    "fees": "match",
    "suggestions": "none",
    "respondent": "owner",
}


@dataclass(frozen=True)
class Repaired:
    """The firm, its household 3栋1202 in 一区, and the leak that was repaired there."""

    firm: SmallFirm
    customer: int
    repair: Subject


def repaired(now: datetime, *, category: str = "leak") -> Repaired:
    """A repair of zone one, entrusted to the officer, completed now by the repairer."""
    firm = estate(now)
    [customer] = register_customers(
        [NewCustomer("3栋1202", "household", unit_id=firm.zone_one.pk, owner_id=firm.officer.pk)],
        by=firm.manager.pk,
        now=now,
    ).values()
    [repair] = register(
        "repair",
        [
            NewSubject(
                "WX-1",
                {"category": category, "repairer": firm.repairer.pk},
                customer_id=customer,
                unit_id=firm.zone_one.pk,
                owner_id=firm.officer.pk,
            )
        ],
        by=firm.manager.pk,
        now=now,
    )
    subject = Subject.objects.get(pk=repair)
    me = firm.manager.pk
    record_event(subject, "completed", happened_at=now, by=me, recorded_by=me, now=now)
    return Repaired(firm, customer, subject)


def visit(made: Repaired, *, now: datetime, **changed: Any) -> Record:
    """The repair lead's visit a day later; ``changed`` replaces parts of it."""
    lead = made.firm.repair_lead.pk
    filling: dict[str, Any] = {
        "about": made.repair.pk,
        "by": lead,
        "recorded_by": lead,
        "present": (lead,),
        "given": SATISFIED,
        "signatures": {"visited": signed()},
        "photos": {},
        "customer": made.customer,
        "stated": {"followup.channel": "visit"},
        "happened_at": now + timedelta(days=1),
    }
    return file_record("repair_visit", now=now + timedelta(days=1, hours=1), **filling | changed)
