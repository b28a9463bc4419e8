"""What came in and what became of it, counted in single grouped statements.

A month is one of the firm's zone; an item belongs to the month in which it was raised. Beside the
rates that somebody may want to look good stand those that would show that less was taken down:
what was reclassified or withdrawn, who never brings anything back, who has to come again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from math import sqrt
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, TruncMonth

from huiyin.accounts.visibility import Viewer
from huiyin.cases.models import Case
from huiyin.customers.models import Customer
from huiyin.ledger.models import Fact

AGAIN = timedelta(days=30)
"""A household that brings something up again within so long may not have been helped."""

SMALL = 1_000
"""Below so many a rate alone says little: its interval is shown as well."""

Z = 1.959964
"""Of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A part of a whole; ``low`` and ``high``: its 95 % interval (Wilson)."""

    part: int
    whole: int

    @property
    def value(self) -> Fraction | None:
        return Fraction(self.part, self.whole) if self.whole else None

    @property
    def is_small(self) -> bool:
        return 0 < self.whole < SMALL

    @property
    def interval(self) -> tuple[Fraction, Fraction] | None:
        """Between which rates the true one lies, as far as so few can tell.

        None of nothing, and of more than the whole: one household may complain twice.
        """
        if not self.whole or self.part > self.whole:
            return None
        share, n = self.part / self.whole, self.whole
        middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z / (1 + Z * Z / n) * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
        return Fraction(max(0.0, middle - half)), Fraction(min(1.0, middle + half))


@dataclass(frozen=True, slots=True)
class Month:
    """The items of one month, as they stand now.

    ``handled`` are closed, withdrawn, or still within the time that the customer was told
    (C.1.4.d). ``reclassified`` were complaints once, ``problems_reclassified`` problems, whose
    written notice is owed no longer; ``again`` came from a household that had
    brought something up in the thirty days before.
    """

    received: int = 0
    handled: int = 0
    withdrawn: int = 0
    complaints: int = 0
    complaints_withdrawn: int = 0
    reclassified: int = 0
    problems_reclassified: int = 0
    at_visits: int = 0
    again: int = 0

    @property
    def handling(self) -> Rate:
        return Rate(self.handled, self.received)

    @property
    def front_desk(self) -> int:
        return self.received - self.at_visits


@dataclass(frozen=True, slots=True)
class Visitor:
    """What one visitor brought back from the visits of a month."""

    person: int | None
    visits: int
    items: int
    without: int

    @property
    def per_hundred(self) -> Fraction:
        return Fraction(100 * self.items, self.visits)


@dataclass(frozen=True)
class Span:
    """Months in a row (their first days), as instants in the firm's zone."""

    months: Sequence[date]
    zone: ZoneInfo

    @property
    def starts(self) -> datetime:
        return datetime.combine(min(self.months), time.min, self.zone)

    @property
    def ends(self) -> datetime:
        after = (max(self.months) + timedelta(days=32)).replace(day=1)
        return datetime.combine(after, time.min, self.zone)


def months(viewer: Viewer, span: Span, *, now: datetime) -> dict[date, Month]:
    """The items that the viewer may see, by month; one statement."""
    before = Case.objects.filter(
        customer=OuterRef("customer"),
        raised_at__lt=OuterRef("raised_at"),
        raised_at__gte=OuterRef("raised_at") - AGAIN,
    )
    closed, is_complaint = Q(stage=Case.Stage.CLOSED), Q(kind=Case.Kind.COMPLAINT)
    is_problem = Q(kind=Case.Kind.PROBLEM)
    withdrawn = Q(outcome=Case.Outcome.WITHDRAWN)
    rows = (
        Case.objects.visible_to(viewer)
        .filter(raised_at__gte=span.starts, raised_at__lt=span.ends)
        .annotate(
            month=TruncMonth("raised_at", tzinfo=span.zone),
            was_complaint=_was(Case.Kind.COMPLAINT),
            was_problem=_was(Case.Kind.PROBLEM),
            again=Exists(before),
        )
        .order_by()
        .values("month")
        .annotate(
            n_received=Count("pk"),
            n_handled=Count("pk", filter=closed | Q(promised_reply_at__gte=now)),
            n_withdrawn=Count("pk", filter=withdrawn),
            n_complaints=Count("pk", filter=is_complaint),
            n_complaints_withdrawn=Count("pk", filter=is_complaint & withdrawn),
            n_reclassified=Count("pk", filter=~is_complaint & Q(was_complaint=True)),
            n_problems_reclassified=Count("pk", filter=~is_problem & Q(was_problem=True)),
            n_at_visits=Count("pk", filter=Q(at_visit=True)),
            n_again=Count("pk", filter=Q(again=True)),
        )
    )
    found = {
        row["month"].date(): Month(
            **{key.removeprefix("n_"): n for key, n in row.items() if key != "month"}
        )
        for row in rows
    }
    return {month: found.get(month, Month()) for month in span.months}


def _was(kind: str) -> Exists:
    """Whether a case was of the kind once, by what its reclassifying keeps."""
    return Exists(
        Fact.objects.standing().filter(
            target=OuterRef("pk"),
            kind="case.reclassified",
            values__contains={"case.former_kind": kind},
        )
    )


def visitors(viewer: Viewer, span: Span) -> list[Visitor]:
    """Who made visits and what they brought back, the silent ones first; one statement."""
    rows = (
        Fact.objects.visible_to(viewer)
        .standing()
        .happened_in(span.starts, span.ends)
        .filter(kind="followup.held", values__has_key="followup.items")
        .annotate(items=Cast(KeyTextTransform("followup.items", "values"), IntegerField()))
        .order_by()
        .values("by")
        .annotate(
            n_visits=Count("pk"),
            n_items=Sum("items"),
            n_without=Count("pk", filter=Q(items=0)),
        )
    )
    found = [Visitor(row["by"], row["n_visits"], row["n_items"], row["n_without"]) for row in rows]
    return sorted(found, key=lambda each: (each.per_hundred, -each.visits, each.person or 0))


def households(viewer: Viewer) -> int:
    """How many customers the viewer sees: what the complaint rate is a rate of (C.1.4.e)."""
    return Customer.objects.visible_to(viewer).count()
