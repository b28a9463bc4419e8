"""A customer moves, or is entrusted to somebody else: what is open about it follows.

What is over stays where it was done: the figures of a unit say what was done there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from huiyin.cases.models import Case
from huiyin.ledger.models import Fact, Target
from huiyin.obligations import assigning
from huiyin.obligations.models import Obligation
from huiyin.obligations.services import reseat_about
from huiyin.subjects.models import Subject


def follow_customers(facts: Sequence[Fact], now: datetime) -> None:
    """Subscriber of the ledger: in the transaction that moves the customer or hands it over."""
    moved: dict[int | None, list[int]] = defaultdict(list)
    handed: dict[tuple[int | None, int | None, int | None], list[int]] = defaultdict(list)
    for fact in facts:
        said = fact.values.get
        if fact.kind == "customer.moved":
            moved[said("customer.unit")].append(fact.target_id)
        elif fact.kind == "customer.handed_over":
            handed[said("customer.former_owner"), said("customer.owner"), fact.by_id].append(
                fact.target_id
            )
    for unit, customers in moved.items():
        _move(customers, unit, now=now)
    for (former, to, by), customers in handed.items():
        _hand_over(customers, former=former, to=to, by=by, now=now)


def _move(customers: Collection[int], unit: int | None, *, now: datetime) -> None:
    found = list(open_about(customers).values_list("pk", flat=True))
    Target.objects.filter(pk__in=found).update(unit=unit)
    reseat_about(*found, now=now)


def _hand_over(
    customers: Collection[int], *, former: int | None, to: int | None, by: int | None, now: datetime
) -> None:
    """Only what was his with the customer; never to the person complained about."""
    against = Case.objects.filter(complained_about=to) if to is not None else Case.objects.none()
    rows = open_about(customers).filter(owner=former).exclude(pk__in=against.values("pk"))
    found = list(rows.values_list("pk", flat=True))
    Target.objects.filter(pk__in=found).update(owner=to)
    assigning.follow_owner(*found, former=former, to=to, by=by, now=now)


def open_about(customers: Collection[int]) -> QuerySet[Target]:
    """Open cases of customers, and the subjects that are not over: something waits, or may come."""
    cases = Case.objects.open().filter(customer__in=customers)
    owed = Obligation.objects.filter(target=OuterRef("pk"))
    subjects = Subject.objects.filter(customer__in=customers).filter(
        Exists(owed.waiting()) | ~Exists(owed) | Q(pk__in=cases.values("subject"))
    )
    rows = Target.objects.filter(of_customer__in=customers)
    return rows.filter(Q(pk__in=cases.values("pk")) | Q(pk__in=subjects.values("pk"))).order_by(
        "pk"
    )
