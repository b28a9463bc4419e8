"""Every page of the product, by the URL conf: a new route is looked at without being named here.

Only what a new page is *about* is told, in `everything`; a page whose parameters are not known there
fails the tests that walk the pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Q
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from huiyin.accounts.models import CalendarDay, Leave, Person, Position, Post, Unit
from huiyin.adoption.models import Adoption
from huiyin.cases.models import Case
from huiyin.customers.models import Contact, Customer
from huiyin.desk.models import Export, SavedView
from huiyin.followups.models import Followup
from huiyin.imports.models import ImportBatch
from huiyin.ledger.models import Fact, Target
from huiyin.notices.models import Notice
from huiyin.obligations.models import Obligation, ScoreEntry
from huiyin.records.models import Record
from huiyin.subjects.models import Subject

NOT_A_PAGE = {
    "set_language", "icon", "accounts:signout", "records:picture", "desk:export_file", "records:printing",
    "records:printings", "records:empty_form", "records:empty_form_about",
    "imports:refusals", "imports:doubts",
}  # fmt: skip
POLICY = "property-management"


def addresses(most: int = 16) -> list[str]:
    """Every address of the URL conf, with up to ``most`` of the things it can be about."""
    there = everything()
    return [
        reverse(name, kwargs=dict(zip(parameters, values, strict=True)))
        for name, parameters in routes(get_resolver())
        if name not in NOT_A_PAGE
        for values in list(there[parameters])[:most]
    ]


def routes(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """The names of all pages with the parameters that their addresses take."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry, f"{entry.namespace}:" if entry.namespace else space)
        elif isinstance(entry, URLPattern) and entry.name:
            yield f"{space}{entry.name}", tuple(entry.pattern.converters)


def everything() -> dict[tuple[str, ...], Iterable[tuple[Any, ...]]]:
    """All that there is for a page's parameters. A page about something new is added here."""
    adopted = POLICY if Adoption.objects.exists() else "none"
    return {
        (): [()],
        ("position",): Position.objects.order_by("pk").values_list("pk")[:2],
        ("case_id",): Case.objects.order_by("pk").values_list("pk"),
        ("customer_id",): Customer.objects.values_list("pk"),
        ("customer_id", "fact_id"): Fact.objects.filter(kind="consent.withdrawn").values_list(
            "target", "pk"
        ),
        ("contact_id",): Contact.objects.values_list("pk"),
        ("policy",): [(adopted,), ("no-such-policy",)],
        ("policy", "clause"): [(adopted, clause) for clause in ("B.2.c", "B.1.a", "A.1.2.a", "X")],
        ("adoption",): Adoption.objects.order_by("-pk").values_list("pk"),
        ("year",): [(2026,), (2027,), (1999,)],
        ("year", "day_id"): [
            (2026, pk) for pk in CalendarDay.objects.filter(kind="own").values_list("pk", flat=True)
        ],
        **_owed(),
        ("followup_id",): Followup.objects.values_list("pk"),
        ("target_id",): [
            *Case.objects.order_by("pk").values_list("pk"),
            *Subject.objects.order_by("pk").values_list("pk")[:6],
            *Customer.objects.values_list("pk"),
        ],
        ("id",): Notice.objects.order_by("recipient").values_list("pk"),
        ("record_id",): Record.objects.values_list("pk"),
        ("kind",): [("repair",), ("no-such-kind",)],
        ("view_id",): SavedView.objects.values_list("pk"),
        ("batch_id",): ImportBatch.objects.values_list("pk"),
        ("export_id",): Export.objects.values_list("pk"),
        ("secret",): [("no-such-secret",)],
        ("session",): [(0,)],
        ("pk",): [(0,)],
        ("unit",): Unit.objects.order_by("pk").values_list("pk"),
        ("post",): Post.objects.order_by("pk").values_list("pk"),
        ("leave",): Leave.objects.order_by("pk").values_list("pk"),
        ("person",): Person.objects.order_by("pk").values_list("pk"),
        ("kind", "customer_id"): [
            ("repair", pk) for pk in Customer.objects.values_list("pk", flat=True)[:2]
        ],
        ("kind", "subject_id"): Subject.objects.values_list("kind", "pk"),
        ("kind", "subject_id", "fact_id"): Fact.objects.filter(kind="repair.completed").values_list(
            "target__subject__kind", "target", "pk"
        ),
    }


def _owed() -> dict[tuple[str, ...], Iterable[tuple[Any, ...]]]:
    """Obligations of every state and kind, the forms that they ask for, points."""
    papers = [("monthly_sheet", "unit"), ("job_sheet", "WX-50"), ("sheet_review", "WX-10")]
    return {
        ("entry",): ScoreEntry.objects.values_list("pk"),
        ("form", "target_id"): [
            ("no_such_form", 0),
            *(
                (form, target)
                for form, about in papers
                for target in Target.objects.filter(Q(kind=about) | Q(label=about)).values_list(
                    "pk", flat=True
                )[:2]
            ),
        ],
        ("obligation",): [
            *Obligation.objects.order_by("state", "pk").distinct("state").values_list("pk"),
            *Obligation.objects.filter(policy="second").order_by("duty").values_list("pk"),
            *Obligation.objects.order_by("pk").values_list("pk")[:8],
        ],
    }
