"""Every address of the product, tried by everybody: what each may do is the table below.

A new page needs one line for each of GET and POST that it offers: a status per role, in the order
of the head of the table. Roles beyond the columns get what the role beside them in `LIKE` gets,
unless the line ends with it: "302 200 … 302 unit_head=404".

The rule behind the table: whoever does not see the target gets 404, whoever sees it but may not
act gets 403 (or 409 where a rule names its reason), and nobody ever gets 500. A person without
a valid sign-in is sent to the sign-in page (302) and nothing is done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import copy
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, path, reverse

from tests.access.customer_routes import CUSTOMER_TABLE
from tests.access.duty_routes import DUTY_TABLE
from tests.access.import_routes import IMPORT_TABLE
from tests.access.record_routes import RECORD_TABLE
from tests.access.settings_routes import SETTINGS_TABLE
from tests.access.signin_routes import DOORS, SIGNIN_TABLE
from tests.access.staff_routes import STAFF_TABLE
from tests.access.world import DAY, EVERYBODY, LIKE, ROLES, World, rows, undone
from tests.app import scene as on

pytestmark = pytest.mark.django_db

SUBJECT = {"kind": "repair", "subject_id": "done"}
REPAIR = {"f-category": "leak", "f-repairer": "who_repaired"}
CASE_NOTICE = {"problem": "接头滴水", "requirement": "更换接头", "rectify_by": "2026-03-09"}
INTAKE = {"origin": "phone", "item-kind": "suggestion", "item-description": "挪快递柜"}
AT_HOME = {"met": "owner", "satisfaction": "4", "channel": "visit", "key": "k"}
VISIT = on.SATISFIED | {"visited": on.drawing(), "channel": "visit", "key": "k"}

# route, what its address names, what is posted (None: GET), and a status for each of
#                                                   nobody · supervisor · head · owner · repairer ·
#                                                   colleague · outsider · far_head · left · off
TABLE: list[tuple[str, dict[str, Any], dict[str, Any] | None, str]] = [
    ("set_language", {}, None,                      "302 302 302 302 302 302 302 302 302 302"),
    ("set_language", {}, {"language": "en"},        "302 302 302 302 302 302 302 302 302 302"),
    ("icon", {}, None,                              "302 302 302 302 302 302 302 302 302 302"),
    ("accounts:signout", {}, {},                    "302 302 302 302 302 302 302 302 302 302"),
    ("accounts:switch", {}, {"person": 1},          "302 403 403 403 403 403 403 403 302 302"),
    # 今日, 制度 and 设置 show everybody what concerns himself or the whole firm.
    ("desk:today", {}, None,                        "302 200 200 200 200 200 200 200 302 302"),
    ("desk:policies", {}, None,                     "302 200 200 200 200 200 200 200 302 302"),
    ("desk:policy", {"policy": "property-management"}, None,
                                                    "302 200 200 200 200 200 200 200 302 302"),
    ("desk:policy", {"policy": "no-such-policy"}, None,
                                                    "302 404 404 404 404 404 404 404 302 302"),
    ("desk:clause", {"policy": "property-management", "clause": "B.2.c"}, None,
                                                    "302 200 200 200 200 200 200 200 302 302"),
    ("desk:clause", {"policy": "property-management", "clause": "Z.9"}, None,
                                                    "302 404 404 404 404 404 404 404 302 302"),
    ("desk:settings", {}, None,                     "302 200 200 200 200 200 200 200 302 302"),
    ("desk:phones", {}, None,                       "302 200 200 200 200 200 200 200 302 302"),
    # Only who heads the whole firm puts a policy into force.
    ("desk:adoptions", {}, {"pack": "property-management", "starts_on": "2026-05-01",
                            "mode": "trial", "start": "history"},
                                                    "302 302 409 409 409 409 409 409 302 302"),
    ("desk:approval", {"adoption": "adoption"}, {}, "302 302 409 409 409 409 409 409 302 302"),
    ("desk:search", {}, None,                       "302 200 200 200 200 200 200 200 302 302"),
    # The supervisor's view is shared with heads of repairs: they see it, and it stays his.
    ("desk:saved_views", {}, None,                  "302 200 200 200 200 200 200 200 302 302"),
    ("desk:saved_views", {}, {"room": "customers", "query": "q=1", "name": "x"},
                                                    "302 302 302 302 302 302 302 302 302 302"),
    ("desk:saved_view", {"view_id": "view"}, None,  "302 200 403 404 404 404 404 403 302 302 unit_head=404"),
    ("desk:saved_view", {"view_id": "view"}, {"name": "x"},
                                                    "302 302 403 404 404 404 404 403 302 302 unit_head=404"),
    ("desk:delete_view", {"view_id": "view"}, {},   "302 302 403 404 404 404 404 403 302 302 unit_head=404"),
    # Heads take lists out; a sheet that lies ready is for who asked for it.
    ("desk:exports", {}, None,                      "302 200 200 200 200 200 200 200 302 302"),
    ("desk:exports", {}, {"room": "customers", "query": ""},
                                                    "302 200 200 403 403 403 403 200 302 302"),
    ("desk:export", {"export_id": "export"}, None,  "302 200 404 404 404 404 404 404 302 302"),
    ("desk:export_file", {"export_id": "export"}, None,
                                                    "302 200 404 404 404 404 404 404 302 302"),
    ("subjects:list", {"kind": "repair"}, None,     "302 200 200 200 200 200 200 200 302 302"),
    ("subjects:list", {"kind": "no-such-kind"}, None,
                                                    "302 404 404 404 404 404 404 404 302 302"),
    # Whoever sees the household registers what is tracked of it.
    ("subjects:new", {"kind": "repair"}, None,      "302 200 200 200 200 200 200 200 302 302"),
    ("subjects:new", {"kind": "no-such-kind"}, None,
                                                    "302 404 404 404 404 404 404 404 302 302"),
    ("subjects:register", {"kind": "repair", "customer_id": "customer_id"}, None,
                                                    "302 200 200 200 404 404 404 404 302 302"),
    ("subjects:register", {"kind": "repair", "customer_id": "customer_id"}, REPAIR,
                                                    "302 302 302 302 404 404 404 404 302 302"),
    # Whom a repair names as its repairer reads it, and says that it is done.
    ("subjects:page", SUBJECT, None,                "302 200 200 200 200 404 404 404 302 302"),
    ("subjects:page", SUBJECT | {"subject_id": "nowhere"}, None,
                                                    "302 200 404 404 404 404 404 404 302 302"),
    ("subjects:page", SUBJECT | {"subject_id": "raised"}, None,
                                                    "302 404 404 404 404 404 404 404 302 302"),
    ("subjects:event", SUBJECT | {"subject_id": "open"}, {"event": "completed"},
                                                    "302 302 302 302 302 404 404 404 302 302"),
    # Who only is entrusted with it, or named by it, does not take back what somebody else entered.
    ("subjects:void", SUBJECT | {"fact_id": "completion"}, {"reason": "登记错了"},
                                                    "302 302 302 403 403 404 404 404 302 302"),
    ("subjects:void", SUBJECT | {"subject_id": "open", "fact_id": "completion"}, {"reason": "错"},
                                                    "302 404 404 404 404 404 404 404 302 302"),
    ("cases:list", {}, None,                        "302 200 200 200 200 200 200 200 302 302"),
    # The repairer sees the case that he has to put right; leading it is not his.
    ("cases:page", {"case_id": "raised"}, None,     "302 200 200 200 200 404 404 404 302 302"),
    ("cases:notice", {"case_id": "raised"}, None,   "302 200 200 403 403 404 404 404 302 302"),
    ("cases:notice", {"case_id": "raised"}, CASE_NOTICE,
                                                    "302 302 302 403 403 404 404 404 302 302"),
    ("cases:handover", {"case_id": "written"}, None,
                                                    "302 200 200 403 403 404 404 404 302 302"),
    ("cases:handover", {"case_id": "written"}, {"channel": "wechat"},
                                                    "302 302 302 403 403 404 404 404 302 302"),
    ("cases:answer", {"case_id": "notified"}, None, "302 200 200 403 200 404 404 404 302 302"),
    ("cases:answer", {"case_id": "notified"}, {"measures": "已更换接头"},
                                                    "302 302 302 403 302 404 404 404 302 302"),
    ("cases:reply", {"case_id": "raised"}, None,    "302 200 200 403 403 404 404 404 302 302"),
    ("cases:reply", {"case_id": "raised"}, {"text": "已修好", "channel": "phone"},
                                                    "302 302 302 403 403 404 404 404 302 302"),
    ("cases:closure", {"case_id": "raised"}, None,  "302 200 200 403 403 404 404 404 302 302"),
    ("cases:closure", {"case_id": "raised"}, {"outcome": "solved"},
                                                    "302 409 409 403 403 404 404 404 302 302"),
    ("followups:list", {}, None,                    "302 200 200 200 200 200 200 200 302 302"),
    ("cases:figures", {}, None,                     "302 200 200 200 200 200 200 200 302 302"),
    ("cases:arrival", {}, None,                     "302 200 200 200 200 200 200 200 302 302"),
    # Whoever sees the household takes down what it brings up.
    ("cases:intake", {"customer_id": "customer_id"}, None,
                                                    "302 200 200 200 404 404 404 404 302 302"),
    ("cases:intake", {"customer_id": "customer_id"}, INTAKE,
                                                    "302 302 302 302 404 404 404 404 302 302"),
    ("cases:copied", {"case_id": "raised"}, {},     "302 204 204 204 204 404 404 404 302 302"),
    # Who is entrusted with the household reads its cases; who heads the unit decides.
    ("cases:decision", {"case_id": "suggested"}, None,
                                                    "302 200 200 403 404 404 404 404 302 302"),
    ("cases:decision", {"case_id": "suggested"}, {"decision": "adopted", "reason": "方便"},
                                                    "302 302 302 403 404 404 404 404 302 302"),
    ("cases:handling", {"case_id": "complained"}, None,
                                                    "302 200 200 403 404 404 404 404 302 302"),
    ("cases:handling", {"case_id": "complained"}, {"text": "属实"},
                                                    "302 302 302 403 404 404 404 404 302 302"),
    ("cases:referral", {"case_id": "asked"}, None,
                                                    "302 200 200 403 404 404 404 404 302 302"),
    ("cases:referral", {"case_id": "asked"}, {"to": "head_office", "text": "请示"},
                                                    "302 302 302 403 404 404 404 404 302 302"),
    ("cases:ruling", {"case_id": "referred"}, None,    "302 200 200 403 404 404 404 404 302 302"),
    ("cases:ruling", {"case_id": "referred"}, {"text": "同意"},
                                                    "302 302 302 403 404 404 404 404 302 302"),
    ("cases:classification", {"case_id": "complained"}, None,
                                                    "302 200 200 403 404 404 404 404 302 302"),
    ("cases:classification", {"case_id": "complained"},
     {"kind": "opinion", "severity": "minor", "reason": "不是投诉"},
                                                    "302 302 302 403 404 404 404 404 302 302"),
    ("cases:withdrawal", {"case_id": "suggested"}, None,
                                                    "302 200 200 403 404 404 404 404 302 302"),
    ("cases:withdrawal", {"case_id": "suggested"}, {"reason": "不用了"},
                                                    "302 302 302 403 404 404 404 404 302 302"),
    # To add to what was said is everybody's who reads it.
    ("cases:supplement", {"case_id": "suggested"}, None,
                                                    "302 200 200 200 404 404 404 404 302 302"),
    ("cases:supplement", {"case_id": "suggested"}, {"text": "是东门"},
                                                    "302 302 302 302 404 404 404 404 302 302"),
    # Who is entrusted with the household may look at the workbench; the policy lets him file none.
    ("followups:workbench", {"target_id": "done"}, None,
                                                    "302 200 200 200 404 404 404 404 302 302"),
    ("followups:workbench", {"target_id": "done"}, VISIT,
                                        "302 302 302 409 404 404 404 404 302 302 unit_head=409"),
    # A visit at home is made by whoever sees the household.
    ("followups:workbench", {"target_id": "customer_id"}, None,
                                                    "302 200 200 200 404 404 404 404 302 302"),
    ("followups:workbench", {"target_id": "customer_id"}, AT_HOME,
                                                    "302 302 302 302 404 404 404 404 302 302"),
    ("followups:page", {"followup_id": "held"}, None,
                                                    "302 200 200 200 404 404 404 404 302 302"),
    *RECORD_TABLE,
    # What lies in a unit below is seen from the one above it, and not by a head of that alone.
    ("subjects:page", SUBJECT | {"subject_id": "below"}, None,
                                       "302 200 200 404 404 404 404 404 302 302 unit_head=404"),
    *CUSTOMER_TABLE, *SIGNIN_TABLE, *IMPORT_TABLE, *DUTY_TABLE, *SETTINGS_TABLE, *STAFF_TABLE,
]  # fmt: skip

# All lines in `make long`; else one in three.
SOME_OR_ALL = pytest.mark.parametrize("turns", [3, pytest.param(1, marks=pytest.mark.long)])
WITHOUT_SIGN_IN = ("nobody", "left", "dismissed", "off")
# Set-language answers whatever comes with a way back, the others only to GET, HEAD and POST.
OPEN = {"set_language", "icon", "accounts:signout", *DOORS}


def expected(statuses: str) -> dict[str, int]:
    """A status for every role, from what a line of the table says."""
    words = statuses.split()
    found = dict(zip(ROLES, map(int, words[: len(ROLES)]), strict=True))
    found |= {role: found[beside] for role, beside in LIKE.items()}
    return found | {
        role: int(status) for role, status in (w.split("=") for w in words[len(ROLES) :])
    }


def test_every_route_has_its_lines_in_the_table() -> None:
    in_table = {name for name, _address, _posted, _statuses in TABLE}

    assert set(_routes()) - in_table == set(), "routes without a line: add one to TABLE"
    assert in_table - set(_routes()) == set(), "lines of routes that are gone"


def test_a_route_without_a_line_is_found_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    planted = path("planted/", lambda request: HttpResponse(), name="planted")
    monkeypatch.setattr(get_resolver(), "url_patterns", [*get_resolver().url_patterns, planted])

    with pytest.raises(AssertionError, match="planted"):
        test_every_route_has_its_lines_in_the_table()


# In `make long` everybody tries every line; else the lines take turns.
@pytest.mark.parametrize("turns", [6, pytest.param(1, marks=pytest.mark.long)])
@pytest.mark.parametrize("role", EVERYBODY)
def test_everybody_gets_what_the_table_says(place: World, role: str, turns: int) -> None:
    wrong = []
    with undone():
        there = place.browser(role)
        for name, names, posted, statuses in TABLE[EVERYBODY.index(role) % turns :: turns]:
            answer = _sent(place, there, _address(place, name, names), posted)
            if answer.status_code != expected(statuses)[role]:
                told = f"{answer.status_code}, not {expected(statuses)[role]}"
                wrong.append(f"{_line(name, posted)} {names}: {told}")

    assert wrong == []


def test_every_form_that_asks_when_it_happened_asks_why_only_now(place: World) -> None:
    client = place.browser("supervisor")
    silent, asked = [], 0
    for name, names, posted, statuses in TABLE:
        if posted is None and expected(statuses)["supervisor"] == 200:
            with undone():
                address = {key: place.ids.get(value, value) for key, value in names.items()}
                page = client.get(reverse(name, kwargs=address)).content.decode(errors="replace")
            for form in re.findall(r"<form.*?</form>", page, re.DOTALL):
                if re.search(r'name="(happened_at|reported_at)"', form):
                    asked += 1
                    silent += [name] if 'name="late_reason"' not in form else []

    assert asked > 10
    assert silent == []


@SOME_OR_ALL
def test_somebody_let_go_while_his_page_is_open_saves_nothing_and_is_signed_out(
    place: World, turns: int
) -> None:
    posted = [line for line in TABLE if line[2] is not None and line[0] not in OPEN][::turns]
    kept = []
    for name, names, given, _statuses in posted:
        with undone():
            client = place.browser("dismissed")
            before = rows()
            answer = client.post(_address(place, name, names), given)
            if rows() != before or not answer["Location"].startswith("/signin/?next="):
                kept.append(f"{name}: {answer.status_code}")
            if client.session.get("_auth_user_id"):
                kept.append(f"{name}: still signed in")

    assert len(posted) * turns > 100
    assert kept == []


@SOME_OR_ALL
def test_who_is_not_signed_in_is_sent_to_the_sign_in_and_nowhere_else(
    place: World, turns: int
) -> None:
    # Where each of them is sent the table says; here by turns, with the way back.
    for number, (name, names, posted, _statuses) in enumerate(TABLE[::turns]):
        if name not in OPEN:
            role = WITHOUT_SIGN_IN[number % len(WITHOUT_SIGN_IN)]
            answer = _tried(place, role, _address(place, name, names), posted)
            assert answer["Location"].startswith("/signin/?next="), f"{_line(name, posted)} {role}"


@SOME_OR_ALL
def test_what_a_route_does_not_offer_is_not_done(place: World, turns: int) -> None:
    offered: dict[str, set[str]] = {name: set() for name in _routes()}
    for name, _names, posted, _statuses in TABLE:
        offered[name].add("GET" if posted is None else "POST")
    done = []
    with undone():
        there = place.browser("supervisor")
        for turn, (name, names) in enumerate(_each_once()[::turns]):
            # A view that lets one strange method in lets all in: each is tried by turns.
            strange = ("PUT", "PATCH", "DELETE", "TRACE")[turn % 4]
            for method in sorted({"GET", "POST", strange} - offered[name]):
                answer = there.generic(method, _address(place, name, names))
                if answer.status_code != 405 and name != "set_language":
                    done.append(f"{method} {name}: {answer.status_code}")

    assert done == []


@SOME_OR_ALL
def test_no_number_that_is_nothing_opens_a_page_or_breaks_it(place: World, turns: int) -> None:
    wrong = []
    there = place.browser("supervisor")
    for name, names in _each_once()[::turns]:
        address = _address(place, name, names)
        numbers = [place.ids[n] for n in names.values() if isinstance(place.ids.get(n), int)]
        for turn, had in enumerate(numbers, len(name)):
            swapped = address.replace(f"/{had}/", f"/{(0, 2**63, 10**30)[turn % 3]}/")
            for posted in (None, {}):
                status = _sent(place, there, swapped, posted).status_code
                if status not in (404, 405):
                    wrong.append(f"{_line(name, posted)} {swapped}: {status}")

    assert wrong == []


def test_a_right_that_is_lost_is_lost_at_once(place: World) -> None:
    page = _address(place, "cases:page", {"case_id": "raised"})
    with undone():
        client = place.browser("supervisor")
        assert client.get(page).status_code == 200

        place.place.firm.supervisor.posts.update(to_on=place.later.date() - DAY)

        assert client.get(page).status_code == 404


def test_lists_show_nobody_more_than_the_pages_behind_them(place: World) -> None:
    sees = {
        "customers:list": "3栋1202", "subjects:list": "WX-1", "cases:list": "WT-2026-",
        "followups:list": "WXHF-2026-", "records:list": "ZG-2026-",
    }  # fmt: skip
    shown = {}
    for name, text in sees.items():
        address = reverse(name, kwargs={"kind": "repair"} if name == "subjects:list" else {})
        for role in EVERYBODY:
            with undone():
                page = place.browser(role).get(address)
            shown[name, role] = text in page.content.decode()

    for name in ("customers:list", "followups:list"):
        assert {role for (each, role), found in shown.items() if found and each == name} == {
            "supervisor", "head", "unit_head", "owner",
        }  # fmt: skip
    # The repairer has his part in these.
    for name in ("subjects:list", "cases:list", "records:list"):
        assert {role for (each, role), found in shown.items() if found and each == name} == {
            "supervisor", "head", "unit_head", "owner", "repairer",
        }  # fmt: skip


def _tried(place: World, role: str, address: str, posted: dict[str, Any] | None) -> Any:
    """The answer to somebody who just came in."""
    with undone():
        return _sent(place, place.browser(role), address, posted)


def _sent(place: World, there: Client, address: str, posted: dict[str, Any] | None) -> Any:
    """The answer; whatever was written is undone, so that each try finds the same world."""
    if posted is not None:
        posted = {
            name: place.ids.get(value, value) if isinstance(value, str) else value
            for name, value in posted.items()
        }
    with undone():
        # Where he signs out, or is signed out, the next try still has the cookies of before.
        client = Client(raise_request_exception=False)
        client.cookies = copy(there.cookies)
        return client.get(address) if posted is None else client.post(address, posted)


def _each_once() -> list[tuple[str, dict[str, Any]]]:
    return list({name: (name, names) for name, names, _posted, _statuses in TABLE}.values())


def _address(place: World, name: str, names: dict[str, Any]) -> str:
    return reverse(name, kwargs={key: place.ids.get(value, value) for key, value in names.items()})


def _line(name: str, posted: dict[str, Any] | None) -> str:
    return f"{'GET' if posted is None else 'POST'} {name}"


def _routes(resolver: Any = None, prefix: str = "") -> Iterator[str]:
    """The full name of every route; one without a name would escape the table and fails."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            yield from _routes(entry, inner)
        else:
            assert isinstance(entry, URLPattern)
            assert entry.name, f"the route {entry.pattern} has no name"
            yield prefix + entry.name
