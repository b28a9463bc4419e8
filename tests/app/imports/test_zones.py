"""对应各列: a column that tells the zone beside what it is itself; who is in none is counted."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from huiyin.customers.models import Customer
from tests.app import scene as on
from tests.app.imports.test_pages import applied, at, chosen, manager, place, tried, uploaded

__all__ = ["manager", "place"]
pytestmark = pytest.mark.django_db
BUILDINGS = "楼号,房号,业主\n3栋,1202,周一\n3栋,1203,周二\n7栋,0301,周三\n,0302,周四\n"


def translated(page: Any, **meanings: str) -> dict[str, str]:
    """What is sent for the texts that the page asks about."""
    found = {}
    for each in page.context["translations"]:
        found[f"text-{each['name']}"] = each["text"]
        found[f"value-{each['name']}"] = meanings.get(each["text"], each["value"])
    return found


def test_a_building_tells_the_zone_though_it_is_a_part_of_the_number(
    manager: Client, place: on.Scene
) -> None:
    batch = uploaded(manager, BUILDINGS.encode(), name="楼号.csv")
    page = manager.get(at("columns", batch))
    guessed = {each["title"]: each["chosen"] for each in page.context["columns"]}
    assert guessed == {"楼号": "number", "房号": "number", "业主": "name"}
    form = chosen(page) | {"beside-unit": "1"}

    asked = manager.post(at("columns", batch), form)
    answered = translated(asked, **{"3栋": "一区", "7栋": "二区"})
    tried(manager, batch, **form, **answered)

    assert asked.status_code == 422
    assert [each["text"] for each in asked.context["translations"]] == ["3栋", "7栋"]
    units = [title for _key, title in asked.context["translations"][0]["choices"]]
    assert units[:3] == ["一区", "二区", "公司"]
    first, told = asked.context["translations"][0], asked.content.decode()
    assert f'href="#field-value-{first["name"]}">有些文字还不知道是什么意思' in told
    assert f'id="field-value-{first["name"]}"' in told
    assert told.count("请选择它是什么意思。</span>") == 2
    applied(manager, batch)
    zones = dict(Customer.objects.values_list("number", "target__unit__as_unit__name"))
    assert zones["3栋-1202"] == zones["3栋-1203"] == "一区" and zones["7栋-0301"] == "二区"
    # The same columns again: nothing has to be said twice.
    again = manager.get(at("columns", uploaded(manager, BUILDINGS.encode(), name="楼号.csv")))
    assert again.context["choices"].beside == {"unit": 1}
    assert {each["text"]: each["value"] for each in again.context["translations"]} == {
        "3栋": "一区", "7栋": "二区",
    }  # fmt: skip


def test_an_estate_of_ours_is_the_unit_without_being_told(manager: Client, place: on.Scene) -> None:
    batch = uploaded(
        manager, "小区,楼号,房号\n一区,3栋,1202\n二区,3栋,1202\n".encode(), name="户.csv"
    )
    assert manager.get(at("columns", batch)).context["choices"].beside == {"unit": 1}

    applied(manager, tried(manager, batch))

    zones = dict(Customer.objects.values_list("number", "target__unit__as_unit__name"))
    assert (zones["一区-3栋-1202"], zones["二区-3栋-1202"]) == ("一区", "二区")


@pytest.mark.parametrize("line", ["填表人：周一,,", "三区,3栋,1202"])
def test_an_estate_is_still_the_unit_where_one_line_names_none(
    manager: Client, place: on.Scene, line: str
) -> None:
    content = f"小区,楼号,房号\n一区,3栋,1202\n二区,3栋,1202\n{line}\n"
    batch = uploaded(manager, content.encode(), name="户.csv")

    page = manager.get(at("columns", batch))

    assert page.context["choices"].beside == {"unit": 1}
    assert [each["text"] for each in page.context["translations"]] == [line.partition(",")[0]]
    assert "现在没有一列说明它" not in page.content.decode()


def test_a_column_is_no_unit_where_few_of_its_names_are_ours(
    manager: Client, place: on.Scene
) -> None:
    content = "小区,楼号,房号\n一区,3栋,1202\n三区,3栋,1202\n四区,3栋,1202\n"

    page = manager.get(at("columns", uploaded(manager, content.encode(), name="户.csv")))

    assert page.context["choices"].beside == {}


def test_another_header_row_is_guessed_from_as_fully(manager: Client, place: on.Scene) -> None:
    content = "小区,楼号,房号\n小区名,楼号,房号\n一区,3栋,1202\n二区,3栋,1202\n"
    batch = uploaded(manager, content.encode(), name="户.csv")

    page = manager.get(at("columns", batch), {"header": "2"})

    assert page.context["choices"].beside == {"unit": 1}


def test_a_unit_that_is_none_of_ours_may_be_said_or_is_refused(
    manager: Client, place: on.Scene
) -> None:
    content = "户号,区域\n101,一区\n102,南片\n103,北片\n104,公司/一区\n".encode()
    batch = uploaded(manager, content, name="片区.csv")
    page = manager.get(at("columns", batch))
    assert [each["text"] for each in page.context["translations"]] == ["南片", "北片"]

    tried(manager, batch, **translated(page, 南片="二区"))

    assert (batch.accepted, batch.refused) == (3, 1)


@pytest.mark.parametrize(("count", "asked"), [(24, 24), (25, 0)])
def test_of_a_column_with_many_units_that_are_none_of_ours_nothing_is_asked(
    manager: Client, place: on.Scene, count: int, asked: int
) -> None:
    lines = "".join(f"{n},片{n}\n" for n in range(count))
    batch = uploaded(manager, f"户号,区域\n{lines}".encode(), name="片区.csv")

    page = manager.get(at("columns", batch))

    assert len(page.context["translations"]) == asked


@pytest.mark.parametrize(("count", "asked"), [(50, 50), (51, 0)])
def test_of_a_column_that_was_named_for_its_zones_every_building_is_asked(
    manager: Client, place: on.Scene, count: int, asked: int
) -> None:
    lines = "".join(f"{n}栋,1202\n" for n in range(count))
    batch = uploaded(manager, f"楼号,房号\n{lines}".encode(), name="楼号.csv")

    form = chosen(manager.get(at("columns", batch))) | {"beside-unit": "1"}
    answer = manager.post(at("columns", batch), form)

    assert len(answer.context["translations"] if asked else ()) == asked
    assert answer.status_code == (422 if asked else 302)


def test_a_dry_run_says_how_many_would_be_nobody_s_to_visit(
    manager: Client, place: on.Scene
) -> None:
    content = "户号,区域\n101,一区\n102,\n103,公司\n104,\n".encode()
    batch = tried(manager, uploaded(manager, content, name="片区.csv"))
    shown = manager.get(at("page", batch)).content.decode()
    assert "有 3 行不属于任何下级单位：它们的回访没有人负责" in shown
    assert "第 3 行 102、第 4 行 103、第 5 行 104" in shown
    assert "zone=none" not in shown

    again = uploaded(manager, content, name="片区.csv")
    batch = tried(manager, again, **{"constant-unit": "一区", "column-2": ""})

    shown = manager.get(at("page", batch)).content.decode()
    assert "不属于任何下级单位" not in shown


def test_once_they_are_in_the_list_of_who_is_in_no_zone_is_one_step_away(
    manager: Client, place: on.Scene
) -> None:
    lines = "".join(f"{n},\n" for n in range(101, 126))
    batch = uploaded(manager, f"户号,区域\n100,一区\n{lines}".encode(), name="片区.csv")
    applied(manager, tried(manager, batch))

    shown = manager.get(at("page", batch)).content.decode()
    listed = manager.get("/customers/?zone=none").content.decode()

    assert "第 22 行 120" in shown and "第 23 行 121" not in shown
    assert "另有 5 行" in shown and 'href="/customers/?zone=none"' in shown
    assert all(f">{n}<" in listed for n in range(101, 126)) and ">100<" not in listed


def test_where_there_are_several_units_the_page_says_that_one_is_needed_and_what_comes_of_it(
    manager: Client, place: on.Scene
) -> None:
    told = manager.get(at("columns", uploaded(manager, "户号,管理区\nA1,一区\n".encode())))
    left = uploaded(manager, "户号,业主\nA1,张一\n".encode())
    untold = manager.get(at("columns", left))

    assert [(each["title"], each["id"]) for each in told.context["needed"]] == [("所属单位", "")]
    assert [each["id"] for each in untold.context["needed"]] == ["field-beside-unit"]
    page = untold.content.decode()
    assert "也要说明：所属单位。" in page
    assert 'href="#field-beside-unit"' in page
    assert 'id="field-beside-unit"' in page

    shown = manager.get(at("page", tried(manager, left))).content.decode()
    assert shown.index("不属于任何下级单位") < shown.index("import-counts")
