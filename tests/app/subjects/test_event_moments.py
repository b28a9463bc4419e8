"""When what happened became known, and why it is entered only now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from huiyin.ledger.models import Fact
from huiyin.subjects.models import Subject
from tests.access.world import repair
from tests.app import scene as on

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("two_hours_later")]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def order(place: on.Scene, now: datetime) -> Subject:
    return repair(place, "WX-9")


@pytest.fixture
def manager(place: on.Scene) -> Client:
    return on.signed_in(place.firm.manager)


def told(client: Client, about: Subject, now: datetime, **moments: Any) -> Any:
    written = {
        name: moment.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%dT%H:%M")
        if isinstance(moment, datetime)
        else moment
        for name, moment in moments.items()
    }
    return client.post(f"/subjects/repair/{about.pk}/events/", {"event": "completed"} | written)


def wrong(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 422
    return dict(answer.context["event_form"].errors)


@pytest.mark.parametrize(
    ("back", "asked"),
    [
        (DAY - 2 * HOUR - timedelta(minutes=1), False),
        (DAY - 2 * HOUR, False),
        (DAY - 2 * HOUR + timedelta(minutes=1), True),
    ],
)
def test_what_was_known_for_more_than_a_day_says_why_it_is_entered_only_now(
    manager: Client, order: Subject, now: datetime, back: timedelta, asked: bool
) -> None:
    at = now - back

    silent = told(manager, order, now, happened_at=at)

    assert (silent.status_code == 422) == asked
    if asked:
        assert list(wrong(silent)) == ["late_reason"]
        assert (
            told(manager, order, now, happened_at=at, late_reason="单子今天才交").status_code == 302
        )
        assert Fact.objects.get(kind="repair.completed").note.text == "补录原因：单子今天才交"


def test_what_became_known_later_counts_from_there_and_needs_no_reason(
    manager: Client, order: Subject, now: datetime
) -> None:
    answer = told(manager, order, now, happened_at=now - DAY, known_at=now)

    fact = Fact.objects.get(kind="repair.completed")
    assert answer.status_code == 302
    assert (fact.happened_at, fact.known_at) == (now - DAY, now)


def test_without_a_moment_of_its_own_it_was_known_when_it_happened(
    manager: Client, order: Subject, now: datetime
) -> None:
    told(manager, order, now, happened_at=now)

    assert Fact.objects.get(kind="repair.completed").known_at == now


def test_it_is_known_neither_before_it_happened_nor_later_than_now(
    manager: Client, order: Subject, now: datetime
) -> None:
    early = told(manager, order, now, happened_at=now, known_at=now - HOUR)
    late = told(manager, order, now, happened_at=now, known_at=now + 3 * HOUR)

    assert wrong(early) == {"known_at": ["得知时间不能早于发生时间。"]}
    assert wrong(late) == {"known_at": ["时间在将来，尚未发生的事不能登记。"]}
    assert not Fact.objects.filter(kind="repair.completed").exists()
