"""Every list: the same statements at any length, no row twice or lost, everything in the address."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from huiyin.accounts.visibility import Viewer
from huiyin.cases.places import Place
from huiyin.core.lists import COUNTED, Asked
from huiyin.customers.listing import CustomerList
from huiyin.customers.services import NewCustomer, register_customers
from huiyin.desk import lists
from huiyin.ui.lists import count_words
from tests.app import scene as on
from tests.app.desk.many import MINUTE, PATHS, ROOMS, add

pytestmark = pytest.mark.django_db


def statements(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("query", ["", "?q=A&sort=new"])
def test_a_list_takes_as_many_statements_for_a_hundred_as_for_one(
    place: on.Scene, manager: Client, room: str, query: str
) -> None:
    counts = []
    statements(manager, PATHS[room])  # what a process looks up once
    for n, prefix in ((1, "A"), (9, "AB"), (90, "AC")):
        add(place, n, prefix=prefix)
        counts.append(statements(manager, PATHS[room] + query))

    # The frame of every page takes 14 of them; a search looks at customers, subjects, cases first.
    # What goes beyond one page is counted, what is searched for at once.
    more = 0 if query else 1
    assert counts[0] == counts[1] == counts[2] - more <= (26 if query else 21), counts


def test_a_place_that_is_its_own_number_is_said_once() -> None:
    assert Place("7栋0203", "7栋0203", "").aside == ""
    assert Place("WX-1", "7栋0203", "漏水").aside == "WX-1"


def numbers(listing: Any, asked: Asked, *, size: int = 7) -> Iterator[list[str]]:
    """Page by page what the first column says."""
    for rows in listing.batches(asked, size=size):
        yield [next(iter(row.cells.values())).text or row.url for row in rows]


@pytest.mark.parametrize("room", ROOMS)
def test_every_order_shows_every_row_once(place: on.Scene, room: str) -> None:
    add(place, 40, prefix="A")
    listing = lists.listing(room, place.firm.viewer(place.firm.manager), place.now)
    usual = listing.shape.read(QueryDict(""))
    expected = sorted(listing.find(usual).values_list("pk", flat=True))

    for order in listing.shape.orders:
        seen = []
        asked = listing.shape.read(QueryDict(f"sort={order.key}"))
        for page in listing.batches(asked, size=7):
            seen += [row.url for row in page]

        assert len(seen) == len(set(seen)) == len(expected) >= 40, order.key


@pytest.mark.parametrize("room", ROOMS)
def test_rows_that_come_in_between_shift_nothing(place: on.Scene, room: str) -> None:
    add(place, 30, prefix="M")
    listing = lists.listing(room, place.firm.viewer(place.firm.manager), place.now)
    asked = listing.shape.read(QueryDict(""))
    before = [row.url for page in listing.batches(asked, size=100) for row in page]

    seen = []
    for n, page in enumerate(listing.batches(asked, size=8)):
        seen += [row.url for row in page]
        add(place, 2, prefix=f"{'A' if n % 2 else 'Z'}{n}")

    assert len(seen) == len(set(seen))
    assert [url for url in seen if url in before] == before


@pytest.mark.parametrize("room", ROOMS)
def test_the_address_carries_everything(place: on.Scene, manager: Client, room: str) -> None:
    add(place, 60, prefix="A")
    shape = lists.listing(room, place.firm.viewer(place.firm.manager), place.now).shape
    order, column = shape.orders[-1].key, shape.offered[-1].key
    query = f"q=A&unit={place.firm.zone_one.pk}&sort={order}&column={column}"

    first = manager.get(f"{PATHS[room]}?{query}")
    second = manager.get(first.context["older"])

    for page in (first, second):
        asked = page.context["asked"]
        assert (asked.q, asked.order) == ("A", order)
        assert asked.chosen == {"unit": str(place.firm.zone_one.pk)}
        assert asked.columns == (shape.offered[0].key, column)
        assert page.context["dropped"] == []
    assert len(first.context["rows"]) == 50 and len(second.context["rows"]) == 10
    assert manager.get(second.context["newer"]).context["rows"] == first.context["rows"]
    assert first.context["query"] == second.context["query"]


def test_what_a_list_does_not_know_is_left_out_and_named(manager: Client) -> None:
    answer = manager.get(
        "/customers/?order_by=password&class=vip&sort=secret&page=1000000000&column=phone_index"
    )

    page = answer.content.decode()
    assert answer.status_code == 200
    assert set(answer.context["dropped"]) == {"order_by", "class", "sort", "page", "column"}
    assert "已略去：order_by、page、class、sort、column" in page


@pytest.mark.parametrize(
    "query",
    ["since=2026-02-30", "since=20260302", "until=0001-01-01", "since=٢٠٢٦-03-02", "unit=-1",
     "unit=99999999999999999999", "state=%00", "f-category=%27", "f-repairer=1"],
)  # fmt: skip
def test_a_filter_takes_only_what_it_offers(manager: Client, query: str) -> None:
    answer = manager.get(f"/subjects/repair/?{query}")

    assert answer.status_code == 200
    assert answer.context["dropped"] == [query.partition("=")[0]]


def test_a_cursor_of_another_order_is_refused(place: on.Scene, manager: Client) -> None:
    add(place, 60, prefix="A")
    after = manager.get("/customers/").context["older"].partition("after=")[2]

    assert manager.get(f"/customers/?sort=class&after={after}").status_code == 422


def test_columns_are_chosen_and_the_first_stays(place: on.Scene, manager: Client) -> None:
    add(place, 1, prefix="A")

    page = manager.get("/customers/?column=owner&column=phone").content.decode()

    assert "己物管" in page and "138••••0000" in page and ">A000<" in page
    assert "一区</td>" not in page


def test_days_are_those_of_the_firm(place: on.Scene, manager: Client) -> None:
    on.repair(place, "WX-1")  # registered on 1 March at 09:00 in Shanghai

    def shown(query: str) -> bool:
        return "WX-1" in manager.get(f"/subjects/repair/?{query}").content.decode()

    assert shown("since=2026-03-01&until=2026-03-01")
    assert not shown("until=2026-02-28") and not shown("since=2026-03-02")


def test_a_state_is_the_last_thing_that_happened(place: on.Scene, manager: Client) -> None:
    on.repair(place, "WX-1")
    on.completed(place, "WX-2")

    def shown(state: str) -> list[str]:
        rows = manager.get(f"/subjects/repair/?state={state}").context["rows"]
        return [row["first"].text for row in rows]

    assert (shown("registered"), shown("completed")) == (["WX-1"], ["WX-2"])
    assert shown("") == ["WX-1", "WX-2"] or shown("") == ["WX-2", "WX-1"]


def test_names_sort_by_their_pinyin(place: on.Scene, now: datetime) -> None:
    names = ["周文", "单宁", "阿雨", "曾书", "长孙无忌"]
    register_customers(
        [NewCustomer(f"K{n}", "household", name) for n, name in enumerate(names)], by=None, now=now
    )
    listing = CustomerList(Viewer(1, all=True), now)
    asked = listing.shape.read(QueryDict("sort=name&q=K"))

    found = [row.cells["name"].text for row in listing.rows(listing.page(asked).items)]

    assert found == ["阿雨", "单宁", "曾书", "长孙无忌", "周文"]


@pytest.mark.parametrize("room", ROOMS)
def test_an_empty_list_says_why_and_what_to_do(manager: Client, room: str) -> None:
    found_nothing = manager.get(f"{PATHS[room]}?q=没有这样的").content.decode()

    assert 'class="empty__title">没有符合的' in found_nothing
    if room != "customers":
        nothing = manager.get(PATHS[room]).content.decode()
        assert "empty__title" in nothing and "没有符合的" not in nothing


def test_a_list_counts_no_further_than_ten_thousand(place: on.Scene, now: datetime) -> None:
    add(place, 12, prefix="A")
    listing = CustomerList(place.firm.viewer(place.firm.manager), now)

    assert listing.count(listing.shape.read(QueryDict("q=A"))) == 12
    assert listing.count(listing.shape.read(QueryDict("q=A")), most=10) == 11
    assert (count_words(COUNTED), count_words(COUNTED + 1)) == ("共 10000 项", "10 000+ 项")


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("who", ["far_officer", "far_repairer", "stranger"])
def test_nobody_finds_what_lies_in_another_unit(place: on.Scene, room: str, who: str) -> None:
    add(place, 3, prefix="A")
    client = on.signed_in(getattr(place.firm, who))

    for words in ("A", "A001", "张A1", "za", "0001", "13800000001", "滴水"):
        assert client.get(PATHS[room], {"q": words}).context["rows"] == [], words


@pytest.mark.parametrize(
    ("room", "words", "found"),
    [
        ("subjects:repair", "A-W001", 1), ("subjects:repair", "w00", 3),
        ("subjects:repair", "张A1", 1), ("subjects:repair", "0002", 1),
        ("subjects:repair", "A00", 3), ("subjects:repair", "_", 0),
        ("cases", "滴水", 3), ("cases", "水", 3), ("cases", "A-C002", 1), ("cases", "A-W002", 1),
        ("cases", "%", 0), ("followups", "A-W000", 1), ("followups", "A-C000", 0),
        ("followups", "13800000002", 1), ("followups", "张A", 3),
    ],
)  # fmt: skip
def test_things_are_found_by_their_own_words_and_by_their_customer(
    place: on.Scene, manager: Client, room: str, words: str, found: int
) -> None:
    add(place, 3, prefix="A")

    assert len(manager.get(PATHS[room], {"q": words}).context["rows"]) == found


def test_cases_that_are_late_stand_alone(place: on.Scene, manager: Client) -> None:
    on.case_of(place, on.completed(place), place.now + MINUTE)
    add(place, 2, prefix="A")

    with time_machine.travel(place.now + MINUTE * 60 * 25, tick=False):
        late = manager.get("/cases/?deadline=late").context["rows"]
        timeless = manager.get("/cases/?deadline=none").context["rows"]

    assert (len(late), len(timeless)) == (1, 2)
