"""What a decision needs to know about the world, and how it asks for it by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from huiyin.policy.calendar import PLAIN, WorkCalendar
from huiyin.policy.facts import Value

if TYPE_CHECKING:
    from huiyin.policy.schema import Policy

RoleIn = tuple[str, int | None]
"""A pack role in a unit: ``("supervisor", 12)``; ``None`` is the whole firm."""

ShareKey = tuple[int, str, date]
"""Adoption, duty, first day of the period in the firm's zone."""


@dataclass(frozen=True, slots=True)
class InForce:
    """One adopted policy with what the firm settled: zone, settings, time in force, work calendar.

    A policy applies to facts that happened in ``[starts, ends)``.
    """

    adoption: int
    policy: Policy
    zone: ZoneInfo
    starts: datetime
    ends: datetime | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    calendar: WorkCalendar = PLAIN


@dataclass(frozen=True, slots=True)
class OpenObligation:
    """An obligation that still waits, as the engine sees it.

    ``done`` ones are handed in only because a fact that opened them is being voided. ``since``
    is when the opening fact happened: what happened before it proves nothing.
    """

    id: int
    adoption: int
    duty: str
    line: str
    clauses: tuple[str, ...]
    target: int
    unit: int | None
    opener: int | None
    roles: tuple[str, ...]
    holder: int | None
    excluded: int | None
    recipient: int | None
    ordinal: int
    opened: datetime
    due: datetime | None
    level: int
    values: Mapping[str, Value]
    period: date | None = None
    missed: bool = False
    done: bool = False
    since: datetime | None = None
    blocked: str = ""


@dataclass(frozen=True, slots=True)
class RoleCount:
    """A role's part in a share: items that it may take, and items allotted to it."""

    items: int = 0
    allotted: int = 0


@dataclass(frozen=True, slots=True)
class ShareCount:
    """The locked counter of one share in one period."""

    roles: Mapping[str, RoleCount] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ShareItem:
    """A completed item that was counted: which roles might take it and which were allotted it."""

    fact: int
    target: int
    period: date
    eligible: tuple[str, ...]
    allotted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Needs:
    """The keys that one decision will look up; the caller loads them in a handful of statements."""

    holders: frozenset[RoleIn] = frozenset()
    open_about: frozenset[int] = frozenset()
    opened_by: frozenset[int] = frozenset()
    shares: frozenset[ShareKey] = frozenset()
    items: frozenset[int] = frozenset()
    met: frozenset[tuple[str, int]] = frozenset()
    seen: frozenset[tuple[str, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class State:
    """The answers to ``Needs``. ``decide`` works on its own copy and never changes this one.

    ``holders``: persons in post by role and unit. ``open``: open obligations about a touched
    target or opened by a fact that is being voided. ``shares``: counters. ``items``: share items
    by the id of their fact (needed when it is voided). ``met``: (duty, target) pairs already met.
    ``seen``: (kind of fact, target) pairs that happened and were not voided.
    """

    holders: Mapping[RoleIn, tuple[int, ...]] = field(default_factory=dict)
    open: tuple[OpenObligation, ...] = ()
    shares: Mapping[ShareKey, ShareCount] = field(default_factory=dict)
    items: Mapping[int, tuple[tuple[ShareKey, ShareItem], ...]] = field(default_factory=dict)
    met: frozenset[tuple[str, int]] = frozenset()
    seen: frozenset[tuple[str, int]] = frozenset()
