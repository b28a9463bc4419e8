"""From an empty database to the first follow-up, and from trial to force: through the pages."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huiyin.accounts.models import Firm, Person, Post, Unit
from huiyin.adoption import services as adoptions
from huiyin.adoption.models import Adoption
from huiyin.core import clock
from huiyin.core.errors import Refused
from huiyin.customers.models import Customer
from huiyin.customers.services import NewCustomer, register_customers
from huiyin.desk import first_run
from huiyin.followups.models import Followup
from huiyin.ledger.models import Fact
from huiyin.obligations.models import Obligation
from huiyin.subjects.models import Subject
from tests.adopted import sources
from tests.app import scene as on
from tests.app.founding import FOUNDING, founded, in_force
from tests.people import PASSWORD, login_for, small_firm

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(now: datetime) -> Any:
    with time_machine.travel(now, tick=False):
        yield Client()


def test_an_empty_server_opens_the_first_page_of_the_way(browser: Client) -> None:
    page = browser.get("/", follow=True)

    assert page.redirect_chain == [("/start/", 302)]
    assert "?pack=property-management" in page.content.decode()
    chosen = browser.get("/start/?pack=property-management")
    assert "公司名称" in chosen.content.decode()


def test_the_whole_way_ends_in_a_follow_up_that_was_recorded(browser: Client) -> None:
    in_force(browser)

    page = browser.post("/start/customers/", follow=True)

    assert page.redirect_chain[-1] == ("/", 302)
    assert "去回访" in page.content.decode()
    owed = Obligation.objects.open().filter(holder__as_person__name="甲经理").first()
    assert owed is not None
    bench = f"/followups/new/{owed.target_id}/"
    visit = on.SATISFIED | {"visited": on.drawing(), "channel": "visit", "key": "k"}
    assert browser.get(bench).status_code == 200
    assert browser.post(bench, visit).status_code == 302
    assert Followup.objects.held().count() == 1
    assert "开始使用" not in str(browser.get("/").context["way"])
    assert browser.get("/").context["way"] == []


def test_what_comes_next_is_said_until_the_first_follow_up(browser: Client) -> None:
    in_force(browser)
    assert browser.get("/").context["first"] == {}
    add_customer(Post.objects.filter(position="repairer").order_by("pk")[0].unit)
    nothing_owed = browser.get("/").content.decode()
    browser.post(f"/subjects/repair/new/{Customer.objects.get().pk}/", repair())
    browser.post(f"/subjects/repair/{Subject.objects.get().pk}/events/", {"event": "completed"})

    owed = browser.get("/")

    assert "打开一户" in nothing_owed and "/subjects/repair/new/" in nothing_owed
    assert "点下面任意一项" in owed.content.decode()
    visit = on.SATISFIED | {"visited": on.drawing(), "channel": "visit", "key": "k"}
    browser.post(f"/followups/new/{Subject.objects.get().pk}/", visit)
    assert browser.get("/").context["first"] == {}


def test_the_way_to_the_import_knows_that_customers_are_meant(browser: Client) -> None:
    in_force(browser)

    assert "/settings/imports/?what=customers" in browser.get("/start/customers/").content.decode()


def test_the_steps_stay_where_the_way_leads_through_other_pages(browser: Client) -> None:
    in_force(browser)
    someone = f"/settings/people/{Person.objects.get(name='甲经理').pk}/"

    pages = [browser.get(url) for url in ("/settings/imports/?what=customers", someone)]

    for page in pages:
        assert 'class="stepper"' in page.content.decode()
    browser.post("/start/customers/")
    owed = Obligation.objects.open().filter(holder__as_person__name="甲经理").first()
    visit = on.SATISFIED | {"visited": on.drawing(), "channel": "visit", "key": "k"}
    assert owed is not None
    browser.post(f"/followups/new/{owed.target_id}/", visit)
    assert 'class="stepper"' not in browser.get("/settings/imports/").content.decode()


def test_enter_among_the_people_makes_nobody_up(browser: Client) -> None:
    founded(browser)

    page = browser.get("/start/people/").content.decode()

    bar = page[page.index("action-bar__buttons") :]
    assert bar.index("下一步") < bar.index("made_up")


def add_customer(unit: Unit) -> None:
    me = Person.objects.get(number="E01")
    row = NewCustomer("1栋101", "household", unit_id=unit.pk, owner_id=me.pk)
    register_customers([row], by=me.pk, now=clock.now())


def repair() -> dict[str, str]:
    """By whoever is a repairer by now."""
    by = Post.objects.filter(position="repairer").order_by("pk")[0].person_id
    return {"f-category": "leak", "f-repairer": str(by)}


def test_who_founds_the_firm_heads_it_and_is_looked_through(browser: Client) -> None:
    founded(browser)

    page = browser.get("/")

    assert page.context["signed_in"]().name == "甲经理"
    assert Firm.objects.get().trial
    assert Post.objects.get().position.scope == "tree"
    assert [(s["state"], s["url"]) for s in page.context["way"]][:2] == [
        ("done", ""), ("next", "/start/units/"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"firm": " "}, "firm"), ({"person": ""}, "person"), ({"role": "king"}, "role"),
        ({"firm": "长" * 41}, "firm"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_and_nothing_is_founded(
    browser: Client, wrong: dict[str, str], field: str
) -> None:
    answer = browser.post("/start/", FOUNDING | wrong)

    assert answer.status_code == 422
    assert f"field-{field}" in answer.content.decode()
    assert not Firm.objects.exists()


def test_a_firm_is_founded_once(browser: Client) -> None:
    founded(browser)

    assert browser.post("/start/", FOUNDING | {"firm": "另一家"}).status_code == 403
    assert Firm.objects.get().name == "晴川物业"


def test_nobody_founds_the_firm_over_the_network(browser: Client) -> None:
    for elsewhere in ({"REMOTE_ADDR": "192.168.1.7"}, {"HTTP_X_FORWARDED_FOR": "192.168.1.7"}):
        assert browser.get("/start/", **elsewhere).status_code == 403
        answer = browser.post("/start/", FOUNDING, **elsewhere)
        assert answer.status_code == 403 and "这台电脑上建立" in answer.content.decode()
    assert not Firm.objects.exists()


def test_a_pack_that_is_not_installed_is_not_found(browser: Client) -> None:
    assert browser.post("/start/", FOUNDING | {"pack": "no-such-pack"}).status_code == 404
    assert not Firm.objects.exists()


def test_units_that_are_there_stay_and_the_way_can_be_resumed(browser: Client) -> None:
    founded(browser)
    browser.post("/start/units/", {"units": "一区"})
    browser.post("/start/units/", {"units": "一区\n 二区 \n\n"})

    assert list(Unit.objects.exclude(parent=None).values_list("name", flat=True)) == [
        "一区", "二区",
    ]  # fmt: skip
    assert browser.get("/start/").context["next_url"] == "/start/people/"
    assert browser.post("/start/units/", {"units": " "}).status_code == 422


def test_one_name_is_one_person_with_several_roles(browser: Client) -> None:
    founded(browser)
    root = Unit.objects.get()

    browser.post(
        "/start/people/",
        {f"seat-supervisor-{root.pk}": "乙", f"seat-repair_lead-{root.pk}": "乙"},
    )

    assert Person.objects.get(name="乙").posts.count() == 2
    assert "还没有人担任" in browser.get("/start/people/").content.decode()
    assert browser.get("/start/").context["next_url"] == "/start/people/"


def test_the_clauses_can_be_read_before_they_are_put_into_force(browser: Client) -> None:
    founded(browser)

    before = browser.get("/start/adoption/").content.decode()
    browser.post("/start/people/", {"made_up": "1"})
    browser.post("/start/adoption/")
    after = browser.get("/start/adoption/").content.decode()

    assert "物管员分片负责，各管一个区域。" in before
    assert 'href="/policy/property-management/"' in after


def test_the_pack_is_refused_while_a_role_is_unheld(browser: Client) -> None:
    founded(browser)

    answer = browser.post("/start/adoption/")

    assert answer.status_code == 409
    assert "没有人担任" in answer.content.decode()
    assert not Adoption.objects.exists()


def test_samples_need_nobody_who_repairs(browser: Client) -> None:
    in_force(browser)
    Post.objects.filter(position__in=["repairer", "repair_lead"]).delete()

    browser.post("/start/customers/", {"samples": "1"})

    assert Customer.objects.exists() and not Subject.objects.exists()


def test_samples_are_for_a_firm_without_customers(browser: Client) -> None:
    in_force(browser)
    browser.post("/start/customers/")

    again = browser.post("/start/customers/")

    assert again.status_code == 409
    assert Customer.objects.count() == first_run.SAMPLES
    assert all(each.number.startswith("示例") for each in Customer.objects.all())


def test_force_waits_until_people_sign_in(browser: Client, now: datetime) -> None:
    in_force(browser)
    first = Person.objects.get(name="甲经理")
    second = Post.objects.get(position="supervisor").person
    proposed = adoptions.propose(
        sources(), starts_on=now.date() + timedelta(days=1), mode="force", by=first.pk, now=now
    )
    with pytest.raises(Refused, match="免登录"):
        adoptions.approve(proposed, by=second.pk, now=now)
    refused = browser.post("/start/signing-in/")
    assert refused.status_code == 409
    assert f'href="{reverse("signin:logins")}">登录账号' in refused.content.decode()

    for person in (first, second):
        login_for(person, person.number)
    assert browser.post("/start/signing-in/").status_code == 302

    assert not Firm.objects.get().trial
    assert Fact.objects.filter(kind="firm.sign_in_required").count() == 1
    assert browser.get("/")["Location"].startswith("/signin/")
    assert browser.login(username=second.number, password=PASSWORD)
    assert browser.post(f"/settings/adoptions/{proposed.pk}/approval/").status_code == 302
    proposed.refresh_from_db()
    assert (proposed.state, proposed.mode) == ("in_force", "force")
    assert "制度已经施行" in browser.get("/start/").content.decode()


def test_a_firm_that_works_shows_no_strip_and_its_people_no_way(now: datetime) -> None:
    place = on.scene(now)

    with time_machine.travel(now, tick=False):
        manager, officer = on.signed_in(place.firm.manager), on.signed_in(place.firm.officer)
        assert manager.get("/").context["way"] == []
        assert manager.get("/start/").context["next_url"] == "/"
        assert manager.get("/start/people/").status_code == 404
        assert officer.get("/start/").status_code == 403
        assert officer.post("/start/signing-in/").status_code == 403


def test_a_demo_says_that_nobody_signs_in_and_leads_to_no_force(now: datetime) -> None:
    on.scene(now)
    Firm.objects.update(demo=True)

    with time_machine.travel(now, tick=False):
        shown = Client().get("/start/").content.decode()

    assert "谁都不用登录" in shown
    assert "免登录已经结束" not in shown and "现有 0 位" not in shown


def test_the_strip_costs_the_same_for_many_people(browser: Client) -> None:
    in_force(browser)

    def statements() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert browser.get("/start/").status_code == 200
        return len(caught)

    few = statements()
    browser.post("/start/units/", {"units": "\n".join(f"{n}区" for n in range(3, 9))})
    browser.post("/start/people/", {"made_up": "1"})

    assert statements() == few <= 40


def test_who_is_not_signed_in_is_sent_to_the_sign_in(now: datetime) -> None:
    small_firm(now)

    assert Client().get("/start/")["Location"].startswith("/signin/?next=")


def test_what_is_missing_in_the_first_form_is_named(browser: Client) -> None:
    answer = browser.post("/start/", FOUNDING | {"firm": "", "person": ""})

    summary = answer.content.decode().partition('role="alert"')[2].partition("</ul>")[0]
    assert "公司名称：" in summary
    assert "您的姓名：" in summary


def test_a_browser_that_asks_for_an_icon_gets_one(browser: Client) -> None:
    answer = browser.get("/favicon.ico")

    assert answer.status_code == 302
    assert answer["Location"].endswith("/ui/img/mark.svg")
