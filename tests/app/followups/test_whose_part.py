"""The workbench says whose part a visit would be, before it is filed and afterwards."""

from __future__ import annotations

from datetime import datetime

import pytest

from huiyin.accounts.services import take_leave
from huiyin.ledger.models import Fact
from huiyin.obligations.models import Obligation
from huiyin.subjects.models import Subject
from tests.app import scene as on
from tests.app.followups.test_pages import bench, sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("two_hours_later")]


@pytest.fixture
def of_the_lead(place: on.Scene, repair: Subject) -> Subject:
    """The month's second repair: of the first every role had its part."""
    second = on.completed(place, "WX-2")
    assert Obligation.objects.get(target=second.pk).owed_roles == ["repair_lead"]
    return second


def test_whose_part_does_not_count_is_told_before_it_is_filed(
    place: on.Scene, repair: Subject, of_the_lead: Subject
) -> None:
    manager = on.signed_in(place.firm.manager)

    one_part = manager.get(bench(repair.pk)).content.decode()

    others = f"{place.firm.supervisor.name}、{place.firm.repair_lead.name}"
    assert f"其中 {others} 的那一份不因您一个人提交而履行" in one_part


def test_a_visit_that_counts_for_nobody_says_so_before_it_is_filed(
    place: on.Scene, of_the_lead: Subject
) -> None:
    repair = of_the_lead
    owing = on.signed_in(place.firm.repair_lead).get(bench(repair.pk)).content.decode()
    manager = on.signed_in(place.firm.manager)
    other = manager.get(bench(repair.pk)).content.decode()
    manager.post(bench(repair.pk), sent())

    assert "不算履行" not in owing
    assert f"这次回访由 {place.firm.repair_lead.name} 负责" in other and "不算履行" in other
    assert Obligation.objects.get(target=repair.pk).state == "open"


def test_a_deputy_is_told_for_whom_he_acts_and_not_that_he_may_not(
    place: on.Scene, of_the_lead: Subject, now: datetime
) -> None:
    repair, lead, officer = of_the_lead, place.firm.repair_lead, place.firm.officer
    today = now.date()
    take_leave(lead, today, today, deputy=officer, by=place.firm.manager.pk, now=now)
    client = on.signed_in(officer)

    shown = client.get(bench(repair.pk)).content.decode()
    held = Fact.objects.filter(kind="obligation.assigned").count()
    answer = client.post(bench(repair.pk), sent())
    told = client.get(answer.headers["Location"]).content.decode()

    assert f"您代 {lead.name} 办理" in shown
    assert "只能由" not in shown and "不算履行" not in shown
    assert held == 0
    assert Obligation.objects.get(target=repair.pk).state == "done"
    assert told.count(f"{officer.name} 代 {lead.name}") == 2


def test_a_deputy_whose_colleague_did_the_repair_is_still_told_that_he_may_not(
    place: on.Scene, repair: Subject, now: datetime
) -> None:
    today = now.date()
    take_leave(place.firm.repairer, today, today, deputy=place.firm.director, by=None, now=now)

    shown = on.signed_in(place.firm.director).get(bench(repair.pk)).content.decode()

    assert "只能由" in shown
