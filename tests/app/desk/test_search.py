"""搜索: one box for everything, and nothing in it that one may not see."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huiyin.cases import services as cases
from tests.app import scene as on
from tests.app.desk.many import MINUTE, add

pytestmark = pytest.mark.django_db


def found(person: Any, words: str) -> dict[str, list[str]]:
    answer = on.signed_in(person).get("/search/", {"q": words})
    assert answer.status_code == 200
    return {group.key: [hit.title for hit in group.hits] for group in answer.context["groups"]}


def test_every_kind_is_found_in_its_group(place: on.Scene) -> None:
    case = on.case_of(place, on.completed(place), place.now + MINUTE)
    manager = place.firm.manager

    assert found(manager, "1202") == {
        "customers": ["3栋1202"], "subjects:repair": ["WX-1"], "cases": ["水管接头还在滴水"],
    }  # fmt: skip
    assert found(manager, "2046")["customers"] == ["3栋1202"]
    assert found(manager, "３栋 1202")["customers"] == ["3栋1202"]
    assert found(manager, "滴水")["cases"] == ["水管接头还在滴水"]
    assert found(manager, case.number)["cases"] == ["水管接头还在滴水"]
    assert found(manager, "wx")["subjects:repair"] == ["WX-1"]
    assert found(manager, "物管")["people"] == ["己物管", "辛物管"]
    assert found(manager, "bfz") == {"people": ["丙负责"]}
    assert found(manager, "P3") == {"people": ["丙负责"]}
    assert found(manager, "B.2.c")["clauses"] == ["§ B.2.c"]
    assert "§ B.4.a" in found(manager, "24 小时")["clauses"]


def test_a_record_is_found_by_the_number_printed_on_it(place: on.Scene, now: datetime) -> None:
    repair = on.completed(place)
    held = on.visit(repair.pk, place.firm.manager, now + MINUTE)
    number = held.record.number
    short, spaced = number[:-2].lower(), number.replace("-", " - ", 1)

    for typed in (number, short, spaced):
        titles = found(place.firm.manager, typed)["records"]
        assert [title.endswith(f"维修回访记录 {number}") for title in titles] == [True], typed
    assert "records" not in found(place.firm.far_officer, number)
    assert "records" not in found(place.firm.manager, number[:5])


def test_a_closed_case_is_found_apart(place: on.Scene, now: datetime) -> None:
    case = on.case_of(place, on.completed(place), now)
    manager = place.firm.manager
    doing = on.doing(manager, now)
    with_answer = on.rectified(
        on.handed_over(on.notice(case, manager, now), manager, now), now, recorded_by=manager
    )
    on.visit(with_answer.pk, manager, now)
    cases.reply(on.fresh(case), text="好了", channel="phone", doing=doing)
    cases.close(on.fresh(case), outcome="solved", doing=doing)

    assert found(manager, "滴水") == {"closed": ["水管接头还在滴水"]}


@pytest.mark.parametrize("words", ["1202", "2046", "13812342046", "WX-1", "滴水", "己物管", "jwg"])
@pytest.mark.parametrize("who", ["far_officer", "far_repairer", "stranger"])
def test_what_lies_elsewhere_is_not_found(place: on.Scene, who: str, words: str) -> None:
    on.case_of(place, on.completed(place), place.now + MINUTE)

    assert found(getattr(place.firm, who), words).keys() <= {"clauses"}


def test_phones_stay_masked(place: on.Scene) -> None:
    page = on.signed_in(place.firm.manager).get("/search/", {"q": "13812342046"}).content.decode()

    assert "138••••2046（业主）" in page
    assert page.count("13812342046") == page.count('value="13812342046"') + page.count(
        "q%3D13812342046"
    ) + page.count("q=13812342046") + page.count("搜索：13812342046")


@pytest.mark.parametrize("words", ["", " ", "%", "_", "\\", "'", "\0", "a" * 5000, "(a+)+$", "-"])
def test_nothing_that_is_typed_breaks_the_search(place: on.Scene, words: str) -> None:
    assert found(place.firm.manager, words).keys() <= {"clauses"}


def test_ten_of_each_and_the_way_to_all(place: on.Scene) -> None:
    add(place, 12, prefix="A")
    manager = on.signed_in(place.firm.manager)

    answer = manager.get("/search/", {"q": "A0"})

    [customers] = [group for group in answer.context["groups"] if group.key == "customers"]
    assert len(customers.hits) == 10
    assert customers.more_url == "/customers/?q=A0"
    assert len(manager.get(customers.more_url).context["rows"]) == 12


def test_a_hundred_things_take_as_many_statements_as_one(place: on.Scene) -> None:
    manager = on.signed_in(place.firm.manager)
    counts = []
    manager.get("/search/", {"q": "A"})
    for n, prefix in ((1, "A"), (9, "AB"), (90, "AC")):
        add(place, n, prefix=prefix)
        with CaptureQueriesContext(connection) as queries:
            manager.get("/search/", {"q": "A"})
        counts.append(len(queries))

    assert counts[0] == counts[1] == counts[2] <= 42, counts


def test_the_box_is_in_the_frame_of_every_page(place: on.Scene) -> None:
    manager = on.signed_in(place.firm.manager)

    for path in ("/", "/customers/", "/settings/", f"/customers/{place.customer}/"):
        assert 'action="/search/"' in manager.get(path).content.decode()
