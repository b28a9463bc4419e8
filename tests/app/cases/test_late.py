"""What is done about a case and entered long after says why."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from huiyin.cases import services as cases
from huiyin.cases.models import Case
from huiyin.core.errors import Invalid
from huiyin.ledger.models import Fact
from tests.app import scene as on

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def case(place: on.Scene, now: datetime) -> Case:
    return on.case_of(place, on.completed(place), now + HOUR)


@pytest.mark.parametrize(
    ("after", "asked"), [(DAY - HOUR, False), (DAY, False), (DAY + timedelta(seconds=1), True)]
)
def test_an_act_that_is_entered_more_than_a_day_later_says_why(
    place: on.Scene, case: Case, now: datetime, after: timedelta, asked: bool
) -> None:
    at = now + 2 * HOUR
    late = {"now": at + after}

    if asked:
        with pytest.raises(Invalid) as silent:
            _add(on.fresh(case), place, at, **late)
        assert list(silent.value.errors) == ["late_reason"]
        late["late_reason"] = "当天停电"
    _add(on.fresh(case), place, at, **late)

    fact = Fact.objects.get(kind="case.supplemented")
    assert fact.note.text == ("是东门\n补录原因：当天停电" if asked else "是东门")


def test_the_page_of_an_act_asks_for_it(place: on.Scene, case: Case, two_hours_later: None) -> None:
    client = on.signed_in(place.firm.manager)

    answer = client.get(f"/cases/{case.pk}/reply/")

    assert 'name="late_reason"' in answer.content.decode()


def _add(case: Case, place: on.Scene, at: datetime, **given: object) -> None:
    doing = on.doing(place.firm.manager, at, **given)  # type: ignore[arg-type]
    cases.supplement(case, text="是东门", doing=doing)
