"""Any number of rows in every list of the small firm, written in a handful of statements."""

from __future__ import annotations

from datetime import timedelta

from huiyin.cases.models import Case
from huiyin.core.copying import copy_rows
from huiyin.customers.services import NewContact, NewCustomer, register_customers
from huiyin.followups.models import Followup
from huiyin.ledger.services import NewTarget, create_targets
from huiyin.subjects import services as subjects
from huiyin.subjects.services import NewSubject
from tests.app import scene as on

MINUTE = timedelta(minutes=1)
ROOMS = ("customers", "subjects:repair", "cases", "followups")
PATHS = {
    "customers": "/customers/",
    "subjects:repair": "/subjects/repair/",
    "cases": "/cases/",
    "followups": "/followups/",
}


def add(place: on.Scene, count: int, *, prefix: str) -> None:
    """``count`` rows more in each list; every third one is of the same moment as its neighbour."""
    firm, now = place.firm, place.now
    unit, owner = firm.zone_one.pk, firm.officer.pk
    customers = register_customers(
        [
            NewCustomer(
                f"{prefix}{n:03d}", "household", f"张{prefix}{n}", unit_id=unit, owner_id=owner,
                contacts=[NewContact(f"1380000{n:04d}", "业主", "周住户")],
            )
            for n in range(count)
        ],
        by=None, now=now,
    )  # fmt: skip
    ids = list(customers.values())
    repairs = subjects.register(
        "repair",
        [
            NewSubject(
                f"{prefix}-W{n:03d}", {"category": "leak", "repairer": firm.repairer.pk},
                customer_id=ids[n], unit_id=unit, owner_id=owner,
                created_at=now - MINUTE * (n // 3),
            )
            for n in range(count)
        ],
        by=None, now=now,
    )  # fmt: skip
    add_cases(place, repairs, prefix=prefix)
    Followup.objects.bulk_create(
        Followup(
            about_id=repair, customer_id=ids[n], channel="phone", state="planned",
            planned_for=now + MINUTE * (n // 3), planned_by=firm.officer,
        )
        for n, repair in enumerate(repairs)
    )  # fmt: skip


def add_cases(place: on.Scene, about: list[int], *, prefix: str) -> None:
    firm = place.firm
    numbers = [f"{prefix}-C{n:03d}" for n in range(len(about))]
    rows = [NewTarget("case", number, firm.zone_one.pk, firm.officer.pk) for number in numbers]
    copy_rows(
        Case,
        ("target_id", "number", "kind", "origin", "severity", "description", "subject_id",
         "repairer_id", "raised_by_id", "raised_at", "stage", "round", "reply_to_customer",
         "reply_channel", "outcome", "at_visit", "safety", "topic", "answered_at_once",
         "decision", "decision_reason", "handling"),
        (
            (id, number, "problem", "repair_visit", "minor", f"{prefix}接头滴水", about[n],
             firm.repairer.pk, firm.officer.pk, place.now - MINUTE * (n // 3), "raised", 1,
             "", "", "", False, False, "", False, "", "", "")
            for n, (id, number) in enumerate(zip(create_targets(rows), numbers, strict=True))
        ),
    )  # fmt: skip
