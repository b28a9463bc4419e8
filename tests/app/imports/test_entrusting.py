"""Whose customers are that come without a name: the one officer of their zone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from huiyin.accounts.services import NewPerson, create_people
from huiyin.customers.models import Customer
from huiyin.imports.queries import doubts, notices
from tests.app.imports.test_customers import PLAIN, bring_in, plain
from tests.people import SmallFirm, appoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm(adopted: SmallFirm) -> SmallFirm:
    return adopted


def owners() -> dict[str, int | None]:
    return dict(Customer.objects.values_list("number", "target__owner"))


def test_a_household_is_its_zone_s_officer_s(
    firm: SmallFirm, now: datetime, tmp_path: Path
) -> None:
    plain(tmp_path, "101,张一,,一区\n102,李二,,二区\n103,王三,,\n", now)

    assert owners() == {"101": firm.officer.pk, "102": firm.far_officer.pk, "103": None}
    assert Customer.objects.visible_to(firm.viewer(firm.officer)).count() == 1


def test_what_the_file_says_holds(firm: SmallFirm, now: datetime, tmp_path: Path) -> None:
    path = tmp_path / "named.csv"
    path.write_text("户号,区域,管家\n101,一区,丁维修\n102,一区,\n", encoding="utf-8")

    bring_in(path, now, text=PLAIN + "  owner: {column: 管家, required: false}\n")

    assert owners() == {"101": firm.repairer.pk, "102": firm.officer.pk}


def test_of_two_officers_nobody_is_chosen(firm: SmallFirm, now: datetime, tmp_path: Path) -> None:
    [second] = create_people([NewPerson("癸物管", "P30")], by=None, now=now)
    appoint(second, "officer", firm.zone_one, now=now)

    plain(tmp_path, "101,张一,,一区\n", now)

    assert owners() == {"101": None}


def test_the_same_file_again_changes_nothing(
    firm: SmallFirm, now: datetime, tmp_path: Path
) -> None:
    plain(tmp_path, "101,张一,,一区\n", now)

    again = plain(tmp_path, "101,张一,,一区\n", now)

    assert (again.created, again.updated, again.duplicate) == (0, 0, 1)
    assert owners() == {"101": firm.officer.pk}


def test_who_is_in_no_zone_is_counted_before_and_after(
    firm: SmallFirm, now: datetime, tmp_path: Path
) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        "户号,姓名,电话,区域\n101,张一,,一区\n102,李二,,\n103,王三,,公司\n", encoding="utf-8"
    )

    before = bring_in(path, now, text=PLAIN, dry_run=True)
    after = bring_in(path, now, text=PLAIN)
    again = bring_in(path, now, text=PLAIN)

    told = [[notice.partition("：")[0] for notice in notices(each)] for each in (before, after)]
    assert told == [["有 2 行不属于任何下级单位"]] * 2
    assert all(said[0].endswith("（第 3、4 行）") for said in (notices(before), notices(after)))
    assert notices(again) == []


def test_a_hotline_is_nobody_s_phone(firm: SmallFirm, now: datetime, tmp_path: Path) -> None:
    batch = plain(tmp_path, "101,张一,12345,一区\n102,李二,95588,一区\n103,王三,,一区\n", now)

    assert (batch.accepted, batch.in_doubt, batch.refused) == (3, 1, 0)
    [doubted] = doubts(batch)
    assert (doubted.row, doubted.column, doubted.value) == (2, "电话", "12345")
    assert doubted.problem == "不是有效的电话号码，原样记下，标为待核对"


@pytest.mark.parametrize(("column", "warned"), [(",", True), (",一区", False)])
def test_rows_without_a_unit_that_add_to_somebody_are_said_before_they_do(
    firm: SmallFirm, now: datetime, tmp_path: Path, column: str, warned: bool
) -> None:
    plain(tmp_path, "101,,,一区\n102,李二,,一区\n", now)

    batch = plain(tmp_path, f"101,张一,{column}\n102,李二,{column}\n103,王三,,一区\n", now)

    said = [notice for notice in notices(batch) if "只按编号认作已有的客户" in notice]
    assert [notice.partition("，")[0] for notice in said] == (
        ["有 1 行没有写所属"] if warned else []
    )
    assert all(notice.endswith("（第 2 行）") for notice in said)
