"""Every page, in a language of accents and in English: what is Chinese there was not marked.

The firm's own names are in Latin letters and the pack speaks English, so nothing has to be taken
away before looking; but the language switch, which names each language in itself. The pages that
stand alone (500 and the like) are in both languages on purpose, since nobody may be known by then:
`test_messages` sees to them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from huiyin.accounts.models import CalendarDay, Leave, Person, Post, Unit
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
from tests.app import scene as on
from tests.i18n.filled import rightly_filled, wrong_staff, wrongly_filled
from tests.i18n.house import House, house, rename
from tests.i18n.languages import PSEUDO, speaking, tool
from tests.people import small_firm

pytestmark = pytest.mark.django_db

CHINESE = tool().CHINESE
OWN_NAME = re.compile(r'<button[^>]*lang="zh-Hans".*?</button>', re.DOTALL)
NOT_A_PAGE = {
    "set_language", "accounts:signout", "records:picture", "desk:export_file", "records:printing",
    "records:printings", "records:empty_form", "records:empty_form_about",
    "imports:refusals",
}  # fmt: skip
POLICY = "property-management"


@pytest.fixture(params=[PSEUDO, "en"])
def language(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with speaking(request.param, tmp_path):
        yield request.param


@pytest.fixture
def lived_in(language: str, now: datetime) -> Iterator[House]:
    made = house(now)
    with time_machine.travel(made.later, tick=False):
        yield made


def test_every_page_of_a_firm_that_works(lived_in: House, language: str) -> None:
    firm = lived_in.place.firm
    others = (firm.repairer, firm.repair_lead, firm.far_officer, firm.stranger)

    found = list(looked_at(visitor(firm.manager, language), addresses()))
    for other in others:
        found += looked_at(visitor(other, language), addresses(most=2))

    assert found == []


def test_every_answer_to_an_empty_form(lived_in: House, language: str) -> None:
    people = [lived_in.place.firm.manager, lived_in.place.firm.repairer]

    found = [
        fault
        for client in [visitor(person, language) for person in people]
        for at in addresses(most=2)
        for htmx in (False, True)
        for fault in posted(client, at, {}, htmx=htmx)
    ]

    assert found == []


def test_answers_to_forms_that_are_filled_in_wrongly(lived_in: House, language: str) -> None:
    manager = visitor(lived_in.place.firm.manager, language)
    repairer = visitor(lived_in.place.firm.repairer, language)

    found = [
        fault
        for at, given in (*wrongly_filled(), *wrong_staff())
        for client in (manager, repairer)
        for fault in posted(client, at, given)
    ]

    assert found == []


def test_what_is_said_when_something_was_done(lived_in: House, language: str) -> None:
    manager = visitor(lived_in.place.firm.manager, language)

    found = []
    for at, given in rightly_filled():
        answer = manager.post(at, given)
        assert answer.status_code == 302, (at, faults(at, answer))
        shown = manager.get(answer.headers["Location"], follow=True)
        assert "message" in shown.content.decode()
        found += faults(at, shown)

    assert found == []


def test_a_firm_before_its_first_policy_and_a_server_before_its_firm(
    language: str, now: datetime
) -> None:
    nobody = visitor(None, language)

    with time_machine.travel(now, tick=False):
        found = list(looked_at(nobody, [reverse("accounts:signin")]))
        firm = small_firm(now, demo=True)
        rename()
        found += looked_at(visitor(firm.manager, language), addresses())
        found += looked_at(nobody, addresses())

    assert found == []


def test_the_accents_reach_the_page(lived_in: House, language: str) -> None:
    shown = visitor(lived_in.place.firm.manager, language).get("/").content.decode()

    assert f'<html lang="{language}">' in shown
    assert ("⟦" in shown) == (language == PSEUDO)
    assert ("Today" in shown) == (language == "en")


def test_a_sign_that_is_not_marked_is_found_wherever_it_stands() -> None:
    for text in ("<p>问题</p>", '<i title="a，b">', '<i data-words="&#38382;">', "<p>a（b）</p>"):
        assert faults("/", HttpResponse(text))
    assert not faults("/", HttpResponse('<button name="language" lang="zh-Hans">简体中文</button>'))


def visitor(person: Person | None, language: str) -> Client:
    client = on.signed_in(person) if person else Client()
    client.cookies["django_language"] = language
    return client


def looked_at(client: Client, pages: Iterable[str]) -> Iterator[str]:
    """What is Chinese on the pages."""
    for at in pages:
        yield from faults(at, client.get(at))


def posted(client: Client, at: str, given: dict[str, Any], *, htmx: bool = False) -> list[str]:
    """What is Chinese in the answer to a form; whatever it changed is taken back."""
    headers = {"HX-Request": "true"} if htmx else {}
    with transaction.atomic():
        answer = client.post(at, given, headers=headers)
        found = faults(f"POST {at}", answer)
        transaction.set_rollback(True)
    return found


def faults(at: str, answer: Any) -> list[str]:
    assert answer.status_code < 500, at
    text = html.unescape(OWN_NAME.sub("", answer.content.decode()))
    return [
        f"{at} ({answer.status_code}): {text[max(0, found.start() - 60) : found.end() + 30]!r}"
        for found in CHINESE.finditer(text)
    ][:3]


def addresses(most: int = 16) -> list[str]:
    """Every address of the URL conf, with up to ``most`` of the things it can be about."""
    return [
        reverse(name, kwargs=given)
        for name, parameters in routes(get_resolver())
        if name not in NOT_A_PAGE
        for given in given_to(parameters)[:most]
    ]


def routes(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """The names of all pages with the parameters that their addresses take."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry, f"{entry.namespace}:" if entry.namespace else space)
        elif isinstance(entry, URLPattern) and entry.name:
            yield f"{space}{entry.name}", tuple(entry.pattern.converters)


def given_to(parameters: tuple[str, ...]) -> list[dict[str, Any]]:
    """All that there is for a page's parameters. A page about something new is added here."""
    adopted = POLICY if Adoption.objects.exists() else "none"
    ids: dict[tuple[str, ...], Iterable[tuple[Any, ...]]] = {
        (): [()],
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
        ("kind", "subject_id"): Subject.objects.values_list("kind", "pk"),
        ("kind", "subject_id", "fact_id"): Fact.objects.filter(kind="repair.completed").values_list(
            "target__subject__kind", "target", "pk"
        ),
    }
    return [dict(zip(parameters, values, strict=True)) for values in ids[parameters]]


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
