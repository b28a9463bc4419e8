"""处理情况: rates with their bases, and the figures that would show what was kept out of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huiyin.cases import figures, services
from huiyin.cases.figures import Rate, Span
from huiyin.cases.given import Item
from tests.app import scene as on

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MARCH = date(2026, 3, 1)
ZONE = ZoneInfo("Asia/Shanghai")
LAMP = Item("question", "何时换灯", answer="周五")
PARCELS = Item("suggestion", "挪快递柜")
RUDE = Item("complaint", "不接电话")


def month(place: on.Scene, at: datetime, *, first: date = MARCH) -> figures.Month:
    viewer = place.firm.viewer(place.firm.manager)
    return figures.months(viewer, Span([first], ZONE), now=at)[first]


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        # Wilson's score interval, after Newcombe 1998, table I.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (10, 10, 0.7225, 1.0000),
    ],
)
def test_the_interval_of_a_rate_agrees_with_the_tables(
    part: int, whole: int, low: float, high: float
) -> None:
    found = Rate(part, whole).interval

    assert found is not None
    assert found == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_nothing_has_no_rate_and_no_interval() -> None:
    assert Rate(0, 0).value is None
    assert Rate(0, 0).interval is None
    assert Rate(2, 1).interval is None
    assert not Rate(0, 0).is_small


@pytest.mark.parametrize(("whole", "small"), [(999, True), (1000, False)])
def test_below_a_thousand_a_rate_shows_its_interval(whole: int, small: bool) -> None:
    assert Rate(1, whole).is_small is small


def test_what_is_closed_or_taken_back_is_handled_and_the_rest_is_not(
    place: on.Scene, now: datetime
) -> None:
    officer = place.firm.officer
    closed, back, _open = (on.taken_down(place, LAMP, officer, now) for _n in range(3))
    services.close(closed, outcome="explained", doing=on.doing(officer, now + HOUR))
    services.withdraw(back, reason="不问了", doing=on.doing(officer, now + HOUR))

    found = month(place, now + DAY)

    assert (found.received, found.handled, found.withdrawn) == (3, 2, 1)


@pytest.mark.parametrize(("seconds", "handled"), [(-1, 1), (0, 1), (1, 0)])
def test_an_open_item_is_handled_until_its_promised_time_is_over(
    place: on.Scene, now: datetime, seconds: int, handled: int
) -> None:
    due = now + 2 * DAY
    asked = Item("question", "何时换灯", promised_reply_at=due)
    on.taken_down(place, asked, place.firm.officer, now)

    assert month(place, due + timedelta(seconds=seconds)).handled == handled


@pytest.mark.parametrize(
    ("moment", "first"),
    [
        ("2026-03-31T23:59:59", MARCH),
        ("2026-04-01T00:00:00", date(2026, 4, 1)),
    ],
)
def test_an_item_belongs_to_the_month_in_which_it_was_raised(
    place: on.Scene, moment: str, first: date
) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=ZONE)
    on.taken_down(place, LAMP, place.firm.officer, at)

    assert month(place, at + DAY, first=first).received == 1
    other = date(2026, 4, 1) if first == MARCH else MARCH
    assert month(place, at + DAY, first=other).received == 0


def test_a_complaint_that_became_something_else_is_still_counted_beside(
    place: on.Scene, now: datetime
) -> None:
    officer, director = place.firm.officer, place.firm.director
    stays, changed, back = (on.taken_down(place, RUDE, officer, now) for _n in range(3))
    doing = on.doing(director, now + HOUR)
    services.reclassify(changed, kind="opinion", severity="minor", reason="不是投诉", doing=doing)
    services.reclassify(stays, kind="complaint", severity="moderate", reason="两户", doing=doing)
    services.withdraw(back, reason="劝回去了", doing=on.doing(officer, now + HOUR))
    leak = on.case_of(place, on.completed(place), now)
    services.reclassify(leak, kind="complaint", severity="minor", reason="是投诉", doing=doing)

    found = month(place, now + DAY)

    assert (found.complaints, found.reclassified, found.complaints_withdrawn) == (3, 1, 1)
    assert found.problems_reclassified == 1


@pytest.mark.parametrize(("days", "again"), [(29, 1), (30, 1), (31, 0)])
def test_a_household_that_comes_again_within_thirty_days_is_counted(
    place: on.Scene, now: datetime, days: int, again: int
) -> None:
    on.taken_down(place, LAMP, place.firm.officer, now - timedelta(days=days))
    on.taken_down(place, LAMP, place.firm.officer, now)

    assert month(place, now + DAY).again == again


def test_visits_that_bring_nothing_back_are_counted_for_each_visitor(
    place: on.Scene, now: datetime
) -> None:
    lead, manager = place.firm.repair_lead, place.firm.manager
    for n in range(3):
        on.visit(on.completed(place, f"WX-2{n}").pk, lead, now + HOUR)
    on.visit(on.completed(place, "WX-3").pk, manager, now + HOUR, items=[LAMP, PARCELS])
    on.visit(on.completed(place, "WX-4").pk, manager, now + HOUR)

    found = figures.visitors(place.firm.viewer(manager), Span([MARCH], ZONE))

    assert [(each.person, each.visits, each.items, each.without) for each in found] == [
        (lead.pk, 3, 0, 3),
        (manager.pk, 2, 2, 1),
    ]
    assert [each.per_hundred for each in found] == [0, 100]
    assert (month(place, now + DAY).at_visits, month(place, now + DAY).front_desk) == (2, 0)


def test_one_sees_the_figures_of_what_one_sees(place: on.Scene, now: datetime) -> None:
    on.taken_down(place, LAMP, place.firm.officer, now)
    far = place.firm.viewer(place.firm.far_officer)

    assert figures.months(far, Span([MARCH], ZONE), now=now + DAY)[MARCH].received == 0
    assert figures.households(far) == 0


def test_the_page_shows_rates_with_their_base_and_the_figures_beside(
    place: on.Scene, now: datetime
) -> None:
    on.taken_down(place, RUDE, place.firm.officer, now)
    on.visit(on.completed(place).pk, place.firm.repair_lead, now + HOUR)
    client = on.signed_in(place.firm.manager)

    with time_machine.travel(now + DAY, tick=False):
        shown = client.get(reverse("cases:figures")).content.decode()
        other = client.get(reverse("cases:figures"), {"month": "2026-02"}).content.decode()
        odd = client.get(reverse("cases:figures"), {"month": "\0"})

    for words in (
        "投诉 1 件，管理 1 户", "实际水平有 95% 的把握在", "收到 1 件，已处理 0 件", "空手而回的回访",
        "100%（1/1）", place.firm.repair_lead.name,
    ):  # fmt: skip
        assert words in shown
    assert "从未带回" not in shown
    assert "收到 0 件" in other
    assert odd.status_code == 200


@pytest.mark.parametrize(("visits", "named"), [(9, False), (10, True)])
def test_silence_is_named_once_it_is_no_chance(
    place: on.Scene, now: datetime, visits: int, named: bool
) -> None:
    for n in range(visits):
        on.visit(on.completed(place, f"WX-5{n}").pk, place.firm.repair_lead, now + HOUR)

    with time_machine.travel(now + DAY, tick=False):
        shown = on.signed_in(place.firm.manager).get(reverse("cases:figures")).content.decode()

    assert ("从未带回" in shown) is named


def test_the_page_costs_the_same_for_few_and_for_many(place: on.Scene, now: datetime) -> None:
    client = on.signed_in(place.firm.manager)
    on.taken_down(place, RUDE, place.firm.officer, now)
    with time_machine.travel(now + DAY, tick=False):
        client.get(reverse("cases:figures"))
        with CaptureQueriesContext(connection) as for_few:
            client.get(reverse("cases:figures"))
        for kind in ("complaint", "suggestion"):
            on.taken_down(place, replace(RUDE, kind=kind), place.firm.officer, now)

        with CaptureQueriesContext(connection) as for_many:
            client.get(reverse("cases:figures"))

    assert len(for_many) == len(for_few) <= 20
