"""Duties as types: what opens one, who owes it, by when, what proves it.

Four openers, of which a duty has one: ``on`` facts, ``every`` period (with ``since`` a last fact),
``quota`` per person and period, ``before`` a date.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from huiyin.policy.declared import Bound, Count, Part, Population, SettingRef, Text, as_list
from huiyin.policy.limits import Extend, Late, Start, Within, gather
from huiyin.policy.written import (
    PERCENT_SCHEMA,
    ACadence,
    ACondition,
    ALength,
    AMoment,
    APercent,
)

Period = Literal["month", "quarter", "year"]
Off = Literal["previous workday", "next workday"]
Roll = Literal["forward", "backward"]

OPENERS = ("on", "every", "quota", "before")
# What modifies one opener and says nothing beside another.
ONLY_WITH: Mapping[str, tuple[str, ...]] = {
    "once": ("on",),
    "where": ("on",),
    "share": ("on",),
    "at": ("on",),
    "roll": ("on", "every"),
    "since": ("every",),
    "until": ("every", "before"),
    "over": ("every", "before"),
    "times": ("every",),
    "want": ("every",),
    "joined": ("every",),
    "level": ("every",),
    "draw": ("every",),
    "by": ("every",),
    "off": ("every",),
    "lead": ("before",),
}


class On(Part):
    """One kind of fact, or several: ``any`` opens each time, ``all`` when the last of them
    happened, ``first`` once, at whichever comes first.
    """

    written_as = {
        "anyOf": [
            {"type": "string"},
            {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": False,
                "patternProperties": {
                    "^(any|all|first)$": {"type": "array", "items": {"type": "string"}}
                },
            },
        ]
    }

    facts: tuple[str, ...]
    mode: Literal["any", "all", "first"] = "any"

    @model_validator(mode="before")
    @classmethod
    def _forms(cls, given: Any) -> Any:
        if isinstance(given, str):
            return {"facts": [given]}
        if isinstance(given, Mapping) and len(given) == 1 and set(given) <= {"any", "all", "first"}:
            [(mode, facts)] = given.items()
            return {"facts": facts, "mode": mode}
        return given


class Share(Part):
    """Floors per role of a stream of items in a period; ``each: 1`` leaves no item without one."""

    gathered = ("roles", PERCENT_SCHEMA)

    per: Period
    roles: Mapping[str, APercent]
    each: Literal[0, 1] = 0
    exclude: str | None = Field(default=None, alias="not")

    @model_validator(mode="before")
    @classmethod
    def _forms(cls, given: Any) -> Any:
        return gather(given, ("per", "each", "not"), "roles")


class Draw(Part):
    """A random part of a population, drawn once a period from a seed that is kept and shown."""

    share: APercent | SettingRef
    least: Count = 1


class Quota(Part):
    """A number that every holder of a role owes in a period, counted from facts.

    ``distinct`` counts each target, customer or field value once. A ``pool`` smaller than the
    number lowers it; days of leave lower it in proportion to the period's working days.
    """

    at_least: Count | SettingRef
    per: ACadence
    of: str
    where: ACondition | None = None
    distinct: str | None = None
    pool: Population | None = None
    when_pool_smaller: Literal["all", "keep"] = "keep"
    leave: Literal["prorata", "keep"] = "keep"


class Each(Part):
    """One obligation for every holder of the role, every recipient, or every member of a list."""

    written_as = {
        "anyOf": [
            {"enum": ["person", "recipient"]},
            {"type": "object", "required": ["member"], "additionalProperties": False,
             "properties": {"member": {"type": "string"}}},
        ]
    }  # fmt: skip

    kind: Literal["person", "recipient", "member"]
    field: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _forms(cls, given: Any) -> Any:
        if isinstance(given, str):
            return {"kind": given}
        if isinstance(given, Mapping) and set(given) == {"member"}:
            return {"kind": "member", "field": given["member"]}
        return given


class OwedBy(Part):
    """A role, one of several, whoever did it (``fact.by``), the person in a field, or his head."""

    shorthands = ({"type": "string"},)

    any_of: tuple[str, ...] = ()
    person: str | None = None
    head_of: str | None = None
    exclude: str | None = Field(default=None, alias="not")

    @model_validator(mode="before")
    @classmethod
    def _forms(cls, given: Any) -> Any:
        if isinstance(given, str):
            return {"person": given} if "." in given else {"any_of": [given]}
        return given

    @model_validator(mode="after")
    def _somebody(self) -> OwedBy:
        if sum((bool(self.any_of), self.person is not None, self.head_of is not None)) != 1:
            raise PydanticCustomError("no_owner", "owed_by", {})
        return self


class Proof(Part):
    """What proves a duty: a record filed about the target, a record handed over, or a fact.

    ``sent_to`` names persons (fields), roles or parties. ``by`` limits who may prove it,
    ``other_than`` excludes somebody, ``same`` are values that have to agree with the opener's.
    """

    one_or_many = ("sent_to",)

    record: str | None = None
    fact: str | None = None
    sent_to: tuple[str, ...] = ()
    signed_by: Mapping[str, Literal["required", "or_reason"]] = Field(default_factory=dict)
    by: str | None = None
    other_than: str | None = None
    same: tuple[str, ...] = ()
    where: ACondition | None = None

    @model_validator(mode="before")
    @classmethod
    def _forms(cls, given: Any) -> Any:
        return as_list(given, "sent_to")

    @model_validator(mode="after")
    def _one_form(self) -> Proof:
        if (self.record is None) == (self.fact is None):
            raise PydanticCustomError("no_proof", "proof", {})
        if self.fact is not None and (self.sent_to or self.signed_by):
            raise PydanticCustomError("no_proof", "proof", {})
        return self


class Duty(Bound):
    """What some role owes after a fact or in a period, by when, proven by what."""

    one_or_many = ("tell", "channel")

    key: str = ""
    title: Text | None = None
    on: On | None = None
    once: Literal["target"] | None = None
    where: ACondition | None = None
    every: ACadence | SettingRef | None = None
    since: str | None = None
    until: str | None = None
    quota: Quota | None = None
    before: str | None = None
    lead: ALength | SettingRef | None = None
    over: Population | None = None
    draw: Draw | None = None
    times: Count = 1
    want: Count | None = None
    joined: Literal["next_period", "now"] = "next_period"
    level: bool = False
    each: Each | None = None
    within: Within | None = None
    start: Start | None = Field(default=None, alias="from")
    at: str | None = None
    by: AMoment | None = None
    off: Off | None = None
    roll: Roll | None = None
    extend: Extend | None = None
    share: Share | None = None
    owed_by: OwedBy | None = None
    channel: tuple[str, ...] = ()
    proof: Proof | None = None
    late: tuple[Late, ...] = ()
    tell: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _forms(cls, given: Any) -> Any:
        return as_list(as_list(given, "tell"), "channel")

    @model_validator(mode="after")
    def _complete(self) -> Duty:
        openers = [word for word in OPENERS if getattr(self, word) is not None]
        if len(openers) != 1:
            raise PydanticCustomError("one_opener", "on", {"value": ", ".join(openers) or "-"})
        for word, fitting in ONLY_WITH.items():
            if word in self.model_fields_set and openers[0] not in fitting:
                value = {"value": word, "opener": openers[0]}
                raise PydanticCustomError("not_with_opener", word, value)
        if self.each and openers[0] != "on" and (self.each.kind != "person" or self.over):
            value = {"value": f"each: {self.each.kind}", "opener": openers[0]}
            raise PydanticCustomError("not_with_opener", "each", value)
        self._check_clock(openers[0])
        self._check_owner()
        if self.proof is None and self.quota is None:
            raise PydanticCustomError("no_proof", "proof", {})
        return self

    def _check_clock(self, opener: str) -> None:
        inner = self.within.start if self.within else None
        if (self.within and self.at) or (inner and self.start) or (self.at and self.start):
            raise PydanticCustomError("two_clocks", "within", {})
        if opener == "on" and not self.within and not self.at:
            raise PydanticCustomError("no_clock", "within", {})
        if opener in ("quota", "before") and self.within:
            raise PydanticCustomError("two_clocks", "within", {})
        if opener == "every" and self.within and (self.by or not self.since):
            raise PydanticCustomError("two_clocks", "within", {})
        if self.since and isinstance(self.every, str) and not self.every[0].isdigit():
            raise PydanticCustomError("since_needs_length", "every", {"value": self.every})
        if opener == "before" and self.lead is None:
            raise PydanticCustomError("no_clock", "lead", {})

    def _check_owner(self) -> None:
        if self.owed_by and self.share:
            raise PydanticCustomError("two_owners", "owed_by", {})
        if not self.owed_by and not self.share:
            raise PydanticCustomError("no_owner", "owed_by", {})

    @property
    def facts(self) -> tuple[str, ...]:
        """The kinds of facts that open it."""
        return self.on.facts if self.on else ()

    @property
    def is_once(self) -> bool:
        """At most one obligation about a target, whatever happens how often."""
        return self.once is not None or (self.on is not None and self.on.mode != "any")

    @property
    def counts_from(self) -> Start:
        """From which moment the clock runs."""
        return self.start or (self.within.start if self.within else None) or "happened"

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that may owe this duty, in declared order."""
        if self.share:
            return tuple(self.share.roles)
        return self.owed_by.any_of if self.owed_by else ()

    @property
    def excluded_field(self) -> str | None:
        return self.share.exclude if self.share else self.owed_by.exclude if self.owed_by else None

    @property
    def opener(self) -> str:
        """``on``, ``every``, ``quota`` or ``before``; empty for the question of a table."""
        return next((word for word in OPENERS if getattr(self, word) is not None), "")
