"""Every bad request: answered in words, never by a fault of ours, and nothing half written."""

from __future__ import annotations

import re
import time

import pytest
from django.test import Client

from huiyin.customers.models import Customer
from tests.access.world import undone
from tests.bad_input.answers import Refused, wrong_words
from tests.bad_input.firm import Place
from tests.bad_input.requests import REQUESTS, BadRequest
from tests.bad_input.ways import counted

pytestmark = pytest.mark.django_db

SOON = 5.0


@pytest.mark.parametrize("request_", REQUESTS, ids=str)
def test_a_bad_request_gets_its_answer(
    place: Place, before: dict[str, int], head: Client, request_: BadRequest
) -> None:
    began = time.process_time()

    with undone():
        answer = request_.send(head)
        took = time.process_time() - began
        made, after = Customer.objects.count(), counted()

    text = answer.content.decode()
    assert answer.status_code == request_.status, text[-2000:]
    assert took < SOON
    assert made == request_.made
    if isinstance(request_.answer, Refused):
        assert wrong_words(request_.answer, text) == []
        assert request_.status == 405 or re.search("[一-鿿]{4}", text)
        assert after == before


def test_nothing_of_what_no_page_offers_is_taken(place: Place, head: Client) -> None:
    [secret] = [each for each in REQUESTS if each.name == "fields that no page has"]
    with undone():
        secret.send(head)
        made = Customer.objects.get()

    assert (made.number, made.customer_class, made.retracted_at) == ("F-1", "household", None)
    assert made.fields == {}
    assert made.registered_at == place.now
    assert made.pk != 7
