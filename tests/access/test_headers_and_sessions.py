"""What every answer tells the browser, how a session begins and ends, and where links may lead."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from huiyin.accounts.models import Firm, User
from tests.access.test_every_route import TABLE
from tests.access.world import World, undone
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db


class Inline(HTMLParser):
    """Collects what a strict policy would not run or paint: a sign that somebody relied on it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name: value or "" for name, value in attrs}
        if tag == "style" or (tag == "script" and not _is_data_or_ours(names)):
            self.found.append(f"<{tag}>")
        self.found += [name for name in names if name == "style" or name.startswith("on")]
        for name in ("href", "src", "action", "hx-get", "hx-post"):
            if re.match(r"(?i)\s*(javascript|https?|//|vbscript)", names.get(name, "")):
                self.found.append(f"{name}={names[name][:40]}")


def _is_data_or_ours(names: dict[str, str]) -> bool:
    return names.get("src", "").startswith("/static/") or names.get("type") == "application/json"


def pages(place: World) -> dict[str, Any]:
    """Every page that is opened by GET, and an error of each kind."""
    client = place.browser("supervisor")
    client.raise_request_exception = False
    found = {}
    for name, names, posted, _statuses in TABLE:
        if posted is None:
            address = reverse(name, kwargs={k: place.ids.get(v, v) for k, v in names.items()})
            found[f"{name} {names}"] = client.get(address)
    found["unknown address"] = client.get("/no-such-page/")
    found["not his"] = place.browser("outsider").get(f"/customers/{place.place.customer}/")
    found["forbidden"] = client.post("/switch/", {"person": 1})
    found["not offered"] = client.get("/signout/")
    found["another host"] = client.get("/", headers={"Host": "evil.example"})
    return found


def test_every_answer_is_guarded_and_carries_nothing_inline(place: World) -> None:
    with undone():
        found = pages(place)

    assert len(found) > 30
    for name, answer in found.items():
        assert answer.headers["X-Content-Type-Options"] == "nosniff", name
        assert answer.headers["X-Frame-Options"] == "DENY", name
        assert answer.headers["Referrer-Policy"] == "same-origin", name
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy, name
        assert "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy, name
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            inline = Inline()
            inline.feed(answer.content.decode())
            assert inline.found == [], name


def test_a_page_about_people_is_kept_by_no_proxy(place: World) -> None:
    with undone():
        answer = place.browser("supervisor").get(f"/customers/{place.place.customer}/")
        shown = place.browser("supervisor").post(
            f"/contacts/{place.ids['contact_id']}/revelations/", {"reason": "约回访"}
        )

    assert "Cookie" in answer.headers["Vary"]
    assert "no-store" in shown.headers["Cache-Control"]


def signed_in(place: World, client: Client | None = None) -> Client:
    user = User.objects.get(person=place.place.firm.supervisor)
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    client = client or Client()
    answer = client.post("/signin/", {"username": user.username, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(place: World) -> None:
    with undone():
        cookies = signed_in(place).cookies

    assert cookies[settings.SESSION_COOKIE_NAME]["httponly"]
    assert cookies[settings.SESSION_COOKIE_NAME]["samesite"] == "Lax"
    assert cookies[settings.CSRF_COOKIE_NAME]["samesite"] == "Lax"


def test_a_session_begins_anew_at_the_sign_in_and_ends_at_the_sign_out(place: World) -> None:
    name = settings.SESSION_COOKIE_NAME
    with undone():
        client = Client()
        session = client.session
        session["planted"] = True
        session.save()
        client.cookies[name] = planted = session.session_key

        signed_in(place, client)
        kept = client.cookies[name].value
        assert kept != planted
        assert Client(headers={"Cookie": f"{name}={planted}"}).get("/").status_code == 302

        client.post("/signout/")
        assert Client(headers={"Cookie": f"{name}={kept}"}).get("/").status_code == 302


def test_a_new_password_ends_the_sessions_of_the_old_one(place: World) -> None:
    with undone():
        client = signed_in(place)
        assert client.get("/").status_code == 200

        user = User.objects.get(person=place.place.firm.supervisor)
        user.set_password("another-long-password")
        user.save(update_fields=["password"])

        assert client.get("/").status_code == 302


AWAY = (
    "//evil.example", "https://evil.example/", "http:evil.example", "///evil.example",
    "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "data:text/html,x",
    "http://testserver@evil.example/", "//testserver.evil.example", " //evil.example",
    "\t//evil.example", "/%09/evil.example\r\nSet-Cookie: a=b", "ftp://testserver/",
)  # fmt: skip


@pytest.mark.parametrize("wanted", AWAY)
def test_no_way_on_leads_off_the_site(place: World, wanted: str) -> None:
    with undone():
        user = User.objects.get(person=place.people["head"])
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
        ways = {
            "signin": Client().post(
                "/signin/", {"username": "head", "password": PASSWORD, "next": wanted}
            ),
            "read": place.browser("head").post(
                f"/notices/{place.ids['notice']}/reading/", {"next": wanted}
            ),
            "language": place.browser("head").post(
                "/i18n/setlang/", {"language": "en", "next": wanted}
            ),
        }
        Firm.objects.update(demo=True)
        person = place.people["head"]
        ways["switch"] = Client().post("/switch/", {"person": person.pk, "next": wanted})

    for way, answer in ways.items():
        where = answer.headers.get("Location", "/")
        assert answer.status_code in (302, 204), way
        assert re.match(r"/(?![/\\])", where), f"{way} → {where!r}"
        assert "Set-Cookie: a=b" not in str(answer.headers), way


def test_another_host_is_refused_in_words_and_forwarded_ones_count_nothing(place: World) -> None:
    client = place.browser("supervisor")

    refused = client.get("/", headers={"Host": "evil.example"})
    forwarded = client.get(
        "/signin/", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    )

    assert refused.status_code == 400
    assert "地址不对" in refused.content.decode()
    assert "evil.example" not in refused.content.decode() + forwarded.content.decode()


def test_the_frameworks_own_audit_names_only_what_the_domains_owner_decides(tmp_path: Path) -> None:
    environment = os.environ | {"HUIYIN_HTTPS": "1", "HUIYIN_DATA": str(tmp_path)}
    # A browser may be open in this process, and no server runs like that.
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
    command = [sys.executable, "-m", "django", "check", "--deploy"]

    told = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=True
    )

    # Sub-domains, the browsers' list and the way from http to https belong to the proxy.
    assert set(re.findall(r"security\.W\d+", told.stderr + told.stdout)) == {
        "security.W005", "security.W008", "security.W021",
    }  # fmt: skip
