"""Figures as numbers for SVG: the strict CSP leaves no style attribute to put a width in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TONES = ("", "met", "due", "late")

BAR_WIDTH, BAR_GAP, SPARK_HEIGHT, STUB = 8, 3, 24, 3


@dataclass(frozen=True)
class Meter:
    """Lengths in per cent of the bar, as text that no locale rewrites."""

    fill: str
    tick: str


@dataclass(frozen=True)
class Bar:
    x: int
    y: str
    height: str
    tone: str
    title: str


@dataclass(frozen=True)
class Spark:
    width: int
    height: int
    bars: tuple[Bar, ...]


def tone(word: str) -> str:
    """One of the four meanings. Raises ValueError for anything else."""
    if word not in TONES:
        raise ValueError(f"{word!r} is no tone; write one of {TONES}")
    return word


def meter(value: float, target: float) -> Meter:
    """The bar ends at the larger of value and target; the tick shows a target already passed."""
    value, target = max(float(value), 0), max(float(target), 0)
    whole = max(value, target) if target else max(value, 100)
    passed = target and value > target
    return Meter(
        fill=f"{100 * value / whole:.2f}",
        tick=f"{100 * target / whole:.2f}" if passed else "",
    )


def figures(value: float, target: float) -> str:
    return f"{value:g}% / {target:g}%" if target else f"{value:g}%"


def spark(points: Sequence[Any]) -> Spark:
    """Bars from left (oldest) to right; a period in which nothing fell due is a stub."""
    bars = tuple(_bar(index, point) for index, point in enumerate(points))
    return Spark(max(len(bars) * (BAR_WIDTH + BAR_GAP) - BAR_GAP, 1), SPARK_HEIGHT, bars)


def _bar(index: int, point: Any) -> Bar:
    value = _part(point, "value")
    height = STUB if value is None else max(SPARK_HEIGHT * min(max(float(value), 0), 1), STUB)
    return Bar(
        x=index * (BAR_WIDTH + BAR_GAP),
        y=f"{SPARK_HEIGHT - height:.1f}",
        height=f"{height:.1f}",
        tone=tone("" if value is None else _part(point, "tone") or ""),
        title=_part(point, "title") or "",
    )


def _part(point: Any, name: str) -> Any:
    if isinstance(point, Mapping):
        return point.get(name)
    return getattr(point, name, None)
