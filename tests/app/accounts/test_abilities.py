"""What the matrix says is what is decided: asked of real people about real things."""

from dataclasses import dataclass
from itertools import product

import pytest

from huiyin.accounts import services
from huiyin.accounts.abilities import (
    ABILITIES,
    FIRM,
    SEEING,
    Ability,
    Extent,
    extent,
    may_adopt,
    may_lead,
)
from huiyin.accounts.models import Position, Unit
from huiyin.accounts.queries import holds_over, viewer_at
from huiyin.accounts.visibility import NOBODY, sees
from huiyin.ledger.models import Target
from tests.people import appoint, target

pytestmark = pytest.mark.django_db
EVERY = (SEEING, *ABILITIES)


@dataclass(frozen=True)
class Place:
    """A unit with one below it and one beside it, and what belongs there."""

    home: Unit
    below: Unit
    beside: Unit


@pytest.fixture
def place(firm, now):
    below = services.create_unit("一组", parent=firm.zone_one, by=None, now=now)
    return Place(firm.zone_one, below, firm.zone_two)


def reached(ability: Ability, viewer, home: Unit, below: Unit) -> Extent:
    """How far somebody really may, from the farthest: the firm, a unit below, his own, his things."""
    mine = Target.objects.get(pk=viewer.person_id)
    things = (
        (Extent.FIRM, FIRM),
        (Extent.TREE, target(unit=below)),
        (Extent.UNIT, target(unit=home)),
        (Extent.OWN, target(unit=home, owner=mine)),
    )
    return next((far for far, thing in things if ability.decides(viewer, thing)), Extent.NONE)


@pytest.mark.parametrize("ability", EVERY, ids=lambda ability: ability.key)
@pytest.mark.parametrize("scope", ["own", "unit", "tree"])
@pytest.mark.parametrize("seat", list(product([False, True], ["looks", "leads", "governs"])))
def test_the_matrix_says_what_a_holder_of_the_position_really_may(
    firm, place, now, ability, scope, seat
):
    at_root, reach = seat
    position = Position.objects.create(
        code="tried",
        title="试用岗位",
        scope=scope,
        leads=reach != "looks",
        governs=reach == "governs" and scope == "tree",
    )
    home = firm.company if at_root else place.home
    below = firm.zone_two if at_root else place.below
    appoint(firm.stranger, "tried", home, now=now)

    viewer = viewer_at(firm.stranger.pk, now)

    said = extent(ability, position, at_root=at_root)
    assert said == reached(ability, viewer, home, below)


def test_every_extent_occurs_somewhere():
    found = {
        extent(ability, Position(scope=scope, governs=True), at_root=at_root)
        for ability in EVERY
        for scope in ("own", "unit", "tree")
        for at_root in (False, True)
    }

    assert found == set(Extent)


def test_reading_the_predicate_in_python_is_reading_it_in_the_database(firm, place, now):
    services.create_positions([("desk", "客服", "unit")])
    appoint(firm.stranger, "desk", place.home, now=now)
    units = [None, firm.company, place.home, place.below, place.beside]
    owners = [None, firm.officer, firm.stranger, firm.manager]
    things = [target(unit=unit, owner=owner) for unit in units for owner in owners]
    people = [
        firm.manager, firm.repair_lead, firm.officer, firm.far_officer, firm.stranger,
        firm.repairer,
    ]  # fmt: skip

    for viewer in [NOBODY, *(viewer_at(person.pk, now) for person in people)]:
        seen = set(Target.objects.visible_to(viewer).values_list("pk", flat=True))
        read = {
            thing.pk
            for thing in things
            if sees(viewer, unit_id=thing.unit_id, owner_id=thing.owner_id)
        }
        assert read == seen & {thing.pk for thing in things}, viewer


def test_who_holds_over_a_unit_is_who_leads_there(firm, place, now):
    for person in (firm.manager, firm.repair_lead, firm.officer, firm.stranger):
        viewer = viewer_at(person.pk, now)
        for unit in (place.home, place.below, place.beside):
            assert holds_over(person.pk, unit.pk, now) == may_lead(viewer, target(unit=unit))
        assert holds_over(person.pk, None, now) == may_adopt(viewer)


def test_nobody_may_anything():
    for ability in EVERY:
        assert not ability.decides(NOBODY, FIRM)
        assert not ability.decides(NOBODY, Target(unit_id=None, owner_id=None))
