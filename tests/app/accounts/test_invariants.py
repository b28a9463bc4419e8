"""The doctor knows who stands in for whom."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from huiyin.accounts import services
from huiyin.accounts.invariants import seen_too_much
from huiyin.accounts.queries import zone
from huiyin.core.health import Look
from tests.people import small_firm

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("days", [-1, 0, 2, 3])
def test_a_deputy_is_shown_what_the_absent_is_shown(now: datetime, days: int) -> None:
    firm = small_firm(now)
    today = now.astimezone(zone()).date()
    services.take_leave(
        firm.far_officer, today, today + timedelta(days=2), deputy=firm.repairer, by=None, now=now
    )

    assert not list(seen_too_much(Look(now=now + timedelta(days=days), full=True)))
