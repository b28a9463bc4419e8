"""The same submission many times at once: as much is written as by one alone.

Every route that takes a form is tried, as the access table lists them: a new one that is not
listed fails there, one that is listed and not tried fails here. HUIYIN_PROOF=50 for the long form,
which takes every route; else one in three is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db import connections
from django.http import HttpResponse
from django.urls import get_resolver, path, reverse

from tests.access.test_every_route import TABLE, _routes
from tests.access.world import World, undone, world

TIMES = int(os.environ.get("HUIYIN_PROOF", "3"))
EACH = 1 if "HUIYIN_PROOF" in os.environ else 3
DONE = (200, 204, 302)

# Forms whose right answer depends on who is signed in, or that need another step before: their
# own tests send them twice (tests/app/accounts).
ELSEWHERE = {
    "account_login", "accounts:signin", "accounts:signout", "accounts:switch", "set_language",
    "account_reauthenticate", "account_change_password", "mfa_authenticate", "mfa_login_webauthn",
    "mfa_activate_totp", "mfa_deactivate_totp", "mfa_generate_recovery_codes", "mfa_add_webauthn",
    "mfa_edit_webauthn", "mfa_remove_webauthn", "signin:first_password", "signin:sessions",
    "signin:session_end",
    # The same post, by the same service, as desk:person_posts.
    "desk:roles",
}  # fmt: skip
# Written by every request, whatever it asks for.
BESIDE = {
    "core.IdempotencyKey", "sessions.Session", "usersessions.UserSession", "accounts.User",
}  # fmt: skip


def by_whom(name: str) -> str:
    return "head" if name == "notices:read" else "supervisor"


def lines() -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """For each route one form that goes through, by its name."""
    found: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
    for name, names, posted, statuses in TABLE:
        role = {"supervisor": 1, "head": 2}[by_whom(name)]
        if posted is None or name in ELSEWHERE or int(statuses.split()[role]) not in DONE:
            continue
        found.setdefault(name, (names, posted))
    order = [*FIRST, *(name for name in found if name not in FIRST + LAST), *LAST]
    return {name: found[name] for name in order if name in found}


# At first what they are about is still as they need it.
FIRST = (
    "desk:assignments", "desk:waiver", "desk:units", "desk:person_posts", "desk:post_end", "imports:sheet",
)  # fmt: skip


# After these the same form about something else no longer goes through.
LAST = ("cases:withdrawal", "customers:consents", "desk:saved_views", "followups:workbench")

# What a gate keeps shut for everybody in the world of the table, or opens to others alone: a firm
# that begins, who got the points, who entered something last. Each has a test of its own.
REFUSED = {
    "cases:closure", "notices:trial", "records:printings", "desk:confirm_points", "desk:contest",
    "desk:start", "desk:start_adoption", "desk:start_customers", "desk:start_people",
    "desk:start_signing_in", "desk:undo",
}  # fmt: skip


@pytest.fixture
def place(scratch_db: object, now: datetime) -> Iterator[World]:
    made = world(now)
    with time_machine.travel(made.later, tick=False):
        yield made


def written() -> dict[str, int]:
    """How many rows there are of everything."""
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.managed and model._meta.label not in BESIDE
    }


def more(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {label: n - before[label] for label, n in after.items() if n != before[label]}


def test_every_route_that_takes_a_form_is_tried() -> None:
    posting = {name for name, _names, posted, _statuses in TABLE if posted is not None}

    assert posting - set(lines()) - ELSEWHERE - REFUSED == set()
    assert set(lines()) <= set(_routes())


def test_a_new_route_without_an_entry_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    planted = path("planted/", lambda request: HttpResponse(), name="planted")
    monkeypatch.setattr(get_resolver(), "url_patterns", [*get_resolver().url_patterns, planted])
    in_table = {name for name, _names, _posted, _statuses in TABLE}

    assert set(_routes()) - in_table == {"planted"}


def test_the_same_submission_many_times_at_once_writes_as_much_as_one(place: World) -> None:
    wrong, passed_over = [], []
    for number, (name, (names, posted)) in list(enumerate(lines().items()))[::EACH]:
        given = {key: place.ids.get(value, value) for key, value in names.items()}
        address = reverse(name, kwargs=given)
        form = {key: place.ids.get(value, value) for key, value in posted.items()}
        form |= {"key": f"proof-{number}"}
        start = written()
        with undone():
            alone = place.browser(by_whom(name)).post(address, form)
            one = more(start, written())
        if alone.status_code not in DONE:
            passed_over.append(name)  # an earlier line settled the same thing
            continue

        statuses = at_once(place, name, address, form)

        many = more(start, written())
        if many != one or not set(statuses) <= {alone.status_code, 204}:
            wrong.append(f"{name}: {one} by one, {many} by {TIMES}; {sorted(set(statuses))}")

    assert wrong == []
    assert passed_over == [], passed_over


def at_once(place: World, name: str, address: str, form: dict[str, Any]) -> list[int]:
    browsers = [place.browser(by_whom(name)) for _time in range(TIMES)]
    start = Barrier(TIMES)

    def one(browser: Any) -> int:
        start.wait()
        try:
            return int(browser.post(address, form).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(TIMES) as threads:
        return list(threads.map(one, browsers))
