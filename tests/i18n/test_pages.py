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
from datetime import UTC, datetime
from itertools import cycle, product
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from huiyin.accounts.models import Person
from tests.access.world import undone
from tests.app import scene as on
from tests.i18n.filled import rightly_filled, wrongly_filled
from tests.i18n.filled_staff import wrong_staff
from tests.i18n.house import House, house
from tests.i18n.languages import PSEUDO, tool
from tests.pages import addresses

pytestmark = pytest.mark.django_db

CHINESE = tool().CHINESE
OWN_NAME = re.compile(r'<button[^>]*lang="zh-Hans".*?</button>', re.DOTALL)


@pytest.fixture(scope="module")
def built(language: str, django_db_setup: None, django_db_blocker: Any) -> Iterator[House]:
    with django_db_blocker.unblock(), undone():
        yield house(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))


@pytest.fixture
def lived_in(built: House, db: None) -> Iterator[House]:
    with time_machine.travel(built.later, tick=False):
        yield built


def test_every_page_of_a_firm_that_works(lived_in: House, language: str) -> None:
    firm = lived_in.place.firm
    others = (firm.repairer, firm.repair_lead, firm.far_officer, firm.stranger)

    found = list(looked_at(visitor(firm.manager, language), addresses(most=2)))
    for turn, other in enumerate(others):
        found += looked_at(visitor(other, language), addresses(most=1)[turn :: len(others)])

    assert found == []


def test_every_answer_to_an_empty_form(lived_in: House, language: str) -> None:
    firm = lived_in.place.firm
    clients = [visitor(person, language) for person in (firm.manager, firm.repairer)]
    ways = product(clients, (False, True))

    found = [
        fault
        for at, (client, htmx) in zip(addresses(most=1), cycle(ways), strict=False)
        for fault in posted(client, at, {}, htmx=htmx)
    ]

    assert found == []


@pytest.mark.long
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
