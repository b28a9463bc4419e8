"""分派 as a page: what is narrowed, who is offered, what a refusal says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from huiyin.obligations.models import Obligation
from tests.app import scene as on

pytestmark = pytest.mark.django_db
ADDRESS = "/obligations/assignments/"
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def place(founded: on.Scene, now: Any) -> Any:
    on.completed(founded)
    with time_machine.travel(now + HOUR, tick=False):
        yield founded


def of_lead(place: on.Scene) -> Obligation:
    return Obligation.objects.get(
        holder=place.firm.repair_lead.pk, line="repair_visit.share.repair_lead"
    )


def shown(client: Client, **asked: Any) -> Any:
    return client.get(ADDRESS, asked).context


def test_a_refusal_names_the_role_that_is_needed_and_who_holds_it(place: on.Scene) -> None:
    firm = place.firm

    sent = {"obligation": of_lead(place).pk, "to": firm.officer.pk}
    answer = on.signed_in(firm.manager).post(ADDRESS, sent)

    said = answer.context["refusal"]
    assert f"需要维修负责人；请选{firm.repair_lead.name}。" in said["message"]
    assert [clause.id for clause in said["clauses"]] == ["B.1.d"]


def test_of_one_duty_those_whom_the_policy_allows_are_offered(place: on.Scene) -> None:
    firm, row = place.firm, of_lead(place)
    client = on.signed_in(firm.manager)

    every, of_duty = shown(client), shown(client, duty=f"{row.policy}.{row.duty}")

    allowed = [str(firm.manager.pk), str(firm.supervisor.pk), str(firm.repair_lead.pk)]
    assert len(every["people"]) > 5 and every["roles"] == []
    assert {pk for pk, _words in of_duty["people"]} <= set(allowed)
    assert str(firm.repair_lead.pk) in {pk for pk, _words in of_duty["people"]}
    assert "维修负责人" in of_duty["roles"]


@pytest.mark.parametrize("narrowing", ["unit", "duty", "late", "today", "week", "wrong"])
def test_what_is_to_be_given_out_is_narrowed(place: on.Scene, narrowing: str) -> None:
    firm, row = place.firm, of_lead(place)
    noon = place.now + HOUR
    item = on.Item("suggestion", "门口加一盏路灯", "minor")
    on.taken_down(place, item, firm.manager, place.now)
    due = {"late": noon - HOUR, "today": noon + HOUR, "week": noon + 5 * DAY}
    Obligation.objects.filter(pk=row.pk).update(due_at=due.get(narrowing, row.due_at))
    Obligation.objects.exclude(pk=row.pk).update(due_at=noon + 60 * DAY)
    asked = {
        "unit": {"unit": firm.zone_two.pk},
        "duty": {"duty": f"{row.policy}.{row.duty}"},
        "wrong": {"unit": "x", "duty": "no.such", "due": "never", "holder": "²"},
    }.get(narrowing, {"due": narrowing})

    client = on.signed_in(firm.manager)
    every = [each.obligation for each, _whose, _ticked in shown(client)["rows"]]
    found = [each.obligation for each, _whose, _ticked in shown(client, **asked)["rows"]]

    wanted = {
        "unit": [],
        "duty": [each for each in every if each.duty == row.duty],
        "wrong": every,
    }.get(narrowing, [row])
    assert found == wanted and row in every
    assert narrowing == "wrong" or len(found) < len(every)


def test_a_case_says_what_it_is_about(place: on.Scene) -> None:
    item = on.Item("suggestion", "希望在三号楼门口加一盏路灯", "minor")
    told = on.taken_down(place, item, place.firm.manager, place.now)

    rows = shown(on.signed_in(place.firm.manager))["rows"]

    notes = [each.note for each, _whose, _ticked in rows if each.obligation.target_id == told.pk]
    assert notes and all(note.startswith(f"{told.number} 希望在三号楼门口") for note in notes)
