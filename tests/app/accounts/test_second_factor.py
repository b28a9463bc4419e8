"""One-time codes and recovery codes: turning them on, signing in with them, losing them."""

import base64
import json
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.test import Client

from huiyin.accounts.signin import services
from huiyin.core.errors import Conflict, Forbidden
from huiyin.ledger.models import Fact
from tests.people import PASSWORD
from tests.signing import PERIOD, code, confirmed, entered, signed_in, with_codes

pytestmark = pytest.mark.django_db
LATER = timedelta(minutes=10)


@pytest.fixture(autouse=True)
def clock(now):
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


@pytest.fixture
def factor(firm, now, clock):
    """The officer's secret and recovery codes; ten minutes have passed since."""
    found = with_codes(signed_in(firm.officer, "officer"), now)
    clock.move_to(now + LATER)
    return found


def second_step(given, browser=None):
    if browser is None:
        browser, answer = entered("officer")
        assert (answer.status_code, answer.url) == (302, "/signin/code/")
        assert SESSION_KEY not in browser.session
    return browser, browser.post("/signin/code/", {"code": given})


def test_turning_codes_on_asks_for_the_password_first(firm):
    browser = signed_in(firm.officer)

    asked = browser.get("/account/totp/")

    assert asked.url == "/account/confirmation/?next=%2Faccount%2Ftotp%2F"
    wrong = browser.post(asked.url, {"password": "wrong"})
    assert wrong.status_code == 422 and "密码不正确" in wrong.content.decode()
    right = browser.post(asked.url, {"password": PASSWORD})
    assert (right.status_code, right.url) == (302, "/account/totp/")


def test_the_answer_to_the_password_lasts_five_minutes(firm, clock, now):
    browser = confirmed(signed_in(firm.officer))
    for after, status in ((299, 200), (300, 302)):
        clock.move_to(now + timedelta(seconds=after))

        assert browser.get("/account/totp/").status_code == status


def test_a_wrong_first_code_turns_nothing_on(firm, now):
    browser = confirmed(signed_in(firm.officer))
    browser.get("/account/totp/")

    answer = browser.post("/account/totp/", {"code": "000000"})

    assert answer.status_code == 422
    assert "验证码不正确" in answer.content.decode()
    assert not Authenticator.objects.exists()


def test_the_sign_in_then_asks_for_a_code(factor, now):
    browser, wrong = second_step("000000")
    assert wrong.status_code == 422
    assert SESSION_KEY not in browser.session

    _browser, right = second_step(code(factor[0], now + LATER), browser)

    assert (right.status_code, right.url) == (302, "/")
    assert browser.get("/").status_code == 200


def test_the_way_on_survives_the_second_step(factor, now):
    browser, _answer = entered("officer", given={"next": "/customers/"})

    _browser, right = second_step(code(factor[0], now + LATER), browser)

    assert right.url == "/customers/"


@pytest.mark.parametrize(("shift", "status"), [(-2, 422), (-1, 302), (0, 302), (1, 302), (2, 422)])
def test_a_code_counts_a_period_before_and_after_its_own(factor, now, shift, status):
    shown = code(factor[0], now + LATER + shift * timedelta(seconds=PERIOD))

    assert second_step(shown)[1].status_code == status


@pytest.mark.parametrize("after", [0, PERIOD - 1, PERIOD])
def test_a_code_that_was_used_never_counts_again(factor, clock, now, after):
    early = code(factor[0], now + LATER + timedelta(seconds=PERIOD))
    assert second_step(early)[1].status_code == 302

    clock.move_to(now + LATER + timedelta(seconds=after))

    assert second_step(early)[1].status_code == 422


def test_five_wrong_codes_lock_the_second_step(factor, now):
    browser, _answer = entered("officer")
    statuses = [second_step("000000", browser)[1].status_code for _n in range(6)]

    assert statuses == [422] * 5 + [429]
    _browser, answer = second_step(code(factor[0], now + LATER), browser)
    assert answer.status_code == 429
    assert "请在 15 分钟后再试" in answer.content.decode()


def test_the_password_alone_waits_no_longer_than_a_quarter_of_an_hour(factor, clock, now):
    browser, _answer = entered("officer")
    clock.move_to(now + LATER + timedelta(minutes=16))

    _browser, answer = second_step(code(factor[0], now + LATER + timedelta(minutes=16)), browser)

    assert (answer.status_code, answer.url) == (302, "/signin/")


def test_somebody_let_go_between_the_steps_does_not_come_in(factor, firm, now):
    browser, _answer = entered("officer")
    services.switch_login(firm.officer, on=False, reason="离岗", by=firm.manager.pk, now=now)

    second_step(code(factor[0], now + LATER), browser)

    assert SESSION_KEY not in browser.session
    assert browser.get("/").status_code == 302


def test_one_may_start_over_as_somebody_else(factor):
    browser, _answer = entered("officer")
    assert browser.get("/signin/").url == "/signin/code/"

    browser.post("/signout/")

    assert browser.get("/signin/").status_code == 200


def test_a_recovery_code_stands_in_once(factor):
    _secret, spare = factor
    assert len(spare) == 10

    assert second_step(spare[0])[1].status_code == 302
    assert second_step(spare[0])[1].status_code == 422
    assert second_step(spare[1])[1].status_code == 302


def test_recovery_codes_are_shown_once_and_replaced_by_new_ones(factor, firm, now):
    browser, _answer = second_step(code(factor[0], now + LATER))
    confirmed(browser)
    assert factor[1][0] not in browser.get("/account/codes/").content.decode()

    answer = browser.post("/account/codes/new/")
    shown = browser.get(answer.url).context["unused_codes"]

    assert not set(shown) & set(factor[1])
    assert second_step(factor[1][1])[1].status_code == 422
    assert second_step(shown[1])[1].status_code == 302


def test_the_secret_lies_encrypted_and_bound_to_its_place(factor):
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM mfa_authenticator t")
        stored = str(cursor.fetchone())

    assert factor[0] not in stored
    assert '"secret": "k1:' in stored.replace('\\"', '"').replace('""', '"')


def test_a_factor_added_or_removed_signs_out_other_devices(firm, now, clock):
    here, there = signed_in(firm.officer), signed_in(firm.officer)

    secret, _spare = with_codes(here, now)
    assert (here.get("/").status_code, there.get("/").status_code) == (200, 302)

    clock.move_to(now + LATER)
    there, _answer = entered(firm.officer.user.username)
    there.post("/signin/code/", {"code": code(secret, now + LATER)})
    assert there.get("/").status_code == 200
    confirmed(here).post("/account/totp/removal/")
    assert (here.get("/").status_code, there.get("/").status_code) == (200, 302)
    assert not Authenticator.objects.exists()


def test_every_change_of_factors_is_a_fact(firm, now):
    browser = signed_in(firm.officer)
    with_codes(browser, now)
    browser.post("/account/totp/removal/")

    facts = Fact.objects.filter(target=firm.officer.pk, kind__startswith="person.factor")
    assert list(facts.order_by("pk").values_list("kind", "values", "by")) == [
        ("person.factor_added", {"factor.type": "totp"}, firm.officer.pk),
        ("person.factor_removed", {"factor.type": "totp"}, firm.officer.pk),
    ]


def test_a_head_of_the_firm_takes_lost_factors_off_with_a_reason(factor, firm, now):
    there = signed_in(firm.manager)
    address = f"/settings/logins/{firm.officer.pk}/factor-removals/"
    assert "丢了手机" in there.get(f"/settings/logins/{firm.officer.pk}/").content.decode()

    missing = confirmed(there).post(address, {"reason": " "})
    assert missing.status_code == 422
    assert there.post(address, {"reason": "手机丢了"}).status_code == 302

    assert entered("officer")[1].url == "/"
    fact = Fact.objects.get(kind="person.factor_removed")
    assert (fact.by_id, fact.note.text) == (firm.manager.pk, "手机丢了")


def test_nobody_else_takes_them_off_and_nobody_his_own_that_way(factor, firm, now):
    for by in (firm.repair_lead, firm.officer, firm.repairer):
        with pytest.raises(Forbidden):
            services.forget_factors(firm.officer, reason="x", by=by.pk, now=now)
    with pytest.raises(Conflict):
        services.forget_factors(firm.repairer, reason="x", by=firm.manager.pk, now=now)


def test_under_an_address_without_a_name_passkeys_are_not_offered_and_it_says_why(firm, settings):
    settings.ALLOWED_HOSTS = ["192.168.1.20", "testserver", "localhost"]
    browser = signed_in(firm.officer)

    for host, why in (("192.168.1.20", "IP 地址"), ("testserver", "HTTPS"), ("localhost", "")):
        page = browser.get("/account/", headers={"Host": host}).content.decode()
        assert ("添加通行密钥" in page) == (not why)
        assert why in page
        added = browser.get("/account/passkeys/new/", headers={"Host": host})
        assert added.status_code == (409 if why else 302)
        door = Client().get("/signin/", headers={"Host": host}).content.decode()
        assert ("用通行密钥登录" in door) == (not why)


def shapes():
    """What no browser answers: every part of an answer missing, or of another kind."""
    told = encoded(b'{"type": "webauthn.get", "challenge": "AA", "origin": "http://localhost"}')
    response = {
        "clientDataJSON": told, "authenticatorData": encoded(bytes(37)), "signature": "AQ",
        "userHandle": "MQ", "attestationObject": encoded(b"\xa3"),
    }  # fmt: skip
    whole = {
        "id": "AQ", "rawId": "AQ", "type": "public-key", "response": response,
        "clientExtensionResults": {}, "authenticatorAttachment": "platform",
    }  # fmt: skip
    odd = [None, 1, True, "", "x", "é", "AQ", [], {}, encoded(b"\xff" * 10)]
    yield from [*odd, whole]
    for name in whole:
        yield from [{k: v for k, v in whole.items() if k != name}]
        yield from [whole | {name: value} for value in odd]
    for name in response:
        yield whole | {"response": {k: v for k, v in response.items() if k != name}}
        yield from [whole | {"response": response | {name: value}} for value in odd]


def encoded(content):
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@pytest.fixture
def by_name(settings):
    """The site under a name of its own machine, with limits that leave room to try everything."""
    settings.ALLOWED_HOSTS = ["localhost"]
    settings.MFA_RATE_LIMITS = {"webauthn_login": "10000/m/ip"}
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login_failed": "9999/m/ip"}
    return {"Host": "localhost"}


def test_what_is_no_passkey_signs_nobody_in(firm, by_name):
    browser = Client(headers=by_name)
    for sent in shapes():
        browser.get("/signin/passkey/", headers={"Accept": "application/json"})

        answer = browser.post("/signin/passkey/", {"credential": json.dumps(sent)})

        assert (answer.status_code, answer.url) == (302, "/signin/"), sent
        assert SESSION_KEY not in browser.session


@pytest.mark.long
def test_what_is_no_passkey_is_not_added_and_is_no_second_step(firm, by_name):
    browser = confirmed(signed_in(firm.officer, "officer", headers=by_name))
    for sent in shapes():
        browser.get("/account/passkeys/new/")
        answer = browser.post("/account/passkeys/new/", {"credential": json.dumps(sent)})
        assert answer.status_code == 422, sent
    assert not Authenticator.objects.exists()

    Authenticator.objects.create(user=firm.officer.user, type="totp", data={"secret": ""})
    waiting, _answer = entered("officer", headers=by_name)
    for sent in shapes():
        answer = waiting.post("/signin/code/", {"credential": json.dumps(sent)})
        assert answer.status_code == 422, sent
    assert SESSION_KEY not in waiting.session


@pytest.mark.parametrize("sent", ["", "\0", "x" * 21, "字" * 350_000, "٠٠٠٠٠٠", "1e5"])
def test_what_is_no_code_is_refused_in_words(factor, sent):
    browser, answer = second_step(sent)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert SESSION_KEY not in browser.session
