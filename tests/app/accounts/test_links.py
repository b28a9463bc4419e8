"""One-time links: for a first password and for a forgotten one, given by heads of the firm."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
import time_machine
from django.db import connection, connections
from django.test import Client

from huiyin.accounts.models import User
from huiyin.accounts.services import leave
from huiyin.accounts.signin import services
from huiyin.accounts.signin.models import Link
from huiyin.accounts.signin.services import LINK_LASTS, give_link
from huiyin.core.errors import Conflict, Forbidden, Invalid
from huiyin.ledger.models import Fact
from tests.people import PASSWORD, login_for, small_firm
from tests.signing import confirmed, entered, signed_in

SECOND = timedelta(seconds=1)
NEW = "another-long-password"
CHOSEN = {"password": NEW, "again": NEW}


@pytest.fixture
def firm(db, now):
    return small_firm(now)


@pytest.fixture(autouse=True)
def clock(now):
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


def given(firm, person, now, username="new"):
    return give_link(person, username=username, by=firm.manager.pk, now=now)


def opened(secret):
    browser = Client()
    answer = browser.get(f"/signin/link/{secret}/")
    assert (answer.status_code, answer.url) == (302, "/signin/password/")
    return browser


def test_somebody_new_chooses_his_first_password_and_signs_in(firm, now):
    browser = opened(given(firm, firm.officer, now))
    assert "己物管" in browser.get("/signin/password/").content.decode()

    answer = browser.post("/signin/password/", CHOSEN)

    assert (answer.status_code, answer.url) == (302, "/signin/")
    assert "密码已设好" in browser.get("/signin/").content.decode()
    assert entered("new", NEW)[1].status_code == 302


def test_a_forgotten_password_is_replaced_and_its_sessions_end(firm, now):
    login_for(firm.officer, "officer")
    earlier = signed_in(firm.officer)
    assert earlier.get("/").status_code == 200

    opened(given(firm, firm.officer, now)).post("/signin/password/", CHOSEN)

    assert earlier.get("/").status_code == 302
    assert entered("officer", PASSWORD)[1].status_code == 422
    assert entered("officer", NEW)[1].status_code == 302


def test_a_link_also_takes_off_the_lock_of_wrong_passwords(firm, now):
    login_for(firm.officer, "officer")
    for _n in range(6):
        entered("officer", "wrong")

    opened(given(firm, firm.officer, now)).post("/signin/password/", CHOSEN)

    assert entered("officer", NEW)[1].status_code == 302


def test_a_link_works_once_and_looking_at_it_uses_nothing_up(firm, now):
    secret = given(firm, firm.officer, now)
    for _n in range(3):
        opened(secret).get("/signin/password/")

    assert opened(secret).post("/signin/password/", CHOSEN).status_code == 302
    spent = opened(secret).post("/signin/password/", CHOSEN)

    assert spent.status_code == 409
    assert "已经用过、过期" in spent.content.decode()


@pytest.mark.parametrize(
    ("after", "status"),
    [(LINK_LASTS - SECOND, 302), (LINK_LASTS, 302), (LINK_LASTS + SECOND, 409)],
)
def test_a_link_lives_for_a_day(firm, clock, now, after, status):
    secret = given(firm, firm.officer, now)

    clock.move_to(now + after)

    assert opened(secret).post("/signin/password/", CHOSEN).status_code == status


def test_a_newer_link_ends_the_older_one(firm, now):
    first = given(firm, firm.officer, now)
    second = given(firm, firm.officer, now)

    assert opened(first).get("/signin/password/").status_code == 409
    assert opened(second).get("/signin/password/").status_code == 200


def test_nobody_reads_a_link_out_of_database_or_ledger(firm, now):
    secret = given(firm, firm.officer, now)

    with connection.cursor() as cursor:
        for table in ("signin_link", "ledger_fact", "ledger_note", "accounts_user"):
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} t")
            assert secret not in str(cursor.fetchone())
    fact = Fact.objects.get(kind="person.link_given")
    assert (fact.by_id, fact.target_id) == (firm.manager.pk, firm.officer.pk)
    assert fact.values == {"link.purpose": "invitation"}


def test_what_became_of_it_is_stated_as_a_fact_too(firm, now):
    opened(given(firm, firm.officer, now)).post("/signin/password/", CHOSEN)

    fact = Fact.objects.get(kind="person.password_set")
    assert (fact.by_id, fact.target_id) == (firm.officer.pk, firm.officer.pk)


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"password": "12345678", "again": "12345678"}, "全是数字|太常见|只包含数字"),
        ({"password": NEW, "again": "something-else"}, "不一样"),
        ({"password": "short", "again": "short"}, "密码须有 8 至 128 个字符"),
        ({"password": "x" * 129, "again": "x" * 129}, "128"),
        ({}, "必填|不能为空|必填项"),
    ],
)
def test_a_weak_password_is_refused_and_the_link_still_works(firm, now, chosen, said):
    import re

    secret = given(firm, firm.officer, now)
    browser = opened(secret)

    answer = browser.post("/signin/password/", chosen)

    assert answer.status_code == 422
    assert re.search(said, answer.content.decode())
    assert browser.post("/signin/password/", CHOSEN).status_code == 302


@pytest.mark.parametrize("who", ["repair_lead", "officer", "stranger"])
def test_only_heads_of_the_firm_give_links(firm, now, who):
    with pytest.raises(Forbidden):
        give_link(firm.repairer, username="new", by=getattr(firm, who).pk, now=now)

    assert not Link.objects.exists()


def test_nobody_gives_himself_a_link_around_his_own_password(firm, now):
    login_for(firm.manager, "manager")

    with pytest.raises(Forbidden, match="我的登录"):
        give_link(firm.manager, by=firm.manager.pk, now=now)


def test_a_taken_name_is_refused_however_it_is_written(firm, now):
    login_for(firm.repairer, "zhang")

    for name in ("zhang", "ZHANG", "ｚｈａｎｇ", "", "x" * 61):
        with pytest.raises(Invalid):
            give_link(firm.officer, username=name, by=firm.manager.pk, now=now)


def test_who_left_gets_no_link(firm, now):
    leave(firm.officer, date(2026, 3, 1), by=None, now=now)

    with pytest.raises(Conflict):
        given(firm, firm.officer, now)


def test_who_left_has_no_page_of_his_login_any_more(firm, now):
    browser = signed_in(firm.manager)
    leave(firm.officer, date(2026, 3, 1), by=None, now=now)
    leave(firm.repairer, date(2026, 3, 2), by=None, now=now)

    statuses = {
        who: browser.get(f"/settings/logins/{getattr(firm, who).pk}/").status_code
        for who in ("officer", "repairer")
    }

    assert statuses == {"officer": 404, "repairer": 200}


def test_a_login_that_is_switched_off_is_opened_by_no_link(firm, now):
    secret = given(firm, firm.officer, now)
    services.switch_login(firm.officer, on=False, reason="离岗", by=firm.manager.pk, now=now)

    assert opened(secret).get("/signin/password/").status_code == 409
    with pytest.raises(Conflict):
        given(firm, firm.officer, now)


def test_the_page_asks_for_ones_own_password_first_and_shows_the_link_once(firm, now):
    browser = signed_in(firm.manager)
    address = f"/settings/logins/{firm.officer.pk}/links/"

    asked = browser.post(address, {"username": "new"})
    assert asked.url.startswith("/account/confirmation/?next=")
    assert not Link.objects.exists()
    shown = browser.post(asked.url, {"password": PASSWORD})

    assert shown.status_code == 200
    assert "no-store" in shown.headers["Cache-Control"]
    link = shown.context["address"]
    assert link in shown.content.decode()
    page = browser.get(f"/settings/logins/{firm.officer.pk}/").content.decode()
    assert link not in page
    assert "给出一次性链接" in page and "链接待用" in page
    assert opened(link.split("/")[-2]).get("/signin/password/").status_code == 200


def test_a_wrong_name_comes_back_beside_its_field(firm, now):
    login_for(firm.repairer, "zhang")
    browser = confirmed(signed_in(firm.manager))

    answer = browser.post(f"/settings/logins/{firm.officer.pk}/links/", {"username": "zhang"})

    assert answer.status_code == 422
    assert "用户名已被使用" in answer.content.decode()
    assert not Link.objects.exists()


def test_two_who_use_a_link_at_once_set_one_password(scratch_db, now):
    firm = small_firm(now)
    secret = give_link(firm.officer, username="new", by=None, now=now)
    start = Barrier(2)

    def one(password):
        browser = opened(secret)
        start.wait()
        try:
            chosen = {"password": password, "again": password}
            return browser.post("/signin/password/", chosen).status_code, password
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        answers = sorted(threads.map(one, ["the-first-password", "the-second-password"]))

    assert [status for status, _password in answers] == [302, 409]
    assert User.objects.get(username="new").check_password(answers[0][1])
