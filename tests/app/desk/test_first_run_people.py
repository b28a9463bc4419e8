"""The people page of the first run: who is missing, what one box holds, and what follows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from huiyin.accounts.models import Person, Unit
from tests.app.founding import founded

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(now: datetime) -> Any:
    with time_machine.travel(now, tick=False):
        yield Client()


def seats_at(root: Unit) -> dict[str, str]:
    roles = ("supervisor", "repair_lead", "officer", "office_director", "director", "deputy")
    return {f"seat-{role}-{root.pk}": "周小红" for role in (*roles, "company", "repairer")}


def test_who_is_missing_is_marked_and_who_was_named_is_kept(browser: Client) -> None:
    founded(browser)
    named = seats_at(Unit.objects.get())
    [left_out] = [name for name in named if "deputy" in name]

    page = browser.post("/start/people/", named | {left_out: " "}, follow=True)

    assert page.context["errors"].keys() == {left_out}
    assert f'href="#field-{left_out}"' in page.content.decode()
    assert Person.objects.get(name="周小红").posts.count() == len(named) - 1
    done = browser.post("/start/people/", {left_out: "李强"})
    assert done["Location"] == "/start/adoption/"


def test_what_is_done_is_shown_as_done_and_no_sample_names_are_offered(browser: Client) -> None:
    founded(browser)
    begun = browser.get("/start/people/")
    browser.post("/start/people/", {"made_up": "1"})

    done = browser.get("/start/people/")

    assert [page.context["steps"][2]["state"] for page in (begun, done)] == ["next", "done"]
    assert ["made_up" in page.content.decode() for page in (begun, done)] == [True, False]


@pytest.mark.parametrize("several", ["张伟、李强", "张伟，李强", "张伟,李强", "张伟/李强"])
def test_one_box_holds_one_person(browser: Client, several: str) -> None:
    founded(browser)
    root = Unit.objects.get()

    answer = browser.post("/start/people/", {f"seat-supervisor-{root.pk}": several})

    assert answer.status_code == 422
    assert "只写一个人" in answer.content.decode()
    assert Person.objects.count() == 1
    assert browser.post("/start/people/", {f"seat-supervisor-{root.pk}": "张伟"}).status_code == 302


def test_blanks_within_a_name_make_no_second_person(browser: Client) -> None:
    founded(browser)
    named = dict.fromkeys(seats_at(Unit.objects.get()), "周小红")
    spellings = ["周　小红", "周 小红", " 周小红　", "甲　经理"]

    browser.post("/start/people/", named | dict(zip(named, spellings, strict=False)))

    assert Person.objects.count() == 2


def test_whoever_was_named_can_be_corrected_and_one_can_go_back(browser: Client) -> None:
    founded(browser)
    root = Unit.objects.get()
    browser.post("/start/people/", {f"seat-supervisor-{root.pk}": "周小宏"})

    page = browser.get("/start/people/").content.decode()

    assert f'href="/settings/people/{Person.objects.get(name="周小宏").pk}/"' in page
    assert 'href="/start/units/"' in page


def test_a_zone_left_empty_is_told_beforehand_and_named_by_its_clause(browser: Client) -> None:
    founded(browser)
    browser.post("/start/units/", {"units": "一区\n二区"})
    held, empty = Unit.objects.exclude(parent=None).order_by("path")
    seats = browser.get("/start/people/").context["seats"]
    told = {seat.name for seat, _entered, _errors in seats if "A.2.2.a" in seat.help}
    named = {
        seat.name: "周小红"
        for seat, _entered, _errors in seats
        if seat.name != f"seat-officer-{empty.pk}"
    }
    browser.post("/start/people/", named)
    assert browser.post("/start/adoption/").status_code == 302

    page = browser.get("/policy/property-management/A.2.2.a/").content.decode()

    assert told == {f"seat-officer-{held.pk}", f"seat-officer-{empty.pk}"}
    assert "物管员（二区）" in page and "物管员（一区）" not in page
    way = f"/settings/roles/?position=officer&unit={empty.pk}"
    assert way.replace("&", "&amp;") in page
    form = browser.get(way).context["form"]
    post = {"position": form["position"].value(), "unit": form["unit"].value()}
    day = {"from_on": form["from_on"].value(), "person": Person.objects.get(name="周小红").pk}
    assert browser.post("/settings/roles/", post | day).status_code == 302
    assert (
        "物管员（二区）" not in browser.get("/policy/property-management/A.2.2.a/").content.decode()
    )


def test_the_company_as_a_party_is_explained(browser: Client) -> None:
    founded(browser)

    seats = browser.get("/start/people/").context["seats"]

    assert [seat.role for seat, _entered, _errors in seats if "代表公司" in seat.help] == [
        "company"
    ]


def test_who_said_what_his_role_is_need_not_write_his_name_again(browser: Client) -> None:
    founded(browser, "officer")
    browser.post("/start/units/", {"units": "一区\n二区"})
    first, second = Unit.objects.exclude(parent=None).order_by("path")

    filled = suggested(browser)

    assert filled == {f"seat-officer-{unit.pk}": "甲经理" for unit in (first, second)}
    browser.post("/start/people/", {f"seat-officer-{first.pk}": "甲经理"})
    assert Person.objects.get().posts.filter(position="officer", unit=first).exists()
    assert suggested(browser) == {}
    assert "设置 → 人员" in browser.get("/start/people/").content.decode()


def test_who_has_no_role_of_the_policy_is_suggested_for_none(browser: Client) -> None:
    founded(browser, "-")

    assert suggested(browser) == {}
    assert browser.get("/start/").context["next_url"] == "/start/units/"


def suggested(browser: Client) -> dict[str, str]:
    seats = browser.get("/start/people/").context["seats"]
    return {seat.name: entered for seat, entered, _errors in seats if entered}
