"""Wrong passwords: how many, for whom, how long; and what is never hashed at all."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import SESSION_KEY

from huiyin.accounts.models import User
from huiyin.accounts.signin import limits
from tests.people import PASSWORD, login_for, small_firm
from tests.signing import entered

pytestmark = pytest.mark.django_db
LOCK = timedelta(minutes=15)
SECOND = timedelta(seconds=1)


@pytest.fixture
def firm(now):
    firm = small_firm(now)
    login_for(firm.officer, "officer")
    login_for(firm.repairer, "repairer")
    return firm


@pytest.fixture(autouse=True)
def clock(now):
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


def fail(times, username="officer", **more):
    return [entered(username, "wrong", **more)[1].status_code for _n in range(times)]


def test_five_wrong_passwords_lock_the_login_for_a_quarter_of_an_hour(firm):
    assert fail(6) == [422] * 5 + [429]

    _browser, answer = entered("officer", PASSWORD)

    assert answer.status_code == 429
    assert "请在 15 分钟后再试" in answer.content.decode()


@pytest.mark.parametrize(
    ("after", "status"), [(LOCK - SECOND, 429), (LOCK, 302), (LOCK + SECOND, 302)]
)
def test_the_lock_ends_with_its_last_second(firm, clock, now, after, status):
    fail(5)

    clock.move_to(now + after)

    assert entered("officer")[1].status_code == status


def test_the_page_says_how_long_in_the_readers_language(firm, clock, now):
    fail(5)
    clock.move_to(now + timedelta(minutes=4, seconds=30))

    _browser, answer = entered("officer", headers={"Accept-Language": "en"})

    assert "try again in 11 minutes" in answer.content.decode()


def test_trying_on_while_locked_does_not_prolong_it(firm, clock, now):
    fail(5)
    clock.move_to(now + LOCK - SECOND)
    fail(3)

    clock.move_to(now + LOCK)

    assert entered("officer")[1].status_code == 302


def test_one_locked_login_does_not_lock_the_others_of_the_office(firm):
    fail(6)

    assert entered("repairer")[1].status_code == 302


@pytest.mark.parametrize("spelling", ["OFFICER", "ｏｆｆｉｃｅｒ", " officer "])
def test_another_spelling_is_the_same_login(firm, spelling):
    assert fail(3) + fail(3, username=spelling) == [422] * 5 + [429]


def test_another_address_of_the_site_is_the_same_login(firm, settings):
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]

    assert fail(3) + fail(3, headers={"Host": "other.example"}) == [422] * 5 + [429]


def test_a_name_that_nobody_has_is_locked_like_any_other(firm):
    assert fail(6, username="nobody") == [422] * 5 + [429]


def test_thirty_failures_lock_the_address_they_come_from(firm):
    for n in range(30):
        assert fail(1, username=f"guess{n}", REMOTE_ADDR="192.0.2.9") == [422]

    assert entered("officer", REMOTE_ADDR="192.0.2.9")[1].status_code == 429
    assert entered("officer", REMOTE_ADDR="192.0.2.8")[1].status_code == 302


def test_the_right_password_is_no_failure(firm, clock):
    fail(4)
    for _n in range(5):
        clock.shift(SECOND)
        assert entered("officer")[1].status_code == 302

    assert fail(2) == [422, 429]


def test_a_forwarded_address_counts_only_behind_a_proxy_of_ones_own(firm, settings):
    forwarded = {"X-Forwarded-For": "203.0.113.1, 192.0.2.77"}
    for n in range(30):
        fail(1, username=f"guess{n}", headers=forwarded)
    assert entered("officer")[1].status_code == 429

    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    assert entered("officer", headers=forwarded)[1].status_code == 302


def test_a_lock_is_taken_off_by_name(firm):
    fail(5)

    limits.unlock("Officer")

    assert entered("officer")[1].status_code == 302


def test_more_tries_in_a_minute_than_a_person_makes_get_a_page_of_their_own(firm):
    for _n in range(60):
        entered("officer")

    _browser, answer = entered("officer", headers={"Accept-Language": "en"})

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "60"
    assert "Please wait a minute" in answer.content.decode()


def test_a_password_without_end_is_refused_before_it_is_hashed(firm, monkeypatch):
    monkeypatch.setattr(User, "check_password", lambda *given: pytest.fail("it was hashed"))
    monkeypatch.setattr(User, "set_password", lambda *given: pytest.fail("it was hashed"))

    browser, answer = entered("officer", "x" * 129)

    assert answer.status_code == 422
    assert "128" in answer.content.decode()
    assert SESSION_KEY not in browser.session
