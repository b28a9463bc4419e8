"""Cadences, periods, anchored steps, moments: how they are written, and what always holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.policy.calendar import PLAIN, WorkCalendar
from huiyin.policy.lengths import Length, parse_length
from huiyin.policy.periods import (
    Cadence,
    Moment,
    NeedsAnchor,
    NotACadence,
    NotAMoment,
    Period,
    anchored,
    moment_in,
    next_period,
    parse_cadence,
    parse_moment,
    period_at,
    periods_between,
    workday_share,
)
from tests.policy.notices import china
from tests.policy.worlds import NEW_YORK, SHANGHAI, shanghai

CHINA = china()
DAY = timedelta(days=1)
CADENCES = (
    "day", "workday", "week", "week(tue)", "week(wed)", "week(thu)", "week(fri)", "week(sat)",
    "week(sun)", "month", "quarter", "year", "holiday",
)  # fmt: skip
TILING = tuple(each for each in CADENCES if each not in ("workday", "holiday"))


def day(text: str) -> date:
    return date.fromisoformat(text)


def at(cadence: str, text: str, calendar: WorkCalendar = CHINA) -> Period:
    found = period_at(parse_cadence(cadence), day(text), calendar)
    assert found is not None
    return found


@pytest.mark.parametrize("text", [*CADENCES, "7d", "1mo", "2w", "10wd"])
def test_a_cadence_reads_back_as_it_was_written(text: str) -> None:
    assert str(parse_cadence(text)) == text


def test_a_week_starts_on_monday_unless_it_says_otherwise() -> None:
    assert parse_cadence("week(mon)") == parse_cadence("week") == Cadence("week", 0)


@pytest.mark.parametrize(
    "text", ["", "weeks", "week()", "week(saturday)", "week(sat", "24h", "eod", "0d", "-7d", "7"]
)
def test_what_is_no_cadence_is_never_guessed(text: str) -> None:
    with pytest.raises(NotACadence):
        parse_cadence(text)


@pytest.mark.parametrize(
    "text",
    [
        "eod", "end_of_work", "sat", "sat end_of_work", "15d", "15d end_of_work", "3wd",
        "10d after end", "10wd after end", "5d before end", "3d before start", "1w after start",
        "1mo after end end_of_work",
    ],
)  # fmt: skip
def test_a_moment_reads_back_as_it_was_written(text: str) -> None:
    assert str(parse_moment(text)) == text


def test_a_moment_is_at_the_end_of_its_day_unless_it_says_otherwise() -> None:
    assert parse_moment("mon eod") == parse_moment("mon") == Moment(weekday=0)
    assert parse_moment("15d eod") == parse_moment("15d")


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "monday", "sat  eod", "sat end", "eod eod", " eod", "sateod", "15deod", "10h",
        "12h after end", "0d", "2w", "1mo", "10d after", "after end", "10d after middle",
        "end_of_work sat", "eod after end",
    ],
)  # fmt: skip
def test_what_is_no_moment_is_never_guessed(text: str) -> None:
    with pytest.raises(NotAMoment):
        parse_moment(text)


@pytest.mark.parametrize(
    ("cadence", "text", "zh", "en"),
    [
        ("day", "2026-03-02", "2026-03-02", "2026-03-02"),
        ("workday", "2026-02-14", "2026-02-14", "2026-02-14"),
        ("week", "2026-03-02", "2026-W10", "2026-W10"),
        ("week", "2024-12-31", "2025-W01", "2025-W01"),
        ("week", "2027-01-03", "2026-W53", "2026-W53"),
        ("week(sat)", "2026-03-02", "2026-02-28 至 2026-03-06", "2026-02-28 to 2026-03-06"),
        ("month", "2026-03-31", "2026-03", "2026-03"),
        ("quarter", "2026-01-01", "2026-Q1", "2026-Q1"),
        ("quarter", "2026-12-31", "2026-Q4", "2026-Q4"),
        ("year", "2026-07-01", "2026", "2026"),
        ("holiday", "2025-10-04", "2025年国庆节、中秋节", "2025 国庆节、中秋节"),
        ("holiday", "2025-01-01", "2025年元旦", "2025 元旦"),
    ],
)
def test_a_period_is_called_by_what_it_is(cadence: str, text: str, zh: str, en: str) -> None:
    found = at(cadence, text)

    assert (found.label("zh-hans"), found.label("en")) == (zh, en)


def test_three_months_that_are_no_quarter_are_called_by_their_days() -> None:
    assert Period(day("2026-02-01"), day("2026-05-01")).label("en") == "2026-02-01 to 2026-04-30"


def test_a_period_starts_and_ends_at_local_midnights() -> None:
    march = at("month", "2026-03-15")

    assert march.starts(SHANGHAI) == shanghai("2026-03-01 00:00")
    assert march.ends(SHANGHAI) == shanghai("2026-04-01 00:00")
    assert (march.first, march.last, march.after) == (
        day("2026-03-01"),
        day("2026-03-31"),
        day("2026-04-01"),
    )
    # New York goes over to summer time on 8 March.
    hours = (march.ends(NEW_YORK) - march.starts(NEW_YORK)) / timedelta(hours=1)
    assert hours == 31 * 24 - 1


@pytest.mark.parametrize(
    ("cadence", "text"),
    [("workday", "2026-10-03"), ("workday", "2026-03-07"), ("holiday", "2026-03-02")],
)
def test_a_day_may_lie_in_no_period(cadence: str, text: str) -> None:
    assert period_at(parse_cadence(cadence), day(text), CHINA) is None


def test_a_make_up_saturday_is_a_workday_and_a_period_of_its_own() -> None:
    assert at("workday", "2026-10-10") == Period(day("2026-10-10"), day("2026-10-11"))


def test_the_next_holiday_is_none_where_no_calendar_is_known() -> None:
    last = at("holiday", "2026-10-01")

    assert next_period(parse_cadence("holiday"), last, CHINA) is None
    assert next_period(parse_cadence("holiday"), at("holiday", "2026-09-25"), CHINA) == last


def test_steps_of_a_length_need_an_anchor() -> None:
    every_week = parse_cadence("7d")

    assert every_week.is_anchored and not parse_cadence("week").is_anchored
    with pytest.raises(NeedsAnchor):
        period_at(every_week, day("2026-03-02"), CHINA)
    with pytest.raises(NeedsAnchor):
        periods_between(every_week, day("2026-03-02"), day("2026-03-31"), CHINA)


@pytest.mark.parametrize(
    ("anchor", "length", "starts"),
    [
        ("2026-01-31", "1mo", "2026-01-31 2026-02-28 2026-03-31 2026-04-30 2026-05-31"),
        ("2028-01-31", "1mo", "2028-01-31 2028-02-29 2028-03-31"),
        ("2026-11-30", "3mo", "2026-11-30 2027-02-28 2027-05-30"),
        ("2024-02-29", "12mo", "2024-02-29 2025-02-28 2026-02-28 2027-02-28 2028-02-29"),
        ("2026-02-26", "7d", "2026-02-26 2026-03-05 2026-03-12"),
        ("2026-09-28", "2wd", "2026-09-28 2026-09-30 2026-10-09 2026-10-12"),
    ],
)
def test_a_recurrence_keeps_its_anchor(anchor: str, length: str, starts: str) -> None:
    expected = [day(text) for text in starts.split()]

    found = [
        anchored(day(anchor), parse_length(length), number, CHINA)
        for number in range(len(expected))
    ]

    assert [each.first for each in found] == expected
    assert [each.after for each in found[:-1]] == expected[1:]


def test_the_end_of_work_is_the_firms() -> None:
    early = replace(CHINA, end_of_work=time(17, 30))

    found = moment_in(
        parse_moment("sat end_of_work"),
        at("week(sun)", "2026-10-10"),
        SHANGHAI,
        early,
        "previous workday",
    )

    assert found.moment == shanghai("2026-10-10 17:30")


def test_a_moment_moved_off_a_holiday_says_why() -> None:
    found = moment_in(
        parse_moment("sat end_of_work"),
        at("week(sun)", "2026-10-03"),
        SHANGHAI,
        CHINA,
        "previous workday",
    )

    assert found.steps == (
        ("holiday", {"name": "国庆节", "first": "2026-10-01", "last": "2026-10-03"}),
        ("rolled", {"day": "2026-10-03", "to": "2026-09-30", "direction": "backward"}),
    )


@pytest.mark.parametrize(
    ("cadence", "text", "absent", "share"),
    [
        ("week", "2026-03-04", "", Fraction(1)),
        ("week", "2026-03-04", "2026-03-04 2026-03-05", Fraction(3, 5)),
        # A day off that nobody works is no absence.
        ("week", "2026-03-04", "2026-03-07 2026-03-08", Fraction(1)),
        # Three days are left of the week in which the holiday ends, with its make-up Saturday.
        ("week", "2026-10-08", "2026-10-10", Fraction(2, 3)),
        ("week(thu)", "2026-10-01", "", Fraction(0)),
        ("month", "2026-10-08", "2026-10-08 2026-10-09", Fraction(16, 18)),
    ],
)
def test_a_quota_shrinks_with_the_working_days_of_absence(
    cadence: str, text: str, absent: str, share: Fraction
) -> None:
    away = [day(each) for each in absent.split()]

    assert workday_share(at(cadence, text), CHINA, away) == share


DAYS = st.dates(day("2023-06-01"), day("2027-06-30"))
EXCEPTIONS = st.dictionaries(DAYS, st.booleans(), max_size=60)
HOLIDAYS = st.dictionaries(DAYS, st.sampled_from(["春节", "国庆节"]), max_size=30)
CALENDARS = st.builds(WorkCalendar, EXCEPTIONS, HOLIDAYS)


@given(st.sampled_from(TILING), DAYS, st.integers(0, 500), CALENDARS)
def test_periods_tile_the_calendar_without_gap_or_overlap(
    text: str, first: date, days: int, calendar: WorkCalendar
) -> None:
    cadence = parse_cadence(text)

    found = periods_between(cadence, first, first + days * DAY, calendar)

    assert all(before.after == after.first for before, after in pairwise(found))
    assert all(period.first < period.after for period in found)
    assert all(first <= period.first <= first + days * DAY for period in found)
    holding = period_at(cadence, first, calendar)
    assert holding is not None and holding.holds(first)
    if found:
        assert found[0].first == (holding.first if holding.first == first else holding.after)
        assert found[-1].after > first + days * DAY


@given(st.sampled_from(CADENCES), DAYS, st.integers(0, 300), CALENDARS)
def test_every_day_lies_in_one_period_or_in_none(
    text: str, first: date, days: int, calendar: WorkCalendar
) -> None:
    cadence = parse_cadence(text)
    after = first + days * DAY

    found = periods_between(cadence, first - 400 * DAY, after, calendar)

    assert all(before.after <= later.first for before, later in pairwise(found))
    for each in (first, after):
        [holding] = [period for period in found if period.holds(each)] or [None]
        assert holding == period_at(cadence, each, calendar)


@given(st.sampled_from(CADENCES), DAYS, st.integers(1, 200), CALENDARS)
def test_one_after_the_other_is_the_same_as_all_at_once(
    text: str, first: date, days: int, calendar: WorkCalendar
) -> None:
    cadence = parse_cadence(text)
    found = periods_between(cadence, first, first + days * DAY, calendar)

    assert [next_period(cadence, period, calendar) for period in found[:-1]] == found[1:]


@given(DAYS, st.integers(1, 14), st.sampled_from(["d", "w", "mo", "wd"]), st.integers(0, 40))
def test_anchored_steps_follow_each_other(anchor: date, amount: int, unit: str, n: int) -> None:
    length = Length(amount, unit)
    one, other = anchored(anchor, length, n, CHINA), anchored(anchor, length, n + 1, CHINA)

    assert one.first < one.after == other.first
    assert anchored(anchor, length, 0, CHINA).first == anchor


@given(DAYS, st.sampled_from([SHANGHAI, NEW_YORK, ZoneInfo("Asia/Beirut")]))
def test_no_instant_is_lost_between_two_periods(start: date, zone: ZoneInfo) -> None:
    one = period_at(parse_cadence("week"), start, PLAIN)
    assert one is not None
    other = next_period(parse_cadence("week"), one, PLAIN)

    assert other is not None and one.ends(zone) == other.starts(zone) > one.starts(zone)


@given(
    st.sampled_from(["eod", "sat", "mon end_of_work", "15d", "10wd after end", "3d before start"]),
    st.sampled_from(TILING),
    DAYS,
    CALENDARS,
)
def test_moved_off_a_day_that_is_not_worked_it_falls_on_a_working_day(
    by: str, cadence: str, start: date, calendar: WorkCalendar
) -> None:
    period = period_at(parse_cadence(cadence), start, calendar)
    assert period is not None
    moment = parse_moment(by)

    before, plain, after = (
        moment_in(moment, period, SHANGHAI, calendar, off)
        for off in ("previous workday", None, "next workday")
    )

    assert before.moment <= plain.moment <= after.moment
    for found in (before, after):
        last = (found.moment - timedelta(microseconds=1)).astimezone(SHANGHAI).date()
        assert calendar.is_workday(last)
