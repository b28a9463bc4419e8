"""Phone numbers and the names of those who are called: nowhere in plain unless revealed."""

from __future__ import annotations

import io
import logging
import re
import zipfile
from collections.abc import Sequence
from typing import Any

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.urls import reverse

from huiyin.customers.models import Contact
from huiyin.customers.services import NewContact, NewCustomer, register_customers
from huiyin.ledger.models import Fact
from huiyin.notices import messages
from huiyin.notices.models import Notice
from huiyin.obligations import services as obligations
from tests.access.test_every_route import TABLE, WITHOUT_SIGN_IN
from tests.access.test_hostile_forms import FORMS, sent
from tests.access.world import DAY, EVERYBODY, PHONE, World, undone

pytestmark = pytest.mark.django_db

CANARIES = {"金丝雀甲": "13900139001", "金丝雀乙": "15811112222", "金丝雀丙": "02161234567"}
SECRETS = re.compile("|".join([PHONE, *CANARIES, *CANARIES.values(), "金丝雀"]))
READERS = ("supervisor", "head", "owner", "repairer", "outsider")
"""Who sees most in each way of seeing; the others see a part of it."""
# All readers and forms in `make long`; else who sees most, and one form in three.
SOME_OR_ALL = pytest.mark.parametrize(
    ("readers", "turns"),
    [(READERS[:1], 3), pytest.param(READERS, 1, marks=pytest.mark.long)],
    ids=["some", "all"],
)


def settle(place: World) -> list[int]:
    """Three more households of 一区 whose contacts have names; their ids."""
    firm = place.place.firm
    rows = [
        NewCustomer(
            f"5栋{number}",
            "household",
            unit_id=firm.zone_one.pk,
            owner_id=firm.officer.pk,
            contacts=[NewContact(phone, "业主", name)],
        )
        for number, (name, phone) in enumerate(CANARIES.items(), 101)
    ]
    return list(register_customers(rows, by=firm.manager.pk, now=place.later).values())


def everything_stored() -> str:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(f'SELECT string_agg(t::text, chr(10)) FROM "{table}" t')
            found.append(f"{table}: {cursor.fetchone()[0]}")
    assert len(tables) > 25
    return "\n".join(found)


def everything_shown(
    place: World, customers: list[int], readers: Sequence[str], turns: int
) -> dict[str, str]:
    """Every page as each sees it, and the answers to forms, filled in well and badly."""
    shown = {}
    for role in readers:
        reader = place.browser(role)
        for name, names, posted, _statuses in TABLE:
            if posted is None:
                address = reverse(name, kwargs={k: place.ids.get(v, v) for k, v in names.items()})
                shown[f"{role} {name}"] = body(reader.get(address))
        for customer in customers:
            page = reader.get(reverse("customers:page", args=[customer]))
            shown[f"{role} customer {customer}"] = body(page)
    for form in FORMS[::turns]:
        if form.name != "customers:reveal":
            for given in ({}, dict.fromkeys(form.fields, "x")):
                with undone():
                    shown[f"form {form.name} {given}"] = body(sent(place, form, given))
    return shown


def body(answer: Any) -> str:
    """What an answer says, also inside a workbook."""
    content = answer.getvalue()
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(archive.read(name) for name in archive.namelist())
    return f"{answer.headers} {content.decode(errors='replace')}"


@SOME_OR_ALL
def test_no_page_no_row_and_no_line_of_the_log_holds_them(
    place: World, caplog: pytest.LogCaptureFixture, readers: Sequence[str], turns: int
) -> None:
    caplog.set_level(logging.INFO)
    with undone():
        customers = settle(place)
        obligations.tick(now=place.later + 3 * DAY)
        shown = everything_shown(place, customers, readers, turns)
        told = [messages.render(notice) for notice in Notice.objects.all()]
        facts = DjangoJSONEncoder().encode(list(Fact.objects.values_list("values", flat=True)))
        stored = everything_stored()

    assert [name for name, text in shown.items() if SECRETS.search(text)] == []
    assert SECRETS.findall("\n".join(told)) == []
    assert SECRETS.findall(facts) == []
    assert SECRETS.findall(stored) == []
    assert SECRETS.findall(caplog.text) == []
    assert "139****9001" in stored or "139••••9001" in stored
    assert any("139••••9001" in text for text in shown.values())


def test_a_reveal_shows_one_number_once_and_keeps_only_that_it_was_shown(place: World) -> None:
    with undone():
        settle(place)
        contact = Contact.objects.get(customer__number="5栋101")
        answer = place.browser("owner").post(
            reverse("customers:reveal", args=[contact.pk]), {"reason": "约回访"}
        )
        fact = Fact.objects.get(kind="phone.revealed")
        stored = everything_stored()

    assert "金丝雀甲" in answer.content.decode()
    digits = re.sub(r"\D", "", re.sub(r"<[^>]*>", "", answer.content.decode()))
    assert "13900139001" in digits
    assert not re.search("15811112222|02161234567", digits)
    assert (fact.by_id, fact.target_id) == (place.place.firm.officer.pk, contact.customer_id)
    assert SECRETS.findall(stored) == []


def test_the_scan_finds_what_lies_in_plain(place: World) -> None:
    with undone():
        Contact.objects.filter(pk=place.ids["contact_id"]).update(relation="金丝雀")

        assert SECRETS.findall(everything_stored()) == ["金丝雀"]
        page = place.browser("supervisor").get(f"/customers/{place.place.customer}/")
        assert SECRETS.search(body(page))


def test_a_contact_of_another_unit_is_not_revealed_by_its_number(place: World) -> None:
    with undone():
        settle(place)
        before = Fact.objects.count()
        for role in ("outsider", "far_head", "repairer", "colleague", "postless"):
            for contact in Contact.objects.values_list("pk", flat=True):
                answer = place.browser(role).post(reverse("customers:reveal", args=[contact]))
                assert answer.status_code == 404

        assert Fact.objects.count() == before


def test_a_search_by_tail_finds_only_what_one_may_see(place: World) -> None:
    with undone():
        settle(place)
        found = {
            role: "5栋101" in place.browser(role).get("/customers/?q=9001").content.decode()
            for role in EVERYBODY
            if role not in WITHOUT_SIGN_IN
        }

    assert {role for role, seen in found.items() if seen} == {
        "supervisor", "head", "unit_head", "owner",
    }  # fmt: skip
