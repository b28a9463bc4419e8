"""To whom a case is entrusted, who sees it by that, and what becomes of it when its customer moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from huiyin.accounts.models import Person
from huiyin.cases import services
from huiyin.cases.given import Item
from huiyin.cases.models import Case
from huiyin.customers import changing
from huiyin.customers import services as customers
from huiyin.customers.changing import Wanted
from huiyin.ledger.models import Target
from huiyin.obligations.models import Obligation
from huiyin.records.models import Record
from huiyin.subjects.models import Subject
from tests.app import scene as on

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
LAMP = Item("question", "何时换灯", answer="周五")
RUDE = Item("complaint", "不接电话")


def place_of(thing: Case | Subject) -> tuple[int | None, int | None]:
    target = Target.objects.get(pk=thing.pk)
    return target.unit_id, target.owner_id


def seen(place: on.Scene, person: Person) -> set[int]:
    return set(Case.objects.visible_to(place.firm.viewer(person)).values_list("pk", flat=True))


def moved(place: on.Scene, at: datetime) -> None:
    firm = place.firm
    wanted = Wanted("3栋1202", "household", "", firm.zone_two.pk, reason="重划片区")
    changing.change(
        place.customer, wanted, seen=changing.version(place.customer),
        viewer=firm.viewer(firm.manager), by=firm.manager.pk, now=at,
    )  # fmt: skip


def test_the_officer_of_the_zone_and_the_repairer_see_what_a_repair_brought_about(
    place: on.Scene, now: datetime
) -> None:
    firm = place.firm
    case = on.case_of(place, on.completed(place), now + HOUR)
    case = on.notice(case, firm.repair_lead, now + HOUR)
    case = on.handed_over(case, firm.repair_lead, now + HOUR)

    assert [case.pk in seen(place, each) for each in (firm.officer, firm.repairer)] == [True, True]
    assert [seen(place, each) for each in (firm.far_officer, firm.second_repairer)] == [set()] * 2
    for person in (firm.officer, firm.repairer):
        client = on.signed_in(person)
        assert client.get(reverse("cases:page", args=[case.pk])).status_code == 200
        assert client.get(reverse("records:page", args=[case.notice_id])).status_code == 200
    assert not Record.objects.visible_to(firm.viewer(firm.second_repairer)).exists()


def test_who_is_complained_about_is_not_entrusted_with_it_by_the_zone_either(
    place: on.Scene, now: datetime
) -> None:
    firm = place.firm
    against = replace(RUDE, complained_about=firm.officer.pk)

    case = on.taken_down(place, against, firm.director, now, about=on.repair(place).pk)

    assert case.target.owner_id == firm.repairer.pk
    assert seen(place, firm.officer) == set()


def test_what_is_open_moves_with_its_customer_and_what_is_over_stays(
    place: on.Scene, now: datetime
) -> None:
    firm = place.firm
    repair = on.completed(place)
    over, officer = on.completed(place, "WX-2"), firm.officer
    on.visit(over.pk, firm.repair_lead, now + HOUR)
    Obligation.objects.about(over.pk).update(state="waived", next_look_at=None)
    case = on.case_of(place, repair, now + HOUR)
    closed = on.taken_down(place, LAMP, officer, now)
    services.close(closed, outcome="explained", doing=on.doing(officer, now + HOUR))
    against = replace(RUDE, complained_about=firm.far_officer.pk)
    against_him = on.taken_down(place, against, firm.director, now)

    moved(place, now + 2 * HOUR)

    there = firm.zone_two.pk
    assert place_of(case) == (there, firm.far_officer.pk)
    assert place_of(repair) == (there, None)
    assert place_of(against_him) == (there, officer.pk)
    assert place_of(closed) == (firm.zone_one.pk, officer.pk)
    assert place_of(over)[0] == firm.zone_one.pk
    assert seen(place, firm.far_officer) == {case.pk}


def test_who_leaves_hands_over_the_open_cases_of_his_customers(
    place: on.Scene, now: datetime
) -> None:
    firm = place.firm
    case = on.case_of(place, on.completed(place), now + HOUR)

    customers.hand_over(
        firm.officer.pk, to=firm.supervisor.pk, by=firm.manager.pk, now=now + 2 * HOUR
    )

    assert place_of(case) == (firm.zone_one.pk, firm.supervisor.pk)
