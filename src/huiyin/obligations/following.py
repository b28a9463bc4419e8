"""A customer moves, or is entrusted to somebody else: what is open about it follows.

What is over stays where it was done: the figures of a unit say what was done there. Which cases
are open their room says, through its population.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from huiyin.ledger.models import Fact, Target
from huiyin.obligations import assigning, populations
from huiyin.obligations.models import Obligation

CASE, MOVED, HANDED_OVER = "case", "customer.moved", "customer.handed_over"


def follow_customers(facts: Sequence[Fact], *, now: datetime) -> list[int]:
    """In the transaction that moves customers or hands them over; the targets that moved."""
    moved: dict[int | None, list[int]] = defaultdict(list)
    handed: dict[tuple[int | None, int | None, int | None], list[int]] = defaultdict(list)
    for fact in facts:
        said = fact.values.get
        if fact.kind == MOVED:
            moved[said("customer.unit")].append(fact.target_id)
        elif fact.kind == HANDED_OVER:
            passing = said("customer.former_owner"), said("customer.owner"), fact.by_id
            handed[passing].append(fact.target_id)
    found = [id for unit, customers in moved.items() for id in _move(customers, unit)]
    for (former, to, by), customers in handed.items():
        _hand_over(customers, former=former, to=to, by=by, now=now)
    return found


def _move(customers: Collection[int], unit: int | None) -> list[int]:
    found = list(_open_about(customers).values_list("pk", flat=True))
    Target.objects.filter(pk__in=found).update(unit=unit)
    return found


def _hand_over(
    customers: Collection[int], *, former: int | None, to: int | None, by: int | None, now: datetime
) -> None:
    """Only what was his with the customer; never to the person complained about."""
    rows = _open_about(customers).filter(owner=former)
    if to is not None:
        against = _open_cases().filter(**{_path("case.complained_about"): to})
        rows = rows.exclude(pk__in=against.values("pk"))
    found = list(rows.values_list("pk", flat=True))
    Target.objects.filter(pk__in=found).update(owner=to)
    assigning.follow_owner(*found, former=former, to=to, by=by, now=now)


def _open_about(customers: Collection[int]) -> QuerySet[Target]:
    """Open cases of customers, and the subjects that are not over: something waits, or may come."""
    cases, owed = _open_cases(), Obligation.objects.filter(target=OuterRef("pk"))
    subject = _path("case.subject")
    about = cases.filter(**{f"{subject}__isnull": False}).values(subject)
    rows = Target.objects.filter(of_customer__in=customers)
    subjects = ~Q(kind=CASE) & (Exists(owed.waiting()) | ~Exists(owed) | Q(pk__in=about))
    return rows.filter(Q(pk__in=cases.values("pk")) | subjects).order_by("pk")


def _open_cases() -> QuerySet:
    return populations.rows(CASE).exclude(**{_path("case.stage"): "closed"})


def _path(name: str) -> str:
    column = populations.of(CASE).column(name)
    if column is None:
        raise LookupError(name)
    return column.path
