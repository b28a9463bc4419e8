"""A withdrawal and a contact at the same moment: whichever is committed first decides."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event
from time import sleep
from typing import Any

import pytest
from django.db import connections, transaction

from huiyin.core.errors import Refused
from huiyin.customers import consenting
from huiyin.customers.consenting import Statement
from huiyin.customers.models import Customer
from huiyin.followups import services as followups
from huiyin.followups.models import Followup
from huiyin.followups.services import Appointment, Visit
from huiyin.ledger.models import Fact
from huiyin.obligations import services as duties
from huiyin.obligations.models import Obligation
from tests.app import scene as on

HOUR = timedelta(hours=1)
A_WHILE = 0.4


def apart(act: Callable[[], Any], pool: ThreadPoolExecutor) -> Future[Any]:
    """The act in a connection of its own."""

    def run() -> Any:
        try:
            return act()
        finally:
            connections.close_all()

    return pool.submit(run)


def withdraw(place: on.Scene, at: datetime) -> None:
    consenting.state(
        Customer.objects.get(pk=place.customer),
        Statement("withdrawn", "all", "all", "phone", "录音 0302", at),
        by=place.firm.manager.pk,
        now=at,
    )


def plan(place: on.Scene, repair: int, at: datetime) -> None:
    appointment = Appointment(repair, "phone", at + HOUR)
    followups.plan(appointment, by=place.firm.repair_lead.pk, now=at)


def hold(place: on.Scene, repair: int, at: datetime) -> None:
    lead = place.firm.repair_lead
    visit = Visit(repair, "repair_visit", (lead.pk,), "phone")
    followups.hold(visit, answers=on.filled(), doing=on.doing(lead, at))


@pytest.mark.parametrize("contact", [plan, hold])
def test_a_contact_waits_for_a_withdrawal_under_way_and_is_refused(
    scratch_db: object, now: datetime, contact: Callable[..., None]
) -> None:
    place = on.scene(now)
    repair = on.completed(place).pk
    said = Event()

    def withdrawing() -> None:
        with transaction.atomic():
            withdraw(place, now + HOUR)
            said.set()
            sleep(A_WHILE)

    def contacting() -> None:
        assert said.wait(5)
        contact(place, repair, now + HOUR)

    with ThreadPoolExecutor(2) as pool:
        withdrawal, refused = apart(withdrawing, pool), apart(contacting, pool)
        withdrawal.result()
        with pytest.raises(Refused, match="撤回同意"):
            refused.result()

    assert not Followup.objects.exists()
    assert not Fact.objects.filter(kind__in=["followup.planned", "record.filed"]).exists()


@pytest.mark.parametrize("contact", [plan, hold])
def test_a_withdrawal_waits_for_a_contact_under_way(
    scratch_db: object, now: datetime, contact: Callable[..., None]
) -> None:
    place = on.scene(now)
    repair = on.completed(place).pk
    begun = Event()
    order: list[str] = []

    def contacting() -> None:
        with transaction.atomic():
            contact(place, repair, now + HOUR)
            begun.set()
            sleep(A_WHILE)
            order.append("contact")

    def withdrawing() -> None:
        assert begun.wait(5)
        withdraw(place, now + HOUR)
        order.append("withdrawal")

    with ThreadPoolExecutor(2) as pool:
        for each in (apart(contacting, pool), apart(withdrawing, pool)):
            each.result()

    assert order == ["contact", "withdrawal"]
    facts = Fact.objects.filter(kind__in=["followup.planned", "followup.held", "consent.withdrawn"])
    assert facts.count() == 2


def test_what_was_opened_beside_a_withdrawal_is_blocked_by_the_next_run(
    scratch_db: object, now: datetime
) -> None:
    place = on.scene(now)
    repair = on.repair(place)
    opened, said = Event(), Event()

    def completing() -> None:
        with transaction.atomic():
            on.subjects.record_event(
                repair, "completed", happened_at=now, by=place.firm.repairer.pk,
                recorded_by=place.firm.manager.pk, now=now,
            )  # fmt: skip
            opened.set()
            assert said.wait(5)

    def withdrawing() -> None:
        assert opened.wait(5)
        withdraw(place, now)
        said.set()

    with ThreadPoolExecutor(2) as pool:
        for each in (apart(completing, pool), apart(withdrawing, pool)):
            each.result()
    duties.tick(now=now + 30 * 24 * HOUR)

    rows = Obligation.objects.filter(target=repair.pk)
    assert rows.exists()
    assert {(row.state, row.missed) for row in rows} == {("blocked", False)}
