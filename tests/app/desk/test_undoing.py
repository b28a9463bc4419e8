"""撤销最近的登记: one's own last act is as if it had not been, but for the facts of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine
from django.db import connection

from huiyin.core import health
from huiyin.core.health import Look
from huiyin.ledger.models import Fact
from tests.app import scene as on
from tests.app.desk.undone import (
    HOUR,
    KINDS,
    case_of_desk,
    state,
    undo,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(founded: on.Scene, now: datetime) -> Iterator[on.Scene]:
    made = founded
    on.completed(made)
    with time_machine.travel(now + 5 * HOUR, tick=False):
        yield made


@pytest.mark.parametrize("kind", KINDS)
def test_everything_is_again_as_it_was_before(place: on.Scene, kind: str) -> None:
    before_it, act = KINDS[kind]
    if before_it:
        case_of_desk(place, before_it)
    at = place.now + 2 * HOUR
    before = state(at + HOUR)
    person = act(place, at)
    changed = state(at + HOUR)
    facts = set(Fact.objects.values_list("pk", flat=True))

    answer = undo(person)

    assert answer.status_code == 302, answer.content.decode()
    assert state(at + HOUR) == before
    assert (changed != before) or kind in ("a supplement", "a statement about consent")
    assert facts < set(Fact.objects.values_list("pk", flat=True))
    voids = Fact.objects.filter(kind="fact.voided", recorded_by=person.pk).select_related("note")
    assert voids and {void.note.text for void in voids} == {"登记错了"}


@pytest.mark.parametrize("kind", KINDS)
def test_no_invariant_is_broken_and_a_second_click_does_nothing_more(
    place: on.Scene, kind: str
) -> None:
    before_it, act = KINDS[kind]
    if before_it:
        case_of_desk(place, before_it)
    person = act(place, place.now + 2 * HOUR)
    shown = on.signed_in(person).get("/undo/").context["last"].fact.pk

    first = undo(person, act=shown)
    voided = Fact.objects.filter(kind="fact.voided").count()
    second = undo(person, act=shown)

    assert (first.status_code, second.status_code) == (302, 302)
    assert Fact.objects.filter(kind="fact.voided").count() == voided
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    look = Look(place.now + 5 * HOUR, full=True)
    broken = [(str(each.invariant.holds), each.rows) for each in health.broken(look)]
    assert broken == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_somebody_else_did_is_not_offered(place: on.Scene, kind: str) -> None:
    before_it, act = KINDS[kind]
    if before_it:
        case_of_desk(place, before_it)
    person = act(place, place.now + 2 * HOUR)
    mine = on.signed_in(person).get("/undo/").context["last"].fact.pk
    other = place.firm.supervisor

    assert on.signed_in(other).get("/undo/").context["last"] is None
    assert undo(other, act=mine).status_code == 409
    assert not Fact.objects.filter(kind="fact.voided").exists()
