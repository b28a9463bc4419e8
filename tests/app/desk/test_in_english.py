"""Words of the firm's data that a page in English says in English."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.test import Client

from huiyin.accounts.models import Position
from huiyin.customers.models import Contact
from tests.app import scene as on

pytestmark = pytest.mark.django_db


@pytest.fixture
def english(founded: on.Scene, now: Any) -> Any:
    with time_machine.travel(now, tick=False):
        client = on.signed_in(founded.firm.supervisor)
        client.cookies["django_language"] = "en"
        yield client


def page(client: Client, address: str) -> str:
    return client.get(address).content.decode()


@pytest.mark.parametrize("address", ["/", "/settings/people/", "/settings/roles/"])
def test_a_position_made_from_a_role_bears_its_english_title(english: Client, address: str) -> None:
    said = page(english, address)

    assert "Supervisor" in said
    assert ">主管<" not in said and " 主管<" not in said


def test_a_position_that_has_no_english_title_is_called_as_it_is(english: Client) -> None:
    Position.objects.filter(pk="supervisor").update(title="值班长", title_en="")

    assert '<span class="person__role">值班长</span>' in page(english, "/")


def test_the_day_is_said_as_english_says_it(english: Client) -> None:
    assert "Monday, March 2 ·" in page(english, "/")


def test_in_chinese_everything_stays(english: Client) -> None:
    english.cookies["django_language"] = "zh-hans"

    assert '<span class="person__role">主管</span>' in page(english, "/")
    assert "3月2日 星期一 ·" in page(english, "/")


def test_a_known_relation_is_translated_and_another_one_stays(
    english: Client, founded: on.Scene
) -> None:
    home = f"/customers/{founded.customer}/"
    known = page(english, home)
    Contact.objects.update(relation="二叔")

    assert '<span class="quiet">业主</span>' not in known
    assert "二叔" in page(english, home)


def test_no_two_filters_read_the_same(english: Client) -> None:
    filters = english.get("/obligations/").context["controls"]["filters"]

    said = [each.placeholder for each in filters]
    assert len(said) > 3 and len(said) == len(set(said))
