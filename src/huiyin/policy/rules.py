"""The rules beside duties: guards, scores, indicators, and the tables that classify."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from huiyin.policy.declared import (
    Bound,
    Id,
    Part,
    Population,
    SettingRef,
    Text,
    Whole,
    as_list,
)
from huiyin.policy.written import (
    ACadence,
    ACondition,
    ALength,
    APercent,
)


class Guard(Bound):
    """An act that may not be done, or not until something holds."""

    one_or_many = ("before", "require")

    key: str = ""
    title: Text | None = None
    before: tuple[str, ...]
    where: ACondition | None = None
    require: tuple[str | ACondition, ...] = ()
    deny: ACondition | None = None

    @model_validator(mode="before")
    @classmethod
    def _forms(cls, given: Any) -> Any:
        given = as_list(given, "before")
        if isinstance(given, Mapping) and isinstance(given.get("require"), Mapping):
            return {**given, "require": [given["require"]]}
        return given

    @model_validator(mode="after")
    def _complete(self) -> Guard:
        if not self.require and self.deny is None:
            raise PydanticCustomError("empty_guard", "require", {})
        return self


class Row(Part):
    """One row of a decision table: what it gives when its condition holds."""

    when: ACondition
    give: str


class Table(Bound):
    """A decision table. If no row matches or an input is empty, a person of ``ask`` decides.

    Meanwhile the strictest clock of what the table may give is running. ``all_rows`` gives every
    row that matches; else the first one settles it. What was given stays given: a later decision
    adds results and opens clocks, it never takes any away.
    """

    one_or_many = ("on",)

    key: str = ""
    title: Text | None = None
    on: tuple[str, ...]
    results: Mapping[Id, Text]
    rows: tuple[Row, ...]
    all_rows: bool = False
    ask: str

    @model_validator(mode="before")
    @classmethod
    def _forms(cls, given: Any) -> Any:
        return as_list(given, "on")

    @property
    def fact(self) -> str:
        """The engine fact that states a result."""
        return f"{self.key}.decided"

    @property
    def field(self) -> str:
        """The value of that fact which rules read."""
        return f"{self.key}.result"


class To(Part):
    """Who gets points: the person in a field, his head, or whoever holds a role."""

    shorthands = ({"type": "string"},)

    person: str | None = None
    head_of: str | None = None
    role: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _forms(cls, given: Any) -> Any:
        if isinstance(given, str):
            return {"person": given} if "." in given else {"role": given}
        return given

    @model_validator(mode="after")
    def _one(self) -> To:
        if sum(x is not None for x in (self.person, self.head_of, self.role)) != 1:
            raise PydanticCustomError("no_owner", "to", {})
        return self


class Score(Bound):
    """Points for a fact, or for a period in which a condition held about each holder of a role.

    They are booked once per ``once_per`` values; with ``contest`` they count only when that time
    is over, with ``confirm`` only when somebody of that role has confirmed them.
    """

    one_or_many = ("once_per", "unless")

    key: str = ""
    title: Text | None = None
    on: str | None = None
    every: ACadence | None = None
    each: str | None = None
    where: ACondition | None = None
    account: str
    points: Whole | SettingRef
    to: To | None = None
    once_per: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    contest: ALength | None = None
    confirm: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _forms(cls, given: Any) -> Any:
        return as_list(as_list(given, "once_per"), "unless")

    @model_validator(mode="after")
    def _complete(self) -> Score:
        if (self.on is None) == (self.every is None):
            raise PydanticCustomError("one_opener", "on", {"value": "on, every"})
        if (self.every is None) != (self.each is None):
            raise PydanticCustomError("score_each", "each", {})
        if self.on is not None and self.to is None:
            raise PydanticCustomError("no_owner", "to", {})
        return self


class Indicator(Bound):
    """A rate: ``part`` of ``whole``, both populations with conditions, over a period.

    ``strength: target`` is aimed at, ``limit`` must be kept. ``beside`` names the counter-figures
    that have to be shown with it.
    """

    key: str = ""
    title: Text
    per: Literal["month", "quarter", "year"]
    whole: Population
    part: Population
    at_least: APercent | None = None
    at_most: APercent | None = None
    less_than: APercent | None = None
    strength: Literal["target", "limit"] = "limit"
    beside: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _forms(cls, given: Any) -> Any:
        given = as_list(given, "beside")
        if not isinstance(given, Mapping) or not isinstance(given.get("part"), Mapping):
            return given
        return {**given, "part": _part(given["part"], given.get("whole"))}

    @model_validator(mode="after")
    def _complete(self) -> Indicator:
        if sum(x is not None for x in (self.at_least, self.at_most, self.less_than)) > 1:
            raise PydanticCustomError("two_limits", "at_least", {})
        return self


def _part(part: Mapping[str, Any], whole: Any) -> Any:
    """A part with its own ``of`` is a population; else it is a condition on the whole's rows."""
    if "of" in part or not isinstance(whole, Mapping) or "of" not in whole:
        return part
    return {**whole, "where": _both(whole.get("where"), part)}


def _both(first: Any, second: Any) -> Any:
    return {"all": [first, second]} if first else second
