"""Errors as pages and as pieces."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from huiyin.core.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from huiyin.core.http import ErrorMiddleware, server_error


def request(*, htmx=False):
    made = RequestFactory().post(
        "/cases/7/closing/", headers={"HX-Request": "true"} if htmx else {}
    )
    made.htmx = HtmxDetails(made)
    return made


def answer(error, *, htmx=False):
    return ErrorMiddleware(lambda _request: None).process_exception(request(htmx=htmx), error)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Refused(["C.1.4.c"], "须先答复客户"), 409),
        (Conflict("已被他人更改"), 409),
        (Invalid({"phone": ["号码不对"]}), 422),
        (Forbidden("您不能关闭"), 403),
        (NotFound(), 404),
        (Http404(), 404),
        (PermissionDenied(), 403),
    ],
)
@pytest.mark.parametrize("htmx", [False, True])
def test_every_error_of_ours_has_its_status(error, status, htmx):
    assert answer(error, htmx=htmx).status_code == status


@pytest.mark.django_db
@pytest.mark.parametrize("htmx", [False, True])
def test_a_refusal_shows_its_message_and_its_clauses(htmx):
    text = answer(Refused(["C.1.4.c"], "须先答复客户"), htmx=htmx).content.decode()

    assert "须先答复客户" in text
    assert "C.1.4.c" in text


@pytest.mark.django_db
def test_a_piece_for_htmx_is_no_whole_page_and_goes_to_the_alerts():
    response = answer(Refused(["C.1.4.c"], "须先答复客户"), htmx=True)

    assert "<html" not in response.content.decode()
    assert response.headers["HX-Retarget"] == "#alerts"


@pytest.mark.django_db
@pytest.mark.parametrize("htmx", [False, True])
def test_wrong_input_is_shown_message_by_message(htmx):
    text = answer(Invalid({"phone": ["号码不对"], "name": ["请填写姓名"]}), htmx=htmx)

    assert "号码不对" in text.content.decode()
    assert "请填写姓名" in text.content.decode()


@pytest.mark.django_db
def test_a_message_is_escaped():
    text = answer(Conflict("<b>3栋</b>")).content.decode()

    assert "<b>3栋" not in text


def test_a_fault_of_ours_stays_an_error_and_gets_a_number_that_the_log_has(caplog):
    asked = request()

    assert ErrorMiddleware(lambda _request: None).process_exception(asked, KeyError("x")) is None

    page = server_error(asked)
    assert page.status_code == 500
    assert asked.error_reference in page.content.decode()
    assert asked.error_reference in caplog.text
