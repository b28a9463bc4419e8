"""Lengths of time as a policy writes them: ``24h 2d 1w 3mo eod``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

UNITS = ("h", "d", "w", "mo")
_LENGTH = re.compile(r"([0-9]{1,5})(h|d|wd|w|mo)")
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,4})?) ?%")


class NotALength(ValueError):
    """The text is no length. Nothing is guessed: ``7 dais`` is an error, not 7 days."""


class NeedsCalendar(ValueError):
    """Working days need the firm's work calendar, which this version does not have."""


class NotAPercentage(ValueError):
    """The text is no percentage such as ``30%``."""


@dataclass(frozen=True, slots=True)
class Length:
    """So many hours, days, weeks or months; ``eod`` is the end of the same day."""

    amount: int
    unit: str

    def __str__(self) -> str:
        return "eod" if self.unit == "eod" else f"{self.amount}{self.unit}"

    @property
    def is_exact(self) -> bool:
        """Hours are counted to the instant; everything else ends with a day."""
        return self.unit == "h"


def parse_length(text: str) -> Length:
    """Read ``24h 2d 1w 3mo eod``.

    Raises NeedsCalendar for working days (``15wd``), NotALength for anything else.
    """
    if text == "eod":
        return Length(amount=0, unit="eod")
    found = _LENGTH.fullmatch(text)
    if found is None:
        raise NotALength(text)
    if found[2] == "wd":
        raise NeedsCalendar(text)
    return Length(amount=int(found[1]), unit=found[2])


def parse_percent(text: str) -> Fraction:
    """Read ``30%`` as the exact fraction 3/10; raises NotAPercentage."""
    found = _PERCENT.fullmatch(text)
    if found is None:
        raise NotAPercentage(text)
    return Fraction(found[1]) / 100


_ZH = {"h": "小时", "d": "天", "w": "周", "mo": "个月"}
_EN = {"h": "hour", "d": "day", "w": "week", "mo": "month"}


def say_length(length: Length, language: str) -> str:
    """A length in words: ``3 天``, ``3 days``."""
    if language.startswith("zh"):
        return "当天" if length.unit == "eod" else f"{length.amount} {_ZH[length.unit]}"
    if length.unit == "eod":
        return "the same day"
    plural = "" if length.amount == 1 else "s"
    return f"{length.amount} {_EN[length.unit]}{plural}"
