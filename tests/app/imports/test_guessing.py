"""What columns seem to mean, by their titles and by what stands in them."""

from __future__ import annotations

import pytest
from django.test import Client

from huiyin.customers.services import NewCustomer, register_customers
from tests.app import scene as on
from tests.app.imports.test_pages import at, manager, place, uploaded

__all__ = ["manager", "place"]
pytestmark = pytest.mark.django_db

REPAIRS = "工单号,楼栋房号,所属片区,维修类别,报修时间\n" + "".join(
    f"WX-{n},1栋{n:04d},一区,漏水,2026-02-27 09:30\n" for n in range(101, 112)
)


def guessed(client: Client, table: str, what: str = "subjects:repair") -> dict[str, str]:
    batch = uploaded(client, table.encode(), what=what, name="t.csv")
    page = client.get(at("columns", batch))
    return {each["title"]: each["chosen"] for each in page.context["columns"]}


def test_a_house_is_the_customer_and_an_area_the_unit(manager: Client) -> None:
    batch = uploaded(
        manager, f"{REPAIRS}合计,11,,,\n".encode(), what="subjects:repair", name="t.csv"
    )

    page = manager.get(at("columns", batch))

    found = {each["title"]: each["chosen"] for each in page.context["columns"]}
    assert found == {
        "工单号": "number", "楼栋房号": "customer", "所属片区": "unit",
        "维修类别": "repair.category", "报修时间": "created",
    }  # fmt: skip
    assert page.context["translations"] == []


@pytest.mark.parametrize("what", ["subjects:repair", "cases", "customers"])
@pytest.mark.parametrize("title", ["楼栋房号", "房号", "门牌", "住户住址", "业主房号", "房间号"])
def test_what_names_a_house_is_its_number(manager: Client, what: str, title: str) -> None:
    number = "number" if what == "customers" else "customer"

    found = guessed(manager, f"{title},管理区\n3栋1202,一区\n", what)

    assert found[title] == number
    assert found["管理区"] == ("" if what == "cases" else "unit")


@pytest.mark.parametrize("title", ["报修内容", "故障描述", "报修事项", "问题描述"])
def test_what_says_what_is_broken_is_known_by_many_names(manager: Client, title: str) -> None:
    found = guessed(manager, f"维修单号,房号,类别,{title}\nWX-1,3栋1202,漏水,接头滴水\n")

    assert found[title] == "repair.description"


@pytest.mark.parametrize("what", ["subjects:repair", "customers"])
def test_the_parts_of_a_house_stay_together_unless_it_has_a_number(
    manager: Client, what: str
) -> None:
    number = "number" if what == "customers" else "customer"

    parts = guessed(manager, "片区,楼栋,单元,房号\n一区,3栋,1,1202\n", what)
    own = guessed(manager, "客户编号,楼栋房号,住址\n3栋1202,3栋1202,某路\n", what)

    assert parts == {"片区": "unit", "楼栋": number, "单元": number, "房号": number}
    assert own == {"客户编号": number, "楼栋房号": "", "住址": ""}


def test_a_column_of_customers_numbers_is_the_customer_and_never_the_unit(
    manager: Client, place: on.Scene
) -> None:
    rows = [NewCustomer(f"A{n}", "household", unit_id=place.firm.zone_one.pk) for n in range(3)]
    register_customers(rows, by=None, now=place.now)
    table = "{0},单号\nA0,WX-1\nＡ1,WX-2\nA2,WX-3\n新的,WX-4\n"

    by_values = guessed(manager, table.format("地点"))
    misnamed = guessed(manager, table.format("区域"))
    new_ones = guessed(manager, table.format("区域").replace("A", "片"))

    assert by_values == {"地点": "customer", "单号": "number"}
    assert misnamed == {"区域": "customer", "单号": "number"}
    assert new_ones == {"区域": "unit", "单号": "number"}


def test_when_somebody_moved_in_is_not_when_he_was_registered(manager: Client) -> None:
    table = (
        "户号,入住日期,交房日期,入住时间,登记日期\nA1,2019-05-06,2019-05-06,2019-05-06,2020-01-02\n"
    )

    found = guessed(manager, table, "customers")

    assert {title for title, name in found.items() if name} == {"户号", "登记日期"}
    assert found["登记日期"] == "registered"
