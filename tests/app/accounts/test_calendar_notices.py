"""Files of days: what a clerk's spreadsheet makes of a notice, and what is wrong with it."""

from __future__ import annotations

import csv
import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from huiyin.accounts import calendar_notices
from huiyin.accounts.calendar_notices import published, published_years, read_notice
from huiyin.core.errors import Invalid
from tests.policy.notices import YEARS, days_off, made_up

GOOD = "2027-01-01,休,元旦\n2027-01-02,休,元旦\n2027-01-10,班,元旦\n"


def messages(text: str) -> list[str]:
    with pytest.raises(Invalid) as invalid:
        read_notice(text)
    return invalid.value.errors["file"]


def test_what_came_with_the_software_is_what_the_notices_say() -> None:
    assert set(published_years("cn")) == YEARS
    told = [each for year in YEARS for each in published("cn", year).days]

    assert {each.day: each.name for each in told if not each.worked} == days_off()
    assert {each.day: each.name for each in told if each.worked} == made_up()


def test_the_library_is_read_rightly_for_every_year_of_the_public_data_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`HUIYIN_HOLIDAYS_CN`: the folder with `holidays_cn.csv` (paper_year, date, name, isOffDay)."""
    folder = os.environ.get("HUIYIN_HOLIDAYS_CN")
    if not folder:
        pytest.skip("HUIYIN_HOLIDAYS_CN names no folder with the public data set")
    monkeypatch.setattr(calendar_notices, "FIRST_PUBLISHED", 2007)
    listed: dict[int, dict[date, bool]] = {}
    with (Path(folder) / "holidays_cn.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            day = date.fromisoformat(row["date"])
            listed.setdefault(int(row["paper_year"]), {})[day] = row["isOffDay"] == "False"

    assert len(listed) >= 16
    for year, theirs in listed.items():
        ours = {each.day: each.worked for each in published("cn", year).days}
        # Where a notice says “with the weekend” the data set leaves the weekend out.
        beside = {day for day in ours.keys() - theirs if day.weekday() > 4 and not ours[day]}
        assert {day: ours[day] for day in ours.keys() - beside} == theirs, year


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "日期,班休,名称\n" + GOOD,
        "\ufeffday,work,name\n" + GOOD,
        GOOD.replace(",", "\t"),
        GOOD.replace(",", ";"),
        GOOD.replace(",", "，"),
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n", "\n\n,,\n"),
        GOOD.replace("2027-01-", "2027/1/"),
        GOOD.replace("2027-01-01", "2027年1月1日").replace("2027-01-02", "2027.1.2"),
        GOOD.replace("2027", "２０２７").replace("休", " 放假 ").replace("班", "上班"),
        '"2027-01-01","休","元旦"\n' + GOOD.split("\n", 1)[1],
    ],
)
def test_the_ways_of_writing_it(text: str) -> None:
    found = read_notice(text)

    assert found.year == 2027
    assert [(str(each.day), each.worked, each.name) for each in found.days] == [
        ("2027-01-01", False, "元旦"),
        ("2027-01-02", False, "元旦"),
        ("2027-01-10", True, "元旦"),
    ]


def test_a_make_up_day_needs_no_name() -> None:
    assert read_notice(GOOD + "2027-01-09,班\n").days[-2].name == ""


def test_a_notice_reaches_into_the_months_beside_its_year() -> None:
    found = read_notice(GOOD + "2026-12-31,休,元旦\n2026-12-27,班,元旦\n")

    assert found.year == 2027
    assert found.days[0].day == date(2026, 12, 27)


@pytest.mark.parametrize(
    ("row", "line", "value", "remedy"),
    [
        ("2027-02-30,休,春节", 4, "2027-02-30", "请写成 2027-01-01"),
        ("下周三,休,春节", 4, "下周三", "请写成 2027-01-01"),
        ("1027-02-03,休,春节", 4, "1027-02-03", "请写成 2027-01-01"),
        ("2027-02-08,放,春节", 4, "放", "“班”或“休”"),
        ("2027-02-08", 4, "第二栏", "“班”或“休”"),
        ("2027-02-08,休", 4, "2027-02-08", "请写在第三栏"),
        ("2027-02-08,休," + "节" * 41, 4, "节节", "最多 40 个字"),
        ("2027-02-08,班,春节", 4, "2027-02-08", "不是周末"),
        ("2028-02-08,休,春节", 4, "2028-02-08", "分成一个文件"),
        ("2026-11-30,休,春节", 4, "2026-11-30", "分成一个文件"),
    ],
)
def test_what_is_wrong_is_told_with_line_value_and_remedy(
    row: str, line: int, value: str, remedy: str
) -> None:
    [message] = messages(f"{GOOD}{row}\n")

    assert message.startswith(f"第 {line} 行：")
    assert value in message and remedy in message


def test_a_day_named_twice_is_told_at_both_lines() -> None:
    found = messages(GOOD + "2027-01-01,休,元旦\n")

    assert [text[:6] for text in found] == ["第 1 行：", "第 4 行："]


def test_everything_that_is_wrong_is_told_at_once_up_to_a_page() -> None:
    found = messages(GOOD + "".join(f"x{n},休,春节\n" for n in range(20)))

    assert len(found) == 9
    assert found[-1] == "另外还有 12 处。"


@pytest.mark.parametrize("text", ["", "\n\n", ",,,\n", "日期,班休,名称\n", "\ufeff"])
def test_a_file_without_days_is_refused(text: str) -> None:
    assert "没有日期" in messages(text)[0]


@given(st.one_of(st.text(max_size=200), st.text('0123456789-,班休元旦年月日"\n', max_size=200)))
@example("休" * 200_000)
@example("2027-01-01,休," + "a,b" * 999)
@example('"' * 51)
def test_any_text_is_read_or_refused_in_few_words(text: str) -> None:
    try:
        assert read_notice(text).days
    except Invalid as invalid:
        assert invalid.errors["file"]
        assert all(len(message) < 200 for message in invalid.errors["file"])
