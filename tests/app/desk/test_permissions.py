"""设置 → 权限 and “这个人能看到什么”: what the pages say is what the other pages show."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from huiyin.accounts import services
from huiyin.desk import permissions
from huiyin.ledger.models import Fact
from tests.app import scene as on
from tests.people import appoint

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
REACHES = ["全公司", "本单位及下级", "本单位", "本人经办", "无"]


@pytest.fixture
def place(founded: on.Scene, now: Any) -> Any:
    made = founded
    for number in ("WX-1", "WX-2", "WX-3"):
        on.completed(made, number)
    with time_machine.travel(now + timedelta(hours=1), tick=False):
        yield made


def sight(client: Client, person: Any, **asked: str) -> Any:
    return client.get(f"/settings/permissions/{person.pk}/", asked)


def test_the_matrix_shows_each_position_where_it_is_held(place: on.Scene) -> None:
    page = on.signed_in(place.firm.officer).get("/settings/permissions/")

    rows = {row.title: row for row in page.context["rows"]}
    reach = [str(row.sees.label) for row in page.context["rows"]]
    assert reach[0] == "全公司" and reach == sorted(reach, key=REACHES.index)
    assert {str(title): str(far.label) for title, far in rows["维修负责人"].cells} == {
        "登记": "本单位及下级", "客户资料": "本单位及下级", "办理": "本单位及下级", "分派": "本单位及下级", "免除": "本单位及下级",
        "查看电话": "本单位及下级", "导出": "本单位及下级", "启用制度": "无", "公司设置": "无",
    }  # fmt: skip
    assert {str(far.label) for _title, far in rows["经理"].cells} == {"全公司"}
    assert (rows["维修人员"].holders, rows["维修人员"].place) == (3, "下级单位")


def test_a_position_held_at_the_root_and_below_is_shown_twice(place: on.Scene, now: Any) -> None:
    appoint(place.firm.stranger, "repair_lead", place.firm.company, now=now)

    rows = [row for row in permissions.matrix(date(2026, 3, 2)) if row.title == "维修负责人"]

    assert [(row.place, str(row.sees.label)) for row in rows] == [
        ("公司", "全公司"), ("下级单位", "本单位及下级"),
    ]  # fmt: skip


def test_the_counts_are_those_of_the_lists(place: on.Scene) -> None:
    manager = on.signed_in(place.firm.manager)
    for person in (place.firm.manager, place.firm.repair_lead, place.firm.officer):
        counts = dict(sight(manager, person).context["sight"].counts)
        his = on.signed_in(person)

        shown = his.get("/subjects/repair/").content.decode()
        assert counts["维修单"] == sum(f"WX-{n}" in shown for n in (1, 2, 3))
        assert counts["客户"] == ("3栋1202" in his.get("/customers/").content.decode())


def test_it_says_why_one_may_what_one_may(place: on.Scene, now: Any) -> None:
    appoint(place.firm.officer, "repair_lead", place.firm.zone_two, now=now)

    page = sight(on.signed_in(place.firm.manager), place.firm.officer)

    text = page.content.decode()
    waive = next(a for a in page.context["sight"].abilities if str(a["title"]) == "免除")
    assert [str(each["post"]) for each in waive["through"]] == ["维修负责人（二区）"]
    assert "因为任 物管员（一区）" in text and "因为任 维修负责人（二区）" in text
    assert "联系人姓名、联系人电话" in text


def test_every_encrypted_column_is_named_in_words(place: on.Scene) -> None:
    assert set(permissions.masked_fields()) == {
        "联系人姓名", "联系人电话", "导出名单时的搜索词", "发信邮箱的密码", "收通知的邮箱",
        "导入文件里的内容",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("day", "posts"), [("2026-03-09", 1), ("2026-03-10", 0), ("2025-12-31", 0), ("2026-01-01", 1)]
)
def test_another_day_asks_about_the_posts_of_that_day(
    place: on.Scene, now: Any, day: str, posts: int
) -> None:
    post = place.firm.repair_lead.posts.get()
    services.end_post(post, date(2026, 3, 9), by=None, now=now)

    page = sight(on.signed_in(place.firm.manager), place.firm.repair_lead, day=day)

    assert len(page.context["sight"].posts) == posts
    assert dict(page.context["sight"].counts)["维修单"] == (3 if posts else 0)
    assert ("这一天没有任职" in page.content.decode()) == (posts == 0)


def test_who_left_sees_nothing_from_the_next_day_on(place: on.Scene, now: Any) -> None:
    services.leave(
        place.firm.officer, date(2026, 3, 9), hand_over_to=place.firm.manager, by=None, now=now
    )
    manager = on.signed_in(place.firm.manager)

    seen = [
        len(sight(manager, place.firm.officer, day=day).context["sight"].posts)
        for day in ("2026-03-09", "2026-03-10")
    ]

    assert seen == [1, 0]


@pytest.mark.parametrize("day", ["x", "2026-02-30", "0001-01-01", "9999-12-31", "1" * 5000])
def test_a_day_that_cannot_be_is_said_so(place: on.Scene, day: str) -> None:
    page = sight(on.signed_in(place.firm.manager), place.firm.officer, day=day)

    assert page.status_code == 422
    assert "field-day" in page.content.decode()


def test_everybody_sees_his_own_and_heads_of_the_firm_everybodys(place: on.Scene) -> None:
    firm = place.firm
    lead = on.signed_in(firm.repair_lead)

    assert sight(lead, firm.repair_lead).status_code == 200
    assert sight(lead, firm.repairer).status_code == 403
    assert sight(lead, firm.far_officer).status_code == 404
    people = lead.get("/settings/permissions/").context["people"]
    assert [person.pk for person in people] == [firm.repair_lead.pk]
    assert len(on.signed_in(firm.manager).get("/settings/permissions/").context["people"]) == 12


def test_looking_writes_nothing(place: on.Scene) -> None:
    before = Fact.objects.count()

    sight(on.signed_in(place.firm.manager), place.firm.officer)

    assert Fact.objects.count() == before


def test_both_pages_cost_the_same_for_a_large_firm(place: on.Scene, now: Any) -> None:
    firm = place.firm
    manager = on.signed_in(firm.manager)
    addresses = ("/settings/permissions/", f"/settings/permissions/{firm.repair_lead.pk}/")

    def statements() -> list[int]:
        counted = []
        for address in addresses:
            with CaptureQueriesContext(connection) as caught:
                assert manager.get(address).status_code == 200
            counted.append(len(caught))
        return counted

    few = statements()
    for number in range(4, 9):
        on.completed(place, f"WX-{number}")
        unit = services.create_unit(f"{number}组", parent=firm.zone_one, by=None, now=now)
        services.create_positions([(f"p{number}", f"岗位{number}", "unit")])
        person = services.create_person(f"新人{number}", number=f"N{number}", by=None, now=now)
        appoint(person, f"p{number}", unit, now=now)
        appoint(firm.repair_lead, f"p{number}", unit, now=now)

    assert statements() == few
    assert max(few) <= 30
