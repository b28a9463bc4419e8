"""Who comes in without signing in, from where; and who a form is taken from that waited."""

import pytest
from django.test import Client

from huiyin.accounts.models import Firm
from tests.people import login_for

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
