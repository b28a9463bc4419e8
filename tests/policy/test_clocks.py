"""Days end at 24:00 in the firm's zone, hours are exact; every boundary as a triple."""

from datetime import UTC, date, datetime, timedelta

import pytest

from huiyin.policy.clocks import due_after, due_at, end_of_day, period_end, period_of, shift
from huiyin.policy.lengths import parse_length
from tests.policy.worlds import NEW_YORK, SHANGHAI, shanghai, utc

TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("start", "length", "due"),
    [
        # The first day is not counted, whatever the hour.
        ("2026-03-02 00:00", "3d", "2026-03-06 00:00"),
        ("2026-03-02 10:00", "3d", "2026-03-06 00:00"),
        ("2026-03-02 23:59:59", "3d", "2026-03-06 00:00"),
        ("2026-03-02 10:00", "2d", "2026-03-05 00:00"),
        ("2026-03-02 10:00", "7d", "2026-03-10 00:00"),
        ("2026-03-02 10:00", "1w", "2026-03-10 00:00"),
        ("2026-02-14 10:00", "7d", "2026-02-22 00:00"),
        ("2026-12-20 10:00", "20d", "2027-01-10 00:00"),
        ("2028-02-15 10:00", "15d", "2028-03-02 00:00"),
        ("2026-01-31 10:00", "1mo", "2026-03-01 00:00"),
        ("2028-01-31 10:00", "1mo", "2028-03-01 00:00"),
        ("2026-11-30 10:00", "3mo", "2027-03-01 00:00"),
        ("2026-03-02 10:00", "eod", "2026-03-03 00:00"),
        # Hours are instants, over months, leap days and years.
        ("2028-02-28 23:30", "72h", "2028-03-02 23:30"),
        ("2027-02-27 23:30", "72h", "2027-03-02 23:30"),
        ("2026-12-31 20:00", "12h", "2027-01-01 08:00"),
        ("2026-03-02 10:00:00.000001", "24h", "2026-03-03 10:00:00.000001"),
    ],
)
def test_when_something_falls_due(start: str, length: str, due: str) -> None:
    assert due_after(shanghai(start), parse_length(length), SHANGHAI) == shanghai(due)


def test_a_midnight_start_belongs_to_the_new_day() -> None:
    before = due_after(shanghai("2026-03-02 00:00") - TICK, parse_length("2d"), SHANGHAI)
    at = due_after(shanghai("2026-03-02 00:00"), parse_length("2d"), SHANGHAI)

    assert (before, at) == (shanghai("2026-03-04 00:00"), shanghai("2026-03-05 00:00"))


@pytest.mark.parametrize(
    ("start", "length", "due"),
    [
        # 8 March 2026: the clock jumps from 2:00 to 3:00; a day is 23 hours long.
        ("2026-03-07T10:00-05:00", "24h", "2026-03-08T11:00-04:00"),
        ("2026-03-07T10:00-05:00", "1d", "2026-03-09T00:00-04:00"),
        ("2026-03-07T10:00-05:00", "eod", "2026-03-08T00:00-05:00"),
        # 1 November 2026: 1:00 to 2:00 comes twice; a day is 25 hours long.
        ("2026-10-31T10:00-04:00", "24h", "2026-11-01T09:00-05:00"),
        ("2026-10-31T10:00-04:00", "1d", "2026-11-02T00:00-05:00"),
        ("2026-11-01T01:30-04:00", "1h", "2026-11-01T01:30-05:00"),
    ],
)
def test_daylight_saving_moves_days_but_not_hours(start: str, length: str, due: str) -> None:
    found = due_after(datetime.fromisoformat(start), parse_length(length), NEW_YORK)

    assert found == datetime.fromisoformat(due)
    assert found.tzinfo is UTC


def test_the_day_is_the_firms_day_not_the_servers() -> None:
    late_evening = utc("2026-03-02 16:30")

    assert due_after(late_evening, parse_length("1d"), SHANGHAI) == shanghai("2026-03-05 00:00")
    assert due_after(late_evening, parse_length("1d"), NEW_YORK) == utc("2026-03-04 05:00")


@pytest.mark.parametrize(
    ("value", "due"),
    [
        ("2026-03-09", "2026-03-10 00:00"),
        ("2026-03-09T15:30", "2026-03-09 15:30"),
        ("2026-03-09T07:30:00+00:00", "2026-03-09 15:30"),
    ],
)
def test_a_stated_day_ends_at_midnight_and_a_stated_moment_is_exact(value: str, due: str) -> None:
    assert due_at(value, SHANGHAI) == shanghai(due)


def test_a_stated_nonsense_is_an_error() -> None:
    with pytest.raises(ValueError):
        due_at("2026-02-30", SHANGHAI)


def test_late_steps_keep_the_time_on_the_wall() -> None:
    before_the_change = datetime.fromisoformat("2026-03-07T15:00-05:00")

    assert shift(before_the_change, parse_length("1d"), NEW_YORK) == datetime.fromisoformat(
        "2026-03-08T15:00-04:00"
    )
    assert shift(before_the_change, parse_length("24h"), NEW_YORK) == datetime.fromisoformat(
        "2026-03-08T16:00-04:00"
    )


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        ("2026-03-31 23:59:59", date(2026, 3, 1)),
        ("2026-04-01 00:00", date(2026, 4, 1)),
        ("2026-04-01 00:00:01", date(2026, 4, 1)),
    ],
)
def test_the_month_of_a_completion_turns_at_local_midnight(moment: str, month: date) -> None:
    assert period_of(shanghai(moment), "month", SHANGHAI) == month


def test_periods_start_and_end() -> None:
    moment = shanghai("2026-11-15 12:00")

    assert period_of(moment, "quarter", SHANGHAI) == date(2026, 10, 1)
    assert period_of(moment, "year", SHANGHAI) == date(2026, 1, 1)
    assert period_end(date(2026, 12, 1), "month") == date(2027, 1, 1)
    assert period_end(date(2026, 10, 1), "quarter") == date(2027, 1, 1)
    assert end_of_day(date(2026, 12, 31), SHANGHAI) == shanghai("2027-01-01 00:00")
