"""What somebody does at the sign-in: a password, the password once more, a code of his app."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from huiyin.accounts.models import Person
from tests.people import PASSWORD, login_for

PERIOD = 30
"""Seconds that a code of an authenticator app is shown."""


def entered(username: str, password: str = PASSWORD, **more: Any) -> tuple[Client, Any]:
    """A new browser and the answer to its sign-in."""
    browser = Client(headers=more.pop("headers", {}))
    return browser, browser.post(
        "/signin/", {"username": username, "password": password} | more.pop("given", {}), **more
    )


def signed_in(person: Person, username: str = "", **more: Any) -> Client:
    """A browser in which the person signed in with his password; he gets a login if he has none."""
    if person.user is None:
        login_for(person, username or f"u{person.pk}")
    browser, answer = entered(person.user.username, **more)
    assert answer.status_code == 302, answer.content.decode()
    return browser


def confirmed(browser: Client, password: str = PASSWORD) -> Client:
    """The password was asked for again and given just now."""
    answer = browser.post("/account/confirmation/", {"password": password})
    assert answer.status_code == 302
    return browser


def code(secret: str, at: datetime) -> str:
    """What an authenticator app shows at a moment."""
    return format_hotp_value(hotp_value(secret, int(at.timestamp()) // PERIOD))


def with_codes(browser: Client, at: datetime) -> tuple[str, list[str]]:
    """Turn on one-time codes at a moment: their secret, and the recovery codes shown once."""
    secret = confirmed(browser).get("/account/totp/").context["form"].secret
    answer = browser.post("/account/totp/", {"code": code(secret, at)})
    assert (answer.status_code, answer.url) == (302, "/account/codes/")
    return secret, browser.get(answer.url).context["unused_codes"]
