"""Shares as they are said: the same figure on every page, rounded half up and never into its favour."""

from __future__ import annotations

from fractions import Fraction

import pytest

from huiyin.core.percentages import percent, tenths


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 5, "0%"),
        (5, 5, "100%"),
        (13, 16, "81.3%"),
        (9, 16, "56.3%"),
        (2, 3, "66.7%"),
        (1, 8, "12.5%"),
        (1, 10, "10%"),
        (1, 200, "0.5%"),
        (1, 700, "0.14%"),
        (1, 16, "6.25%"),
        (1, 32, "3.13%"),
        (3, 2, "150%"),
    ],
)
def test_a_share_is_rounded_half_up_without_idle_zeros(part: int, whole: int, said: str) -> None:
    assert percent(Fraction(part, whole)) == said


def test_nothing_has_no_share() -> None:
    assert percent(None) == "—"


@pytest.mark.parametrize(
    ("part", "whole", "target", "said"),
    [
        (9996, 100_000, 10, "9.99%"),
        (19_999, 100_000, 20, "19.9%"),
        (1, 10, 10, "10%"),
        (1999, 2000, 100, "99.9%"),
    ],
)
def test_what_is_missed_is_not_said_as_met(part: int, whole: int, target: int, said: str) -> None:
    assert percent(Fraction(part, whole), short_of=Fraction(target, 100)) == said


@pytest.mark.parametrize(
    ("part", "whole", "said"), [(1, 20, "5%"), (50_001, 1_000_000, "5.01%"), (51, 1000, "5.1%")]
)
def test_what_is_too_much_is_not_said_as_still_allowed(part: int, whole: int, said: str) -> None:
    assert percent(Fraction(part, whole), over=Fraction(5, 100)) == said


def test_tenths_are_rounded_half_up_too() -> None:
    assert [tenths(Fraction(n, 20)) for n in (1, 5, 7, 20)] == ["0.1", "0.3", "0.4", "1.0"]
