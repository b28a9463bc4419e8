"""The sweep looks at what is due, once, whoever runs it and however often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from huiyin.core.errors import Conflict, Invalid, Refused
from huiyin.ledger.models import Fact
from huiyin.obligations import services
from huiyin.obligations.models import Obligation, Question
from tests.adopted import adopt
from tests.app.obligations.test_repairs import completed
from tests.people import SmallFirm, small_firm

pytestmark = pytest.mark.django_db

AFTER = datetime(2026, 3, 5, 16, 0, 1, tzinfo=UTC)


@pytest.fixture
def firm(now: datetime) -> SmallFirm:
    firm = small_firm(now)
    adopt(firm, now=now)
    return firm


def test_a_second_sweep_finds_nothing(firm: SmallFirm, now: datetime) -> None:
    completed(firm, "WX-1", now=now)

    first, second = services.tick(now=AFTER), services.tick(now=AFTER)

    assert (first, second) == (3, 0)
    assert Fact.objects.filter(kind="repair_visit.missed").count() == 3


def test_a_sweep_with_nothing_due_asks_a_handful(
    firm: SmallFirm, now: datetime, django_assert_max_num_queries
) -> None:
    completed(firm, "WX-1", now=now)

    with django_assert_max_num_queries(14):
        services.tick(now=now)


def test_a_sweep_takes_as_many_statements_for_many_as_for_few(
    firm: SmallFirm, now: datetime, django_assert_max_num_queries
) -> None:
    completed(firm, *(f"WX-{n}" for n in range(60)), now=now)

    with django_assert_max_num_queries(25):
        services.sweep(now=AFTER)

    assert not Obligation.objects.filter(missed=False).exists()


def test_a_row_that_fails_comes_back_in_an_hour_and_stops_no_other(
    firm: SmallFirm, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    completed(firm, "WX-1", "WX-2", now=now)
    broken = Obligation.objects.order_by("id").first()
    assert broken is not None
    # A duty's value that no code writes: reading its owed person fails inside the engine.
    Obligation.objects.filter(id=broken.id).update(values=["not", "a", "mapping"])

    services.sweep(now=AFTER)

    broken.refresh_from_db()
    assert broken.next_look_at == AFTER + services.RETRY
    assert str(broken.id) in caplog.text
    others = Obligation.objects.exclude(id=broken.id)
    assert set(others.values_list("missed", flat=True)) == {True}


def test_nobody_waives_what_he_owes(firm: SmallFirm, now: datetime) -> None:
    completed(firm, "WX-1", now=now)
    own = Obligation.objects.get(holder=firm.supervisor.pk)

    with pytest.raises(Refused):
        services.waive(own, by=firm.supervisor.pk, reason="太忙", now=now)
    with pytest.raises(Refused):
        services.waive(own, by=firm.repairer.pk, reason="太忙", now=now)

    own.refresh_from_db()
    assert own.state == Obligation.State.OPEN


def test_a_waiver_needs_a_reason_and_happens_once(firm: SmallFirm, now: datetime) -> None:
    completed(firm, "WX-1", now=now)
    row = Obligation.objects.get(holder=firm.supervisor.pk)

    with pytest.raises(Invalid, match="原因"):
        services.waive(row, by=firm.manager.pk, reason=" ", now=now)
    services.waive(row, by=firm.manager.pk, reason="住户外出三个月", now=now)
    with pytest.raises(Conflict):
        services.waive(row, by=firm.manager.pk, reason="再来一次", now=now)

    assert Fact.objects.filter(kind="obligation.waived").count() == 1


def test_an_obligation_that_opens_after_its_due_moment_is_late_for_the_clause_only(
    firm: SmallFirm, now: datetime
) -> None:
    completed(firm, "WX-1", now=now)
    Obligation.objects.update(opened_at=AFTER + timedelta(days=1))

    assert all(row.opened_late for row in Obligation.objects.all())
    assert not Question.objects.exists()
