"""Verdicts over versions that follow one another, and of work that is waived or blocked."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from huiyin.adoption import services as adoption_services
from huiyin.adoption.models import Adoption
from huiyin.adoption.queries import pack_of
from huiyin.insights.verdicts import LeafVerdict, Verdict, verdicts
from huiyin.obligations import services as obligations
from huiyin.obligations.models import Obligation
from tests.adopted import adopt, sources
from tests.app.adoption.test_versions import next_version
from tests.app.insights.test_verdicts import DUE_LEAK, MARCH, visit
from tests.app.obligations.test_repairs import completed
from tests.people import SmallFirm

pytestmark = pytest.mark.django_db


def verdict(adoption: Adoption, clause: str, *, month: date = MARCH, now: datetime) -> Verdict:
    pack = pack_of(adoption.policy_version_id)
    return verdicts(adoption, pack, months=[month], now=now)[clause, month]


def share(adoption: Adoption, clause: str, *, now: datetime) -> LeafVerdict:
    return next(leaf for leaf in verdict(adoption, clause, now=now).leaves if leaf.kind == "share")


def test_a_share_counts_the_items_of_every_version_of_its_month(
    firm: SmallFirm, now: datetime
) -> None:
    adopt(firm, now=now)
    before = completed(firm, "WX-1", "WX-2", "WX-3", now=now)
    later = now + timedelta(days=1)
    second = next_version(firm, 2, now=later, starts_on=date(2026, 3, 3))
    adoption_services.approve(second, by=firm.manager.pk, now=later)
    after = completed(firm, "WX-4", now=later)
    for target in (*before, *after):
        visit(firm, target, at=later)

    leaf = share(second, "B.1.d", now=later)

    assert (leaf.part, leaf.whole, leaf.conclusion) == (3, 4, "met")


def test_a_waived_item_is_not_counted_as_visited(firm: SmallFirm, now: datetime) -> None:
    adoption = adopt(firm, now=now)
    completed(firm, "WX-1", now=now)
    row = Obligation.objects.get(holder=firm.repair_lead.pk)
    obligations.waive(row, by=firm.manager.pk, reason="住户外出", now=now)

    leaf = share(adoption, "B.1.d", now=now)

    assert (leaf.part, leaf.waived, leaf.conclusion) == (0, 1, "met")


@pytest.mark.parametrize(
    ("late", "conclusion"), [(timedelta(0), "running"), (timedelta(seconds=1), "missed")]
)
@pytest.mark.parametrize("clause", ["B.2.c", "B.1.b"])
def test_blocked_work_runs_until_its_due_moment_and_is_missed_after_it(
    firm: SmallFirm, now: datetime, clause: str, late: timedelta, conclusion: str
) -> None:
    adoption = adopt(firm, now=now)
    completed(firm, "WX-1", now=now)
    Obligation.objects.update(state="blocked", blocked_by="no_eligible_holder", next_look_at=None)

    assert verdict(adoption, clause, now=DUE_LEAK + late).conclusion == conclusion


def test_a_role_has_to_be_held_only_since_the_policy_is_in_force(
    firm: SmallFirm, now: datetime
) -> None:
    proposed = adoption_services.propose(
        sources(),
        starts_on=date(2026, 2, 15),
        mode="trial",
        by=firm.manager.pk,
        now=now,
    )
    adoption = adoption_services.approve(proposed, by=firm.manager.pk, now=now)

    days = [
        verdict(adoption, "A.2.2.a", month=date(2026, month, 1), now=now).whole
        for month in (1, 2, 3)
    ]

    # Each of the two zones on each of the days.
    assert days == [0, 2 * 14, 2 * 2]
