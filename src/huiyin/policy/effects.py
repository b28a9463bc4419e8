"""What a decision asks for. Each effect names its clauses and explains itself.

The caller applies effects in their order, inside the transaction of the facts.
``Emit.ref`` and ``Open.ref`` are negative; a later effect may point at them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from huiyin.policy.facts import Value


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a derivation: the key of its sentence and the values in it."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Why:
    """Which clauses decided, and how the result came about, step by step."""

    clauses: tuple[str, ...]
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Open:
    """A duty line becomes an obligation. ``due`` is an aware UTC instant; on time iff t <= due.

    ``period`` is the first day of its period, ``period_after`` the day behind the last. ``once``:
    its key does without the opener. ``needed`` is how much a quota asks for.
    """

    ref: int
    adoption: int
    duty: str
    line: str
    target: int
    unit: int | None
    opener: int | None
    roles: tuple[str, ...]
    holder: int | None
    excluded: int | None
    due: datetime | None
    next_look: datetime | None
    values: Mapping[str, Value]
    why: Why
    recipient: int | None = None
    ordinal: int = 0
    period: date | None = None
    period_after: date | None = None
    once: bool = False
    provisional: bool = False
    blocked: str = ""
    needed: int | None = None
    plan_on: date | None = None


@dataclass(frozen=True, slots=True)
class Discharge:
    """An obligation (id, or the ref of an ``Open``) is done by a fact, at the time it happened.

    ``met`` is the ref of the engine fact that says so.
    """

    obligation: int
    fact: int
    happened: datetime
    recorded: datetime
    why: Why
    met: int | None = None


@dataclass(frozen=True, slots=True)
class Reopen:
    """What had met an obligation was voided: it waits again, its due moment stays."""

    obligation: int
    fact: int
    next_look: datetime | None
    why: Why


@dataclass(frozen=True, slots=True)
class Release:
    """A rule ends an obligation (免除): what it waited for is no longer owed."""

    obligation: int
    fact: int
    reason: str
    why: Why


@dataclass(frozen=True, slots=True)
class Extend:
    """The due moment moves, because somebody consented; the first one is kept."""

    obligation: int
    fact: int
    due: datetime
    provisional: bool
    why: Why


@dataclass(frozen=True, slots=True)
class Retract:
    """An engine fact no longer holds, since the fact behind it was voided."""

    fact: int
    voided: int
    target: int


@dataclass(frozen=True, slots=True)
class Tick:
    """Something counts into a quota (+1) or no longer does (-1); ``key`` counts once."""

    obligation: int
    key: str
    fact: int
    sign: int = 1


@dataclass(frozen=True, slots=True)
class Book:
    """Points for somebody. They count from ``counts_at``; with ``confirm`` only once confirmed.

    ``occurrence`` makes the booking unique per rule and person. ``period`` is the month.
    """

    adoption: int
    rule: str
    account: str
    person: int
    points: int
    period: date
    fact: int | None
    occurrence: str
    counts_at: datetime | None
    confirm: str
    why: Why


@dataclass(frozen=True, slots=True)
class Reverse:
    """A booking is taken back by an entry of its own."""

    booking: int
    fact: int
    why: Why


@dataclass(frozen=True, slots=True)
class Cancel:
    """The fact that opened an obligation was voided, so the obligation becomes 撤销."""

    obligation: int
    fact: int
    why: Why


@dataclass(frozen=True, slots=True)
class Count:
    """An item enters (+1) or leaves (-1) a share: who may take it and who was allotted it.

    Nobody eligible: an item already counted is allotted to ``allotted`` too, at the period's end.
    """

    adoption: int
    duty: str
    period: date
    fact: int
    target: int
    eligible: tuple[str, ...]
    allotted: tuple[str, ...]
    sign: int = 1


@dataclass(frozen=True, slots=True)
class Emit:
    """The engine states a fact of its own (``<duty>.met``, ``.missed``, ``<table>.decided``).

    ``cause``: the fact with which a table's result falls; the others fall with their obligation.
    """

    ref: int
    kind: str
    target: int
    unit: int | None
    by: int | None
    happened: datetime
    values: Mapping[str, Value]
    why: Why
    cause: int | None = None


@dataclass(frozen=True, slots=True)
class Tell:
    """Somebody is told. ``key`` makes the message unique beside template and obligation."""

    person: int
    about: int
    adoption: int
    template: str
    key: str
    values: Mapping[str, Value]
    why: Why
    obligation: int


@dataclass(frozen=True, slots=True)
class Seat:
    """Who has an open obligation now; ``blocked`` says why nobody may do it, else it is empty."""

    obligation: int
    holder: int | None
    blocked: str


@dataclass(frozen=True, slots=True)
class LookAgain:
    """The next moment at which an open obligation has to be looked at; ``None``: never again.

    ``stated`` is the ref of the engine fact that says it was missed, where this look stated it.
    """

    obligation: int
    at: datetime | None
    level: int
    missed: bool
    stated: int | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """The rule cannot decide because something is missing; a person has to answer.

    Engine or pack order: nothing that is unknown is ever taken as "no".
    """

    adoption: int
    rule: str
    target: int
    missing: str
    key: str
    why: Why


Effect = (
    Open
    | Discharge
    | Reopen
    | Release
    | Extend
    | Cancel
    | Retract
    | Count
    | Tick
    | Book
    | Reverse
    | Emit
    | Tell
    | LookAgain
    | Ask
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An act that a policy does not allow, or not yet."""

    adoption: int
    rule: str
    clauses: tuple[str, ...]
    message: Mapping[str, str]
    missing: tuple[str, ...] = ()
