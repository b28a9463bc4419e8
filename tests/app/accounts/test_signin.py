"""Signing in and out, the demo's switch, and who a page is shown to."""

import pytest
import time_machine
from django.contrib.auth import SESSION_KEY
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from huiyin.accounts.context import signed_in
from huiyin.accounts.middleware import SESSION_PERSON, PersonMiddleware
from huiyin.accounts.models import Firm
from tests.people import PASSWORD, login_for, small_firm

pytestmark = pytest.mark.django_db
SIGNIN = "/signin/"


@pytest.fixture(autouse=True)
def at_the_time(now):
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture(autouse=True)
def quick_hashes(settings):
    """A password is hashed for a second on purpose; the tests need not wait for it."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def firm(now):
    return small_firm(now)


@pytest.fixture
def demo(now):
    return small_firm(now, demo=True)


@pytest.fixture
def asked(client):
    """A request as the middleware leaves it, with the client's session and login."""

    def ask(path="/", **headers):
        from django.contrib.auth import get_user
        from django_htmx.middleware import HtmxDetails

        request = RequestFactory().get(path, headers=headers)
        request.session = client.session
        request.user = get_user(request)
        request.htmx = HtmxDetails(request)
        PersonMiddleware(lambda _request: HttpResponse())(request)
        return request

    return ask


def view_answer(request, view=lambda request: HttpResponse()):
    request.resolver_match = None
    return PersonMiddleware(lambda _request: HttpResponse()).process_view(request, view, (), {})


def test_the_right_password_signs_in_and_goes_on(client, firm, asked):
    login_for(firm.officer, "officer")

    answer = client.post(
        SIGNIN, {"username": "officer", "password": PASSWORD, "next": "/customers/"}
    )

    assert (answer.status_code, answer.url) == (302, "/customers/")
    assert asked().person == firm.officer
    assert asked().viewer == firm.viewer(firm.officer)


@pytest.mark.parametrize(
    ("name", "password"), [("officer", "wrong"), ("nobody", PASSWORD), ("", ""), ("officer", "")]
)
def test_a_wrong_name_or_password_is_told_without_saying_which(client, firm, name, password):
    login_for(firm.officer, "officer")

    answer = client.post(SIGNIN, {"username": name, "password": password})

    assert answer.status_code == 422
    assert SESSION_KEY not in client.session
    if name and password:
        assert "用户名或密码不正确" in answer.content.decode()
        assert PASSWORD not in answer.content.decode()


def test_a_login_switched_off_does_not_sign_in(client, firm):
    user = login_for(firm.officer, "officer")
    type(user).objects.update(is_active=False)

    assert client.post(SIGNIN, {"username": "officer", "password": PASSWORD}).status_code == 422


@pytest.mark.parametrize(
    "next", ["//evil.example/", "https://evil.example/", "javascript:alert(1)"]
)
def test_signing_in_never_leads_off_the_site(client, firm, next):
    login_for(firm.officer, "officer")

    answer = client.post(SIGNIN, {"username": "officer", "password": PASSWORD, "next": next})

    assert answer.url == "/"


def test_the_page_shows_its_form_in_chinese(client, firm):
    text = client.get(SIGNIN, headers={"Accept-Language": "zh-CN"}).content.decode()

    assert "用户名" in text
    assert 'autocomplete="current-password"' in text


def test_signing_out_needs_a_post_and_ends_it(client, firm, asked):
    client.force_login(login_for(firm.officer, "officer"))

    assert client.get("/signout/").status_code == 405
    assert client.post("/signout/").url == SIGNIN
    assert asked().person is None


def test_without_a_person_every_page_leads_to_the_sign_in(firm, asked):
    request = asked("/customers/?q=1")

    assert view_answer(request).url == "/signin/?next=/customers/%3Fq%3D1"


def test_a_piece_sends_the_page_around_it_to_the_sign_in(firm, asked):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/cases/"}
    answer = view_answer(asked("/cases/rows/", **headers))

    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == "/signin/?next=/cases/"


def test_who_left_is_shown_nothing_though_the_login_lives(client, firm, asked, now):
    from datetime import date

    from huiyin.accounts import services

    client.force_login(login_for(firm.officer, "officer"))
    services.leave(firm.officer, date(2026, 3, 1), by=None, now=now)

    assert asked().person is None


def test_a_demo_opens_as_the_supervisor_without_signing_in(demo, asked):
    request = asked()

    assert request.person == demo.supervisor
    assert request.viewer.all is True
    assert view_answer(request) is None


def test_a_trial_opens_like_a_demo(firm, asked):
    assert asked().person is None
    Firm.objects.update(trial=True)

    assert asked().person == firm.supervisor


def test_a_visitor_of_a_demo_looks_through_another(client, demo, asked):
    answer = client.post("/switch/", {"person": demo.officer.pk, "next": "/cases/"})

    assert (answer.status_code, answer.url) == (302, "/cases/")
    assert client.session[SESSION_PERSON] == demo.officer.pk
    assert asked().person == demo.officer
    assert asked().viewer.all is False


def test_where_people_sign_in_nobody_switches(client, firm, asked):
    client.force_login(login_for(firm.officer, "officer"))

    answer = client.post("/switch/", {"person": firm.manager.pk})

    assert answer.status_code == 403
    assert asked().person == firm.officer


def test_a_switch_left_over_from_a_demo_counts_nothing_later(client, demo, asked):
    client.post("/switch/", {"person": demo.officer.pk})
    Firm.objects.update(demo=False)

    assert asked().person is None


def test_nobody_is_not_switched_to(client, demo):
    assert client.post("/switch/", {"person": demo.zone_one.pk}).status_code == 404
    assert client.post("/switch/", {"person": "x"}).status_code == 404


def test_the_head_of_the_page_names_who_looks_and_whom_one_may_look_through(demo, asked):
    shown = signed_in(asked())

    assert (shown["signed_in"]().name, shown["signed_in"]().role) == (demo.supervisor.name, "主管")
    assert len(shown["switch_people"]()) == 11


def test_where_people_sign_in_no_switch_is_offered(client, firm, asked):
    client.force_login(login_for(firm.officer, "officer"))

    assert signed_in(asked())["switch_people"]() == []


def test_knowing_the_visitor_costs_four_queries_at_most(
    client, demo, asked, django_assert_max_num_queries
):
    client.post("/switch/", {"person": demo.officer.pk})
    session = client.session
    session.save()

    with django_assert_max_num_queries(4):
        asked()


def test_before_the_firm_is_set_up_nobody_has_to_sign_in(asked):
    request = asked()

    assert request.person is None
    assert view_answer(request) is None


def test_urls_have_their_names():
    assert reverse("accounts:signin") == SIGNIN
