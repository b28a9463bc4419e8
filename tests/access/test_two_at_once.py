"""The same form sent twice at the same moment, by two browsers on a database that commits."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.urls import reverse

from huiyin.customers import changing
from huiyin.customers.models import Customer
from huiyin.desk import services as lists
from huiyin.desk.models import Export, SavedView
from huiyin.ledger.models import Fact
from huiyin.obligations.models import Obligation
from huiyin.records.models import Record
from tests.app import scene as on

VISIT = on.SATISFIED | {"visited": on.drawing(), "channel": "visit", "key": "one-key"}


@pytest.fixture
def place(scratch_db: object, now: datetime) -> Iterator[on.Scene]:
    found = on.scene(now)
    with time_machine.travel(now + timedelta(hours=2), tick=False):
        yield found


def both(place: on.Scene, address: str, given: dict[str, Any]) -> list[int]:
    """The statuses that two browsers of the head of repairs get."""
    browsers, start = [on.signed_in(place.firm.repair_lead) for _n in range(2)], Barrier(2)

    def one(browser: Any) -> int:
        start.wait()
        try:
            return int(browser.post(address, given).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        return sorted(threads.map(one, browsers))


def test_one_visit_sent_twice_is_filed_once(place: on.Scene) -> None:
    repair = on.completed(place)

    answers = both(place, reverse("followups:workbench", args=[repair.pk]), VISIT)

    assert answers == [302, 302]
    assert Record.objects.count() == 1
    assert Fact.objects.filter(kind="record.filed").count() == 1


def test_one_completion_entered_twice_opens_its_work_once(place: on.Scene) -> None:
    repair = on.repair(place)

    answers = both(
        place, reverse("subjects:event", args=["repair", repair.pk]), {"event": "completed"}
    )

    assert answers == [302, 409]
    assert Fact.objects.filter(kind="repair.completed").count() == 1
    assert Obligation.objects.about(repair.pk).values("opener").distinct().count() == 1


def test_of_two_who_mend_one_household_the_second_is_told(place: on.Scene) -> None:
    form = {
        "number": "3栋1202", "name": "吴家", "unit": str(place.firm.zone_one.pk),
        "seen": str(changing.version(place.customer)),
    }  # fmt: skip

    answers = both(place, reverse("customers:edit", args=[place.customer]), form)

    assert answers == [302, 409]
    assert Fact.objects.filter(kind="customer.changed").count() == 1


def test_of_two_who_enter_one_household_the_second_is_told(place: on.Scene) -> None:
    form = {"number": "9栋0101", "unit": str(place.firm.zone_one.pk)}

    answers = both(place, reverse("customers:new"), form)

    assert answers == [302, 422]
    assert Customer.objects.filter(number="9栋0101").count() == 1


def test_the_same_key_with_other_answers_is_told_so(place: on.Scene) -> None:
    repair = on.completed(place)
    browser = on.signed_in(place.firm.repair_lead)
    address = reverse("followups:workbench", args=[repair.pk])

    first = browser.post(address, VISIT)
    second = browser.post(address, VISIT | {"service": "1"})

    assert (first.status_code, second.status_code) == (302, 409)
    assert Record.objects.count() == 1


def test_one_view_saved_twice_is_kept_once(place: on.Scene) -> None:
    view = {"room": "customers", "query": "q=1", "name": "一栋", "is_default": "true"}

    answers = both(place, reverse("desk:saved_views"), view)

    assert answers == [302, 422]
    assert SavedView.objects.filter(is_default=True).count() == SavedView.objects.count() == 1


def test_one_long_list_asked_for_twice_is_made_once(
    place: on.Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "AT_ONCE", 0)

    answers = both(place, reverse("desk:exports"), {"room": "customers", "query": ""})

    assert answers == [302, 302]
    assert Export.objects.count() == Fact.objects.filter(kind="list.exported").count() == 1
