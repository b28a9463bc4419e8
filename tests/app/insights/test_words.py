"""What a verdict is made of is said so that nobody has to guess what was counted."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from huiyin.desk.queries import rate
from huiyin.desk.verdict_words import leaf_words
from huiyin.insights.leaves import LeafVerdict
from huiyin.insights.verdicts import Verdict

MARCH = date(2026, 3, 1)


def clock(part: int, whole: int, **more: int) -> str:
    return leaf_words(LeafVerdict("visit", "clock", "missed", part, whole, **more))


@pytest.mark.parametrize(
    ("late", "overdue", "said"),
    [
        (2, 1, "按时 78/87，逾期完成 1 项，逾期未办 1 项"),
        (2, 0, "按时 78/87，逾期完成 2 项"),
        (2, 2, "按时 78/87，逾期未办 2 项"),
    ],
)
def test_done_late_and_still_open_are_told_apart(late: int, overdue: int, said: str) -> None:
    assert clock(78, 87, late=late, overdue=overdue) == said


def test_days_that_are_added_up_over_zones_say_so() -> None:
    alone = LeafVerdict("officer", "role", "met", 27, 27)
    zones = LeafVerdict("officer.one_per", "role", "met", 54, 54, units=2)

    assert leaf_words(alone) == "27/27 天有人担任"
    assert leaf_words(zones) == "2 个单位各 27 天，共 54 天，其中 54 天恰有一人担任"


def test_a_setting_is_told_of_only_while_it_is_open() -> None:
    assert leaf_words(LeafVerdict("rectify_within", "setting", "met", 1, 1)) == ""
    assert (
        leaf_words(LeafVerdict("rectify_within", "setting", "missed", 0, 1)) == "有参数还没有定下"
    )


@pytest.mark.parametrize(
    ("part", "whole", "limit", "said"),
    [
        (13, 16, Fraction(1), "81.3%（13/16）"),
        (1, 200, None, "0.5%（1/200）"),
        (50_001, 1_000_000, Fraction(5, 100), "5.01%（50001/1000000）"),
        (949_999, 1_000_000, Fraction(95, 100), "94.9%（949999/1000000）"),
    ],
)
def test_a_rate_is_never_said_to_keep_a_limit_that_it_breaks(
    part: int, whole: int, limit: Fraction | None, said: str
) -> None:
    leaf = LeafVerdict("handling", "indicator", "missed", part, whole, limit=limit)

    assert leaf_words(leaf) == said


def test_the_trend_is_an_exact_share() -> None:
    leaf = LeafVerdict("visit", "clock", "missed", 13, 16)

    assert rate(Verdict("B.2.a", MARCH, "missed", (leaf,))) == Fraction(13, 16)
