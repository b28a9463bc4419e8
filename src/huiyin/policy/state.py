"""What a decision needs to know about the world, and how it asks for it by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from huiyin.policy.calendar import PLAIN, WorkCalendar
from huiyin.policy.clocks import TICK
from huiyin.policy.facts import Value

if TYPE_CHECKING:
    from huiyin.policy.schema import Policy

RoleIn = tuple[str, int | None]
"""A pack role in a unit: ``("supervisor", 12)``; ``None`` is the whole firm."""

ShareKey = tuple[int, str, date]
"""Adoption, duty, first day of the period in the firm's zone."""

About = tuple[str, int]
"""A name (duty, kind of fact, table, kind of things) and a target."""

PARTY = "party:"
"""In front of a party's key where a target id stands for it: ``holders[("party:x", None)]``."""


@dataclass(frozen=True, slots=True)
class InForce:
    """One adopted policy with what the firm settled: its zone, calendar, settings, time in force.

    A policy applies to facts that happened in ``[starts, ends)``.
    """

    adoption: int
    policy: Policy
    zone: ZoneInfo
    starts: datetime
    ends: datetime | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    calendar: WorkCalendar = PLAIN

    def applies(self, happened: datetime) -> bool:
        """A policy applies to facts that happened while it was in force."""
        return self.starts <= happened and (self.ends is None or happened < self.ends)

    def last_moment(self, now: datetime) -> datetime:
        """``now``, or the last moment at which it was in force."""
        return now if self.ends is None else min(now, self.ends - TICK)

    def setting(self, key: str) -> str | None:
        return self.policy.setting(key, self.settings)


@dataclass(frozen=True, slots=True)
class OpenObligation:
    """An obligation that still waits, as the engine sees it.

    ``done`` ones are handed in only because a fact that opened or met them is being voided.
    ``since`` is when the opening fact happened, or the period began: what happened before it
    proves nothing. ``met`` and ``stated_missed`` are the engine facts about it.
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
    waived: bool = False
    since: datetime | None = None
    blocked: str = ""
    needed: int | None = None
    settled_by: int | None = None
    met: int | None = None
    stated_missed: int | None = None


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
class Moments:
    """The three times of a fact that happened earlier."""

    happened: datetime
    known: datetime
    recorded: datetime


Counted = Mapping[str, Mapping[int, Moments]]
"""What a quota has counted: a key that counts once, and the facts that brought it."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A result that a table gave because of a fact: the engine fact that states it."""

    id: int
    table: str
    result: str
    target: int


@dataclass(frozen=True, slots=True)
class Booking:
    """Points that were booked for a fact and not reversed yet."""

    id: int
    rule: str
    person: int
    occurrence: str
    fact: int | None


@dataclass(frozen=True, slots=True)
class Needs:
    """The keys that one decision will look up; the caller loads them in a handful of statements.

    ``quotas``: persons with the day, in the firm's zone, on which something of theirs counts.
    """

    holders: frozenset[RoleIn] = frozenset()
    heads: frozenset[int] = frozenset()
    roles_of: frozenset[int] = frozenset()
    open_about: frozenset[int] = frozenset()
    opened_by: frozenset[int] = frozenset()
    shares: frozenset[ShareKey] = frozenset()
    items: frozenset[int] = frozenset()
    existing: frozenset[About] = frozenset()
    met: frozenset[About] = frozenset()
    seen: frozenset[About] = frozenset()
    firsts: frozenset[About] = frozenset()
    given: frozenset[About] = frozenset()
    things: frozenset[About] = frozenset()
    quotas: frozenset[tuple[int, date]] = frozenset()
    bookings: frozenset[str] = frozenset()

    def __or__(self, other: Needs) -> Needs:
        """What either of them asks for."""
        return Needs(*(getattr(self, f.name) | getattr(other, f.name) for f in fields(self)))

    @property
    def history(self) -> frozenset[int]:
        """The targets about which an earlier fact decides whether anything follows now."""
        return frozenset(
            target for _name, target in self.existing | self.met | self.seen | self.given
        )


@dataclass(frozen=True, slots=True)
class State:
    """The answers to ``Needs``. ``decide`` works on its own copy and never changes this one.

    ``holders``: persons in post by role and unit, and the one target of each party. ``heads``: who
    is above a person, nearest first. ``roles_of``: the roles that a person holds. ``open``: open
    obligations about a touched target, and what a fact that is being voided opened or met.
    ``shares``: counters. ``items``: share items by the id of their fact (needed when it is
    voided). ``existing``: (duty, target) pairs that were opened, in whatever version, and not voided;
    ``met``: those that were met. ``seen``: (kind of fact, target) pairs that happened before the facts
    decided on and were not voided; ``firsts``: when each first did. ``given``: what a table gave;
    ``decided``: what it gave because of a fact that is being voided. ``things``: what belongs to a
    target, by kind. ``counted``: the facts that a quota has counted, by key. ``bookings``: points
    booked, by occurrence.
    """

    holders: Mapping[RoleIn, tuple[int, ...]] = field(default_factory=dict)
    heads: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    roles_of: Mapping[int, frozenset[str]] = field(default_factory=dict)
    open: tuple[OpenObligation, ...] = ()
    shares: Mapping[ShareKey, ShareCount] = field(default_factory=dict)
    items: Mapping[int, tuple[tuple[ShareKey, ShareItem], ...]] = field(default_factory=dict)
    existing: frozenset[About] = frozenset()
    met: frozenset[About] = frozenset()
    seen: frozenset[About] = frozenset()
    firsts: Mapping[About, Moments] = field(default_factory=dict)
    given: Mapping[About, frozenset[str]] = field(default_factory=dict)
    decided: Mapping[int, tuple[Decided, ...]] = field(default_factory=dict)
    things: Mapping[About, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    counted: Mapping[int, Counted] = field(default_factory=dict)
    bookings: Mapping[str, tuple[Booking, ...]] = field(default_factory=dict)
