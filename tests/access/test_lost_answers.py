"""A form whose answer was lost on the way is sent again, with its key: the answer is the first's.

A browser without a network cannot know whether its form arrived. So each form that may wait on
the device has to take the same content twice, also when the first sending has moved everything on.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from huiyin.cases.given import Item
from huiyin.followups.models import Followup
from huiyin.ledger.models import Fact
from tests.app import scene as on
from tests.i18n.filled import rightly_filled
from tests.i18n.house import house

pytestmark = pytest.mark.django_db


def waits(browser: Client, address: str) -> bool:
    """Whether the page says that its form may be finished without a network."""
    return b'data-behaviour="draft offline"' in browser.get(address).content


def sent(browser: Client, address: str, given: dict[str, Any]) -> tuple[int, bool, str]:
    answer = browser.post(address, given, headers={"HX-Request": "true"})
    return answer.status_code, answer.has_header("X-Huiyin-Done"), answer.content.decode()


def test_every_form_that_may_wait_answers_a_second_sending_like_the_first(now: datetime) -> None:
    made = house(now)
    with time_machine.travel(made.later, tick=False):
        browser = on.signed_in(made.place.firm.manager)
        # The first may have gone out without its moment; what waited says when it was done.
        when = made.later.isoformat()
        wrong, tried = [], 0
        for number, (at, given) in enumerate(rightly_filled()):
            keyed = given | {"key": f"key-{number}"}
            may_wait = waits(browser, at)
            first = sent(browser, at, keyed)
            if not may_wait:
                continue
            tried += 1
            before = Fact.objects.count(), Followup.objects.count()
            again = sent(browser, at, {"happened_at": when} | keyed)
            if (first[:2], again[:2]) != ((204, True), (204, True)):
                wrong.append((at, first, again[0]))
            assert (Fact.objects.count(), Followup.objects.count()) == before, at

    assert tried > 8
    assert wrong == []


def test_a_notice_that_names_the_repairer_is_the_same_when_it_is_sent_again(now: datetime) -> None:
    place = on.scene(now)
    firm = place.firm
    case = on.taken_down(place, Item("problem", "灯不亮", "minor"), firm.officer, now)
    assert case.repairer_id is None
    given = {
        "problem": "灯不亮",
        "requirement": "换灯",
        "rectify_by": "2026-03-09",
        "repairer": firm.repairer.pk,
        "key": "k",
    }
    with time_machine.travel(now + timedelta(hours=1), tick=False):
        browser, at = on.signed_in(firm.manager), (now + timedelta(hours=1)).isoformat()
        answers = [
            sent(browser, f"/cases/{case.pk}/notice/", given | more)
            for more in ({}, {"happened_at": at})
        ]

    assert [answer[:2] for answer in answers] == [(204, True)] * 2, answers
    assert on.fresh(case).repairer_id == firm.repairer.pk
