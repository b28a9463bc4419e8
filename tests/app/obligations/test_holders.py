"""Who has an obligation when people come and go."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from huiyin.accounts import services as accounts
from huiyin.core.errors import Conflict
from huiyin.obligations import queries, services, waiting
from huiyin.obligations.models import Obligation
from tests.adopted import adopt
from tests.app.obligations.test_repairs import completed
from tests.app.scene import case_of, scene
from tests.app.scene import completed as completed_in
from tests.people import SmallFirm, appoint, small_firm

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("Asia/Shanghai")
TUESDAY = date(2026, 3, 3)


@pytest.fixture
def firm(now: datetime) -> SmallFirm:
    firm = small_firm(now)
    adopt(firm, now=now)
    return firm


def mine(person: int, *, now: datetime) -> set[int]:
    """By the filter of lists; the statement of 今日 has to say the same."""
    found = set(queries.mine(person, now=now).values_list("id", flat=True))
    seats = waiting.seats(person, now=now)
    with connection.cursor() as cursor:
        asked = waiting.rows(seats, columns="o.id", where=waiting.WAITING)
        cursor.execute(asked, seats.parameters)
        assert {id for (id,) in cursor} == found
    return found


def test_work_of_one_who_leaves_passes_to_whoever_holds_the_role_then(
    firm: SmallFirm, now: datetime
) -> None:
    completed(firm, "WX-1", now=now)
    row = Obligation.objects.get(holder=firm.supervisor.pk)
    accounts.leave(firm.supervisor, date(2026, 3, 2), by=firm.manager.pk, now=now)
    appoint(firm.second_repairer, "supervisor", firm.company, now=now, from_on=TUESDAY)

    services.tick(now=now)
    last_day = Obligation.objects.get(id=row.id).holder_id
    services.tick(now=now + timedelta(days=1))

    row.refresh_from_db()
    assert (last_day, row.holder_id) == (firm.supervisor.pk, firm.second_repairer.pk)
    assert row.id in mine(firm.second_repairer.pk, now=now + timedelta(days=1))


def test_work_of_a_role_that_several_hold_waits_for_any_of_them(
    firm: SmallFirm, now: datetime
) -> None:
    completed(firm, "WX-1", now=now)
    row = Obligation.objects.get(holder=firm.supervisor.pk)
    for person in (firm.officer, firm.stranger):
        appoint(person, "supervisor", firm.company, now=now)
    accounts.leave(firm.supervisor, date(2026, 3, 2), by=firm.manager.pk, now=now)

    services.tick(now=now + timedelta(days=1))

    row.refresh_from_db()
    assert row.holder_id is None
    assert row.id in mine(firm.officer.pk, now=now + timedelta(days=1))


def test_what_nobody_might_do_opens_once_somebody_is_appointed(
    firm: SmallFirm, now: datetime
) -> None:
    blocked = _blocked(firm, now=now)
    appoint(firm.stranger, "manager", firm.company, now=now, from_on=TUESDAY)

    services.tick(now=now)
    before = Obligation.objects.get(id=blocked.id).state
    services.tick(now=now + timedelta(days=1))

    blocked.refresh_from_db()
    assert (before, blocked.state) == ("blocked", "open")
    assert (blocked.holder_id, blocked.blocked_by) == (firm.stranger.pk, "")


def test_what_opens_after_its_due_moment_is_missed_by_the_same_sweep(
    firm: SmallFirm, now: datetime
) -> None:
    blocked = _blocked(firm, now=now)
    appoint(firm.stranger, "manager", firm.company, now=now, from_on=TUESDAY)

    services.tick(now=datetime(2026, 3, 5, 16, 0, 1, tzinfo=UTC))

    blocked.refresh_from_db()
    assert blocked.missed


def _blocked(firm: SmallFirm, *, now: datetime) -> Obligation:
    """Every role of the share is held by the repairer alone, who may not visit his own repair."""
    for person in (firm.manager, firm.supervisor, firm.repair_lead):
        for post in person.posts.all():
            accounts.end_post(post, date(2026, 3, 1), by=None, now=now)
    for role in ("manager", "supervisor", "repair_lead"):
        appoint(firm.repairer, role, firm.zone_one, now=now)
    completed(firm, "WX-1", now=now)
    return Obligation.objects.get(state="blocked")


def test_one_who_owes_something_in_person_hands_it_over_before_he_leaves(now: datetime) -> None:
    at = scene(now)
    case_of(at, completed_in(at), now)
    notice = Obligation.objects.get(duty="rectification_notice")
    lead, manager = at.firm.repair_lead, at.firm.manager
    assert notice.holder_id == lead.pk

    with pytest.raises(Conflict, match="义务"):
        accounts.leave(lead, date(2026, 3, 2), by=manager.pk, now=now)
    accounts.leave(lead, date(2026, 3, 2), hand_over_to=manager, by=manager.pk, now=now)

    notice.refresh_from_db()
    assert notice.holder_id == manager.pk
