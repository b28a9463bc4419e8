"""The policy language as one type: four kinds of rules and the declarations around them.

``Policy.raw`` keeps the plain data, so that mutation changes leaves where they are written and
``Policy.to_source`` gives a text that can be adopted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Annotated, Any

from pydantic import Field, PrivateAttr, WithJsonSchema, model_validator

from huiyin.policy import builtin
from huiyin.policy.conditions import Condition, fields_of, parse_condition
from huiyin.policy.declared import (
    Bound,
    Count,
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
from huiyin.policy.duties import Duty, OwedBy, Proof
from huiyin.policy.rules import Guard, Indicator, Score, Table

# Words that the language will have; until then they are refused by name, never ignored.
LATER_POLICY = ("scope", "documents")
LATER_DUTY = ("attempts", "copy", "list")
LATER_PROOF = ("told", "balance", "photo", "filed", "present")
LATER_FIELD = ("rows", "script", "confirm", "print", "attachments")

RULES = ("duties", "guards", "scores", "indicators")
BOUND = ("roles", "parties", "settings", "forms", "tables", *RULES)
"""The parts of a policy whose leaves clauses are bound to."""


class Document(Part):
    number: str
    version: Count


class Customers(Part):
    """Classes of customers, and the fields that rules read of every one of them."""

    classes: Mapping[Id, Text] = Field(default_factory=dict)
    fields: Mapping[Id, FormField] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _keys(cls, given: Any) -> Any:
        if isinstance(given, Mapping) and "fields" in given:
            return {**given, "fields": with_keys(given["fields"])}
        return given


class Party(Bound):
    """A recipient outside the firm: an authority, a supplier."""

    shorthands = ({"type": "string"},)

    title: Text

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, given: Any) -> Any:
        return {"title": given} if isinstance(given, str) else given


Acknowledge = Annotated[
    Mapping[str, tuple[str, ...]],
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "items": {"type": "string"}},
                {"type": "object", "additionalProperties": True},
            ]
        }
    ),
]
"""Declarative clauses, each with the roles that acknowledge it; none means everybody in post."""


class Policy(Part):
    """A firm's written document in executable form."""

    policy: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    title: Text
    document: Document
    calendar: str | None = None
    roles: Mapping[Id, Role] = Field(default_factory=dict)
    parties: Mapping[Id, Party] = Field(default_factory=dict)
    customers: Customers = Customers()
    subjects: Mapping[Id, Subject] = Field(default_factory=dict)
    topics: Mapping[Id, Text] = Field(default_factory=dict)
    settings: Mapping[Id, Setting] = Field(default_factory=dict)
    forms: Mapping[Id, Form] = Field(default_factory=dict)
    tables: Mapping[Id, Table] = Field(default_factory=dict)
    duties: Mapping[Id, Duty] = Field(default_factory=dict)
    guards: Mapping[Id, Guard] = Field(default_factory=dict)
    scores: Mapping[Id, Score] = Field(default_factory=dict)
    indicators: Mapping[Id, Indicator] = Field(default_factory=dict)
    acknowledge: Acknowledge = Field(default_factory=dict)

    _raw: Mapping[str, Any] = PrivateAttr(default_factory=dict)

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Policy:
        """Read a policy from plain data; raises pydantic.ValidationError."""
        policy = cls.model_validate(raw)
        policy._raw = raw
        return policy

    @model_validator(mode="before")
    @classmethod
    def _forms(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        keyed = ("forms", "tables", *RULES)
        found = {**given, **{part: with_keys(given[part]) for part in keyed if part in given}}
        if "acknowledge" in found:
            found["acknowledge"] = _acknowledge(found["acknowledge"])
        return found

    @property
    def raw(self) -> Mapping[str, Any]:
        """The plain data that this policy was read from."""
        return self._raw

    def to_source(self) -> str:
        """``policy.yaml`` of this policy (as JSON, which is YAML); reading it gives it back."""
        return json.dumps(self._raw, ensure_ascii=False, indent=1)

    @property
    def bound_parts(self) -> Mapping[str, Mapping[str, Bound]]:
        """The parts whose leaves clauses are bound to, by their name in a pack."""
        return {part: getattr(self, part) for part in BOUND}

    @cached_property
    def fields(self) -> Mapping[str, FormField | builtin.BuiltinField]:
        """Every field that a rule may read, by its full name (``repair.category``)."""
        found: dict[str, FormField | builtin.BuiltinField] = dict(builtin.FIELDS)
        for kind, declared in (
            *((kind, subject.fields) for kind, subject in self.subjects.items()),
            *((kind, form.fields) for kind, form in self.forms.items()),
            ("customer", self.customers.fields),
        ):
            found.update({f"{kind}.{key}": field for key, field in declared.items()})
        for table in self.tables.values():
            found[table.field] = builtin.BuiltinField("choice", tuple(table.results))
        open_choices = {"customer.class": self.customers.classes, "case.topic": self.topics}
        for name, choices in open_choices.items():
            if choices:
                found[name] = builtin.BuiltinField(
                    "choice", tuple(choices), required=builtin.FIELDS[name].required
                )
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
        """Every kind of fact that a rule may wait for, with its title; engine facts apart."""
        found = {kind: Text(zh=zh, en=en) for kind, (zh, en) in builtin.FACTS.items()}
        for kind, subject in self.subjects.items():
            found.update({f"{kind}.{key}": title for key, title in subject.facts.items()})
        for table in self.tables.values():
            found[f"{table.key}.answered"] = table.title or Text(zh=table.key)
        return found

    @cached_property
    def lines(self) -> Mapping[str, Duty]:
        """The duties, and for each table the duty to decide what it cannot."""
        return {**self.duties, **{table.key: _asking(table) for table in self.tables.values()}}

    @cached_property
    def openers(self) -> Mapping[str, tuple[Duty, ...]]:
        """The duties that each kind of fact opens."""
        return _by_kind((kind, duty) for duty in self.duties.values() for kind in duty.facts)

    @cached_property
    def provers(self) -> Mapping[str, tuple[Duty, ...]]:
        """The duties that each kind of fact may discharge."""
        return _by_kind(
            (proving_fact(duty.proof), duty)
            for duty in self.lines.values()
            if duty.proof is not None
        )

    @cached_property
    def enders(self) -> Mapping[str, tuple[Duty, ...]]:
        """The duties of whose obligations each kind of fact (``until``) releases."""
        return _by_kind((duty.until, duty) for duty in self.duties.values() if duty.until)

    @cached_property
    def counters(self) -> Mapping[str, tuple[Duty, ...]]:
        """The quotas into which each kind of fact counts."""
        return _by_kind((duty.quota.of, duty) for duty in self.duties.values() if duty.quota)

    @cached_property
    def deciders(self) -> Mapping[str, tuple[Table, ...]]:
        """The tables that look at each kind of fact."""
        return _by_kind((kind, table) for table in self.tables.values() for kind in table.on)

    @cached_property
    def bookers(self) -> Mapping[str, tuple[Score, ...]]:
        """The scores that each kind of fact books."""
        return _by_kind((score.on, score) for score in self.scores.values() if score.on)

    @cached_property
    def heads(self) -> frozenset[str]:
        """The fields of persons above whom somebody owes something or gets points."""
        owed = (duty.owed_by and duty.owed_by.head_of for duty in self.duties.values())
        given = (score.to and score.to.head_of for score in self.scores.values())
        return frozenset(name for name in (*owed, *given) if name)

    @cached_property
    def engine_scores(self) -> tuple[Score, ...]:
        """The scores for facts that the engine itself states."""
        return tuple(s for s in self.scores.values() if s.on is not None and s.on not in self.facts)

    @cached_property
    def periodic_scores(self) -> tuple[Score, ...]:
        """The scores that a period books, not a fact."""
        return tuple(score for score in self.scores.values() if score.every)

    @cached_property
    def read(self) -> frozenset[str]:
        """Every kind of fact that some rule looks at."""
        looked = (self.openers, self.provers, self.enders, self.counters, self.deciders)
        return frozenset(kind for index in (*looked, self.bookers) for kind in index)

    @cached_property
    def guarded(self) -> frozenset[str]:
        """Every act that some guard stands before."""
        return frozenset(act for guard in self.guards.values() for act in guard.before)

    @cached_property
    def reads_customers(self) -> bool:
        """Whether a rule reads fields of the customer behind what it is about."""
        return _mentions({part: self._raw.get(part) for part in ("tables", *RULES)}, "customer.")

    @cached_property
    def reads_roles(self) -> bool:
        """Whether a rule about facts asks in which roles somebody did something."""
        parts = ("tables", "duties", "scores")
        return _mentions({part: self._raw.get(part) for part in parts}, "by.role")

    def is_contact(self, form: Form) -> bool:
        """Whether filing the form is a follow-up with a customer, or only a record."""
        if form.contact is not None:
            return form.contact
        kinds = ("customer", *self.subjects)
        return form.reviews is None and any(kind in kinds for kind in form.about)

    def setting(self, key: str, settled: Mapping[str, str]) -> str | None:
        """A setting's value: what the firm settled, else the default, else ``None``."""
        declared = self.settings.get(key)
        return settled.get(key) or (declared.default if declared else None)


def _mentions(raw: Any, prefix: str) -> bool:
    if isinstance(raw, Mapping):
        return any(str(key).startswith(prefix) or _mentions(v, prefix) for key, v in raw.items())
    if isinstance(raw, list):
        return any(_mentions(item, prefix) for item in raw)
    return isinstance(raw, str) and raw.startswith(prefix)


def _acknowledge(given: Any) -> Any:
    """``[A.1, C.0]`` is for everybody in post; ``{A.1: [officer]}`` names roles."""
    if isinstance(given, list):
        return {str(clause): () for clause in given}
    if isinstance(given, Mapping):
        return {
            str(clause): [roles] if isinstance(roles, str) else roles or ()
            for clause, roles in given.items()
        }
    return given


def _asking(table: Table) -> Duty:
    """Somebody has to decide what a table cannot; its clock is the strictest that may follow."""
    return Duty.model_construct(
        clauses={clause: ("on",) for clause in table.clauses},
        key=table.key,
        title=table.title,
        owed_by=OwedBy(any_of=(table.ask,)),
        proof=Proof(
            fact=f"{table.key}.answered",
            where=parse_condition({table.field: list(table.results)}),
        ),
    )


def _by_kind(pairs: Iterable[tuple[str, Any]]) -> Mapping[str, tuple[Any, ...]]:
    found: dict[str, tuple[Any, ...]] = {}
    for kind, rule in pairs:
        found[kind] = (*found.get(kind, ()), rule)
    return found


def proving_fact(proof: Proof) -> str:
    """The kind of fact by which a proof shows itself."""
    if proof.fact is not None:
        return proof.fact
    return "record.sent" if proof.sent_to else "record.filed"


def sent_to_fields(proof: Proof | None) -> tuple[str, ...]:
    """The recipients of a proof that are persons in fields."""
    return tuple(name for name in (proof.sent_to if proof else ()) if "." in name)


NOT_FIELDS = ("fact.by", "fact.happened", "fact.known", "target.owner")
"""What a rule may read of every fact without a field."""


def reads(duty: Duty) -> tuple[str, ...]:
    """Every field that deciding this duty reads from the opening fact."""
    condition: Condition | None = duty.where
    names = [*fields_of(condition)] if condition else []
    names += [name for name in (duty.within and duty.within.pick, duty.at) if name]
    names += [name for name in (duty.excluded_field, *sent_to_fields(duty.proof)) if name]
    if duty.owed_by:
        names += [name for name in (duty.owed_by.person, duty.owed_by.head_of) if name]
    if duty.each and duty.each.field:
        names.append(duty.each.field)
    if duty.proof:
        names += duty.proof.same
    return tuple(dict.fromkeys(name for name in names if name not in NOT_FIELDS))
