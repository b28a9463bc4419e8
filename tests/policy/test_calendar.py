"""Working days, what is provisional and why, the properties of every calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.policy.calendar import PLAIN, Holiday, WorkCalendar
from huiyin.policy.clocks import deadline, due_after, move_date, shift
from huiyin.policy.lengths import Length, parse_length
from tests.policy.notices import china
from tests.policy.worlds import NEW_YORK, SHANGHAI, shanghai

CHINA = china()
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "length", "due"),
    [
        ("2026-02-10", "15wd", "2026-03-09"),
        ("2026-04-29", "15wd", "2026-05-22"),
        ("2026-09-18", "15wd", "2026-10-15"),
        ("2026-03-02", "15wd", "2026-03-23"),
        ("2026-01-30", "5wd", "2026-02-06"),
        ("2026-06-15", "10wd", "2026-06-30"),
        ("2025-09-30", "3wd", "2025-10-11"),
        ("2026-02-14", "7d", "2026-02-21"),
        ("2026-12-20", "20d", "2027-01-09"),
        ("2028-02-15", "15d", "2028-03-01"),
    ],
)
def test_reference_values(start: str, length: str, due: str) -> None:
    at_ten = shanghai(f"{start} 10:00")

    assert deadline(at_ten, parse_length(length), SHANGHAI, CHINA).moment == shanghai(
        f"{due} 00:00"
    ) + timedelta(days=1)


@pytest.mark.parametrize(
    ("after", "last"),
    [(-TICK, "2026-10-08"), (timedelta(0), "2026-10-09"), (TICK, "2026-10-09")],
)
def test_a_working_day_is_counted_from_the_local_day(after: timedelta, last: str) -> None:
    """Midnight of 8 October, the first working day after the holiday, belongs to that day."""
    start = shanghai("2026-10-08 00:00") + after

    found = deadline(start, parse_length("1wd"), SHANGHAI, CHINA)

    assert found.moment == shanghai(f"{last} 00:00") + DAY


def test_a_year_without_a_confirmed_calendar_makes_the_deadline_provisional() -> None:
    found = deadline(shanghai("2026-12-20 10:00"), parse_length("15wd"), SHANGHAI, CHINA)

    assert found.provisional
    assert found.moment == shanghai("2027-01-09 00:00")
    assert found.steps[-1] == ("unconfirmed", {"years": (2027,)})


def test_confirming_the_year_moves_it_and_makes_it_final() -> None:
    exceptions = {**CHINA.exceptions, day("2027-01-01"): False}
    known = replace(CHINA, exceptions=exceptions, confirmed=CHINA.confirmed | {2027})

    found = deadline(shanghai("2026-12-20 10:00"), parse_length("15wd"), SHANGHAI, known)

    assert not found.provisional
    assert found.moment == shanghai("2027-01-12 00:00")


@pytest.mark.parametrize(
    ("start", "length", "roll", "provisional"),
    [
        # The first day is not counted, so its year has no say.
        ("2023-12-31", "1wd", None, False),
        ("2023-12-28", "1wd", None, True),
        ("2026-12-30", "1wd", None, False),
        ("2026-12-31", "1wd", None, True),
        # Natural days ask no calendar, unless their last day may roll.
        ("2026-12-30", "15d", None, False),
        ("2026-12-30", "15d", "forward", True),
        ("2026-12-20", "7d", "forward", False),
        ("2026-12-20", "2w", "backward", True),
        ("2026-11-30", "1mo", "forward", False),
        ("2026-12-31", "1mo", "backward", True),
        # Hours run through holidays and do not roll.
        ("2026-12-30", "720h", "forward", False),
        ("2026-12-31", "eod", None, False),
        ("2027-01-01", "eod", "forward", True),
        ("2027-01-04", "eod", None, False),
    ],
)
def test_provisional_is_what_an_unconfirmed_year_has_a_say_in(
    start: str, length: str, roll: str | None, provisional: bool
) -> None:
    found = deadline(
        shanghai(f"{start} 10:00"),
        parse_length(length),
        SHANGHAI,
        CHINA,
        roll,  # type: ignore[arg-type]
    )

    assert found.provisional is provisional
    assert any(key == "unconfirmed" for key, _values in found.steps) is provisional


def test_without_a_calendar_working_days_are_provisional_and_natural_days_are_not() -> None:
    start = shanghai("2026-03-02 10:00")

    assert deadline(start, parse_length("3wd"), SHANGHAI).provisional
    assert not deadline(start, parse_length("3d"), SHANGHAI).provisional
    assert deadline(start, parse_length("3d"), SHANGHAI, roll="forward").provisional


@pytest.mark.parametrize(
    ("start", "length", "roll", "last"),
    [
        ("2026-09-24", "3d", None, "2026-09-27"),
        ("2026-09-24", "3d", "forward", "2026-09-28"),
        ("2026-09-24", "3d", "backward", "2026-09-24"),
        ("2026-09-28", "3d", "forward", "2026-10-08"),
        ("2026-09-28", "3d", "backward", "2026-09-30"),
        ("2026-10-08", "2d", "forward", "2026-10-10"),
        ("2026-02-10", "4d", "backward", "2026-02-14"),
        ("2026-01-24", "1mo", "forward", "2026-02-24"),
        ("2026-01-20", "1mo", "forward", "2026-02-24"),
        ("2026-10-02", "eod", "forward", "2026-10-08"),
        ("2026-10-02", "2wd", "forward", "2026-10-09"),
    ],
)
def test_a_roll_moves_a_last_day_that_is_not_worked(
    start: str, length: str, roll: str | None, last: str
) -> None:
    found = deadline(
        shanghai(f"{start} 23:30"),
        parse_length(length),
        SHANGHAI,
        CHINA,
        roll,  # type: ignore[arg-type]
    )

    assert found.moment == shanghai(f"{last} 00:00") + DAY
    assert not found.provisional


def test_every_day_that_was_not_counted_is_explained() -> None:
    found = deadline(shanghai("2025-09-27 10:00"), parse_length("6wd"), SHANGHAI, CHINA)

    assert found.moment == shanghai("2025-10-12 00:00")
    assert found.steps == (
        ("worked", {"day": "2025-09-28"}),
        ("holiday", {"name": "国庆节、中秋节", "first": "2025-10-01", "last": "2025-10-08"}),
        ("worked", {"day": "2025-10-11"}),
    )


def test_a_roll_is_explained_with_the_days_it_passes() -> None:
    found = deadline(shanghai("2026-06-17 10:00"), parse_length("3d"), SHANGHAI, CHINA, "backward")

    assert found.steps == (
        ("holiday", {"name": "端午节", "first": "2026-06-19", "last": "2026-06-20"}),
        ("rolled", {"day": "2026-06-20", "to": "2026-06-18", "direction": "backward"}),
    )


def test_a_firms_own_days_are_told_apart_from_holidays_and_weekends() -> None:
    own = {day("2026-03-04"): False, day("2026-03-07"): True, day("2026-10-02"): True}
    calendar = replace(CHINA, exceptions={**CHINA.exceptions, **own})

    spring = deadline(shanghai("2026-03-02 10:00"), parse_length("5wd"), SHANGHAI, calendar)
    autumn = deadline(shanghai("2026-09-30 10:00"), parse_length("2wd"), SHANGHAI, calendar)

    assert spring.moment == shanghai("2026-03-10 00:00")
    assert spring.steps == (
        ("off", {"first": "2026-03-04", "last": "2026-03-04"}),
        ("worked", {"day": "2026-03-07"}),
        ("weekend", {"first": "2026-03-08", "last": "2026-03-08"}),
    )
    assert autumn.moment == shanghai("2026-10-09 00:00")
    assert [key for key, _values in autumn.steps] == ["holiday", "worked", "holiday"]


def test_holidays_are_found_in_their_full_length() -> None:
    golden_week = Holiday("国庆节、中秋节", day("2025-10-01"), day("2025-10-08"))

    assert CHINA.holiday_spans(day("2025-10-08"), day("2025-12-31")) == [golden_week]
    assert CHINA.holiday_spans(day("2025-09-01"), day("2025-10-01")) == [golden_week]
    assert CHINA.holiday_spans(day("2025-10-09"), day("2025-12-31")) == []
    assert PLAIN.holiday_spans(day("2025-01-01"), day("2025-12-31")) == []


def test_two_holidays_side_by_side_are_two() -> None:
    names = {day("2030-10-01"): "国庆节", day("2030-10-02"): "中秋节", day("2030-10-04"): "中秋节"}

    spans = WorkCalendar(holidays=names).holiday_spans(day("2030-01-01"), day("2030-12-31"))

    assert [(span.name, span.first.day, span.last.day) for span in spans] == [
        ("国庆节", 1, 1),
        ("中秋节", 2, 2),
        ("中秋节", 4, 4),
    ]


def test_all_years_from_the_first_to_the_last_day_must_be_confirmed() -> None:
    gap = WorkCalendar(confirmed=frozenset({2024, 2026}))

    assert gap.is_confirmed(day("2024-01-01"))
    assert not gap.is_confirmed(day("2026-01-01"), day("2024-12-31"))
    assert CHINA.is_confirmed(day("2026-12-31"), day("2024-01-01"), day("2025-05-05"))
    assert gap.is_confirmed()


def test_a_step_in_working_days_keeps_the_time_on_the_wall_and_the_end_of_the_day() -> None:
    one = parse_length("1wd")

    assert shift(shanghai("2026-09-30 15:00"), one, SHANGHAI, CHINA) == shanghai("2026-10-08 15:00")
    # Friday 24:00 is Saturday 00:00; a working day later is Monday 24:00.
    assert shift(shanghai("2026-03-07 00:00"), one, SHANGHAI, CHINA) == shanghai("2026-03-10 00:00")


@pytest.mark.parametrize(
    ("start", "length", "due"),
    [
        # Clocks go forward on Sunday 8 March 2026 and back on Sunday 1 November 2026.
        ("2026-03-06T10:00-05:00", "1wd", "2026-03-10T00:00-04:00"),
        ("2026-03-06T10:00-05:00", "2d", "2026-03-09T00:00-04:00"),
        ("2026-10-30T10:00-04:00", "1wd", "2026-11-03T00:00-05:00"),
        ("2026-10-30T10:00-04:00", "2d", "2026-11-02T00:00-05:00"),
    ],
)
def test_a_working_day_over_a_change_of_clocks(start: str, length: str, due: str) -> None:
    found = due_after(datetime.fromisoformat(start), parse_length(length), NEW_YORK)

    assert found == datetime.fromisoformat(due)


@pytest.mark.parametrize(
    ("start", "length", "due"),
    [
        # Summer time in China: 1986-05-04 02:00 to 1986-09-14 02:00, again in each year to 1991.
        ("1986-05-02 10:00", "1wd", "1986-05-05T16:00+01:00"),
        ("1990-06-29 10:00", "1wd", "1990-07-02T15:00"),
        ("1986-09-12 10:00", "1wd", "1986-09-15T16:00"),
        ("1991-04-12 10:00", "3d", "1991-04-15T15:00"),
        ("1992-06-29 10:00", "3d", "1992-07-02T16:00"),
    ],
)
def test_days_end_at_the_local_midnight_of_their_time(start: str, length: str, due: str) -> None:
    local = datetime.fromisoformat(start).replace(tzinfo=SHANGHAI)
    expected = datetime.fromisoformat(due)

    found = due_after(local, parse_length(length), SHANGHAI)

    assert found == (expected if expected.tzinfo else expected.replace(tzinfo=UTC))


def test_a_midnight_that_the_clocks_skip_still_ends_the_day() -> None:
    """In Beirut 26 March 2023 began at 01:00: there was no 00:00."""
    beirut = ZoneInfo("Asia/Beirut")
    start = datetime(2023, 3, 24, 12, tzinfo=beirut)

    found = due_after(start, Length(1, "d"), beirut)

    assert found.astimezone(beirut) == datetime(2023, 3, 26, 1, tzinfo=beirut)


DAYS = st.dates(day("2023-06-01"), day("2027-06-30"))
COUNTS = st.integers(1, 60)
EXCEPTIONS = st.dictionaries(DAYS, st.booleans(), max_size=60)
CALENDARS = st.builds(WorkCalendar, EXCEPTIONS, confirmed=st.just(frozenset({2024, 2025, 2026})))


@given(CALENDARS, DAYS, COUNTS, st.lists(DAYS, max_size=10))
def test_a_holiday_more_never_makes_a_working_day_deadline_earlier(
    calendar: WorkCalendar, start: date, count: int, more: list[date]
) -> None:
    longer = replace(calendar, exceptions={**calendar.exceptions, **dict.fromkeys(more, False)})

    assert longer.add_workdays(start, count) >= calendar.add_workdays(start, count)


@given(CALENDARS, DAYS, st.integers(-60, 60))
def test_so_many_working_days_and_back_again(
    calendar: WorkCalendar, start: date, count: int
) -> None:
    worked = calendar.roll(start, "forward")

    there = calendar.add_workdays(worked, count)

    assert calendar.is_workday(there)
    assert calendar.add_workdays(there, -count) == worked


@given(CALENDARS, DAYS)
def test_rolling_forward_and_back_stays_on_a_working_day(
    calendar: WorkCalendar, start: date
) -> None:
    forward, backward = calendar.roll(start, "forward"), calendar.roll(start, "backward")

    assert calendar.is_workday(forward) and calendar.is_workday(backward)
    assert backward <= start <= forward
    assert calendar.roll(forward, "backward") == forward
    assert not any(
        calendar.is_workday(backward + n * DAY) for n in range(1, (forward - backward).days)
    )


@given(CALENDARS, DAYS, COUNTS)
def test_as_many_working_days_lie_behind_as_were_asked_for(
    calendar: WorkCalendar, start: date, count: int
) -> None:
    last = calendar.add_workdays(start, count)

    between = [start + n * DAY for n in range(1, (last - start).days + 1)]
    assert sum(map(calendar.is_workday, between)) == count
    assert calendar.is_workday(last)


@given(CALENDARS, DAYS, COUNTS, st.sampled_from([SHANGHAI, NEW_YORK, ZoneInfo("Asia/Beirut")]))
def test_a_later_start_is_never_due_earlier_and_the_moment_is_a_midnight(
    calendar: WorkCalendar, start: date, count: int, zone: ZoneInfo
) -> None:
    length = Length(count, "wd")
    at = datetime.combine(start, time(15), tzinfo=zone)

    found = deadline(at, length, zone, calendar)
    later = deadline(at + timedelta(hours=20), length, zone, calendar)

    assert later.moment >= found.moment
    last = move_date(start, length, calendar)
    assert (found.moment - TICK).astimezone(zone).date() == last
    assert found.provisional == (not calendar.is_confirmed(start + DAY, last))


@given(CALENDARS, DAYS, COUNTS)
def test_the_explained_days_are_exactly_those_that_were_not_counted(
    calendar: WorkCalendar, start: date, count: int
) -> None:
    at = datetime.combine(start, time(9), tzinfo=SHANGHAI)

    steps = deadline(at, Length(count, "wd"), SHANGHAI, calendar).steps

    explained = set()
    for key, values in steps:
        if key in ("weekend", "holiday", "off"):
            first, last = day(str(values["first"])), day(str(values["last"]))
            explained |= {first + n * DAY for n in range((last - first).days + 1)}
    last = calendar.add_workdays(start, count)
    between = {start + n * DAY for n in range(1, (last - start).days + 1)}
    assert explained == {each for each in between if not calendar.is_workday(each)}
