"""The one predicate: who may see what."""

from datetime import date, timedelta

import pytest

from huiyin.accounts import services
from huiyin.accounts.models import Person, Post, Unit
from huiyin.accounts.visibility import NOBODY, viewer_for
from huiyin.ledger.models import Fact, Target
from huiyin.ledger.queries import timeline
from huiyin.ledger.services import NewFact, record
from tests.people import SINCE, appoint, login_for, target

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def owned(firm):
    """A repair of 一区 that is entrusted to its officer."""
    return target("repair", unit=firm.zone_one, owner=firm.officer)


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("officer", True),  # it is entrusted to him
        ("repairer", False),  # a colleague who sees only his own
        ("repair_lead", True),  # heads the unit
        ("supervisor", True),  # heads the firm
        ("manager", True),
        ("far_officer", False),  # another unit
        ("stranger", False),  # no post
    ],
)
def test_each_of_the_cast_sees_the_repair_or_does_not(firm, owned, who, sees):
    viewer = firm.viewer(getattr(firm, who))

    assert Target.objects.visible_to(viewer).filter(pk=owned.pk).exists() is sees


def test_nobody_sees_nothing(firm, owned):
    assert not Target.objects.visible_to(NOBODY).exists()
    assert not Fact.objects.visible_to(viewer_for(None, SINCE)).exists()


def test_everybody_sees_himself_even_without_a_post(firm):
    viewer = firm.viewer(firm.stranger)

    assert list(Target.objects.visible_to(viewer)) == [firm.stranger.target]


def test_what_belongs_to_no_unit_is_for_the_heads_of_the_firm(firm):
    loose = target("repair")
    visible = Target.objects.filter(pk=loose.pk)

    assert visible.visible_to(firm.viewer(firm.manager)).exists()
    assert not visible.visible_to(firm.viewer(firm.repair_lead)).exists()


@pytest.mark.parametrize(
    ("scope", "at_home", "below"),
    [("own", False, False), ("unit", True, False), ("tree", True, True)],
)
def test_the_scope_of_the_position_decides_how_far_one_sees(firm, now, scope, at_home, below):
    services.create_positions([("clerk", "文员", scope)])
    block = services.create_unit("3栋", parent=firm.zone_two, by=None, now=now)
    appoint(firm.stranger, "clerk", firm.zone_two, now=now)
    viewer = firm.viewer(firm.stranger)

    def sees(unit):
        return Target.objects.visible_to(viewer).filter(pk=target("repair", unit=unit).pk).exists()

    assert (sees(firm.zone_two), sees(block)) == (at_home, below)
    assert not sees(firm.zone_one)


def test_a_unit_whose_path_merely_begins_alike_is_not_below(firm, now):
    for n in range(12):
        services.create_unit(f"{n}栋", parent=firm.zone_one, by=None, now=now)
    paths = list(Unit.objects.values_list("path", flat=True))

    assert all(path.startswith("/") and path.endswith("/") for path in paths)


@pytest.mark.parametrize(
    ("on", "sees"),
    [(SINCE - DAY, False), (SINCE, True), (date(2026, 3, 31), True), (date(2026, 4, 1), False)],
)
def test_a_post_counts_from_its_first_to_its_last_day(firm, owned, now, on, sees):
    services.end_post(firm.repair_lead.posts.get(), date(2026, 3, 31), by=None, now=now)

    viewer = viewer_for(firm.repair_lead, on)

    assert Target.objects.visible_to(viewer).filter(pk=owned.pk).exists() is sees


@pytest.mark.parametrize(("on", "sees"), [(date(2026, 3, 31), True), (date(2026, 4, 1), False)])
def test_who_left_sees_nothing_any_more_not_even_himself(firm, owned, now, on, sees):
    services.leave(firm.officer, date(2026, 3, 31), by=None, now=now)

    viewer = viewer_for(firm.officer, on)

    assert Target.objects.visible_to(viewer).filter(pk=owned.pk).exists() is sees
    assert Target.objects.visible_to(viewer).filter(pk=firm.officer.pk).exists() is sees


def test_a_person_a_login_and_an_id_are_the_same_viewer(firm):
    user = login_for(firm.officer, "officer")
    on = date(2026, 3, 2)

    assert viewer_for(user, on) == viewer_for(firm.officer, on) == viewer_for(firm.officer.pk, on)


def test_a_login_without_a_person_sees_nothing(firm, django_user_model):
    user = django_user_model.objects.create_user("nobody", "x")

    assert viewer_for(user, SINCE) is NOBODY


def test_a_viewer_costs_one_query_however_many_units(firm, now, django_assert_num_queries):
    for n in range(10):
        services.create_unit(f"{n}栋", parent=firm.zone_one, by=None, now=now)

    with django_assert_num_queries(1):
        viewer = firm.viewer(firm.repair_lead)

    assert len(viewer.unit_ids) == 11


def test_people_units_and_posts_are_seen_by_the_same_predicate(firm):
    viewer = firm.viewer(firm.repair_lead)

    assert set(Unit.objects.visible_to(viewer)) == {firm.zone_one}
    assert set(Person.objects.visible_to(viewer)) == {
        firm.repair_lead, firm.repairer, firm.second_repairer, firm.officer,
    }  # fmt: skip
    assert {post.unit_id for post in Post.objects.visible_to(viewer)} == {firm.zone_one.pk}


def test_a_timeline_shows_only_what_the_viewer_sees(firm, owned, now):
    far = target("repair", unit=firm.zone_two)
    facts = [NewFact("repair.completed", row.pk, None, None, now, now) for row in (owned, far)]
    record(facts, now=now)

    def seen(person):
        page = timeline([owned.pk, far.pk], firm.viewer(person))
        return {fact.target_id for fact in page.items}

    assert seen(firm.officer) == {owned.pk}
    assert seen(firm.far_officer) == set()
    assert seen(firm.supervisor) == {owned.pk, far.pk}


@pytest.mark.parametrize("count", [1, 10, 60])
def test_a_timeline_costs_one_query(firm, owned, now, count, django_assert_num_queries):
    facts = [
        NewFact("repair.called", owned.pk, firm.officer.pk, firm.officer.pk, now, now, note="x")
        for _n in range(count)
    ]
    record(facts, now=now)
    viewer = firm.viewer(firm.officer)

    with django_assert_num_queries(1):
        page = timeline([owned.pk], viewer)
        assert all(fact.note.text and fact.by.label for fact in page.items)

    assert len(page.items) == min(count, 50)
