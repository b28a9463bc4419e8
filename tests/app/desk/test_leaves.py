"""设置 → 人员 → 休假: who notes it, what is refused, how it ends."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from huiyin.accounts.models import Leave, Post
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
