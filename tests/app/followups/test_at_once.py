"""Two phones that send the same follow-up at the same moment, on a database that commits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

from django.db import connections

from huiyin.cases import services as cases
from huiyin.cases.given import Doing
from huiyin.core.errors import Conflict
from huiyin.ledger.models import Fact
from huiyin.records.models import Handover, Record
from tests.app import scene as on

HOUR = timedelta(hours=1)


def both(act: Any) -> list[Any]:
    """Run `act` in two threads that start together; what each returned or raised."""
    start = Barrier(2)

    def one(_n: int) -> Any:
        start.wait()
        try:
            return act()
        except Conflict as conflict:
            return conflict
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(one, range(2)))


def test_the_same_key_sent_twice_at_once_has_one_effect(scratch_db: object, now: datetime) -> None:
    place = on.scene(now)
    repair = on.completed(place)

    held = both(lambda: on.visit(repair.pk, place.firm.repair_lead, now + HOUR, key="once"))

    assert held[0].pk == held[1].pk
    assert Record.objects.count() == 1
    assert Fact.objects.filter(kind="followup.held").count() == 1


def test_of_two_who_hand_the_notice_over_at_once_one_is_told(
    scratch_db: object, now: datetime
) -> None:
    place = on.scene(now)
    lead = place.firm.repair_lead
    case = on.notice(on.case_of(place, on.completed(place), now + HOUR), lead, now + HOUR)
    doing = Doing(by=lead.pk, recorded_by=lead.pk, happened_at=now + HOUR, now=now + HOUR)

    results = both(
        lambda: cases.hand_over_notice(
            on.fresh(case), channel="in_person", receipt=on.signed(), doing=doing
        )
    )

    assert sorted(isinstance(each, Conflict) for each in results) == [False, True]
    assert Handover.objects.count() == 1
    assert Fact.objects.filter(kind="case.notified").count() == 1
