"""Every step and every refusal of signing in: nothing Chinese in English, nothing English in Chinese."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from huiyin.accounts.models import Person
from huiyin.accounts.signin.services import change_rule, give_link
from tests.i18n.house import rename
from tests.i18n.languages import PSEUDO, speaking
from tests.i18n.test_pages import faults
from tests.people import PASSWORD, SmallFirm, login_for, small_firm
from tests.signing import code, confirmed

pytestmark = pytest.mark.django_db
Step = tuple[str, Any]

# Names of things that are called so in Chinese too, and what the tests themselves typed.
LATIN = {
    "authenticator", "doctor", "english", "google", "https", "huiyin", "microsoft", "pin", "ctrl", "enter",
    "esc", "json", "chrome", "linux", "http", "testserver", "signin", "link", "sample", "estates",
    "person", "unit", "manager", "supervisor", "officer", "repairer", "lead", "repair", "nobody",
    "qwerty", "because", "director", "deputy", "company", "office", "head",
}  # fmt: skip
SECRET = re.compile(r"<code.*?</code>", re.DOTALL)


@pytest.mark.parametrize("language", [PSEUDO, pytest.param("en", marks=pytest.mark.long)])
def test_nothing_is_chinese_in_another_language(
    language: str, tmp_path: Path, now: datetime
) -> None:
    with speaking(language, tmp_path):
        found = [fault for at, answer in steps(now, language) for fault in faults(at, answer)]

    assert found == []


def test_nothing_is_english_in_chinese(now: datetime) -> None:
    found = [(at, word) for at, answer in steps(now, "zh-hans") for word in latin_words(answer)]

    assert found == []


def test_an_english_word_is_found() -> None:
    assert latin_words(HttpResponse("<p title='x'>请 Enter a valid <b>value</b></p>")) == [
        "valid", "value",
    ]  # fmt: skip


def latin_words(answer: Any) -> list[str]:
    """Words of the page's text and of what is read out that are not known names."""
    page = SECRET.sub("", answer.content.decode())
    page = re.sub(r"<(script|style|head).*?</\1>", "", page, flags=re.DOTALL)
    said = re.findall(r"""(?:title|aria-label|alt|placeholder)=["']([^"']*)""", page)
    text = html.unescape(" ".join([re.sub(r"<[^>]*>", " ", page), *said]))
    return [word for word in re.findall(r"[A-Za-z]{3,}", text) if word.lower() not in LATIN]


def steps(now: datetime, language: str) -> Iterator[Step]:
    """Everything that the doors, one's own login and the settings of logins can answer."""
    with time_machine.travel(now, tick=False) as clock:
        firm = small_firm(now)
        rename()
        login_for(firm.manager, "manager")
        yield from doors(firm, now, language)
        yield from links(firm, now, language)
        clock.shift(timedelta(hours=1))
        later = now + timedelta(hours=1)
        browser = visitor(language)
        yield "signed in", browser.post("/signin/", entered("manager"), follow=True)
        yield from own(browser)
        yield from others(browser, firm)
        yield from codes(browser, firm, later, language)


def doors(firm: SmallFirm, now: datetime, language: str) -> Iterator[Step]:
    login_for(firm.officer, "officer")
    browser = visitor(language)
    yield "signin", browser.get("/signin/")
    yield "nothing", browser.post("/signin/", {})
    yield "too long", browser.post("/signin/", entered("x" * 99, "x" * 200))
    for n in range(6):
        yield f"wrong {n}", browser.post("/signin/", entered("officer", "wrong"))
    for n in range(60):
        answer = browser.post("/signin/", entered(f"nobody{n}", "wrong"))
    assert answer.status_code == 429
    yield "too often", answer


def links(firm: SmallFirm, now: datetime, language: str) -> Iterator[Step]:
    secret = give_link(firm.repairer, username="repairer", by=None, now=now)
    browser = visitor(language)
    yield "without a link", browser.get("/signin/password/")
    yield "link", browser.get(f"/signin/link/{secret}/", follow=True)
    for chosen in ("", "12345678", "repairer", "qwerty", "x" * 200):
        given = {"password": chosen, "again": chosen}
        yield f"weak {chosen[:9]}", browser.post("/signin/password/", given)
    yield "differing", browser.post("/signin/password/", {"password": PASSWORD, "again": "x"})
    given = {"password": PASSWORD, "again": PASSWORD}
    yield "chosen", browser.post("/signin/password/", given, follow=True)
    yield "spent", browser.get(f"/signin/link/{secret}/", follow=True)


def own(browser: Client) -> Iterator[Step]:
    yield "own", browser.get("/account/")
    yield "password", browser.get("/account/password/")
    given = {"current": "x", "password": "1", "again": "2"}
    yield "wrong password", browser.post("/account/password/", given)
    yield "confirm", browser.get("/account/confirmation/")
    yield "wrong confirm", browser.post("/account/confirmation/", {"password": "x"})
    yield "sessions", browser.get("/account/sessions/")
    yield "passkeys", browser.get("/account/passkeys/new/")
    local = {"Host": "localhost"}
    confirmed(browser)
    yield "new passkey", browser.get("/account/passkeys/new/", headers=local)
    for sent in ({}, {"credential": "x"}, {"credential": "{}"}):
        answer = browser.post("/account/passkeys/new/", sent, headers=local)
        yield f"no passkey {sent}", answer
    given = {"current": PASSWORD, "password": PASSWORD, "again": PASSWORD}
    yield "new password", browser.post("/account/password/", given, follow=True)
    yield "others ended", browser.post("/account/sessions/", follow=True)


def others(browser: Client, firm: SmallFirm) -> Iterator[Step]:
    yield "rules", browser.get("/settings/signin/")
    yield "wrong rules", browser.post("/settings/signin/", {"grace_days": "x"})
    yield "no days", browser.post("/settings/signin/", {"grace_days": "99", "reason": ""})
    yield "logins", browser.get("/settings/logins/")
    for person in (firm.manager, firm.officer, firm.stranger, firm.supervisor):
        yield "login", browser.get(f"/settings/logins/{person.pk}/")
    here = f"/settings/logins/{firm.stranger.pk}"
    yield "no name", browser.post(f"{here}/links/", {"username": ""})
    yield "taken", browser.post(f"{here}/links/", {"username": "manager"})
    yield "given", browser.post(f"{here}/links/", {"username": "nobody"})
    yield "no reason", browser.post(f"{here}/switchings/", {"on": "0"})
    off = {"on": "0", "reason": "qwerty"}
    yield "off", browser.post(f"{here}/switchings/", off, follow=True)
    yield "already", browser.post(f"{here}/switchings/", off)
    yield "no link now", browser.post(f"{here}/links/", {"username": "x"})
    yield "on", browser.post(f"{here}/switchings/", off | {"on": "1"}, follow=True)
    yield "none", browser.post(f"{here}/factor-removals/", {"reason": "qwerty"})
    own = f"/settings/logins/{firm.manager.pk}"
    yield "oneself", browser.post(f"{own}/links/", {})
    yield "permissions", browser.get("/settings/permissions/")
    yield "sees", browser.get(f"/settings/permissions/{firm.officer.pk}/")
    yield "no such day", browser.get(f"/settings/permissions/{firm.officer.pk}/?day=x")
    yield "settings", browser.get("/settings/")


def codes(browser: Client, firm: SmallFirm, at: datetime, language: str) -> Iterator[Step]:
    change_rule(heads_need_factor=True, grace_days=3, reason="qwerty", by=firm.manager.pk, now=at)
    yield "rules kept", browser.get("/settings/signin/")
    again = visitor(language)
    yield "asked for", again.post("/signin/", entered("manager"), follow=True)
    page = browser.get("/account/totp/")
    yield "totp", page
    yield "wrong first", browser.post("/account/totp/", {"code": "x" * 30})
    yield "wrong", browser.post("/account/totp/", {"code": "000000"})
    given = {"code": code(page.context["form"].secret, at)}
    yield "turned on", browser.post("/account/totp/", given, follow=True)
    yield "codes again", browser.get("/account/codes/")
    yield "new codes", browser.get("/account/codes/new/")
    yield "guarded", browser.get("/account/")
    yield "history", browser.get(f"/settings/logins/{firm.manager.pk}/")
    waiting = visitor(language)
    yield "second step", waiting.post("/signin/", entered("manager"), follow=True)
    for n in range(6):
        yield f"wrong code {n}", waiting.post("/signin/code/", {"code": "000000"})
    yield "removal", browser.get("/account/totp/removal/")
    yield "removed", browser.post("/account/totp/removal/", follow=True)
    yield "signed out", browser.post("/signout/", follow=True)


def visitor(language: str) -> Client:
    client = Client(headers={"User-Agent": "Chrome/1 Linux"})
    client.cookies["django_language"] = language
    return client


def entered(username: str, password: str = PASSWORD) -> dict[str, str]:
    return {"username": username, "password": password}


def test_the_names_are_latin(now: datetime) -> None:
    small_firm(now)
    rename()

    assert all(person.name.isascii() for person in Person.objects.all())
