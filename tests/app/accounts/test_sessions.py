"""Where somebody is signed in: what the list says, how one ends, and when one ends by itself."""

from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from huiyin.accounts.models import Firm, Person
from huiyin.accounts.services import leave
from huiyin.accounts.signin import devices, services
from huiyin.core.errors import Conflict, Forbidden
from huiyin.ledger.models import Fact
from tests.people import PASSWORD, login_for
from tests.signing import confirmed, entered, signed_in

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Mobile/15E148 MicroMessenger/8.0.50"
)
DESK = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/130.0 Safari/537.36 Edg/130.0"
)


@pytest.fixture(autouse=True)
def clock(now):
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


def devices_of(browser):
    return {row["device"]: row for row in browser.get("/account/sessions/").context["rows"]}


@pytest.fixture
def two(firm):
    """The officer's computer and his phone."""
    desk = signed_in(firm.officer, headers={"User-Agent": DESK}, REMOTE_ADDR="192.0.2.1")
    phone = signed_in(firm.officer, headers={"User-Agent": PHONE}, REMOTE_ADDR="192.0.2.2")
    return desk, phone


def test_the_list_says_in_plain_words_what_is_signed_in_from_where(two):
    rows = devices_of(two[0])

    assert {name: (row["ip"], row["here"]) for name, row in rows.items()} == {
        "Edge，Windows": ("192.0.2.1", True),
        "微信，iPhone": ("192.0.2.2", False),
    }


def test_one_device_is_signed_out_and_the_other_goes_on(two):
    desk, phone = two

    answer = desk.post(f"/account/sessions/{devices_of(desk)['微信，iPhone']['id']}/end/")

    assert answer.status_code == 302
    assert (desk.get("/").status_code, phone.get("/").status_code) == (200, 302)
    assert list(devices_of(desk)) == ["Edge，Windows"]


def test_all_others_are_signed_out_at_once(two):
    desk, phone = two

    desk.post("/account/sessions/")

    assert (desk.get("/").status_code, phone.get("/").status_code) == (200, 302)


def test_ones_own_device_may_be_ended_too(two):
    desk, _phone = two

    desk.post(f"/account/sessions/{devices_of(desk)['Edge，Windows']['id']}/end/")

    assert desk.get("/").status_code == 302


def test_nobody_ends_the_sessions_of_another(firm, two):
    other = signed_in(firm.repairer)
    theirs = devices_of(two[0])["微信，iPhone"]["id"]

    assert other.post(f"/account/sessions/{theirs}/end/").status_code == 404
    assert two[1].get("/").status_code == 200


def test_what_ran_out_or_was_left_is_not_listed(firm, two, clock, now):
    desk, phone = two
    phone.post("/signout/")
    assert list(devices_of(desk)) == ["Edge，Windows"]
    assert UserSession.objects.count() == 1

    Session.objects.update(expire_date=now)

    again = signed_in(firm.officer, headers={"User-Agent": PHONE})
    assert list(devices_of(again)) == ["微信，iPhone"]


def test_a_new_password_ends_the_others_and_keeps_this_one(two):
    desk, phone = two
    given = {"current": PASSWORD, "password": "another-long-one", "again": "another-long-one"}

    answer = desk.post("/account/password/", given)

    assert (answer.status_code, answer.url) == (302, "/account/")
    assert "密码已更改" in desk.get("/account/").content.decode()
    assert (desk.get("/").status_code, phone.get("/").status_code) == (200, 302)
    assert list(devices_of(desk)) == ["Edge，Windows"]
    assert Fact.objects.get(kind="person.password_set").values == {"password.by": "self"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"current": "wrong"}, "当前密码不正确"),
        ({"again": "something-else"}, "不一样"),
        ({"password": "12345678", "again": "12345678"}, "密码"),
        ({"password": "x" * 200, "again": "x" * 200}, "128"),
    ],
)
def test_a_password_that_cannot_be_is_refused_and_changes_nothing(two, firm, given, said):
    good = {"current": PASSWORD, "password": "another-long-one", "again": "another-long-one"}

    answer = two[0].post("/account/password/", good | given)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    firm.officer.user.refresh_from_db()
    assert firm.officer.user.check_password(PASSWORD)
    assert two[1].get("/").status_code == 200


def test_guessing_the_present_password_is_limited(two):
    given = {"current": "wrong", "password": "another-long-one", "again": "another-long-one"}

    statuses = [two[0].post("/account/password/", given).status_code for _n in range(6)]

    assert statuses == [422] * 5 + [429]


@pytest.mark.parametrize(("after", "noted"), [(299, False), (300, True), (301, True)])
def test_when_it_was_last_used_is_noted_every_five_minutes(two, clock, now, after, noted):
    clock.move_to(now + after * SECOND)
    two[0].get("/customers/", REMOTE_ADDR="192.0.2.77")

    row = devices_of(two[1])["Edge，Windows"]

    assert (row["seen"], row["ip"]) == (
        (now + after * SECOND, "192.0.2.77") if noted else (now, "192.0.2.1")
    )


def test_noting_costs_a_page_nothing_in_between(two, firm, django_assert_num_queries):
    forced = Client()
    forced.force_login(firm.officer.user)
    with CaptureQueriesContext(
        connection,
    ) as without:
        forced.get("/customers/")

    with django_assert_num_queries(len(without)):
        two[0].get("/customers/")


def test_the_list_costs_the_same_for_many_devices(two, firm, django_assert_num_queries):
    with CaptureQueriesContext(connection) as few:
        two[0].get("/account/sessions/")
    statements = len(few)  # the next request empties the log
    for _n in range(8):
        signed_in(firm.officer)

    with django_assert_num_queries(statements):
        two[0].get("/account/sessions/")


@pytest.mark.parametrize(("stay", "lives"), [({}, False), ({"remember": "on"}, True)])
def test_only_who_asks_stays_signed_in_when_the_browser_closes(firm, stay, lives):
    login_for(firm.officer, "officer")

    _browser, answer = entered("officer", given=stay)

    assert bool(answer.cookies[settings.SESSION_COOKIE_NAME]["max-age"]) is lives


@pytest.mark.parametrize(("left", "status"), [(DAY, 302), (timedelta(0), 200)])
def test_who_left_is_signed_out_at_his_next_request(firm, now, left, status):
    browser = signed_in(firm.officer)
    leave(firm.officer, (now - left).date(), by=None, now=now)

    assert browser.get("/").status_code == status
    assert (SESSION_KEY in browser.session) == (status == 200)


def test_who_was_let_go_cannot_save_what_he_has_open(firm, now):
    browser = signed_in(firm.manager)
    assert browser.get("/settings/signin/").status_code == 200
    leave(firm.manager, (now - DAY).date(), by=None, now=now)
    facts = Fact.objects.count()

    rule = {"heads_need_factor": "on", "grace_days": "0", "reason": "x"}
    answer = browser.post("/settings/signin/", rule)

    assert answer.url == "/signin/?next=/settings/signin/"
    assert Fact.objects.count() == facts
    assert SESSION_KEY not in browser.session
    assert entered(firm.manager.user.username)[1].status_code == 422


def test_a_login_switched_off_ends_everywhere_at_once_and_may_come_back(firm, now, two):
    by = firm.manager.pk
    services.switch_login(firm.officer, on=False, reason="调查期间", by=by, now=now)

    assert [browser.get("/").status_code for browser in two] == [302, 302]
    assert entered(firm.officer.user.username)[1].status_code == 422
    with pytest.raises(Conflict):
        services.switch_login(firm.officer, on=False, reason="x", by=by, now=now)
    services.switch_login(firm.officer, on=True, reason="已查清", by=by, now=now)
    assert entered(firm.officer.user.username)[1].status_code == 302
    kinds = Fact.objects.filter(kind__startswith="person.login").order_by("pk")
    assert [(fact.kind, fact.note.text) for fact in kinds] == [
        ("person.login_switched_off", "调查期间"),
        ("person.login_switched_on", "已查清"),
    ]


def test_nobody_switches_his_own_login_off_by_mistake(firm, now):
    login_for(firm.manager, "manager")

    with pytest.raises(Forbidden):
        services.switch_login(firm.manager, on=False, reason="x", by=firm.manager.pk, now=now)


def test_an_open_house_stays_open_after_a_leavers_session_ends(firm, now):
    browser = signed_in(firm.officer)
    Person.objects.filter(pk=firm.officer.pk).update(left_on=(now - DAY).date())
    Firm.objects.update(trial=True)

    assert browser.get("/").status_code == 200
    assert SESSION_KEY not in browser.session


def test_the_visitor_of_a_demo_has_no_login_of_his_own(firm):
    Firm.objects.update(demo=True)

    assert Client().get("/account/").url == "/signin/?next=/account/"
    assert 'href="/account/"' not in Client().get("/").content.decode()


def test_signed_in_people_find_the_way_to_their_login(firm):
    assert 'href="/account/"' in signed_in(firm.officer).get("/").content.decode()


def test_asking_for_the_password_goes_on_with_what_was_sent(firm):
    login_for(firm.officer, "officer")
    browser = signed_in(firm.manager)
    address = f"/settings/logins/{firm.officer.pk}/factor-removals/"

    asked = browser.post(address, {"reason": "丢了"})
    answer = browser.post(asked.url, {"password": PASSWORD})

    # There is none to take off: the post itself was gone on with, not only its page.
    assert answer.status_code == 409
    assert confirmed(browser).get("/account/totp/").status_code == 200


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (PHONE, "微信，iPhone"),
        (DESK, "Edge，Windows"),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
            "Firefox，Linux",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0"
            " Safari/605.1.15",
            "Safari，Mac",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14; V2309A) AppleWebKit/537.36 Chrome/116.0 Mobile"
            " Safari/537.36",
            "Chrome，Android",
        ),
        (
            "Mozilla/5.0 (Linux; Android 12; HarmonyOS; NOH-AN00) AppleWebKit/537.36 Chrome/114.0"
            " HuaweiBrowser/15.0 Mobile Safari/537.36",
            "Huawei Browser，HarmonyOS",
        ),
        ("curl/8.5", "未知设备"),
        ("", "未知设备"),
    ],
)
def test_a_browser_is_called_what_people_call_it(agent, words):
    assert devices.in_words(agent) == words
