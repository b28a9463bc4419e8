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
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from huiyin.accounts.models import CalendarDay, Person
from huiyin.adoption.models import Adoption
from huiyin.cases.models import Case
from huiyin.customers.models import Contact, Customer
from huiyin.desk.models import Export, SavedView
from huiyin.followups.models import Followup
from huiyin.ledger.models import Fact
from huiyin.notices.models import Notice
from huiyin.obligations.models import Obligation
from huiyin.records.models import Record
from huiyin.subjects.models import Subject
from tests.app import scene as on
from tests.i18n.house import House, house, rename
from tests.i18n.languages import PSEUDO, speaking, tool
from tests.people import small_firm

pytestmark = pytest.mark.django_db

CHINESE = tool().CHINESE
OWN_NAME = re.compile(r'<button[^>]*lang="zh-Hans".*?</button>', re.DOTALL)
NOT_A_PAGE = {"set_language", "accounts:signout", "records:picture", "desk:export_file"}
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
        for at, given in wrongly_filled()
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
        ("contact_id",): Contact.objects.values_list("pk"),
        ("policy",): [(adopted,), ("no-such-policy",)],
        ("policy", "clause"): [(adopted, clause) for clause in ("B.2.c", "B.1.a", "A.1.2.a", "X")],
        ("adoption",): Adoption.objects.order_by("-pk").values_list("pk"),
        ("year",): [(2026,), (2027,), (1999,)],
        ("year", "day_id"): [
            (2026, pk) for pk in CalendarDay.objects.filter(kind="own").values_list("pk", flat=True)
        ],
        ("view_id",): SavedView.objects.values_list("pk"),
        ("export_id",): Export.objects.values_list("pk"),
        ("obligation",): [
            *Obligation.objects.order_by("state", "pk").distinct("state").values_list("pk"),
            *Obligation.objects.order_by("pk").values_list("pk")[:8],
        ],
        ("followup_id",): Followup.objects.values_list("pk"),
        ("target_id",): [
            *Case.objects.order_by("pk").values_list("pk"),
            *Subject.objects.order_by("pk").values_list("pk")[:6],
            *Customer.objects.values_list("pk"),
        ],
        ("id",): Notice.objects.order_by("recipient").values_list("pk"),
        ("record_id",): Record.objects.values_list("pk"),
        ("kind",): [("repair",), ("no-such-kind",)],
        ("kind", "subject_id"): Subject.objects.values_list("kind", "pk"),
        ("kind", "subject_id", "fact_id"): Fact.objects.filter(kind="repair.completed").values_list(
            "target__subject__kind", "target", "pk"
        ),
    }
    return [dict(zip(parameters, values, strict=True)) for values in ids[parameters]]


def wrongly_filled() -> list[tuple[str, dict[str, Any]]]:
    """Forms that break one rule each."""
    subject = Subject.objects.get(number="WX-11")
    event = reverse("subjects:event", args=["repair", subject.pk])
    bench = reverse("followups:workbench", args=[subject.pk])
    plan = reverse("followups:plan", args=[subject.pk])
    done = on.SATISFIED | {"visited": on.drawing(), "key": "k"}
    case = {stage: _case(stage) for stage in (*Case.Stage.values,)}
    closure = reverse("cases:closure", args=[case["raised"]])
    reply = reverse("cases:reply", args=[case["raised"]])
    handover = reverse("cases:handover", args=[case["notified"]])
    waiver = reverse("desk:waiver", args=[Obligation.objects.filter(state="open")[0].pk])
    return [
        (bench, done | {"by": "999999"}),
        (bench, done | {"happened_at": "gestern"}),
        (bench, done | {"happened_at": "2026-12-01T09:00"}),
        (bench, done | {"visited": "data:image/png;base64,AAAA"}),
        (bench, done | {"visited": "", "visited-refused": "true"}),
        (bench, done | {"onsite_check": "perhaps", "service": "9", "fees": ""}),
        *wrong_items(bench, done),
        (bench, done),
        (plan, {"channel": "visit", "planned_for": "2026-01-01T10:00"}),
        (plan, {"channel": "pigeon", "planned_for": "2026-12-01T10:00"}),
        (event, {"event": "no-such-event"}),
        (event, {"event": "completed", "happened_at": "2026-12-01T09:00"}),
        (event, {"event": "completed", "happened_at": "x"}),
        (closure, {"outcome": "solved"}),
        (closure, {"outcome": "x"}),
        (reverse("cases:closure", args=[case["rectified"]]), {"outcome": "solved"}),
        (reverse("cases:closure", args=[case["closed"]]), {"outcome": "solved"}),
        (reply, {"text": "Yes", "channel": "pigeon"}),
        (reply, {"text": "Yes", "channel": "phone", "happened_at": "x"}),
        (handover, {"channel": "in_person"}),
        (handover, {"channel": "in_person", "receipt-refused": "true"}),
        (waiver, {"reason": " "}),
        (reverse("accounts:signin"), {"username": "x", "password": "y"}),
        (reverse("desk:adoptions"), {"pack": "x", "starts_on": "x", "mode": "x"}),
        (
            reverse("desk:adoptions"),
            {"pack": POLICY, "starts_on": "2026-05-01", "mode": "force"},
        ),
        (reverse("customers:list") + "?after=x", {}),
        *wrong_lists(),
        *wrong_calendars(),
    ]


def wrong_lists() -> list[tuple[str, dict[str, Any]]]:
    """Views that cannot be kept, and a list that is none."""
    view = {"room": "customers", "name": "x"}
    wrong = (
        {"name": ""}, {"name": "x" * 41}, {"name": "Mine"}, {"room": "gone"},
        {"query": "q=13812342046"}, {"query": "q" * 2001},
    )  # fmt: skip
    return [
        *((reverse("desk:saved_views"), view | given) for given in wrong),
        (reverse("desk:exports"), {"room": "gone"}),
    ]


def wrong_calendars() -> list[tuple[str, dict[str, Any]]]:
    """What may be wrong with a day, a notice, a confirmation."""
    days, notices = reverse("desk:calendar_days", args=[2026]), "desk:calendar_notices"
    lines = ("x,off,Feast", "2028-02-30,off,F", "2028-01-03,off", "2028-01-03,perhaps,F",
             "2028-01-03,work,F", "2028-01-02,off,F\n2028-01-02,off,F\n2027-06-01,off,F", '"' * 51,
             "", "x,off,F\n" * 30)  # fmt: skip
    return [
        (days, {"day": "2026-03-14", "worked": "off", "reason": "Closed"}),
        (days, {"day": "2026-03-04", "worked": "on", "reason": "Open"}),
        (days, {"day": "2026-03-07", "worked": "on", "reason": "Again"}),
        (days, {"day": "2026-03-08", "worked": "on", "reason": " "}),
        (days, {"day": "2026-03-08", "worked": "on", "reason": "x" * 3000}),
        *((reverse(notices, args=[2026]), {"file": file(line)}) for line in lines),
        (reverse(notices, args=[2026]), {"file": file("PK")}),
        (reverse("desk:calendar_confirmation", args=[2026]), {"source": "Notice"}),
        (reverse("desk:calendar_confirmation", args=[2029]), {"source": "Notice"}),
        (reverse("desk:calendar_confirmation", args=[2027]), {"source": "x" * 201}),
    ]


def file(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("days.csv", text.encode(), "text/csv")


def wrong_items(bench: str, done: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The same of what customers bring up, and of each act on it."""
    intake = reverse("cases:intake", args=[Customer.objects.get().pk])
    return [
        (bench, done | {"item-1": "1", "item-1-kind": "x", "item-1-severity": ""}),
        (bench, done | {"item-1": "1", "item-1-kind": "question", "item-1-description": "When?"}),
        *(
            (bench, done | {"item-1": "1", "item-1-kind": "request"} | more)
            for more in (
                {"item-1-answering": "answered"},
                {"item-1-answering": "promised"},
                {"item-1-answering": "promised", "item-1-promised_at": "x"},
                {"item-1-answering": "x"},
                {"item-1-kind": "complaint", "item-1-complained_about": "x"},
            )
        ),
        (intake, {"origin": "x"}),
        (intake, {"origin": "phone", "item-kind": "suggestion", "about": "x"}),
        (intake, {"origin": "phone", "item-kind": "question", "item-description": "When?"}),
        (act("decision", "suggestion"), {"decision": "adopted", "reason": ""}),
        (act("decision", "suggestion"), {"decision": "x"}),
        (act("decision", "complaint"), {"decision": "adopted", "reason": "x"}),
        (act("handling", "suggestion"), {"text": "x"}),
        (act("notice", "suggestion"), {"problem": "x", "requirement": "x", "rectify_by": "x"}),
        (act("referral", "suggestion"), {"to": "x", "text": ""}),
        (act("ruling", "suggestion"), {"text": "x"}),
        (act("classification", "suggestion"), {"kind": "suggestion", "severity": "minor"}),
        (
            act("classification", "suggestion"),
            {"kind": "suggestion", "severity": "minor", "reason": "x"},
        ),
        (act("classification", "complaint"), {"kind": "x", "severity": "x", "reason": "x"}),
        (act("withdrawal", "suggestion"), {"reason": ""}),
    ]


def rightly_filled() -> list[tuple[str, dict[str, Any]]]:
    """Forms that are taken, so that the page after them says so."""
    subject = Subject.objects.get(number="WX-11")
    repair = Subject.objects.get(number="WX-10")
    completed = Fact.objects.filter(kind="repair.completed", target=subject.pk)[0]
    planned = Followup.objects.planned()[0]
    waived = Obligation.objects.filter(state="open", target__subject__number="WX-30")[0]
    visited = on.SATISFIED | {"visited": on.drawing(), "key": "k"}
    drawn = {"channel": "in_person", "receipt": on.drawing()}
    paper = {"problem": "Drips", "requirement": "Renew", "rectify_by": "2026-03-20"}
    return [
        (
            reverse("followups:plan", args=[subject.pk]),
            {"channel": "visit", "planned_for": "2026-03-09T10:00"},
        ),
        (reverse("followups:cancel", args=[planned.pk]), {"reason": "Away"}),
        (
            reverse("desk:saved_views"),
            {"room": "customers", "name": "Others", "query": "gone=1&q=3"},
        ),
        (
            reverse("desk:saved_view", args=[SavedView.objects.order_by("pk")[0].pk]),
            {"name": "Renamed", "pinned": "true"},
        ),
        (reverse("desk:delete_view", args=[SavedView.objects.order_by("pk")[1].pk]), {}),
        (reverse("desk:waiver", args=[waived.pk]), {"reason": "Away"}),
        (reverse("followups:workbench", args=[subject.pk]), visited),
        (reverse("subjects:event", args=["repair", repair.pk]), {"event": "completed"}),
        (
            reverse("subjects:void", args=["repair", subject.pk, completed.pk]),
            {"reason": "Wrong"},
        ),
        *right_items(),
        (reverse("cases:notice", args=[_case("raised")]), paper),
        (reverse("cases:handover", args=[_case("raised")]), drawn),
        (reverse("cases:answer", args=[_case("notified")]), {"measures": "Renewed"}),
        (reverse("cases:reply", args=[_case("revisited")]), {"text": "Dry", "channel": "phone"}),
        (reverse("cases:closure", args=[_case("revisited")]), {"outcome": "solved"}),
        (
            reverse("desk:approval", args=[Adoption.objects.order_by("-pk")[0].pk]),
            {},
        ),
        *right_calendars(),
    ]


def right_calendars() -> list[tuple[str, dict[str, Any]]]:
    own = CalendarDay.objects.get(kind="own")
    feast = file("2027-01-01,off,Feast\n2027-01-09,work,Feast\n")
    return [
        (reverse("desk:calendar_notices", args=[2026]), {"file": feast}),
        (reverse("desk:calendar_confirmation", args=[2027]), {"source": "Notice"}),
        (
            reverse("desk:calendar_days", args=[2026]),
            {"day": "2026-03-14", "worked": "on", "reason": "Stock"},
        ),
        (reverse("desk:calendar_removal", args=[2026, own.pk]), {"reason": "Called off"}),
        (reverse("desk:calendar_hours", args=[2026]), {"end_of_work": "17:00"}),
    ]


def right_items() -> list[tuple[str, dict[str, Any]]]:
    """The same of what customers bring up, and of each act on it."""
    return [
        (
            reverse("followups:workbench", args=[Customer.objects.get().pk]),
            {"met": "owner", "satisfaction": "4", "channel": "visit", "key": "h"},
        ),
        (
            reverse("cases:intake", args=[Customer.objects.get().pk]),
            {"origin": "phone", "item-kind": "suggestion", "item-description": "Benches"},
        ),
        (act("decision", "suggestion"), {"decision": "adopted", "reason": "Good"}),
        (act("handling", "complaint"), {"text": "It is so"}),
        (act("referral", "suggestion"), {"to": _company(), "text": "May we?"}),
        (act("ruling", "suggestion"), {"text": "You may"}),
        (act("supplement", "suggestion"), {"text": "Two of them"}),
        (
            act("classification", "complaint"),
            {"kind": "opinion", "severity": "minor", "reason": "Milder"},
        ),
        (act("withdrawal", "opinion"), {"reason": "Not needed"}),
    ]


def _case(stage: str) -> int:
    return Case.objects.filter(stage=stage).order_by("pk")[0].pk


def act(noun: str, kind: str) -> str:
    """The page of an act on the first open case of a kind."""
    case = Case.objects.open().filter(kind=kind).order_by("pk")[0]
    return reverse(f"cases:{noun}", args=[case.pk])


def _company() -> int:
    return Person.objects.get(posts__position="company").pk
