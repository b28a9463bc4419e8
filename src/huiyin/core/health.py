"""What rooms know about their own health: checks of the running house, invariants of its rows.

A room registers what it can tell in `AppConfig.ready()`; `huiyin doctor` asks for it, and so does
the proof of a backup. Nothing here knows who registered what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from huiyin.core.transactions import one_snapshot

SHOWN = 10  # offending rows that are shown; the rest is only said to be there


class Status(StrEnum):
    """From well to ill; what is only a warning does not fail the doctor."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check saw: `found` in a sentence, what it `means`, and what to do about it.

    `key` names the check and never changes, so that a script can look for it.
    """

    key: str
    title: Any
    status: Status
    found: Any = ""
    means: Any = ""
    remedy: Any = ""


Check = Callable[[datetime], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Look:
    """How to look for offenders: at `now`, and whether at all rows or at a sample of the dear ones."""

    now: datetime
    full: bool = False


Offenders = Callable[[Look], Iterable[Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class Invariant:
    """Something that holds for every row, or rows are wrong; `code` is its number in the design.

    `holds` says it; `broken_by` is the SQL query of the rows that break it (parameters: `now`,
    `full`), or a function where SQL cannot say it.
    """

    code: str
    holds: Any
    broken_by: str | Offenders

    def offenders(self, look: Look) -> list[tuple[Any, ...]]:
        """The first rows that break it, one more than are shown."""
        if callable(self.broken_by):
            found = iter(self.broken_by(look))
            return [tuple(row) for row, _n in zip(found, range(SHOWN + 1), strict=False)]
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT * FROM ({self.broken_by}) offending LIMIT {SHOWN + 1}",
                {"now": look.now, "full": look.full},
            )
            return cursor.fetchall()


@dataclass(frozen=True, slots=True)
class Broken:
    """An invariant with the first rows that break it."""

    invariant: Invariant
    rows: list[tuple[Any, ...]]


_checks: list[Check] = []
_invariants: list[Invariant] = []


def register_check(check: Check) -> None:
    """Let the doctor ask `check`, which gets the moment and answers with findings."""
    if check not in _checks:
        _checks.append(check)


def register_invariants(invariants: Iterable[Invariant]) -> None:
    """Add what must hold for the rows of a room."""
    _invariants.extend(each for each in invariants if each not in _invariants)


def checks() -> tuple[Check, ...]:
    return tuple(_checks)


def invariants() -> tuple[Invariant, ...]:
    """All of them, in the order of their numbers."""
    return tuple(sorted(_invariants, key=lambda each: (int(each.code.strip("I") or 0), each.code)))


def broken(look: Look) -> list[Broken]:
    """Ask every invariant; those that rows break, or that cannot be asked."""
    asked = ((each, _ask(each, look)) for each in invariants())
    return [Broken(each, rows) for each, rows in asked if rows]


def _ask(invariant: Invariant, look: Look) -> list[tuple[Any, ...]]:
    """In a transaction of its own, so that one that cannot be asked hides no other."""
    try:
        with one_snapshot():
            return invariant.offenders(look)
    except DatabaseError as error:
        return [(_("这一项没能检查"), str(error).splitlines()[0])]
