"""Every bad value of a field, through the page of a new customer."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from huiyin.customers.models import Contact, Customer
from tests.access.world import undone
from tests.bad_input.answers import Refused, wrong_words
from tests.bad_input.fields import FIELDS, BadField
from tests.bad_input.firm import Place
from tests.bad_input.ways import counted

pytestmark = pytest.mark.django_db

SOON = 5.0
GROUPS = sorted({field.group for field in FIELDS})
ERROR = re.compile(r'id="field-%s-error"[^>]*>(.*?)</(?:p|div|ul|span)>', re.S)


def kept(field: BadField) -> Any:
    """What of it stands there afterwards."""
    customer = Customer.objects.get()
    if field.name == "contact-1-phone":
        return Contact.objects.get().phone
    if field.name.startswith("f-"):
        return customer.fields[field.name[2:]]
    return getattr(customer, field.name)


def words_of(page: str) -> str:
    """What the page says to a reader; of a megabyte that comes back only its ends."""
    text = re.sub(r"<(script|style|head|textarea).*?</\1>", "", page, flags=re.S)
    return re.sub(r"<[^>]*>", " ", re.sub(r"\s+", " ", text))


def wrong(client: Client, field: BadField, before: dict[str, int]) -> list[str]:
    """What is wrong with the answer to it."""
    began = time.process_time()
    given = {"number": "F-1"} | {field.name: field.sent}
    with undone():
        answer = client.post(reverse("customers:new"), given)
        took = time.process_time() - began
        if isinstance(field.answer, Refused):
            told = words_of(answer.content.decode())
            found = wrong_words(field.answer, told if answer.status_code == 422 else "")
            found += [] if counted() == before else ["something was written"]
            found = [each[:200] for each in found]
            found += [] if answer.status_code == 422 else [f"{answer.status_code}"]
        elif answer.status_code != 302:
            found = [f"{answer.status_code}"]
        else:
            found = [] if kept(field) == field.answer.into else [f"became {kept(field)!r}"]
    return found + ([f"{took:.1f} s"] if took > SOON else [])


@pytest.mark.parametrize("group", GROUPS)
def test_bad_values_in_fields_get_their_answers(
    place: Place, before: dict[str, int], head: Client, group: int
) -> None:
    mistakes = {
        str(field): found
        for field in FIELDS
        if field.group == group and (found := wrong(head, field, before))
    }

    assert mistakes == {}
