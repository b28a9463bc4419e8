"""Who comes in without signing in, from where; and who a form is taken from that waited."""

import pytest
from django.test import Client

from huiyin.accounts.models import Firm
from tests.people import login_for

ADOPTION = {"pack": "property-management", "starts_on": "2026-05-01", "mode": "trial"}
ADOPTION |= {"start": "history"}

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("kind", "where", "status"),
    [
        ("trial", {"REMOTE_ADDR": "127.0.0.1"}, 200),
        ("trial", {"REMOTE_ADDR": "::1"}, 200),
        ("trial", {"REMOTE_ADDR": "192.168.1.20"}, 302),
        ("trial", {"REMOTE_ADDR": "fe80::1"}, 302),
        # Whoever stands behind a proxy of this machine is not on it.
        ("trial", {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "192.168.1.20"}, 302),
        ("trial", {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 302),
        ("trial", {"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=192.168.1.20"}, 302),
        ("demo", {"REMOTE_ADDR": "192.168.1.20"}, 200),
    ],
)
def test_a_trial_opens_without_a_sign_in_on_its_own_machine_alone(firm, kind, where, status):
    Firm.objects.update(**{kind: True})
    browser = Client(**where)

    assert browser.get("/").status_code == status

    switched = browser.post("/switch/", {"person": firm.officer.pk})
    assert switched.url == ("/" if status == 200 else "/signin/?next=/switch/")


def test_who_signed_in_to_a_trial_from_elsewhere_looks_through_nobody_else(firm):
    Firm.objects.update(trial=True)
    login_for(firm.officer, "officer")
    browser = Client(REMOTE_ADDR="192.168.1.20")
    browser.force_login(firm.officer.user)

    assert 'id="switch-person"' not in browser.get("/").content.decode()
    assert browser.post("/switch/", {"person": firm.manager.pk}).status_code == 403


def test_a_form_that_waited_is_taken_from_its_own_person_alone(firm):
    login_for(firm.officer, "officer")
    browser = Client()
    browser.force_login(firm.officer.user)

    def sent_by(person):
        return browser.get("/", headers={"X-Huiyin-Person": str(person)}).status_code

    assert sent_by(firm.officer.pk) == 200
    assert sent_by(firm.manager.pk) == 401
    browser.logout()
    assert sent_by(firm.officer.pk) == 401


def test_a_switch_stays_on_the_page_or_goes_to_today_where_the_new_person_may_not_see_it(firm):
    Firm.objects.update(demo=True)
    browser = Client()
    seen, not_seen = "/policy/", "/settings/imports/"
    assert browser.get(not_seen).status_code == 200

    def landed(next_page):
        given = {"person": firm.officer.pk, "next": next_page}
        answer = browser.post("/switch/", given, follow=True)
        return answer.status_code, answer.request["PATH_INFO"]

    assert landed(seen) == (200, seen)
    assert landed(not_seen) == (200, "/")
    # Whoever goes there by himself is told, and not sent away.
    assert browser.get(not_seen).status_code == 403


@pytest.mark.parametrize(
    ("address", "posted", "status"),
    [
        ("/no-such-page/", None, 404),
        ("/settings/imports/", None, 403),
        ("/switch/", None, 405),
        ("/settings/adoptions/", ADOPTION, 409),
    ],
)
def test_an_error_keeps_the_rooms_for_who_is_in_and_shows_none_to_who_is_not(
    firm, address, posted, status
):
    login_for(firm.officer, "officer")
    browser = Client()
    browser.force_login(firm.officer.user)

    answer = browser.post(address, posted) if posted else browser.get(address)

    shown = answer.content.decode()
    assert answer.status_code == status
    assert 'class="rooms"' in shown and firm.officer.name in shown and 'class="bare"' not in shown
    assert 'class="rooms"' not in Client().get("/no-such-page/").content.decode()
