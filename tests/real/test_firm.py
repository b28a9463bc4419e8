"""The firm of the real requests can be made, also where the requests themselves are not."""

from __future__ import annotations

from datetime import datetime

from huiyin.adoption.models import Adoption
from tests.real.firm import IN_FORCE_SINCE, city_firm


def test_its_policy_is_in_force_since_2010(scratch_db: object, now: datetime) -> None:
    city_firm(now=now)

    assert [each.starts_at.date() for each in Adoption.objects.all()] == [IN_FORCE_SINCE]
