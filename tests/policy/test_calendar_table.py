"""Working days, rolls, periods and moments over 2024-2026, each row a checked-in expectation.

The rows of `workdays` and `rolls` were counted on a plain list of the working days that the
`holidays` library knows; those of `cadences` and `moments` were written by hand. The calendar that
is tried is neither: it is built from the notices in `notices.py`.
"""

from __future__ import annotations

import csv
import os
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from huiyin.policy.clocks import LastDay, deadline, end_of_day
from huiyin.policy.lengths import Length
from huiyin.policy.periods import (
    moment_in,
    parse_cadence,
    parse_moment,
    period_at,
    periods_between,
)
from tests.policy.notices import china, days_off, made_up
from tests.policy.worlds import SHANGHAI

CASES = Path(__file__).with_name("calendar_cases")
CHINA = china()
DAY = timedelta(days=1)


def rows(table: str) -> list[dict[str, str]]:
    with (CASES / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cases(table: str) -> list[object]:
    return [pytest.param(row, id=" ".join(list(row.values())[:3])) for row in rows(table)]


@pytest.mark.parametrize("row", cases("workdays"))
def test_the_so_many_th_working_day(row: dict[str, str]) -> None:
    start, count = date.fromisoformat(row["start"]), int(row["count"])

    assert CHINA.add_workdays(start, count).isoformat() == row["last"], row["where"]
    if count > 0:
        noon = datetime.combine(start, time(12), tzinfo=SHANGHAI)
        found = deadline(noon, Length(count, "wd"), SHANGHAI, CHINA)
        assert found.moment == end_of_day(date.fromisoformat(row["last"]), SHANGHAI)


@pytest.mark.parametrize("row", cases("rolls"))
def test_a_last_day_rolls(row: dict[str, str]) -> None:
    direction = row["direction"]
    assert direction in ("forward", "backward")

    found = LastDay(date.fromisoformat(row["day"])).rolled(direction, CHINA)  # type: ignore[arg-type]

    assert found.day.isoformat() == row["lands"], row["where"]


@pytest.mark.parametrize("row", cases("cadences"))
def test_the_periods_that_start_between_two_days(row: dict[str, str]) -> None:
    first, last = date.fromisoformat(row["first"]), date.fromisoformat(row["last"])

    found = periods_between(parse_cadence(row["cadence"]), first, last, CHINA)

    shown = [f"{each.first.isoformat()}/{each.last.isoformat()}" for each in found]
    assert shown == row["periods"].split()


@pytest.mark.parametrize("row", cases("moments"))
def test_a_moment_of_a_period(row: dict[str, str]) -> None:
    period = period_at(parse_cadence(row["cadence"]), date.fromisoformat(row["day"]), CHINA)
    assert period is not None

    found = moment_in(
        parse_moment(row["by"]),
        period,
        SHANGHAI,
        CHINA,
        row["off"] or None,  # type: ignore[arg-type]
    )

    day, clock = row["due"].split()
    midnight = datetime.combine(date.fromisoformat(day), time(), tzinfo=SHANGHAI)
    assert found.moment == midnight + timedelta(hours=int(clock[:2]), minutes=int(clock[3:]))
    assert found.provisional == (row["provisional"] == "yes")


def test_the_table_is_long_enough_and_covers_every_holiday_and_make_up_day() -> None:
    tables = {name: rows(name) for name in ("workdays", "rolls", "cadences", "moments")}
    years = {row["start"][:4] for row in tables["workdays"]}
    touched = {row["day"] for row in tables["rolls"]}

    assert sum(map(len, tables.values())) >= 200
    assert {"2024", "2025", "2026"} <= years
    assert {day.isoformat() for day in made_up()} <= touched


def test_the_notices_agree_with_the_public_data_set() -> None:
    """`HUIYIN_HOLIDAYS_CN`: the folder with `holidays_cn.csv` (paper_year, date, name, isOffDay)."""
    folder = os.environ.get("HUIYIN_HOLIDAYS_CN")
    if not folder:
        pytest.skip("HUIYIN_HOLIDAYS_CN names no folder with the public data set")
    with (Path(folder) / "holidays_cn.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = {
            date.fromisoformat(row["date"]): row["isOffDay"] == "True"
            for row in csv.DictReader(file)
            if row["paper_year"] in ("2024", "2025", "2026")
        }

    assert len(listed) >= 36 + 39
    assert [day for day, off in listed.items() if CHINA.is_workday(day) == off] == []
    complete = {day.year for day in listed}
    exceptions = [day for day in (*days_off(), *made_up()) if day.year in complete]
    unlisted = [day for day in exceptions if day not in listed]
    # A weekend beside a holiday is off by itself, and the data set leaves some of them out.
    assert [day for day in unlisted if day.weekday() < 5 or CHINA.is_workday(day)] == []
