"""Deadlines in words and in sheets: a day ends at 24:00, which is stored as the next day's 00:00."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from huiyin.ui.moments import due_words, last_of

ZONE = ZoneInfo("Asia/Shanghai")


def test_a_sheet_holds_the_day_that_ends_or_the_moment() -> None:
    evening = datetime(2026, 11, 26, 16, 20, tzinfo=ZONE)

    assert last_of(datetime(2026, 11, 27, tzinfo=ZONE), ZONE) == date(2026, 11, 26)
    assert last_of(evening, ZONE) == evening


@pytest.mark.parametrize(
    ("due", "said"),
    [
        (datetime(2026, 12, 31, tzinfo=ZONE), "12月30日"),
        (datetime(2027, 1, 1, tzinfo=ZONE), "12月31日"),
        (datetime(2027, 3, 6, tzinfo=ZONE), "2027年3月5日"),
    ],
)
def test_another_year_is_named(due: datetime, said: str) -> None:
    assert due_words(due, now=datetime(2026, 11, 1, tzinfo=ZONE), zone=ZONE) == said
