"""Lengths of time as a policy writes them: ``24h 2d 15wd 1w 3mo eod``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

UNITS = ("h", "d", "wd", "w", "mo")
# A hundred years: what lies beyond is a slip of the finger, and no calendar holds it.
_MOST = {"h": 876_600, "d": 36_525, "wd": 36_525, "w": 5_218, "mo": 1_200}
_LENGTH = re.compile(r"([0-9]{1,5})(h|d|wd|w|mo)")
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,4})?) ?%")


class NotALength(ValueError):
    """The text is no length. Nothing is guessed: ``7 dais`` is an error, not 7 days."""


class NotAPercentage(ValueError):
    """The text is no percentage such as ``30%``."""


@dataclass(frozen=True, slots=True)
class Length:
    """So many hours, days, working days, weeks or months; ``eod`` is the end of the same day."""

    amount: int
    unit: str

    def __str__(self) -> str:
        return "eod" if self.unit == "eod" else f"{self.amount}{self.unit}"

    @property
    def is_exact(self) -> bool:
        """Hours are counted to the instant; everything else ends with a day."""
        return self.unit == "h"

    @property
    def is_nothing(self) -> bool:
        """No time at all; the end of the same day is some."""
        return self.amount == 0 and self.unit != "eod"

    @property
    def counts_workdays(self) -> bool:
        """Working days depend on the firm's calendar; natural days do not."""
        return self.unit == "wd"


def parse_length(text: str) -> Length:
    """Read ``24h 2d 15wd 1w 3mo eod``; raises NotALength for anything else, and over 100 years."""
    if text == "eod":
        return Length(amount=0, unit="eod")
    found = _LENGTH.fullmatch(text)
    if found is None or int(found[1]) > _MOST[found[2]]:
        raise NotALength(text)
    return Length(amount=int(found[1]), unit=found[2])


def parse_percent(text: str) -> Fraction:
    """Read ``30%`` as the exact fraction 3/10; raises NotAPercentage."""
    found = _PERCENT.fullmatch(text)
    if found is None:
        raise NotAPercentage(text)
    return Fraction(found[1]) / 100


_ZH = {"h": "小时", "d": "天", "wd": "个工作日", "w": "周", "mo": "个月"}
_EN = {"h": "hour", "d": "day", "wd": "working day", "w": "week", "mo": "month"}


def say_length(length: Length, language: str) -> str:
    """A length in words: ``3 天``, ``15 个工作日``, ``15 working days``."""
    if language.startswith("zh"):
        return "当天" if length.unit == "eod" else f"{length.amount} {_ZH[length.unit]}"
    if length.unit == "eod":
        return "the same day"
    plural = "" if length.amount == 1 else "s"
    return f"{length.amount} {_EN[length.unit]}{plural}"
