"""What the product has to answer to a bad input, stated beside the input."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

Row = tuple[str, str]
"""A customer as a file brings it: its number and its name."""


@dataclass(frozen=True)
class Refused:
    """It is not taken: the words name the place, the value and what to do instead.

    ``beside``: what comes in from the other rows of the same file; without any, no table has
    a row more.
    """

    where: str
    remedy: str
    value: str = ""
    beside: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Repaired:
    """It is taken after a repair that the product states: in its answer, or in docs/import.md."""

    into: Any
    stated: str


@dataclass(frozen=True)
class Neutral:
    """It is taken as it stands and does nothing: ``into`` is what stands there afterwards."""

    into: Any


Answer = Refused | Repaired | Neutral


@dataclass(frozen=True)
class File:
    """A file of group ``group`` of the list: made anew by ``make``, called ``called``."""

    group: int
    name: str
    make: Callable[[], bytes]
    answer: Answer
    called: str = "花名册.csv"
    by_map: bytes | None = None

    def __str__(self) -> str:
        return f"{self.group}-{self.name}"


SOON = 5.0
"""Seconds of work within which there is an answer to anything."""
WAIT = 300.0


@contextmanager
def soon() -> Iterator[None]:
    """What is done within is done soon."""
    worked, began = time.process_time(), time.monotonic()
    yield
    assert time.process_time() - worked < SOON
    # The processor may be with other tests, so that waiting alone is no finding; hanging is.
    assert time.monotonic() - began < WAIT


def wrong_words(answer: Answer, told: str, guide: str = "") -> list[str]:
    """What the words do not say and have to."""
    if isinstance(answer, Refused):
        wanted = [answer.where, answer.value, answer.remedy]
        return [f"does not say {each!r}: {told}" for each in wanted if each not in told]
    if isinstance(answer, Repaired) and answer.stated not in told + guide:
        return [f"does not state {answer.stated!r}: {told}"]
    return []
