"""Moments as scenarios write them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from huiyin.scenarios.errors import Misused
from huiyin.scenarios.moments import read_moment, write_moment

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")


def test_a_day_ends_at_24() -> None:
    assert read_moment("2026-03-05 24:00", SHANGHAI) == datetime(2026, 3, 5, 16, tzinfo=UTC)


def test_the_last_second_is_before_it() -> None:
    last = read_moment("2026-03-05 23:59:59", SHANGHAI)

    assert (read_moment("2026-03-05 24:00", SHANGHAI) - last).total_seconds() == 1


def test_a_day_ends_at_24_on_the_day_that_clocks_change() -> None:
    # 2026-03-08 has 23 hours in New York.
    assert read_moment("2026-03-08 24:00", NEW_YORK) == datetime(2026, 3, 9, 4, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-03-05 24:00", "2026-03-05 09:30", "2026-03-05 23:59:59"])
def test_what_is_read_is_written_the_same(text: str) -> None:
    assert write_moment(read_moment(text, SHANGHAI), SHANGHAI) == text


@pytest.mark.parametrize("text", ["明天", "2026-03-05", "2026-02-30 09:00", "2026-03-05 24:01", ""])
def test_nothing_is_guessed(text: str) -> None:
    with pytest.raises(Misused):
        read_moment(text, SHANGHAI)
