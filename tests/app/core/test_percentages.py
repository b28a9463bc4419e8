"""Rates as they are said."""

from fractions import Fraction

import pytest

from huiyin.insights.rates import percent


@pytest.mark.parametrize(
    ("part", "whole", "target", "said"),
    [
        (10, 103, 10, "9.7%"),
        (199, 2000, 10, "9.9%"),
        (1, 10, 10, "10%"),
        (1999, 2000, 100, "99.9%"),
    ],
)
def test_what_is_missed_is_not_said_as_met(part: int, whole: int, target: int, said: str) -> None:
    assert percent(Fraction(part, whole), short_of=Fraction(target, 100)) == said
