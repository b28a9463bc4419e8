"""A small demo firm whose day is known: what was done, what is late and what is due today.

Everything was completed three days ago, so a leak is due until midnight, a safety installation is
late, and both stand on 今日 whatever the weekday. That may have been last month. The firm lives
where it is about noon: midnight does not come during a test.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from huiyin.cases import services as cases
from huiyin.cases.models import Case
from huiyin.customers.services import NewContact, NewCustomer, register_customers
from huiyin.notices.services import Message, tell
from huiyin.obligations.models import Obligation
from huiyin.subjects.models import Subject
from tests.adopted import adopt
from tests.app import scene as on
from tests.app.imports import batches
from tests.people import SmallFirm, small_firm

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Estate:
    """Where the browser finds what."""

    firm: SmallFirm
    leak: Subject
    """Done three days ago; its visit is owed today by the supervisor, who has a late one too."""
    safety: Subject
    """Its visit is late, and owed by the head of repairs."""
    closed: Case


def zone_where_it_is_noon(now: datetime) -> str:
    """The zones named Etc/GMT count westwards: Etc/GMT-8 is eight hours ahead of UTC."""
    return f"Etc/GMT{now.hour - 12:+d}"


def build(now: datetime, *, demo: bool = True) -> Estate:
    """Everything through the services, each at its own moment."""
    done = now - timedelta(days=3)
    founded = done - timedelta(days=1)
    firm = small_firm(founded, demo=demo, time_zone=zone_where_it_is_noon(now))
    adopt(firm, now=founded)
    first, second = households(firm, founded)
    place, other_place = on.Scene(firm, first, done), on.Scene(firm, second, done)

    visited = on.completed(other_place, "WX-1", category="other")
    on.visit(visited.pk, firm.manager, done + HOUR, present=three(firm))
    closed = closed_case(place, on.completed(place, "WX-2", category="safety"), done + HOUR)
    leak = on.completed(place, "WX-3", category="leak")
    safety = on.completed(place, "WX-4", category="safety")
    on.completed(other_place, "WX-5", category="other")
    other_safety = on.completed(other_place, "WX-6", category="safety")
    tell([notice_for(firm, closed)], now=now - HOUR)

    for step in (batches.uploaded, batches.tried, batches.undone):
        step("X", by=firm.manager.pk, now=now - HOUR)

    estate = Estate(firm, leak, safety, closed)
    assert owing(estate.leak) == [["supervisor"]]
    assert owing(estate.safety) == [["repair_lead"]]
    assert owing(other_safety) == [["supervisor"]]
    return estate


def households(firm: SmallFirm, now: datetime) -> list[int]:
    """Two, one of them behind a door whose characters stand outside the first 20,000."""
    rows = [
        NewCustomer(
            number,
            "household",
            unit_id=firm.zone_one.pk,
            owner_id=firm.officer.pk,
            contacts=[NewContact(phone, "业主")],
        )
        for number, phone in (("3栋1202", "13812342046"), ("㐂苑𠮷座0101", "13912340815"))
    ]
    found = register_customers(rows, by=firm.manager.pk, now=now)
    return [found[row.number] for row in rows]


def three(firm: SmallFirm) -> tuple[int, ...]:
    return firm.manager.pk, firm.supervisor.pk, firm.repair_lead.pk


def closed_case(place: on.Scene, subject: Subject, at: datetime) -> Case:
    """A problem that went all its way: notice, answer, re-visit, ruling, reply, closing."""
    firm = place.firm
    case = on.case_of(place, subject, at)
    case = on.notice(case, firm.repair_lead, at + HOUR)
    case = on.handed_over(case, firm.repair_lead, at + HOUR)
    case = on.rectified(case, at + 2 * HOUR)
    on.visit(case.pk, firm.manager, at + 3 * HOUR)
    # A safety installation: the company rules on it before it is closed.
    on.ruled(on.fresh(case), firm.manager, firm.head_office, at + 3 * HOUR)
    doing = on.doing(firm.manager, at + 4 * HOUR)
    cases.reply(on.fresh(case), text="接头已更换，请放心。", channel="phone", doing=doing)
    cases.close(on.fresh(case), outcome="solved", doing=doing)
    return on.fresh(case)


def notice_for(firm: SmallFirm, case: Case) -> Message:
    return Message(
        firm.supervisor.pk,
        case.pk,
        "case_closed",
        f"closed-{case.pk}",
        {"place": "3栋1202", "number": case.number},
        "property-management",
        "C.1.4.c",
    )


def owing(subject: Subject) -> list[list[str]]:
    """The roles that still owe the visit."""
    rows = Obligation.objects.filter(target=subject.pk, state="open")
    return list(rows.values_list("owed_roles", flat=True))
