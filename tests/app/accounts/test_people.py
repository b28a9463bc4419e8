"""Units, people and posts, each change of which is a fact."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from huiyin.accounts import services
from huiyin.accounts.models import Firm, Person, Post
from huiyin.accounts.services import NewPerson
from huiyin.core.errors import Conflict, Forbidden, Invalid, NotFound
from huiyin.ledger.models import Fact
from tests.people import SINCE, appoint

pytestmark = pytest.mark.django_db
LAST = date(2026, 3, 31)


def kinds_about(person):
    return list(Fact.objects.filter(target=person.pk).order_by("pk").values_list("kind", flat=True))


def last_fact(person):
    return Fact.objects.filter(target=person.pk).latest("pk")


def test_there_is_one_firm(firm):
    with pytest.raises(Conflict):
        services.create_firm("另一家")
    with pytest.raises(IntegrityError), transaction.atomic():
        Firm.objects.create(id=2, name="另一家")


def test_a_firm_in_a_zone_that_does_not_exist_is_refused():
    with pytest.raises(Invalid) as refused:
        services.create_firm("示例", time_zone="Asia/Peking")

    assert list(refused.value.errors) == ["time_zone"]


def test_a_unit_knows_its_way_from_the_root(firm, now):
    block = services.create_unit("3栋", parent=firm.zone_one, by=None, now=now)

    assert block.path == f"/{firm.company.pk}/{firm.zone_one.pk}/{block.pk}/"
    assert block.target.unit_id == block.pk
    assert kinds_about(block) == ["unit.created"]


def test_siblings_do_not_share_a_name_but_cousins_may(firm, now):
    services.create_unit("3栋", parent=firm.zone_one, by=None, now=now)
    services.create_unit("3栋", parent=firm.zone_two, by=None, now=now)

    with pytest.raises(Conflict):
        services.create_unit("3栋", parent=firm.zone_one, by=None, now=now)


def test_adding_a_person_is_a_fact_by_whoever_did_it(firm, now):
    person = services.create_person(
        "癸新人", number="P10", unit=firm.zone_two, by=firm.manager.pk, now=now
    )

    fact = last_fact(person)
    assert (fact.kind, fact.by_id, fact.recorded_at) == ("person.created", firm.manager.pk, now)
    assert (person.target.unit_id, person.target.owner_id) == (firm.zone_two.pk, person.pk)


def test_no_name_of_a_person_is_written_into_the_ledger(firm):
    assert firm.officer.name not in firm.officer.target.label
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM ledger_fact WHERE values::text LIKE %s",
            [f"%{firm.officer.name}%"],
        )
        assert cursor.fetchone() == (0,)


def test_a_number_is_given_once(firm, now):
    with pytest.raises(Conflict, match="P1"):
        services.create_person("癸新人", number="P1", by=None, now=now)


def test_adding_many_people_costs_what_adding_one_does(firm, now):
    def statements(count):
        rows = [NewPerson(f"人{n}", f"N{count}-{n}") for n in range(count)]
        with CaptureQueriesContext(connection) as captured:
            assert len(services.create_people(rows, by=None, now=now)) == count
        return len(captured)

    assert statements(50) == statements(1)


def test_an_appointment_is_a_fact_and_moves_the_person_to_the_unit(firm, now):
    post = appoint(firm.stranger, "officer", firm.zone_two, now=now)

    fact = last_fact(firm.stranger)
    assert fact.kind == "post.started"
    assert fact.values == {
        "post.position": "officer", "post.unit": firm.zone_two.pk, "post.from": "2026-01-01",
    }  # fmt: skip
    firm.stranger.target.refresh_from_db()
    assert firm.stranger.target.unit_id == firm.zone_two.pk == post.unit_id


def test_nobody_holds_the_same_post_twice_at_once(firm, now):
    with pytest.raises(Conflict) as refused:
        appoint(firm.officer, "officer", firm.zone_one, from_on=LAST, now=now)

    assert refused.value.code == "post_overlaps"


@pytest.mark.parametrize(("from_on", "fits"), [(LAST, False), (date(2026, 4, 1), True)])
def test_a_post_may_be_held_again_from_the_day_after_the_last(firm, now, from_on, fits):
    services.end_post(firm.officer.posts.get(), LAST, by=None, now=now)

    if fits:
        assert appoint(firm.officer, "officer", firm.zone_one, from_on=from_on, now=now)
    else:
        with pytest.raises(Conflict):
            appoint(firm.officer, "officer", firm.zone_one, from_on=from_on, now=now)


def test_the_same_person_may_hold_two_positions_or_the_same_in_two_units(firm, now):
    appoint(firm.officer, "repairer", firm.zone_one, now=now)
    appoint(firm.officer, "officer", firm.zone_two, now=now)

    assert firm.officer.posts.held(SINCE).count() == 3


def test_the_database_refuses_overlapping_posts_by_itself(firm):
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.create(
            person=firm.officer, position_id="officer", unit=firm.zone_one,
            from_on=date(2025, 6, 1), to_on=SINCE,
        )  # fmt: skip


def test_ending_a_post_is_a_fact_and_happens_once(firm, now):
    post = firm.officer.posts.get()

    services.end_post(post, LAST, by=None, now=now)

    assert last_fact(firm.officer).kind == "post.ended"
    assert last_fact(firm.officer).values["post.to"] == "2026-03-31"
    with pytest.raises(Conflict):
        services.end_post(post, LAST, by=None, now=now)


def test_a_post_does_not_end_before_it_began(firm, now):
    with pytest.raises(Invalid):
        services.end_post(firm.officer.posts.get(), date(2025, 12, 31), by=None, now=now)


def test_leaving_ends_what_would_run_on(firm, now):
    appoint(firm.officer, "repairer", firm.zone_one, now=now)

    services.leave(firm.officer, LAST, by=None, now=now)

    assert set(firm.officer.posts.values_list("to_on", flat=True)) == {LAST}
    assert kinds_about(firm.officer)[-3:] == ["post.ended", "post.ended", "person.left"]
    with pytest.raises(Conflict):
        services.leave(firm.officer, LAST, by=None, now=now)


def test_who_will_have_left_is_not_appointed(firm, now):
    services.leave(firm.officer, LAST, by=None, now=now)

    with pytest.raises(Invalid):
        appoint(firm.officer, "officer", firm.zone_two, from_on=date(2026, 4, 1), now=now)


def test_only_an_open_house_lets_one_switch(firm):
    with pytest.raises(Forbidden):
        services.switch(firm.officer.pk, on=SINCE)
    Firm.objects.update(demo=True)

    assert services.switch(firm.officer.pk, on=SINCE) == firm.officer
    with pytest.raises(NotFound):
        services.switch(firm.zone_one.pk, on=SINCE)


def test_a_new_position_leaves_one_of_the_same_code_as_it_is(firm):
    [position] = services.create_positions([("officer", "别的", "tree")])

    assert (position.title, position.scope) == ("物管员", "own")
    assert Person.objects.count() == 12
