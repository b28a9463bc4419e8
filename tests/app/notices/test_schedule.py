"""When mail goes out: each edge just before, exactly at and just after."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from huiyin.notices import schedule
from huiyin.notices.kinds import CASE, DUE, HOURS, LATE, OTHER, POLICY, kind_of
from huiyin.notices.schedule import DUE_FIRST, QUIET_HOURS, Quiet, Turn

SHANGHAI = ZoneInfo("Asia/Shanghai")
NIGHT = Quiet(time(21), time(8))
NOON = Quiet(time(12), time(13, 30))
TICK = timedelta(microseconds=1)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    """A moment of March 2026 on the wall: "2 21:00"."""
    day, clock = text.split()
    moment = datetime.combine(date(2026, 3, int(day)), time.fromisoformat(clock), zone)
    return moment.astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "quiet", "end"),
    [
        (at("2 21:00") - TICK, NIGHT, None),
        (at("2 21:00"), NIGHT, at("3 08:00")),
        (at("2 21:00") + TICK, NIGHT, at("3 08:00")),
        (at("3 00:00") - TICK, NIGHT, at("3 08:00")),
        (at("3 00:00"), NIGHT, at("3 08:00")),
        (at("3 00:00") + TICK, NIGHT, at("3 08:00")),
        (at("3 08:00") - TICK, NIGHT, at("3 08:00")),
        (at("3 08:00"), NIGHT, None),
        (at("3 08:00") + TICK, NIGHT, None),
        (at("2 12:00") - TICK, NOON, None),
        (at("2 12:00"), NOON, at("2 13:30")),
        (at("2 13:30") - TICK, NOON, at("2 13:30")),
        (at("2 13:30"), NOON, None),
        (at("31 23:00"), NIGHT, datetime(2026, 4, 1, 0, tzinfo=UTC)),
        (at("2 23:00"), None, None),
        (at("2 23:00"), Quiet(time(8), time(8)), None),
        (at("2 23:00"), Quiet(time(22), time(0)), at("3 00:00")),
        (at("3 00:00"), Quiet(time(22), time(0)), None),
        (at("2 00:00"), Quiet(time(0), time(7)), at("2 07:00")),
    ],
)
def test_quiet_hours_begin_and_end_on_the_wall_of_the_firms_zone(now, quiet, end):
    assert schedule.quiet_until(now, quiet, SHANGHAI) == end


def test_quiet_hours_follow_a_clock_that_is_put_forward_and_back():
    berlin = ZoneInfo("Europe/Berlin")
    night = Quiet(time(22), time(2, 30))

    # In the night of 29 March 2:30 does not exist; 1:30 UTC is 3:30 on the wall.
    forward = schedule.quiet_until(at("28 23:00", berlin), night, berlin)
    # On 25 October 2:10 comes twice; the second one waits for the second 2:30.
    second = datetime(2026, 10, 25, 2, 10, tzinfo=berlin).replace(fold=1).astimezone(UTC)
    back = schedule.quiet_until(second, night, berlin)

    assert forward == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert back == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_the_same_moment_is_quiet_in_one_zone_and_not_in_another():
    now = at("2 23:00")

    assert schedule.quiet_until(now, NIGHT, SHANGHAI) is not None
    assert schedule.quiet_until(now, NIGHT, ZoneInfo("Europe/London")) is None


NOW, END = at("2 22:00"), at("3 08:00")


@pytest.mark.parametrize(
    ("due", "turn"),
    [
        (None, Turn(END, QUIET_HOURS)),
        (END - TICK, Turn(NOW, DUE_FIRST)),
        (END, Turn(END, QUIET_HOURS)),
        (END + TICK, Turn(END, QUIET_HOURS)),
        (NOW + TICK, Turn(NOW, DUE_FIRST)),
        (NOW, Turn(NOW, DUE_FIRST)),
        (NOW - TICK, Turn(END, QUIET_HOURS)),  # late already: nothing is saved by waking anybody
    ],
)
def test_a_single_mail_waits_for_the_end_unless_its_matter_falls_due_before(due, turn):
    assert schedule.single_turn(NOW, due=due, quiet=NIGHT, zone=SHANGHAI) == turn


def test_by_day_a_single_mail_goes_at_once():
    now = at("2 09:00")

    assert schedule.single_turn(now, due=None, quiet=NIGHT, zone=SHANGHAI) == Turn(now)


@pytest.mark.parametrize(
    ("now", "last", "following"),
    [
        (at("3 08:30") - TICK, at("2 08:30"), at("3 08:30")),
        (at("3 08:30"), at("3 08:30"), at("4 08:30")),
        (at("3 08:30") + TICK, at("3 08:30"), at("4 08:30")),
        (at("3 00:00"), at("2 08:30"), at("3 08:30")),
        (at("3 00:00") - TICK, at("2 08:30"), at("3 08:30")),
        (at("3 23:59"), at("3 08:30"), at("4 08:30")),
    ],
)
def test_the_digest_comes_once_a_day_at_its_moment(now, last, following):
    assert schedule.last_digest(now, time(8, 30), SHANGHAI) == last
    assert schedule.next_digest(now, time(8, 30), SHANGHAI) == following


def test_a_digest_at_midnight_belongs_to_the_day_that_begins():
    for now in (at("3 00:00"), at("3 00:00") + TICK):
        assert schedule.last_digest(now, time(0), SHANGHAI) == at("3 00:00")
    assert schedule.last_digest(at("3 00:00") - TICK, time(0), SHANGHAI) == at("2 00:00")


def test_the_waits_grow_and_end():
    waits = [schedule.wait_after(tries) for tries in range(1, 8)]

    minutes = [wait and wait.total_seconds() / 60 for wait in waits]
    assert minutes == [1, 5, 30, 120, 360, None, None]


DAY_END = "2026-03-05T16:00:00+00:00"
"""24:00 in Shanghai."""


@pytest.mark.parametrize(
    ("template", "due", "kind"),
    [
        ("obligation_late", DAY_END, LATE),
        ("obligation_late", "2026-03-05T15:59:59+00:00", HOURS),
        ("obligation_late", "2026-03-05T16:00:01+00:00", HOURS),
        ("obligation_due", DAY_END, DUE),
        ("obligation_due", "2026-03-05T02:37:00+00:00", HOURS),
        ("obligation_due", "", DUE),
        ("obligation_due", "2026-03-05", DUE),  # no moment of its own
        ("obligation_due", "tomorrow", DUE),
        ("case_notice_sent", "2026-03-05T02:37:00+00:00", HOURS),
        ("case_closed", None, CASE),
        ("adoption_proposed", "2026-03-05T02:37:00+00:00", POLICY),
        ("waived", None, OTHER),
        ("of_a_later_version", None, OTHER),
    ],
)
def test_a_clock_in_hours_makes_a_kind_of_its_own(template, due, kind):
    assert kind_of(template, {"due": due}, SHANGHAI) == kind
