"""The policy language as types: duties and guards with the declarations around them.

``Policy.raw`` keeps the plain data, so that mutation changes leaves where they are written and
``Policy.to_source`` gives a text that can be adopted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Literal

from pydantic import Field, PrivateAttr, model_validator
from pydantic_core import PydanticCustomError

from huiyin.policy import builtin
from huiyin.policy.conditions import Condition, fields_of
from huiyin.policy.declared import (
    LENGTH_SCHEMA,
    PERCENT_SCHEMA,
    ACondition,
    ALength,
    APercent,
    Bound,
    Form,
    FormField,
    Id,
    Part,
    Role,
    Setting,
    Subject,
    Text,
    with_keys,
)
from huiyin.policy.lengths import Length

Start = Literal["happened", "known", "recorded"]
Period = Literal["month", "quarter", "year"]

# Words that the language will have; until then they are refused by name, never ignored.
LATER_POLICY = ("scores", "indicators", "tables", "parties", "topics", "scope", "documents")
LATER_DUTY = (
    "every", "since", "until", "quota", "draw", "over", "over_list", "every_of", "list", "any",
    "all", "first_of", "once", "times", "want", "level", "attempts", "channel", "joined",
    "starting", "before", "lead", "by", "off", "roll", "extend", "each", "count", "pool",
    "at_least", "leave", "when_pool_smaller", "copy", "nil",
)  # fmt: skip
LATER_PROOF = ("about", "told", "each", "all", "balance", "photo", "filed", "by_role", "present")
LATER_FIELD = ("rows", "script", "by", "confirm", "print", "attachments", "topics")


class SettingRef(Part):
    """A length that stands in a setting."""

    setting: str


def _split(given: Any, own: tuple[str, ...], into: str) -> Any:
    """Gather the keys that are not ``own`` (choices, roles) under one name."""
    if not isinstance(given, Mapping):
        return given
    rest = {key: value for key, value in given.items() if key not in own}
    return {**{key: given[key] for key in own if key in given}, into: rest}


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
            return _split(given, ("pick", "else", "from"), "lengths")
        return given

    @model_validator(mode="after")
    def _one_form(self) -> Within:
        if (
            sum(form is not None for form in (self.length, self.setting, self.same_as, self.pick))
            != 1
        ):
            raise PydanticCustomError("one_length", "within", {})
        return self


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
        return _split(given, ("per", "each", "not"), "roles")


class OwedBy(Part):
    """A role, one of several, whoever did it (``fact.by``), or the person in a field."""

    shorthands = ({"type": "string"},)

    any_of: tuple[str, ...] = ()
    person: str | None = None
    exclude: str | None = Field(default=None, alias="not")

    @model_validator(mode="before")
    @classmethod
    def _forms(cls, given: Any) -> Any:
        if isinstance(given, str):
            return {"person": given} if "." in given else {"any_of": [given]}
        return given

    @model_validator(mode="after")
    def _somebody(self) -> OwedBy:
        if bool(self.any_of) == (self.person is not None):
            raise PydanticCustomError("no_owner", "owed_by", {})
        return self


class Proof(Part):
    """What proves a duty: a record filed about the target, a record handed over, or a fact."""

    record: str | None = None
    fact: str | None = None
    sent_to: str | None = None
    signed_by: Mapping[str, Literal["required", "or_reason"]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_form(self) -> Proof:
        if (self.record is None) == (self.fact is None):
            raise PydanticCustomError("no_proof", "proof", {})
        if self.fact is not None and (self.sent_to or self.signed_by):
            raise PydanticCustomError("no_proof", "proof", {})
        return self


def _as_list(given: Any, key: str) -> Any:
    if isinstance(given, Mapping) and isinstance(given.get(key), (str, Mapping)):
        return {**given, key: [given[key]]}
    return given


class Late(Part):
    """Who is told when an obligation is overdue by so much; ``0h`` is right after it fell due."""

    one_or_many = ("tell",)

    after: ALength
    tell: tuple[str, ...]

    @model_validator(mode="before")
    @classmethod
    def _forms(cls, given: Any) -> Any:
        return _as_list(given, "tell")


class Duty(Bound):
    """What some role owes after a fact, by when, proven by what."""

    one_or_many = ("tell",)

    key: str = ""
    title: Text | None = None
    on: str
    where: ACondition | None = None
    within: Within | None = None
    start: Start | None = Field(default=None, alias="from")
    at: str | None = None
    share: Share | None = None
    owed_by: OwedBy | None = None
    proof: Proof
    late: tuple[Late, ...] = ()
    tell: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _forms(cls, given: Any) -> Any:
        return _as_list(given, "tell")

    @model_validator(mode="after")
    def _complete(self) -> Duty:
        inner = self.within.start if self.within else None
        if (self.within and self.at) or (inner and self.start) or (self.at and self.start):
            raise PydanticCustomError("two_clocks", "within", {})
        if not self.within and not self.at:
            raise PydanticCustomError("no_clock", "within", {})
        if self.owed_by and self.share:
            raise PydanticCustomError("two_owners", "owed_by", {})
        if not self.owed_by and not self.share:
            raise PydanticCustomError("no_owner", "owed_by", {})
        return self

    @property
    def counts_from(self) -> Start:
        """From which of a fact's three times the clock runs."""
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


def _read_require(given: Any) -> Any:
    """``[case.outcome, {met: revisit}]``: a bare field has to be filled."""
    if isinstance(given, Mapping):
        return [given]
    return given


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
        given = _as_list(given, "before")
        if isinstance(given, Mapping) and "require" in given:
            return {**given, "require": _read_require(given["require"])}
        return given

    @model_validator(mode="after")
    def _complete(self) -> Guard:
        if not self.require and self.deny is None:
            raise PydanticCustomError("empty_guard", "require", {})
        return self


class Document(Part):
    number: str
    version: int


class Customers(Part):
    classes: Mapping[Id, Text] = Field(default_factory=dict)


class Policy(Part):
    """A firm's written document in executable form."""

    policy: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    title: Text
    document: Document
    calendar: str | None = None
    roles: Mapping[Id, Role] = Field(default_factory=dict)
    customers: Customers = Customers()
    subjects: Mapping[Id, Subject] = Field(default_factory=dict)
    settings: Mapping[Id, Setting] = Field(default_factory=dict)
    forms: Mapping[Id, Form] = Field(default_factory=dict)
    duties: Mapping[Id, Duty] = Field(default_factory=dict)
    guards: Mapping[Id, Guard] = Field(default_factory=dict)
    acknowledge: tuple[str, ...] = ()

    _raw: Mapping[str, Any] = PrivateAttr(default_factory=dict)

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Policy:
        """Read a policy from plain data; raises pydantic.ValidationError."""
        policy = cls.model_validate(raw)
        policy._raw = raw
        return policy

    @model_validator(mode="before")
    @classmethod
    def _keys(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        parts = ("forms", "duties", "guards")
        return {**given, **{part: with_keys(given[part]) for part in parts if part in given}}

    @property
    def raw(self) -> Mapping[str, Any]:
        """The plain data that this policy was read from."""
        return self._raw

    def to_source(self) -> str:
        """``policy.yaml`` of this policy (as JSON, which is YAML); reading it gives it back."""
        return json.dumps(self._raw, ensure_ascii=False, indent=1)

    @cached_property
    def fields(self) -> Mapping[str, FormField | builtin.BuiltinField]:
        """Every field that a rule may read, by its full name (``repair.category``)."""
        found: dict[str, FormField | builtin.BuiltinField] = dict(builtin.FIELDS)
        for kind, subject in self.subjects.items():
            found.update({f"{kind}.{key}": field for key, field in subject.fields.items()})
        for kind, form in self.forms.items():
            found.update({f"{kind}.{key}": field for key, field in form.fields.items()})
        return found

    @cached_property
    def orders(self) -> Mapping[str, tuple[str, ...]]:
        """Ordered choices by field, weakest first, for ``below`` and ``above``."""
        return {
            name: tuple(field.choices)
            for name, field in self.fields.items()
            if field.type == "choice_ordered"
        }

    @cached_property
    def facts(self) -> Mapping[str, Text]:
        """Every kind of fact that a rule may wait for, with its title."""
        found = {kind: Text(zh=zh, en=en) for kind, (zh, en) in builtin.FACTS.items()}
        for kind, subject in self.subjects.items():
            found.update({f"{kind}.{key}": title for key, title in subject.facts.items()})
        return found

    @cached_property
    def openers(self) -> Mapping[str, tuple[Duty, ...]]:
        """The duties that each kind of fact opens."""
        return _by_kind((duty.on, duty) for duty in self.duties.values())

    @cached_property
    def provers(self) -> Mapping[str, tuple[Duty, ...]]:
        """The duties that each kind of fact may discharge."""
        return _by_kind((proving_fact(duty.proof), duty) for duty in self.duties.values())

    def setting(self, key: str, settled: Mapping[str, str]) -> str | None:
        """A setting's value: what the firm settled, else the default, else ``None``."""
        declared = self.settings.get(key)
        return settled.get(key) or (declared.default if declared else None)


def _by_kind(pairs: Iterable[tuple[str, Duty]]) -> Mapping[str, tuple[Duty, ...]]:
    found: dict[str, tuple[Duty, ...]] = {}
    for kind, duty in pairs:
        found[kind] = (*found.get(kind, ()), duty)
    return found


def proving_fact(proof: Proof) -> str:
    """The kind of fact by which a proof shows itself."""
    if proof.fact is not None:
        return proof.fact
    return "record.sent" if proof.sent_to else "record.filed"


def reads(duty: Duty) -> tuple[str, ...]:
    """Every field that deciding this duty reads from the opening fact."""
    condition: Condition | None = duty.where
    names = [*fields_of(condition)] if condition else []
    names += [name for name in (duty.within and duty.within.pick, duty.at) if name]
    names += [name for name in (duty.excluded_field, duty.proof.sent_to) if name]
    if duty.owed_by and duty.owed_by.person:
        names.append(duty.owed_by.person)
    return tuple(dict.fromkeys(name for name in names if name != "fact.by"))


def lengths_of(within: Within) -> Mapping[str, Length | SettingRef]:
    """All lengths of a ``pick``, with ``else`` last."""
    last = {"else": within.otherwise} if within.otherwise is not None else {}
    return {**within.lengths, **last}
