"""A share as people read it: one rounding and one form on every page."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

FINE = Fraction(1, 10)
"""Below it a second decimal is said, so that one complaint among many households shows."""


def percent(
    value: Fraction | None, *, short_of: Fraction = Fraction(1), over: Fraction | None = None
) -> str:
    """``96.5%``, ``0.14%``, a dash of nothing: rounded half up, without idle zeros.

    Never rounded up to what it is ``short_of``, nor down to what it is ``over``.
    """
    if value is None:
        return "—"
    places = 1 if value >= FINE else 2
    scale = 100 * 10**places
    said = half_up(value * scale)
    if value < short_of <= Fraction(said, scale):
        said = floor(value * scale)
    elif over is not None and value > over >= Fraction(said, scale):
        said = ceil(value * scale)
    return f"{_decimal(said, places)}%"


def tenths(value: Fraction) -> str:
    """``12.5``: one decimal, rounded half up."""
    said = half_up(value * 10)
    return f"{said // 10}.{said % 10}"


def half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


def _decimal(said: int, places: int) -> str:
    whole, rest = divmod(said, 10**places)
    return f"{whole}.{rest:0{places}}".rstrip("0").rstrip(".")
