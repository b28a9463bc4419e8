"""设置 → 岗位: how far their holders see, and who gives the firm its rules."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from huiyin.accounts import services
from huiyin.accounts.abilities import may_adopt
from huiyin.accounts.models import Position, Post
from huiyin.accounts.visibility import viewer_for
from huiyin.adoption.queries import policy_in_force
from huiyin.desk import staffing
from huiyin.obligations.models import Obligation
from tests.app import scene as on
from tests.people import appoint

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)


def test_a_position_is_made_for_a_role_that_has_none(place: on.Scene, manager: Client) -> None:
    Post.objects.filter(position="office_director").delete()
    Position.objects.filter(code="office_director").delete()
    sent = {"title": "办公室主任", "scope": "unit", "code": "office_director"}

    assert manager.post("/settings/positions/", sent).status_code == 302
    assert (
        manager.post("/settings/positions/", {"title": "门岗", "scope": "own"}).status_code == 302
    )
    assert (
        manager.post("/settings/positions/", {"title": "门岗", "scope": "own"}).status_code == 409
    )
    assert Position.objects.get(title="办公室主任").code == "office_director"
    assert Position.objects.get(title="门岗").code.startswith("position_")


def test_a_position_is_given_its_english_title(place: on.Scene, manager: Client) -> None:
    named = {"title": "主管", "title_en": "Shift leader", "scope": "tree", "leads": "on"}
    assert manager.post("/settings/positions/supervisor/", named).status_code == 302
    manager.cookies["django_language"] = "en"
    assert "Shift leader" in manager.get("/settings/roles/").content.decode()

    of_another = {"title": "经理", "title_en": "shift leader", "scope": "tree", "leads": "on"}
    another = manager.post("/settings/positions/manager/", of_another | {"governs": "on"})
    assert another.status_code == 409
    too_long = named | {"title_en": "x" * 81}
    refused = manager.post("/settings/positions/supervisor/", too_long)
    assert refused.status_code == 422
    manager.cookies["django_language"] = "zh-hans"
    refused = manager.post("/settings/positions/supervisor/", too_long)
    assert "最多 80 个字，现在有 81 个" in refused.content.decode()


def test_who_sees_the_whole_firm_does_not_therefore_change_it(place: on.Scene) -> None:
    firm = place.firm
    services.create_positions([("clerk", "客服", "tree")], overlooking=["clerk"])
    services.appoint(firm.stranger, "clerk", firm.company, date(2026, 3, 1), by=None, now=place.now)
    clerk = on.signed_in(firm.stranger)

    assert clerk.get(f"/settings/people/{firm.officer.pk}/").status_code == 200
    for address, sent in (
        ("/settings/units/", {"name": "甲", "parent": firm.company.pk}),
        (
            "/settings/positions/clerk/",
            {"title": "客服", "scope": "tree", "leads": "on", "governs": "on"},
        ),
    ):
        assert clerk.post(address, sent).status_code == 403, address
    assert not Position.objects.get(pk="clerk").governs
    assert not may_adopt(viewer_for(firm.stranger, TODAY))


def test_the_right_to_govern_is_given_and_taken_but_never_by_the_last_from_himself(
    place: on.Scene, manager: Client
) -> None:
    firm = place.firm
    address = "/settings/positions/supervisor/"
    taken = {"title": "主管", "scope": "tree", "leads": "on"}

    assert manager.post(address, taken).status_code == 302
    assert on.signed_in(firm.supervisor).post("/settings/units/", {"name": "甲"}).status_code == 403
    assert manager.post(address, taken | {"governs": "on"}).status_code == 302
    assert Position.objects.get(pk="supervisor").governs
    for change in ({"scope": "own"}, {"leads": ""}):
        wrong = manager.post(address, taken | {"governs": "on"} | change)
        assert wrong.status_code == 422 and "须能看到本单位及下级" in wrong.content.decode()
    own = manager.post("/settings/positions/manager/", {"title": "经理", "scope": "tree"})
    assert own.status_code == 409 and "您自己就不再管辖整个公司" in own.content.decode()
    assert Position.objects.get(pk="manager").governs


def test_who_only_looks_keeps_customers_and_leads_nothing(place: on.Scene, manager: Client) -> None:
    firm, repair = place.firm, on.completed(place)
    [owed] = Obligation.objects.filter(target=repair.pk, owed_roles=["manager"])
    appoint(firm.stranger, "repair_lead", firm.company, now=place.now)
    head = on.signed_in(firm.stranger)
    waive = f"/obligations/{owed.pk}/waiver/"
    before = head.get("/obligations/assignments/").status_code

    Position.objects.filter(pk="repair_lead").update(leads=False, governs=False)

    assert (before, head.get("/obligations/assignments/").status_code) == (200, 403)
    assert head.post(waive, {"reason": "不想做"}).status_code == 409
    assert Obligation.objects.get(pk=owed.pk).state == "open"
    assert "单位的义务与分派" not in head.get("/").content.decode()
    assert head.get(f"/customers/{place.customer}/edit/").status_code == 200
    assert "只看，不管辖" in manager.get("/settings/roles/").content.decode()


def test_the_clauses_of_a_role_follow_the_policy(place: on.Scene) -> None:
    _adoption, pack = policy_in_force("property-management")
    order = list(pack.clauses)

    found = {row.key: row.clauses for row in staffing.roles(date(2026, 3, 2), "zh")}

    assert found["officer"] == ("A.2.2.a", "A.2.2.b", "A.2.4", "A.2.5", "B.4.b", "C.1.4.c")
    assert all(list(each) == sorted(each, key=order.index) for each in found.values())
