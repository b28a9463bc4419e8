"""From a completed repair to obligations and their due moments, through the services."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from huiyin.adoption import services as adoption_services
from huiyin.adoption.models import Adoption
from huiyin.ledger.models import Fact
from huiyin.obligations import services
from huiyin.obligations.models import Obligation, ShareCount
from huiyin.subjects import services as subjects
from huiyin.subjects.models import Subject
from huiyin.subjects.services import NewEvent, NewSubject
from tests.adopted import adopt, sources
from tests.people import SmallFirm, small_firm

pytestmark = pytest.mark.django_db

DUE_LEAK = datetime(2026, 3, 5, 16, tzinfo=UTC)
"""24:00 of 5 March in Shanghai: three days after 2 March."""


@pytest.fixture
def firm(now: datetime) -> SmallFirm:
    firm = small_firm(now)
    adopt(firm, now=now)
    return firm


def completed(firm: SmallFirm, *numbers: str, now: datetime, category: str = "leak") -> list[int]:
    """Repairs of zone one, completed now in the given order."""
    ids = subjects.register(
        "repair",
        [
            NewSubject(
                number,
                {"category": category, "repairer": firm.repairer.pk},
                unit_id=firm.zone_one.pk,
            )
            for number in numbers
        ],
        by=firm.officer.pk,
        now=now,
    )
    subjects.record_events(
        [NewEvent(id, "completed", now, firm.repairer.pk, firm.officer.pk) for id in ids], now=now
    )
    return ids


def roles_of(target: int) -> set[str]:
    return {role for row in Obligation.objects.filter(target=target) for role in row.owed_roles}


def test_the_first_repair_of_a_month_goes_to_every_role(firm: SmallFirm, now: datetime) -> None:
    [first] = completed(firm, "WX-1", now=now)

    assert roles_of(first) == {"manager", "supervisor", "repair_lead"}
    assert set(Obligation.objects.values_list("due_at", flat=True)) == {DUE_LEAK}


def test_shares_hold_after_every_completion_of_a_batch(firm: SmallFirm, now: datetime) -> None:
    ids = completed(firm, *(f"WX-{n}" for n in range(20)), now=now)

    counts = ShareCount.objects.get().counts
    for role, tenths in (("manager", 1), ("supervisor", 3), ("repair_lead", 6)):
        items, allotted = counts[role]
        assert items == 20
        assert allotted * 10 >= tenths * items
    assert all(roles_of(id) for id in ids)


def test_an_open_obligation_is_overdue_only_after_its_due_moment(
    firm: SmallFirm, now: datetime
) -> None:
    completed(firm, "WX-1", now=now)

    services.tick(now=DUE_LEAK)
    at_the_moment = set(Obligation.objects.values_list("missed", flat=True))
    services.tick(now=DUE_LEAK + timedelta(seconds=1))

    assert at_the_moment == {False}
    assert set(Obligation.objects.values_list("missed", flat=True)) == {True}
    assert {row.standing(DUE_LEAK) for row in Obligation.objects.all()} == {"due"}
    assert {row.standing(DUE_LEAK + timedelta(seconds=1)) for row in Obligation.objects.all()} == {
        "overdue"
    }


def test_a_voided_completion_withdraws_what_it_opened(firm: SmallFirm, now: datetime) -> None:
    completed(firm, "WX-1", "WX-2", now=now)
    fact = Fact.objects.get(target=Subject.objects.get(number="WX-1").pk, kind="repair.completed")

    subjects.void_event(fact, by=firm.supervisor.pk, reason="登记错了", now=now)

    assert set(Obligation.objects.filter(opener=fact).values_list("state", flat=True)) == {"voided"}
    assert {items for items, _allotted in ShareCount.objects.get().counts.values()} == {1}


@pytest.mark.parametrize(("start", "opened"), [("history", 0), ("live", 3)])
def test_facts_before_the_approval_open_obligations_only_if_the_adoption_says_so(
    now: datetime, start: str, opened: int
) -> None:
    firm = small_firm(now)
    first = adoption_services.propose(
        sources(), starts_on=date(2026, 1, 2), mode="force", by=firm.supervisor.pk, now=now
    )
    adoption_services.approve(first, by=firm.manager.pk, now=now)
    Adoption.objects.update(starts_at=now + timedelta(days=1))
    [repair] = completed(firm, "WX-1", now=now)
    Adoption.objects.update(state="ended", ends_at=now + timedelta(days=1))
    second = adoption_services.propose(
        sources(),
        starts_on=date(2026, 1, 2),
        mode="force",
        start=start,
        by=firm.supervisor.pk,
        now=now,
    )

    adoption_services.approve(second, by=firm.manager.pk, now=now)

    assert Obligation.objects.filter(target=repair).count() == opened
