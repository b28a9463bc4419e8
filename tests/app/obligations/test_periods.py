"""What a period is, and what happens to one that is over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from huiyin.adoption import services as adoption
from huiyin.ledger.models import Fact
from huiyin.obligations import services
from huiyin.obligations.models import Obligation, ShareCount
from huiyin.subjects import services as subjects
from tests.adopted import adopt, sources
from tests.app.obligations.test_repairs import completed, roles_of
from tests.people import small_firm

pytestmark = pytest.mark.django_db

APRIL = datetime(2026, 4, 2, tzinfo=UTC)


def test_arrears_that_a_void_leaves_after_the_period_are_opened_on_its_newest_item(
    now: datetime,
) -> None:
    firm = small_firm(now)
    adopt(firm, now=now)
    first, second = completed(firm, "WX-1", "WX-2", now=now)
    services.tick(now=APRIL)
    assert roles_of(second) == {"repair_lead"}

    done = Fact.objects.get(target=first, kind="repair.completed")
    subjects.void_event(done, by=firm.supervisor.pk, reason="登记错了", now=APRIL)
    services.tick(now=APRIL + timedelta(minutes=1))

    assert roles_of(second) == {"manager", "supervisor", "repair_lead"}
    late = Obligation.objects.get(target=second, owed_roles=["manager"])
    assert late.opened_late


def test_a_share_per_quarter_is_counted_until_the_quarter_ends(now: datetime) -> None:
    firm = small_firm(now)
    text = sources()["policy.yaml"].replace("share: {per: month", "share: {per: quarter")
    proposed = adoption.propose(
        sources() | {"policy.yaml": text},
        starts_on=date(2026, 1, 2),
        mode="force",
        by=firm.supervisor.pk,
        now=now,
    )
    adoption.approve(proposed, by=firm.manager.pk, now=now)

    completed(firm, "WX-1", now=now)

    [count] = ShareCount.objects.all()
    assert count.ends_at == datetime.fromisoformat("2026-04-01T00:00:00+08:00")
    periods = {(row.period.lower, row.period.upper) for row in Obligation.objects.all()}
    assert periods == {(date(2026, 1, 1), date(2026, 4, 1))}
