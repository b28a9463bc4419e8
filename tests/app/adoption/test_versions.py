"""Several versions of one policy over time: one is in force, each keeps the work it opened."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connections

from huiyin.adoption import services
from huiyin.adoption.models import Adoption
from huiyin.cases import services as cases
from huiyin.config.scratch import Scratch
from huiyin.core.errors import HuiyinError
from huiyin.obligations import today as todays
from huiyin.obligations.models import Obligation
from tests.adopted import adopt, sources
from tests.app.obligations.test_repairs import completed
from tests.app.scene import (
    case_of,
    doing,
    fresh,
    handed_over,
    notice,
    rectified,
    scene,
    visit,
)
from tests.app.scene import completed as completed_in
from tests.people import SmallFirm, appoint, small_firm


def next_version(
    firm: SmallFirm, number: int, *, now: datetime, starts_on: date = date(2026, 3, 1)
) -> Adoption:
    text = sources()["policy.yaml"].replace("version: 1", f"version: {number}")
    return services.propose(
        sources() | {"policy.yaml": text},
        starts_on=starts_on,
        mode="force",
        by=firm.supervisor.pk,
        now=now,
    )


def test_of_two_versions_approved_at_once_one_is_in_force(
    scratch_db: Scratch, now: datetime
) -> None:
    firm = small_firm(now)
    proposed = [next_version(firm, number, now=now) for number in (1, 2)]

    def approve(adoption: Adoption) -> str:
        try:
            services.approve(adoption, by=firm.manager.pk, now=now)
            return "approved"
        except HuiyinError:
            return "refused"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(approve, proposed))

    assert Adoption.objects.filter(state=Adoption.State.IN_FORCE).count() == 1


@pytest.mark.django_db
def test_pooled_work_of_an_ended_version_is_still_in_todays_list(now: datetime) -> None:
    firm = small_firm(now)
    adopt(firm, now=now)
    second = appoint(firm.second_repairer, "supervisor", firm.company, now=now)
    completed(firm, "WX-1", now=now)
    pooled = Obligation.objects.get(holder=None, owed_roles=["supervisor"])

    later = now + timedelta(hours=1)
    services.approve(
        next_version(firm, 2, now=later, starts_on=date(2026, 3, 2)), by=firm.manager.pk, now=later
    )

    for person in (firm.supervisor.pk, second.person_id):
        found = todays.today(person, now=later, zone=ZoneInfo("Asia/Shanghai"))
        assert pooled in found.this_week.rows


@pytest.mark.django_db
def test_a_case_closes_though_its_revisit_was_made_under_the_version_before(now: datetime) -> None:
    at = scene(now)
    subject = completed_in(at)
    lead = at.firm.repair_lead
    case = handed_over(notice(case_of(at, subject, now), lead, now), lead, now)
    case = rectified(case, now, recorded_by=at.firm.manager)
    visit(case.pk, lead, now)
    case = fresh(case)
    later = now + timedelta(hours=1)
    services.approve(
        next_version(at.firm, 2, now=later, starts_on=date(2026, 3, 2)),
        by=at.firm.manager.pk,
        now=later,
    )

    cases.reply(case, text="已修好，请放心使用", channel="phone", doing=doing(lead, later))
    cases.close(
        fresh(case), outcome=case.Outcome.choices[0][0], doing=doing(at.firm.manager, later)
    )

    assert fresh(case).closed_at == later
