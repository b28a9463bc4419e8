"""Declarations of a pack: texts, roles, settings, subjects, forms and their fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from huiyin.policy.conditions import qualified
from huiyin.policy.written import ACondition

FieldType = Literal[
    "choice",
    "choice_ordered",
    "text",
    "number",
    "money",
    "date",
    "datetime",
    "person",
    "people",
    "boolean",
    "photo",
    "signature",
    "list",
]
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Whole = Annotated[int, Field(ge=-1_000_000_000, le=1_000_000_000)]
"""A number that is counted with, and that the database can keep."""
Count = Annotated[int, Field(ge=1, le=1_000_000_000)]
ChoiceKey = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]*$")]


class Part(BaseModel):
    """A part of a policy: never changed after reading, and without unknown words."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, coerce_numbers_to_str=True
    )

    # How the part may be written short, for the schema that editors get.
    shorthands: ClassVar[tuple[dict[str, Any], ...]] = ()
    one_or_many: ClassVar[tuple[str, ...]] = ()
    gathered: ClassVar[tuple[str, dict[str, Any]] | None] = None
    written_as: ClassVar[dict[str, Any] | None] = None

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        if cls.written_as is not None:
            return cls.written_as
        schema = handler(core)
        written = handler.resolve_ref_schema(schema)
        properties = written.get("properties", {})
        properties.pop("key", None)
        for name in cls.one_or_many:
            many = properties[name]
            properties[name] = {"anyOf": [many["items"], many]}
        if cls.gathered is not None:
            name, each = cls.gathered
            properties.pop(name)
            written["additionalProperties"] = each
            written["required"] = [key for key in written.get("required", ()) if key != name]
        if cls.shorthands:
            whole = dict(written)
            written.clear()
            written["anyOf"] = [*cls.shorthands, whole]
        return schema


def as_list(given: Any, key: str) -> Any:
    """One value where several may stand counts as a list of one."""
    if isinstance(given, Mapping) and isinstance(given.get(key), (str, Mapping)):
        return {**given, key: [given[key]]}
    return given


class SettingRef(Part):
    """A value that stands in a setting."""

    setting: str


class Population(Part):
    """All targets of a kind for which a condition holds: ``{customer: {class: household}}``.

    Long form ``{of: case, where: …, during: raised_at}``: ``during`` is the moment that places a
    row into a period. Field names of the kind may be written short.
    """

    written_as = {
        "anyOf": [
            {"type": "string"},
            {"type": "object", "minProperties": 1, "additionalProperties": True},
        ]
    }

    of: str
    where: ACondition | None = None
    during: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _forms(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return {"of": given} if isinstance(given, str) else given
        found = dict(given)
        if "of" not in found and len(found) == 1:
            [(kind, where)] = found.items()
            found = {"of": kind, **({"where": where} if where else {})}
        kind = str(found.get("of", ""))
        if isinstance(found.get("where"), Mapping):
            found["where"] = qualified(found["where"], kind)
        if isinstance(found.get("during"), str) and "." not in found["during"]:
            found["during"] = f"{kind}.{found['during']}"
        return found


class Text(Part):
    """A wording in Chinese and English; a bare text is Chinese.

    ``many``: the English of several, where it heads their list; Chinese says both alike.
    """

    shorthands = ({"type": "string"},)

    zh: str
    en: str = ""
    many: str = ""

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, given: Any) -> Any:
        return {"zh": given} if isinstance(given, (str, int)) else given

    def say(self, language: str) -> str:
        return self.zh if language.startswith("zh") or not self.en else self.en

    def say_many(self, language: str) -> str:
        """What a list of them is called."""
        return self.say(language) if language.startswith("zh") or not self.many else self.many


Bindings = Annotated[
    Mapping[str, tuple[str, ...]],
    WithJsonSchema(
        {
            "type": "object",
            "additionalProperties": {
                "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]
            },
        }
    ),
]


def read_bindings(given: Any) -> Any:
    """``{B.4.a: within}`` and ``{B.4.a: [within, proof.sent_to]}`` alike."""
    if not isinstance(given, Mapping):
        return given
    return {
        str(clause): [leaves] if isinstance(leaves, str) else leaves
        for clause, leaves in given.items()
    }


class Bound(Part):
    """Something whose leaves clauses can be bound to: ``clauses: {clause: leaf}``."""

    clauses: Bindings = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _read_clauses(cls, given: Any) -> Any:
        if isinstance(given, Mapping) and "clauses" in given:
            return {**given, "clauses": read_bindings(given["clauses"])}
        return given

    def clauses_at(self, leaf: str) -> tuple[str, ...]:
        """The clauses bound to the leaf, or to the nearest place above it that has any."""
        place = leaf
        while True:
            found = tuple(c for c, leaves in self.clauses.items() if place in leaves)
            if found or "." not in place:
                return found
            place = place.rpartition(".")[0]


class Role(Bound):
    """Somebody's function in this policy; adoption maps it to a position of the firm."""

    shorthands = ({"type": "string"},)

    title: Text
    one_per: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, given: Any) -> Any:
        return {"title": given} if isinstance(given, str) else given


class Setting(Bound):
    """A number or term that the policy leaves open. No default means: the firm must set it."""

    title: Text
    type: Literal["length", "number", "percent", "text"] = "length"
    default: str | None = None
    owner: str
    why: Text | None = None


class Prefill(Part):
    """What stands in a field when the form opens: a setting's value, or another field's."""

    setting: str | None = None
    field: str | None = None


class Latest(Part):
    """How late a date may lie: a setting's length after the day of filing.

    ``unless`` is the text field of the form that has to say why it lies later.
    """

    setting: str
    unless: str


class FormField(Part):
    """One field of a form or a subject. ``key`` is its name in the mapping that holds it.

    ``by`` names the roles that may write it, ``held_by`` those of whose holders a subject's field
    names one. A field of type ``list`` is filled when the record is
    filed, with all targets of ``list_of`` in the running period; an empty list is an answer.
    ``earliest`` and ``latest`` are of dates, seen from the day on which the form is filled in.
    """

    one_or_many = ("by", "held_by")

    key: str = ""
    title: Text
    written_type: FieldType | None = Field(default=None, alias="type")
    choice: Mapping[ChoiceKey, Text] | None = None
    choice_ordered: Mapping[ChoiceKey, Text] | None = None
    required: bool = False
    required_if: ACondition | None = None
    prefill: Prefill | None = None
    raises: Mapping[str, str] = Field(default_factory=dict)
    or_reason: bool = False
    by: tuple[str, ...] = ()
    held_by: tuple[str, ...] = ()
    list_of: Population | None = None
    minimum: Whole | None = Field(default=None, alias="min")
    maximum: Whole | None = Field(default=None, alias="max")
    earliest: Literal["filed"] | None = None
    latest: Latest | None = None
    hint: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _forms(cls, given: Any) -> Any:
        return as_list(as_list(given, "by"), "held_by")

    @property
    def type(self) -> FieldType:
        if self.choice is not None:
            return "choice"
        if self.choice_ordered is not None:
            return "choice_ordered"
        return self.written_type or "text"

    @property
    def choices(self) -> Mapping[str, Text]:
        return self.choice or self.choice_ordered or {}

    @model_validator(mode="after")
    def _one_type(self) -> FormField:
        forms = (self.written_type, self.choice, self.choice_ordered)
        if sum(form is not None for form in forms) != 1:
            raise PydanticCustomError("one_type", "type", {})
        if self.written_type in ("choice", "choice_ordered"):
            raise PydanticCustomError("one_type", "type", {})
        if self.or_reason and self.type != "signature":
            raise PydanticCustomError("or_reason_needs_signature", "or_reason", {})
        if (self.list_of is not None) != (self.type == "list"):
            raise PydanticCustomError("list_needs_population", "list_of", {})
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise PydanticCustomError("min_over_max", "min, max", {})
        if (self.earliest or self.latest) and self.type != "date":
            raise PydanticCustomError("limit_needs_date", "earliest, latest", {})
        if self.held_by and self.type != "person":
            raise PydanticCustomError("held_by_needs_person", "held_by", {})
        return self


def with_keys(fields: Any) -> Any:
    """Tell every part its key; an author who writes ``key`` himself gets an error there."""
    if not isinstance(fields, Mapping):
        return fields
    return {
        key: {**part, "key": None if "key" in part else key} if isinstance(part, Mapping) else part
        for key, part in fields.items()
    }


class Subject(Part):
    """A kind of thing whose quality is tracked: a repair order, a lot, a contract.

    ``children`` are the kinds of subjects that are made from it; a child may have several parents.
    ``reported``: it is there once it is called in, and nothing happens to it before.
    """

    one_or_many = ("children",)

    title: Text
    reported: bool = False
    children: tuple[str, ...] = ()
    fields: Mapping[Id, FormField] = Field(default_factory=dict)
    facts: Mapping[Id, Text] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _keys(cls, given: Any) -> Any:
        given = as_list(given, "children")
        if isinstance(given, Mapping) and "fields" in given:
            return {**given, "fields": with_keys(given["fields"])}
        return given


class Form(Bound):
    """A record's form. ``clauses`` binds a clause to one or several of its fields.

    A form that ``reviews`` another is filed about one of its records, by somebody else. ``contact``:
    filing it is a follow-up with the customer; said nothing, a form about customers or subjects is.
    """

    one_or_many = ("about",)

    key: str = ""
    title: Text
    about: tuple[str, ...]
    number: str = "{year}-{serial:4}"
    reviews: str | None = None
    contact: bool | None = None
    fields: Mapping[Id, FormField]

    @model_validator(mode="before")
    @classmethod
    def _keys(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        about = given.get("about")
        changed = {"about": [about]} if isinstance(about, str) else {}
        return {**given, **changed, "fields": with_keys(given.get("fields"))}

    def clauses_at(self, leaf: str) -> tuple[str, ...]:
        """The clauses of a field or of one of its parts; ``fields.`` in front may be left out."""
        return super().clauses_at(leaf.removeprefix("fields."))
