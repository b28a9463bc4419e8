"""Who holds which role, where, when."""

from datetime import UTC, date, datetime, timedelta

import pytest

from huiyin.accounts import services
from huiyin.accounts.models import Firm, Position
from huiyin.accounts.posts import acting_at
from huiyin.accounts.queries import (
    faces,
    first_supervisor,
    heads_of,
    held_positions,
    holders,
    holds_over,
)
from huiyin.core.transactions import joins
from tests.people import appoint

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def test_a_post_in_the_unit_or_above_it_counts(firm, now):
    found = holders({"manager", "repairer"}, [firm.zone_one.pk, firm.company.pk], now)

    assert found == {
        ("manager", firm.zone_one.pk): (firm.manager.pk,),
        ("repairer", firm.zone_one.pk): (firm.repairer.pk, firm.second_repairer.pk),
        ("manager", firm.company.pk): (firm.manager.pk,),
    }


def test_the_nearest_post_comes_first(firm, now):
    appoint(firm.manager, "repair_lead", firm.company, now=now)

    found = holders({"repair_lead"}, [firm.zone_one.pk], now)

    assert found["repair_lead", firm.zone_one.pk] == (firm.repair_lead.pk, firm.manager.pk)


def test_a_use_case_goes_by_one_answer_and_the_next_by_its_own(firm, now):
    @joins
    def asked_twice():
        before = holders({"repair_lead"}, [firm.zone_one.pk], now)
        appoint(firm.manager, "repair_lead", firm.company, now=now)
        return before, holders({"repair_lead"}, [firm.zone_one.pk], now)

    before, after = asked_twice()

    assert before == after
    assert (
        len(holders({"repair_lead"}, [firm.zone_one.pk], now)["repair_lead", firm.zone_one.pk]) == 2
    )


def test_somebody_with_two_posts_is_named_once(firm, now):
    appoint(firm.repair_lead, "repair_lead", firm.company, now=now)

    found = holders({"repair_lead"}, [firm.zone_one.pk], now)

    assert found["repair_lead", firm.zone_one.pk] == (firm.repair_lead.pk,)


def test_for_the_whole_firm_any_post_counts(firm, now):
    found = holders({"repairer"}, [None], now)

    assert set(found["repairer", None]) == {
        firm.repairer.pk, firm.second_repairer.pk, firm.far_repairer.pk,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("at", "held"),
    [
        (datetime(2025, 12, 31, 15, 59, 59, tzinfo=UTC), False),  # 23:59:59 in Shanghai
        (datetime(2025, 12, 31, 16, 0, 0, tzinfo=UTC), True),  # the first day begins
        (datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 3, 31, 16, 0, 0, tzinfo=UTC), False),
    ],
)
def test_days_begin_and_end_in_the_firms_zone(firm, now, at, held):
    services.end_post(firm.officer.posts.get(), date(2026, 3, 31), by=None, now=now)

    assert (("officer", firm.zone_one.pk) in holders({"officer"}, [firm.zone_one.pk], at)) is held


def test_days_begin_elsewhere_in_another_zone(firm):
    Firm.objects.update(time_zone="America/New_York")
    midnight = datetime(2026, 1, 1, 5, 0, tzinfo=UTC)

    assert holders({"officer"}, [firm.zone_one.pk], midnight - SECOND) == {}
    assert holders({"officer"}, [firm.zone_one.pk], midnight)


def test_who_left_holds_nothing(firm, now):
    services.leave(firm.officer, date(2026, 3, 1), by=None, now=now)

    assert holders({"officer"}, [firm.zone_one.pk], now) == {}


def test_many_units_and_roles_cost_one_query(firm, now, django_assert_num_queries):
    roles = {"manager", "supervisor", "repair_lead", "repairer", "officer"}

    with django_assert_num_queries(1):
        holders(roles, [firm.company.pk, firm.zone_one.pk, firm.zone_two.pk, None], now)


def test_positions_that_nobody_holds_are_missing(firm, now):
    assert held_positions({"manager", "auditor"}, now) == {"manager"}


def test_a_post_covers_the_units_below_it(firm, now):
    [post] = acting_at(firm.supervisor.pk, now)[firm.supervisor.pk]

    assert (post.position, post.title, post.unit_id) == ("supervisor", "主管", firm.company.pk)
    assert set(post.unit_ids) == {firm.company.pk, firm.zone_one.pk, firm.zone_two.pk}


@pytest.mark.parametrize(
    ("who", "one", "two", "whole"),
    [
        ("supervisor", True, True, True),
        ("repair_lead", True, False, False),
        ("officer", False, False, False),
        ("stranger", False, False, False),
    ],
)
def test_a_head_is_who_oversees_the_unit(firm, now, who, one, two, whole):
    person = getattr(firm, who).pk

    assert holds_over(person, firm.zone_one.pk, now) is one
    assert holds_over(person, firm.zone_two.pk, now) is two
    assert holds_over(person, None, now) is whole


def test_a_demo_opens_as_the_supervisor(firm):
    assert first_supervisor(date(2026, 3, 2)) == firm.supervisor


def test_without_a_supervisor_it_opens_as_the_highest_post(firm, now):
    services.leave(firm.supervisor, date(2026, 3, 1), by=None, now=now)

    assert first_supervisor(date(2026, 3, 2)) == firm.manager
    assert first_supervisor(date(2025, 1, 1)) is None


def test_faces_show_everybody_in_post_with_his_titles(firm, now, django_assert_num_queries):
    appoint(firm.officer, "repairer", firm.zone_one, now=now)

    with django_assert_num_queries(1):
        shown = faces(date(2026, 3, 2), current=firm.officer.pk)

    assert [face.id for face in shown[:2]] == [firm.manager.pk, firm.supervisor.pk]
    assert [face.role for face in shown if face.current] == ["物管员、维修人员"]
    assert firm.stranger.pk not in {face.id for face in shown}


def test_who_only_looks_stands_above_nobody(firm, now):
    above = heads_of([firm.repairer.pk], now)[firm.repairer.pk]

    Position.objects.filter(pk="repair_lead").update(leads=False, governs=False)

    assert above[0] == firm.repair_lead.pk
    assert heads_of([firm.repairer.pk], now)[firm.repairer.pk] == above[1:]
