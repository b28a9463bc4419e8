"""How long a duty may take, from when, who is told after that, and how it is extended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from huiyin.policy.declared import Part, SettingRef, as_list
from huiyin.policy.lengths import Length
from huiyin.policy.written import LENGTH_SCHEMA, ALength

Times = Literal["happened", "known", "recorded"]


def gather(given: Any, own: tuple[str, ...], into: str) -> Any:
    """Gather the keys that are not ``own`` (choices, roles) under one name."""
    if not isinstance(given, Mapping):
        return given
    rest = {key: value for key, value in given.items() if key not in own}
    return {**{key: given[key] for key in own if key in given}, into: rest}


class StartOf(Part):
    """A clock that counts from the first fact of a kind about the target, not from the opener."""

    fact: str
    time: Times = "happened"


Start = Times | StartOf


class Within(Part):
    """How long a duty may take: a length, a setting, one per choice of a field, or another's."""

    shorthands = (LENGTH_SCHEMA,)
    gathered = (
        "lengths",
        {"anyOf": [LENGTH_SCHEMA, {"type": "object", "required": ["setting"]}]},
    )

    length: ALength | None = None
    setting: str | None = None
    same_as: str | None = None
    pick: str | None = None
    lengths: Mapping[str, ALength | SettingRef] = Field(default_factory=dict)
    otherwise: ALength | SettingRef | None = Field(default=None, alias="else")
    start: Start | None = Field(default=None, alias="from")

    @model_validator(mode="before")
    @classmethod
    def _forms(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return {"length": given}
        if "pick" in given:
            return gather(given, ("pick", "else", "from"), "lengths")
        return given

    @model_validator(mode="after")
    def _one_form(self) -> Within:
        forms = (self.length, self.setting, self.same_as, self.pick)
        if sum(form is not None for form in forms) != 1:
            raise PydanticCustomError("one_length", "within", {})
        return self


def lengths_of(within: Within) -> Mapping[str, Length | SettingRef]:
    """All lengths of a ``pick``, with ``else`` last."""
    last = {"else": within.otherwise} if within.otherwise is not None else {}
    return {**within.lengths, **last}


class Late(Part):
    """Who is told when an obligation is overdue by so much; ``0h`` is right after it fell due."""

    one_or_many = ("tell",)

    after: ALength
    tell: tuple[str, ...]

    @model_validator(mode="before")
    @classmethod
    def _forms(cls, given: Any) -> Any:
        return as_list(given, "tell")


class Extend(Part):
    """A longer limit that somebody has to consent to before the first one is over."""

    until: ALength
    start: Literal["consent", "due"] = Field(default="consent", alias="from")
    consent: str
    reason: Literal["required"] = "required"
