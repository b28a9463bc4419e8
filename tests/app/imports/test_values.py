"""Cells become values, or are refused with a code: never guessed."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from huiyin.imports.moments import Calendar
from huiyin.imports.refusals import BadValue
from huiyin.imports.remedies import REMEDIES, sentence
from huiyin.imports.values import Expected, Json, Type, convert
from huiyin.imports.workbooks import BROKEN_CELL

SHANGHAI = Calendar(ZoneInfo("Asia/Shanghai"))
NEW_YORK = ZoneInfo("America/New_York")
LAST_SECOND = datetime(2026, 11, 23, 23, 59, 59)  # noqa: DTZ001 (a cell has no zone)
AMERICAN = "%m/%d/%Y %I:%M:%S %p"


def value(cell: object, to: Type = "text", calendar: Calendar = SHANGHAI, **more: object) -> Json:
    return convert(cell, to=Expected(to, **more), calendar=calendar)


def code(cell: object, to: Type = "text", calendar: Calendar = SHANGHAI, **more: object) -> str:
    with pytest.raises(BadValue) as caught:
        convert(cell, to=Expected(to, **more), calendar=calendar)
    assert caught.value.code in REMEDIES
    assert sentence(caught.value.code, value=str(cell))
    return caught.value.code


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (" \u00a0张三\u3000\u200b\ufeff", "张三"),
        ("㐂𠮷庆里", "㐂𠮷庆里"),
        ("e\u0301", "é"),
        ("a\tb\nc", "a\tb\nc"),
        ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
        (12.0, "12"),
        (12.5, "12.5"),
        (46920293.0, "46920293"),
        (True, "是"),
    ],
)
def test_text(cell: object, text: str) -> None:
    assert value(cell) == text


@pytest.mark.parametrize("cell", [None, "", " ", "\u200b", "\u00a0\u3164"])
def test_what_shows_nothing_is_empty(cell: object) -> None:
    assert value(cell) is None
    assert value(cell, "datetime") is None


@pytest.mark.parametrize("cell", ["a\x1b[31m", "a\x07", "\ud800", "a\x00b"])
def test_control_characters_are_refused(cell: str) -> None:
    assert code(cell) == "control"


def test_a_number_that_lost_digits_is_refused() -> None:
    assert code(110101199001011200.0) == "digits_lost"
    assert code("1234567890123456", "number") == "digits_lost"


def test_a_broken_cell_is_refused_even_where_nothing_is_required() -> None:
    assert code(BROKEN_CELL, "datetime") == "broken_cell"


def test_choices_are_found_by_key_and_title() -> None:
    choices = {"leak": "漏水", "safety": "安全设施"}

    assert value("漏水\u00a0", "choice", choices=choices) == "leak"
    assert value("safety", "choice", choices=choices) == "safety"
    assert code("水漏", "choice", choices=choices) == "choice"


@pytest.mark.parametrize(
    ("cell", "answer"), [("是", True), ("×", False), ("Ｙ", True), (1.0, True)]
)
def test_truth(cell: object, answer: bool) -> None:
    assert value(cell, "boolean") is answer
    assert code("也许", "boolean") == "boolean"


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("１，２３４．５", 1234.5),
        ("1,234", 1234),
        ("1.2万", 12000),
        ("-0.50", -0.5),
        (3.0, 3),
        ("０７", 7),
    ],
)
def test_numbers(cell: object, number: float) -> None:
    assert value(cell, "number") == number


@pytest.mark.parametrize(
    "cell", ["NaN", "Infinity", "1e400", "12a", "1,23", "(500)", "一百", "1.2.3", True]
)
def test_what_is_no_number_is_refused(cell: object) -> None:
    assert code(cell, "number") == "number"


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        ("138-1234-5678", "13812345678"),
        (13812345678.0, "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
        ("+86 138 1234 5678", "13812345678"),
    ],
)
def test_phones(cell: object, phone: str) -> None:
    assert value(cell, "phone") == phone


def test_two_phones_in_a_cell_are_refused() -> None:
    assert code("13812345678/13912345678", "phone") == "phone"


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2026-11-23T08:30:00.000", "2026-11-23T00:30:00+00:00"),
        ("2026-11-23 08:30", "2026-11-23T00:30:00+00:00"),
        ("2026-11-23T08:30:00Z", "2026-11-23T08:30:00+00:00"),
        ("2026-11-23T08:30:00-05:00", "2026-11-23T13:30:00+00:00"),
        ("2026/3/5", "2026-03-04T16:00:00+00:00"),
        ("2026.11.23 24:00", "2026-11-23T16:00:00+00:00"),
        ("2026年11月23日", "2026-11-22T16:00:00+00:00"),
        ("2026年3月5日 9时05分", "2026-03-05T01:05:00+00:00"),
        ("２０２６－０３－０５　０９：０５", "2026-03-05T01:05:00+00:00"),
        ("20261123", "2026-11-22T16:00:00+00:00"),
        (20261123.0, "2026-11-22T16:00:00+00:00"),
        (LAST_SECOND, "2026-11-23T15:59:59+00:00"),
        (date(2026, 11, 23), "2026-11-22T16:00:00+00:00"),
    ],
)
def test_moments_as_they_are_written(cell: object, moment: str) -> None:
    assert value(cell, "datetime") == moment


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("2026/2/30", "no_such_date"),
        ("2026-13-01", "no_such_date"),
        ("0000-00-00", "no_such_date"),
        ("2026年2月29日", "no_such_date"),
        ("2026-11-23 23:59:60", "no_such_date"),
        ("2026-11-23 25:00", "no_such_date"),
        ("11/12/2026", "date"),
        ("26/11/23", "date"),
        ("二〇二六年十一月二十三日", "date"),
        ("昨天", "date"),
        ("2026-11-23 14:3005", "date"),
        (46349.0, "date"),
        (time(3, 4), "date"),
        (date(1900, 2, 28), "year"),
        ("1900-01-01", "year"),
        ("2999-01-01", "year"),
        (True, "date"),
    ],
)
def test_dates_that_are_none_are_refused(cell: object, why: str) -> None:
    assert code(cell, "datetime") == why


def test_a_day_may_lie_further_back_than_a_moment() -> None:
    assert value("1900-01-01", "date") == "1900-01-01"
    assert code("1899-12-31", "date") == code("2999-01-01", "date") == "year_of_day"
    assert code(date(1900, 2, 28), "date") == "uncertain_day"


def test_named_formats_are_the_only_ones_for_text() -> None:
    american = Calendar(NEW_YORK, (AMERICAN,))

    assert value("07/20/2020 10:51:12 AM", "datetime", american) == "2020-07-20T14:51:12+00:00"
    assert value("12/01/2020 12:00:00 AM", "datetime", american) == "2020-12-01T05:00:00+00:00"
    assert code("2020-07-20", "datetime", american) == "date"
    assert value(date(2020, 7, 20), "date", american) == "2020-07-20"


def test_day_numbers_are_read_when_the_map_says_so() -> None:
    excel = Calendar(ZoneInfo("Asia/Shanghai"), ("excel",))

    assert value(46349.9999884, "datetime", excel) == "2026-11-23T15:59:59+00:00"
    assert value("46349", "date", excel) == "2026-11-23"
    for impossible in (60.0, -1.0, 0.0, 4_000_000.0):
        assert code(impossible, "datetime", excel) == "no_such_date"


def test_a_skipped_hour_is_refused_and_its_neighbours_are_not() -> None:
    clock = Calendar(NEW_YORK)

    assert value("2026-03-08 01:59:59", "datetime", clock) == "2026-03-08T06:59:59+00:00"
    assert code("2026-03-08 02:00:00", "datetime", clock) == "time_skipped"
    assert code("2026-03-08 02:59:59", "datetime", clock) == "time_skipped"
    assert value("2026-03-08 03:00:00", "datetime", clock) == "2026-03-08T07:00:00+00:00"


def test_a_doubled_hour_is_what_the_map_says() -> None:
    earlier, later = (Calendar(NEW_YORK, ambiguous=which) for which in ("earlier", "later"))

    assert code("2026-11-01 01:30:00", "datetime", Calendar(NEW_YORK)) == "time_twice"
    assert value("2026-11-01 01:30:00", "datetime", earlier) == "2026-11-01T05:30:00+00:00"
    assert value("2026-11-01 01:30:00", "datetime", later) == "2026-11-01T06:30:00+00:00"
    assert value("2026-11-01 01:30:00-05:00", "datetime", Calendar(NEW_YORK)) == (
        "2026-11-01T06:30:00+00:00"
    )


def test_the_summer_time_of_1986_is_known() -> None:
    assert code("1986-05-04 02:30", "datetime") == "time_skipped"
