"""The same form sent twice, and two people who do the same at the same moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.urls import reverse

from huiyin.cases import services
from huiyin.cases.given import Item
from huiyin.cases.models import Case, Referral
from huiyin.cases.views import SERVICES
from huiyin.core.errors import Conflict
from huiyin.ledger.models import Fact
from tests.app import scene as on

HOUR = timedelta(hours=1)
QUESTION = Item("question", "何时换灯", answer="周五")
INTAKE = {
    "origin": "phone",
    "item-kind": "suggestion",
    "item-description": "快递柜挪到门口",
    "key": "one",
}


@pytest.fixture
def place(scratch_db: object, now: datetime) -> Iterator[on.Scene]:
    found = on.scene(now)
    with time_machine.travel(now + 2 * HOUR, tick=False):
        yield found


def at_once(act: Callable[[int], Any], times: int) -> list[Any]:
    """What each of so many threads that start together got."""
    start = Barrier(times)

    def one(n: int) -> Any:
        start.wait()
        try:
            return act(n)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(one, range(times)))


def test_one_item_sent_many_times_is_one_case(place: on.Scene) -> None:
    address = reverse("cases:intake", args=[place.customer])
    browsers = [on.signed_in(place.firm.officer) for _n in range(8)]

    answers = at_once(lambda n: browsers[n].post(address, INTAKE), 8)

    [case] = Case.objects.all()
    assert {answer.headers["Location"] for answer in answers} == {
        reverse("cases:page", args=[case.pk])
    }
    assert Fact.objects.filter(kind="case.raised").count() == 1


FACTS = {
    "decision": "case.decided",
    "handling": "case.handled",
    "referral": "case.referred",
    "reply": "case.replied",
    "supplement": "case.supplemented",
    "classification": "case.reclassified",
    "withdrawal": "case.withdrawn",
    "closure": "case.closed",
}


def given(place: on.Scene, noun: str) -> tuple[Item, dict[str, Any]]:
    """A case on which the act is next, and the form that goes through."""
    suggestion, complaint = Item("suggestion", "挪快递柜"), Item("complaint", "不接电话")
    return {
        "decision": (suggestion, {"decision": "adopted", "reason": "方便"}),
        "handling": (complaint, {"text": "属实，已道歉"}),
        "referral": (QUESTION, {"to": place.firm.head_office.pk, "text": "请示"}),
        "reply": (complaint, {"text": "已道歉", "channel": "phone"}),
        "supplement": (suggestion, {"text": "是东门"}),
        "classification": (
            complaint, {"kind": "opinion", "severity": "minor", "reason": "不是投诉"},
        ),
        "withdrawal": (suggestion, {"reason": "不用了"}),
        "closure": (QUESTION, {"outcome": "explained"}),
    }[noun]  # fmt: skip


@pytest.mark.parametrize("noun", sorted(FACTS))
def test_the_same_submission_has_one_effect_and_two_people_do_not_both(
    place: on.Scene, now: datetime, noun: str
) -> None:
    item, form = given(place, noun)
    twice = on.taken_down(place, item, place.firm.officer, now)
    both = on.taken_down(place, item, place.firm.officer, now)
    one = on.signed_in(place.firm.director)
    address = reverse(f"cases:{noun}", args=[twice.pk])
    # Both have the case before them as it is; who reads it only after the other may add to it.
    people = [(place.firm.director, on.fresh(both)), (place.firm.manager, on.fresh(both))]

    def act(n: int) -> int:
        person, case = people[n]
        sent = {name: str(value) for name, value in form.items()}
        try:
            SERVICES[noun](case, sent, on.doing(person, now + 2 * HOUR))
        except Conflict:
            return 409
        return 302

    same = at_once(lambda n: one.post(address, form | {"key": "same"}).status_code, 2)
    others = at_once(act, 2)

    facts = Fact.objects.filter(kind=FACTS[noun])
    assert same == [302, 302]
    assert facts.filter(target=twice.pk).count() == 1
    # What is only added does not stand in each other's way.
    told = [302, 302] if noun == "supplement" else [302, 409]
    assert sorted(others) == told
    assert facts.filter(target=both.pk).count() == told.count(302)


def test_a_key_of_another_content_is_told_so(place: on.Scene, now: datetime) -> None:
    case = on.taken_down(place, QUESTION, place.firm.officer, now)
    browser, address = on.signed_in(place.firm.director), reverse("cases:reply", args=[case.pk])

    first = browser.post(address, {"text": "周五", "channel": "phone", "key": "k"})
    second = browser.post(address, {"text": "周六", "channel": "phone", "key": "k"})

    assert (first.status_code, second.status_code) == (302, 409)
    assert on.fresh(case).reply_to_customer == "周五"


def test_of_two_rulings_at_once_one_counts(place: on.Scene, now: datetime) -> None:
    firm = place.firm
    case = on.taken_down(place, replace(QUESTION, severity="major"), firm.officer, now)
    doing = on.doing(firm.director, now + HOUR)
    services.refer(case, to=firm.head_office.pk, text="请示", doing=doing)
    browsers = [on.signed_in(firm.director), on.signed_in(firm.head_office)]
    address = reverse("cases:ruling", args=[case.pk])

    answers = at_once(
        lambda n: browsers[n].post(address, {"text": f"同意 {n}", "key": f"k{n}"}).status_code, 2
    )

    assert sorted(answers) == [302, 409]
    assert Referral.objects.get().ruled_at is not None
    assert Fact.objects.filter(kind="case.referral_decided").count() == 1
