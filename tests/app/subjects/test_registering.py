"""A repair order registered by hand: whose it is, its number, what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from huiyin.accounts.models import Person, Post
from huiyin.ledger.models import Fact
from huiyin.subjects.models import Subject
from tests import people
from tests.app import scene as on

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def that_morning(now: datetime) -> Iterator[None]:
    with time_machine.travel(now, tick=False):
        yield


def address(place: on.Scene) -> str:
    return f"/subjects/repair/new/{place.customer}/"


def sent(place: on.Scene, **more: Any) -> dict[str, Any]:
    return {"f-category": "leak", "f-repairer": place.firm.repairer.pk} | more


def registered(client: Client, place: on.Scene, **more: Any) -> Subject:
    answer = client.post(address(place), sent(place, **more))
    assert answer.status_code == 302
    subject = Subject.objects.latest("pk")
    assert answer["Location"] == f"/subjects/repair/{subject.pk}/"
    return subject


def test_it_belongs_where_its_household_does_and_is_stated(place: on.Scene) -> None:
    officer = on.signed_in(place.firm.officer)

    subject = registered(officer, place, number="WX-77")

    assert (subject.number, subject.customer_id) == ("WX-77", place.customer)
    assert subject.fields == {"category": "leak", "repairer": place.firm.repairer.pk}
    assert subject.target.unit_id == place.firm.zone_one.pk
    assert subject.target.owner_id == place.firm.officer.pk
    fact = Fact.objects.get(kind="repair.registered", target=subject.pk)
    assert (fact.by_id, fact.live) == (place.firm.officer.pk, True)
    assert officer.get(f"/subjects/repair/{subject.pk}/").status_code == 200


def test_without_a_number_it_gets_the_next_one_of_the_day(place: on.Scene) -> None:
    manager = on.signed_in(place.firm.manager)

    numbers = [registered(manager, place).number for _ in range(2)]
    registered(manager, place, number="20260302-03")

    assert numbers == ["20260302-01", "20260302-02"]
    assert registered(manager, place).number == "20260302-04"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"f-category": ""}, "f-category"), ({"f-category": "x"}, "f-category"),
        ({"f-repairer": ""}, "f-repairer"), ({"f-repairer": "x"}, "f-repairer"),
        ({"number": "长" * 81}, "number"), ({"number": "WX-1"}, "number"),
        # The same number, pasted with what nobody sees, or in full width; one that is turned round.
        ({"number": "\ufeffWX-\u200b1"}, "number"), ({"number": "ＷＸ－１"}, "number"),
        ({"number": "WX\u202e-1"}, "number"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_kept(
    place: on.Scene, wrong: dict[str, str], field: str
) -> None:
    manager = on.signed_in(place.firm.manager)
    registered(manager, place, number="WX-1")

    answer = manager.post(address(place), sent(place) | wrong)

    assert answer.status_code == 422
    assert list(answer.context["errors"]) == [field]
    assert Subject.objects.count() == 1


def test_the_same_submission_registers_once(place: on.Scene) -> None:
    manager = on.signed_in(place.firm.manager)

    answers = [manager.post(address(place), sent(place, key="k")) for _ in range(2)]

    assert [answer["Location"] for answer in answers] == [answers[0]["Location"]] * 2
    assert Subject.objects.count() == 1


@pytest.mark.parametrize("who", ["far_officer", "repairer", "stranger"])
def test_an_outsider_registers_nothing_about_a_household(place: on.Scene, who: str) -> None:
    person: Person = getattr(place.firm, who)
    client = on.signed_in(person)

    assert client.get(address(place)).status_code == 404
    assert client.post(address(place), sent(place)).status_code == 404
    assert "3栋1202" not in client.get("/subjects/repair/new/?q=1202").content.decode()
    assert not Subject.objects.exists()


def test_it_is_found_from_the_list_and_from_the_household(place: on.Scene) -> None:
    manager = on.signed_in(place.firm.manager)

    pages = [
        manager.get(where).content.decode()
        for where in ("/subjects/repair/new/?q=1202", f"/customers/{place.customer}/")
    ]

    assert all(address(place) in page for page in pages)
    assert "/subjects/repair/new/" in manager.get("/subjects/repair/").content.decode()


def test_what_was_called_in_earlier_is_registered_with_its_time(place: on.Scene) -> None:
    manager = on.signed_in(place.firm.manager)

    subject = registered(manager, place, number="WX-1", reported_at="2026-03-01T15:20")

    assert subject.created_at.isoformat() == "2026-03-01T07:20:00+00:00"
    fact = Fact.objects.get(kind="repair.registered", target=subject.pk)
    assert fact.happened_at == subject.created_at


def test_what_was_called_in_long_ago_says_why_it_is_registered_only_now(place: on.Scene) -> None:
    manager = on.signed_in(place.firm.manager)
    long_ago = sent(place, reported_at="2026-02-27T09:00")

    silent = manager.post(address(place), long_ago)
    manager.post(address(place), long_ago | {"late_reason": "周末停电"})

    assert (silent.status_code, list(silent.context["errors"])) == (422, ["late_reason"])
    fact = Fact.objects.get(kind="repair.registered")
    assert fact.note.text == "补录原因：周末停电"


@pytest.mark.parametrize("moment", ["2026-03-02T10:30", "gestern"])
def test_it_is_not_called_in_later_than_now(place: on.Scene, moment: str) -> None:
    answer = on.signed_in(place.firm.manager).post(address(place), sent(place, reported_at=moment))

    assert answer.status_code == 422
    assert list(answer.context["errors"]) == ["reported_at"]
    assert not Subject.objects.exists()


@pytest.mark.parametrize(
    ("reported", "happened", "told"),
    [
        ("2025-12-30T09:00", "2025-12-31T09:00", "发生在制度启用（2026-01-02）之前"),
        ("2026-01-01T09:00", "2026-01-02T09:00", ""),
    ],
)
def test_an_event_that_opens_nothing_is_not_silent_about_it(
    place: on.Scene, reported: str, happened: str, told: str
) -> None:
    manager = on.signed_in(place.firm.manager)
    late = {"late_reason": "簿子上补录"}
    subject = registered(manager, place, reported_at=reported, **late)
    page = f"/subjects/repair/{subject.pk}/"

    manager.post(f"{page}events/", {"event": "completed", "happened_at": happened} | late)
    shown = manager.get(page).content.decode()

    assert ("没有因此开出要办的事" in shown) == bool(told)
    assert told in shown


def test_only_holders_of_that_place_and_above_are_offered_by_name(place: on.Scene) -> None:
    firm, manager = place.firm, on.signed_in(place.firm.manager)
    people.appoint(firm.stranger, "repairer", firm.company, now=place.now)

    form = manager.get(address(place)).context["controls"]

    [field] = [control for control in form if control.name == "f-repairer"]
    assert [choice.label for choice in field.choices] == ["丙负责", "丁维修", "壬外人", "戊维修"]


@pytest.mark.parametrize("who", ["officer", "far_repairer", "manager"])
def test_nobody_else_is_taken_for_a_holder(place: on.Scene, who: str) -> None:
    manager, person = on.signed_in(place.firm.manager), getattr(place.firm, who)

    answer = manager.post(address(place), sent(place, **{"f-repairer": person.pk}))

    assert answer.status_code == 422
    [message] = answer.context["errors"]["f-repairer"]
    assert message.startswith(f"{person.name}没有在这个单位或上级单位担任过维修人员、维修负责人")
    assert not Subject.objects.exists()


def test_who_left_stays_on_what_he_did_and_is_offered_no_more(place: on.Scene) -> None:
    firm, manager = place.firm, on.signed_in(place.firm.manager)
    subject = registered(manager, place)
    Post.objects.filter(person=firm.repairer).update(to_on=place.now.date() - timedelta(days=1))

    form = manager.get(address(place)).context["controls"]
    page = manager.get(f"/subjects/repair/{subject.pk}/").content.decode()

    [field] = [control for control in form if control.name == "f-repairer"]
    assert firm.repairer.name not in [choice.label for choice in field.choices]
    assert firm.repairer.name in page
    assert registered(manager, place).fields["repairer"] == firm.repairer.pk, "of what was then"


def test_where_nobody_holds_the_role_the_form_says_whom_to_appoint(place: on.Scene) -> None:
    Post.objects.filter(position__in=["repairer", "repair_lead"]).delete()

    page = on.signed_in(place.firm.manager).get(address(place)).content.decode()

    assert "上级单位还没有人担任维修人员、维修负责人" in page


def test_what_is_broken_is_told_in_words_that_no_rule_reads(place: on.Scene) -> None:
    manager, words = on.signed_in(place.firm.manager), "厨房水管接头滴水，" * 8

    subject = registered(manager, place, **{"f-description": words})

    assert subject.fields["description"] == words
    [fact] = Fact.objects.filter(target=subject.pk)
    assert words not in str(fact.values)
    on_bench = manager.get(f"/followups/new/{subject.pk}/").content.decode()
    assert words in on_bench
    assert words in manager.get(f"/subjects/repair/{subject.pk}/").content.decode()
    listed = manager.get("/subjects/repair/").content.decode()
    assert f"{words[:39]}…" in listed and words not in listed


@pytest.mark.parametrize(
    ("kind", "words"),
    [("repair", "先找到是哪一户"), ("event", "先找它所属单位里的任意一户，登记后归这个单位")],
)
def test_what_is_no_household_s_is_not_asked_whose_it_is(
    place: on.Scene, kind: str, words: str
) -> None:
    page = on.signed_in(place.firm.manager).get(f"/subjects/{kind}/new/")

    assert page.context["words"] == words
    assert ("先找到是哪一户" in page.content.decode()) == (kind == "repair")
