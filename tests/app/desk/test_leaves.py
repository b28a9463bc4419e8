"""设置 → 人员 → 休假: who notes it, what is refused, how it ends."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from huiyin.accounts.models import Leave, Person, Post
from huiyin.accounts.queries import heads_of
from huiyin.accounts.visibility import viewer_for
from huiyin.ledger.models import Fact
from huiyin.notices import messages
from huiyin.notices.models import Notice
from tests.app import scene as on

pytestmark = pytest.mark.django_db


def test_leave_is_noted_by_who_heads_the_unit(place: on.Scene) -> None:
    firm = place.firm
    address = f"/settings/people/{firm.officer.pk}/leaves/"
    sent = {"from_on": "2026-03-02", "to_on": "2026-03-04", "deputy": firm.repairer.pk}

    assert on.signed_in(firm.officer).post(address, sent).status_code == 403
    assert on.signed_in(firm.far_officer).post(address, sent).status_code == 404
    assert on.signed_in(firm.repair_lead).post(address, sent).status_code == 302
    assert Leave.objects.get().deputy == firm.repairer


@pytest.mark.parametrize(
    "sent",
    [
        {"from_on": "2026-03-04", "to_on": "2026-03-02"},
        {"from_on": "x", "to_on": "2026-03-02"},
        {"from_on": "2026-03-02", "to_on": "2026-03-04", "deputy": "0"},
        {"from_on": "1900-01-01", "to_on": "1900-01-03"},
        {"from_on": "2025-12-31", "to_on": "2026-03-04"},
    ],
)
def test_leave_that_cannot_be_is_refused(
    place: on.Scene, manager: Client, sent: dict[str, str]
) -> None:
    answer = manager.post(f"/settings/people/{place.firm.officer.pk}/leaves/", sent)

    assert answer.status_code == 422
    assert not Leave.objects.exists()


def test_leave_that_was_over_a_year_ago_is_a_wrong_year(place: on.Scene, manager: Client) -> None:
    Post.objects.filter(person=place.firm.officer.pk).update(from_on=date(2020, 1, 1))
    address = f"/settings/people/{place.firm.officer.pk}/leaves/"

    too_old = manager.post(address, {"from_on": "2025-02-27", "to_on": "2025-02-28"})
    told_late = manager.post(address, {"from_on": "2025-02-28", "to_on": "2025-03-01"})

    assert (too_old.status_code, told_late.status_code) == (422, 302)
    assert "一年多以前" in too_old.content.decode()
    assert Leave.objects.get().to_on == date(2025, 3, 1)


@pytest.mark.parametrize(
    ("first", "last", "field", "said"),
    [
        ("2024-03-01", "2026-03-04", "", ""),
        ("2024-02-29", "2026-03-04", "from_on", "最早从 2024-03-01 起"),
        ("1970-01-01", "2026-03-04", "from_on", "最早从 2024-03-01 起"),
        ("2026-03-02", "2028-03-02", "", ""),
        ("2026-03-02", "2028-03-03", "to_on", "最多登记到两年以后（2028-03-02）"),
        ("2026-03-02", "2199-12-31", "to_on", "最多登记到两年以后（2028-03-02）"),
    ],
)
def test_a_leave_neither_begins_years_ago_nor_ends_in_years(
    place: on.Scene, manager: Client, first: str, last: str, field: str, said: str
) -> None:
    Post.objects.filter(person=place.firm.officer.pk).update(from_on=date(2020, 1, 1))
    sent = {"from_on": first, "to_on": last, "deputy": place.firm.repairer.pk}

    answer = manager.post(f"/settings/people/{place.firm.officer.pk}/leaves/", sent)

    assert answer.status_code == (422 if field else 302)
    assert Leave.objects.exists() != bool(field)
    if field:
        assert list(answer.context["leave_form"].errors) == [field]
        assert said in answer.content.decode()


def leaving(manager: Client, place: on.Scene, last: str) -> Any:
    """The repairer, who stands in for the officer, leaves the firm."""
    address = f"/settings/people/{place.firm.repairer.pk}/departure/"
    return manager.post(address, {"last_on": last, "accepted": "true"}, follow=True)


@pytest.mark.parametrize(
    ("first", "left"),
    [
        ("2026-03-02", [("2026-03-02", "2026-03-04", True), ("2026-03-05", "2026-03-09", False)]),
        ("2026-03-04", [("2026-03-04", "2026-03-04", True), ("2026-03-05", "2026-03-09", False)]),
        ("2026-03-05", [("2026-03-05", "2026-03-09", False)]),
    ],
)
def test_a_deputy_who_leaves_the_firm_stands_in_until_his_last_day(
    place: on.Scene, manager: Client, first: str, left: list[tuple[str, str, bool]]
) -> None:
    firm = place.firm
    sent = {"from_on": first, "to_on": "2026-03-09", "deputy": firm.repairer.pk}
    assert manager.post(f"/settings/people/{firm.officer.pk}/leaves/", sent).status_code == 302
    assert "代理" in manager.get(f"/settings/people/{firm.repairer.pk}/").content.decode()

    page = leaving(manager, place, "2026-03-04").content.decode()

    rows = firm.officer.leaves.order_by("from_on")
    assert [(f"{row.from_on}", f"{row.to_on}", bool(row.deputy_id)) for row in rows] == left
    assert viewer_for(firm.repairer, date(2026, 3, 5)).stands_for == ()
    assert f"{firm.officer.name}的休假此后没有代理人" in page
    fact = Fact.objects.filter(kind="person.on_leave", target=firm.officer.pk).latest("pk")
    assert fact.values == {
        "leave.from": "2026-03-05", "leave.to": "2026-03-09", "leave.deputy": None,
    }  # fmt: skip


def test_the_nearest_head_is_told_whose_deputy_left(place: on.Scene, manager: Client) -> None:
    firm = place.firm
    sent = {"from_on": "2026-03-02", "to_on": "2026-03-09", "deputy": firm.repairer.pk}
    manager.post(f"/settings/people/{firm.officer.pk}/leaves/", sent)

    leaving(manager, place, "2026-03-04")

    [notice] = Notice.objects.filter(template="deputy_left")
    assert notice.recipient_id == heads_of([firm.officer.pk], place.now)[firm.officer.pk][0]
    assert messages.render(notice) == (
        f"{firm.officer.number}的休假从2026-03-05起没有代理人："
        f"{firm.repairer.number}离职，请另行指定"
    )
    head = on.signed_in(Person.objects.get(pk=notice.recipient_id))
    page = head.get(f"/notices/{notice.pk}/").content.decode()
    assert f"/settings/people/{firm.officer.pk}/" in page


def test_whoever_is_no_deputy_leaves_without_a_word_of_it(place: on.Scene, manager: Client) -> None:
    sent = {"from_on": "2026-03-02", "to_on": "2026-03-04", "deputy": place.firm.repairer.pk}
    manager.post(f"/settings/people/{place.firm.officer.pk}/leaves/", sent)

    page = leaving(manager, place, "2026-03-04").content.decode()

    assert "没有代理人，请另行指定" not in page
    assert Leave.objects.get().deputy == place.firm.repairer
    assert not Notice.objects.filter(template="deputy_left").exists()


def test_a_deputy_who_is_away_himself_is_refused(place: on.Scene, manager: Client) -> None:
    firm = place.firm
    days = {"from_on": "2026-03-02", "to_on": "2026-03-04"}
    manager.post(f"/settings/people/{firm.repairer.pk}/leaves/", days)

    answer = manager.post(
        f"/settings/people/{firm.officer.pk}/leaves/", days | {"deputy": firm.repairer.pk}
    )

    assert answer.status_code == 422
    assert "自己也休假" in answer.content.decode()


@pytest.mark.parametrize(
    ("first", "last", "status", "left"),
    [
        ("2026-03-02", "2026-03-01", 422, "2026-03-06"),
        ("2026-03-02", "2026-03-02", 302, "2026-03-02"),
        ("2026-03-02", "2026-03-06", 422, "2026-03-06"),
        ("2026-03-04", "2026-03-02", 302, ""),
    ],
)
def test_a_leave_ends_early_but_not_in_the_past(
    place: on.Scene, manager: Client, first: str, last: str, status: int, left: str
) -> None:
    officer = place.firm.officer
    manager.post(
        f"/settings/people/{officer.pk}/leaves/", {"from_on": first, "to_on": "2026-03-06"}
    )
    leave = officer.leaves.get()

    answer = manager.post(f"/settings/leaves/{leave.pk}/end/", {"to_on": last})

    assert answer.status_code == status
    assert [f"{row.to_on}" for row in officer.leaves.all()] == ([left] if left else [])
