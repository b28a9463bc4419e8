"""What the reference knows of the firm: its days, settings, people and things; and what it keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from tests.simulate.days import Days, Span


@dataclass
class Post:
    """Somebody holds a role in a unit; both days count."""

    person: int
    role: str
    unit: int
    first: date
    last: date | None = None


@dataclass
class Thing:
    """A customer, an order, a person or a unit: where it belongs and what is said of it."""

    kind: str
    unit: int
    since: datetime
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass
class Ground:
    """``above`` is the unit above each unit; ``governing`` the roles whose holders head others;
    ``standing_in`` who acts for whom on which days, both included.
    """

    days: Days
    firm: int
    above: dict[int, int | None]
    settings: dict[str, str]
    parties: dict[str, int] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    left: dict[int, date] = field(default_factory=dict)
    away: list[tuple[int, date, date]] = field(default_factory=list)
    standing_in: list[tuple[int, int, date, date]] = field(default_factory=list)
    things: dict[int, Thing] = field(default_factory=dict)
    governing: tuple[str, ...] = ("head", "chief")

    def _held(self, at: datetime) -> Iterator[Post]:
        today = self.days.today(at)
        for post in self.posts:
            gone = self.left.get(post.person)
            if post.first <= today and (post.last is None or today <= post.last):
                if gone is None or today <= gone:
                    yield post

    def holders(self, role: str, unit: int | None, at: datetime) -> set[int]:
        """Who holds a role for a unit: there or above; for None anywhere in the firm."""
        units = None if unit is None else set(self._upwards(unit))
        return {
            post.person
            for post in self._held(at)
            if post.role == role and (units is None or post.unit in units)
        }

    def head_of(self, person: int, at: datetime) -> int | None:
        """The nearest who heads the person's unit, never himself."""
        for unit in self._upwards(self.things[person].unit):
            heads = {
                p.person for p in self._held(at) if p.unit == unit and p.role in self.governing
            }
            if heads - {person}:
                return min(heads - {person})
        return None

    def gave_up(self, at: datetime) -> set[int]:
        """Whoever gave up a post by now."""
        today = self.days.today(at)
        return {p.person for p in self.posts if p.last is not None and p.last < today}

    def is_away(self, person: int, day: date) -> bool:
        return any(who == person and first <= day <= last for who, first, last in self.away)

    def absent_for(self, deputy: int, at: datetime) -> list[int]:
        """For whom somebody acts on a day; for nobody who left the firm."""
        today = self.days.today(at)
        return [
            absent
            for who, absent, first, last in self.standing_in
            if who == deputy and first <= today <= last and self.left.get(absent, today) >= today
        ]

    def deputies_of(self, person: int, at: datetime) -> list[int]:
        """Who acts for somebody on a day."""
        today = self.days.today(at)
        return [
            who
            for who, absent, first, last in self.standing_in
            if absent == person and first <= today <= last
        ]

    def stand_in_no_more(self, deputy: int, last: date) -> None:
        """A deputy leaves: he acts for nobody after his last day."""
        self.standing_in = [
            (who, absent, first, min(until, last) if who == deputy else until)
            for who, absent, first, until in self.standing_in
            if who != deputy or first <= last
        ]

    def _upwards(self, unit: int | None) -> Iterator[int]:
        while unit is not None:
            yield unit
            unit = self.above[unit]


@dataclass(eq=False)
class Event:
    """Something that happened, or what the rules concluded (``id`` None).

    What is not ``live`` is told of the past: it proves, and opens nothing. ``behind``: of what the
    rules concluded, the newest fact by then.
    """

    kind: str
    target: int
    by: int | None
    happened: datetime
    known: datetime
    recorded: datetime
    values: Mapping[str, Any] = field(default_factory=dict)
    id: int | None = None
    live: bool = True
    voided: bool = False
    behind: int = 0

    @property
    def place(self) -> int:
        """Whatever has a higher number was recorded later."""
        return self.id or self.behind

    @property
    def name(self) -> str:
        """How a row names what opened it: engine facts have no number that both sides know."""
        return str(self.id) if self.id else f"{self.kind}@{self.happened.isoformat()}"


@dataclass
class Version:
    """A version of the policy in force: ``number`` counts from 1, times as the firm's moments."""

    number: int
    paper: Mapping[str, Any]
    starts: datetime
    approved: datetime
    ends: datetime | None = None

    def applies(self, at: datetime) -> bool:
        return self.starts <= at and (self.ends is None or at < self.ends)

    @property
    def duties(self) -> Mapping[str, Mapping[str, Any]]:
        found: Mapping[str, Mapping[str, Any]] = self.paper["duties"]
        return found


@dataclass(eq=False)
class Given:
    """A result of a table about a target, because of a fact; ``fact`` says it."""

    version: Version
    table: str
    target: int
    result: str
    cause: Event
    fact: Event


@dataclass(eq=False)
class Owed:
    """What somebody owes. ``since``: what happened earlier proves nothing."""

    number: int
    version: Version
    duty: str
    line: str
    target: int
    opened_at: datetime
    due: datetime
    provisional: bool = False
    opener: Event | None = None
    period: Span | None = None
    roles: tuple[str, ...] = ()
    holder: int | None = None
    excluded: int | None = None
    recipient: int | None = None
    ordinal: int = 0
    since: datetime | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    plan_on: date | None = None
    needed: int | None = None
    counted: dict[str, dict[int, Event]] = field(default_factory=dict)
    state: str = "open"
    blocked: bool = False
    first_due: datetime | None = None
    done: Event | None = None
    settled_by: Event | None = None
    met: Event | None = None
    missed: Event | None = None
    look_at: datetime | None = None
    level: int = 0
    extended: tuple[datetime, str] | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def waits(self) -> bool:
        return self.state in ("open", "blocked")

    def row(self) -> tuple[Any, ...]:
        """All that is compared with the stored row."""
        period = self.period
        return (
            self.version.number, self.duty, self.line, self.target,
            self.opener.name if self.opener else "",
            period.first if period else None, period.after if period else None,
            self.roles, self.holder, self.excluded, self.recipient, self.ordinal,
            self.opened_at, self.due, self.first_due, self.provisional, self.plan_on,
            self.needed, len(self.counted), self.state, self.missed is not None, self.level,
            self.done.happened if self.done else None, self.done.recorded if self.done else None,
        )  # fmt: skip


ROW = (
    "version", "duty", "line", "target", "opener", "first", "after", "roles", "holder", "excluded",
    "recipient", "ordinal", "opened_at", "due_at", "first_due_at", "provisional", "plan_on",
    "needed", "counted", "state", "missed", "level", "done_at", "done_recorded_at",
)  # fmt: skip
"""The columns of ``Owed.row``."""
