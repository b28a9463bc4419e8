"""Conditions: trees of tests on fields and on what happened, as a policy writes them.

    {repair.category: leak}                     equal; a list means one of them
    {lot.weight: {gt: 5, le: 10}}               eq ne lt le gt ge in below above
    {truck.part: {ne: pour.part}}               a text with a dot names another field
    {exam.score: {ge: {setting: pass_mark}}}    what the firm settled
    {device.launched_on: {within: 60mo, of: fact.happened}}      or beyond
    {any: [..]}  {all: [..]}  {not: ..}         several keys in one mapping mean all
    {met: revisit}  {seen: case.replied}  {never: followup.held}     about the target, so far
    {none: {of: roll, where: {weight: {gt: 9}}}}        every, some: over what belongs to it
    {sum: {of: roll, field: weight, le: reel.weight}}   {count: {of: contact, ge: 1}}

How a condition is answered is in ``matching.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from huiyin.policy.lengths import Length, NotALength, parse_length

OPERATORS = ("eq", "ne", "lt", "le", "gt", "ge", "in", "below", "above")
FIELD_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_GROUPS = ("any", "all", "not")
_HISTORY = ("met", "seen", "never")
_ITEMS = ("none", "every", "some")
_TOTALS = ("sum", "count")
WORDS = (*_GROUPS, *_HISTORY, *_ITEMS, *_TOTALS)
"""Keys of a condition that are no fields."""


class NotACondition(ValueError):
    """The tree does not have the form of a condition."""


@dataclass(frozen=True, slots=True)
class FieldRef:
    """The value of another field."""

    name: str


@dataclass(frozen=True, slots=True)
class SettingValue:
    """What the firm settled for a setting."""

    key: str


Operand = str | int | float | bool | FieldRef | SettingValue


@dataclass(frozen=True, slots=True)
class Test:
    """One field against values or another field; ``in`` may have several operands."""

    field: str
    operator: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """How long after ``field`` the moment ``of`` lies: ``within`` the length, or ``beyond`` it.

    Days in the firm's zone; the anniversary itself is still within.
    """

    field: str
    operator: str
    length: Length
    of: str


@dataclass(frozen=True, slots=True)
class AllOf:
    items: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    items: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    item: Condition


@dataclass(frozen=True, slots=True)
class Met:
    """An obligation of the duty about the target is met and none of it is open."""

    duty: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A fact of this kind has happened about the target."""

    fact: str


@dataclass(frozen=True, slots=True)
class Items:
    """``none``, ``every`` or ``some`` of what belongs to the target holds; none is every of none."""

    quantity: str
    of: str
    where: Condition | None


@dataclass(frozen=True, slots=True)
class Total:
    """The ``sum`` of a field, or the ``count``, over what belongs to the target, compared."""

    kind: str
    of: str
    field: str
    where: Condition | None
    operator: str
    operand: Operand


Leaf = Test | Span | Met | Seen | Items | Total
Condition = Leaf | AllOf | AnyOf | Not
_NODES = (Test, Span, Met, Seen, Items, Total, AllOf, AnyOf, Not)


def parse_condition(tree: Any) -> Condition:
    """Read a condition; raises NotACondition naming the part that is wrong."""
    if isinstance(tree, _NODES):
        return tree
    if not isinstance(tree, Mapping) or not tree:
        raise NotACondition(tree)
    items = tuple(_parse_entry(key, value) for key, value in tree.items())
    return items[0] if len(items) == 1 else AllOf(items=items)


def qualified(tree: Any, prefix: str) -> Any:
    """The same tree with ``prefix.`` before field names that are written short."""
    if isinstance(tree, list):
        return [qualified(item, prefix) for item in tree]
    if not isinstance(tree, Mapping):
        return tree
    found = {}
    for key, value in tree.items():
        if key in _GROUPS:
            found[key] = qualified(value, prefix)
        elif key in WORDS or "." in str(key):
            found[key] = value
        else:
            found[f"{prefix}.{key}"] = value
    return found


def _parse_entry(key: str, value: Any) -> Condition:
    if key in ("any", "all"):
        if not isinstance(value, list) or not value:
            raise NotACondition(f"{key}: {value}")
        parts = tuple(parse_condition(item) for item in value)
        return AnyOf(items=parts) if key == "any" else AllOf(items=parts)
    if key == "not":
        return Not(item=parse_condition(value))
    if key in _HISTORY:
        return _parse_history(key, value)
    if key in _ITEMS:
        return _parse_items(key, value)
    if key in _TOTALS:
        return _parse_total(key, value)
    if not FIELD_NAME.fullmatch(key):
        raise NotACondition(key)
    return _parse_test(key, value)


def _parse_history(key: str, value: Any) -> Condition:
    if not isinstance(value, str):
        raise NotACondition(f"{key}: {value}")
    if key == "met":
        return Met(duty=value)
    return Seen(fact=value) if key == "seen" else Not(item=Seen(fact=value))


def _parse_items(key: str, value: Any) -> Items:
    if not isinstance(value, Mapping) or not {"of"} <= set(value) <= {"of", "where"}:
        raise NotACondition(f"{key}: {value}")
    return Items(quantity=key, of=str(value["of"]), where=_parse_where(value))


def _parse_total(key: str, value: Any) -> Total:
    wanted = {"of", "field"} if key == "sum" else {"of"}
    operators = [word for word in OPERATORS if isinstance(value, Mapping) and word in value]
    if len(operators) != 1 or set(value) - {"where", *operators} != wanted:
        raise NotACondition(f"{key}: {value}")
    return Total(
        kind=key,
        of=str(value["of"]),
        field=f"{value['of']}.{value['field']}" if key == "sum" else "",
        where=_parse_where(value),
        operator=operators[0],
        operand=_operand(value[operators[0]]),
    )


def _parse_where(value: Mapping[str, Any]) -> Condition | None:
    if "where" not in value:
        return None
    return parse_condition(qualified(value["where"], str(value["of"])))


def _parse_test(name: str, value: Any) -> Condition:
    if isinstance(value, Mapping):
        if "of" in value:
            return _parse_span(name, value)
        if not value or any(operator not in OPERATORS for operator in value):
            raise NotACondition(f"{name}: {dict(value)}")
        tests = tuple(_one_test(name, operator, given) for operator, given in value.items())
        return tests[0] if len(tests) == 1 else AllOf(items=tests)
    return _one_test(name, "in" if isinstance(value, list) else "eq", value)


def _parse_span(name: str, value: Mapping[str, Any]) -> Span:
    operator = next((key for key in value if key != "of"), "")
    if len(value) != 2 or operator not in ("within", "beyond"):
        raise NotACondition(f"{name}: {dict(value)}")
    wrong = NotACondition(f"{name}: {{{operator}: {value[operator]}}}")
    try:
        length = parse_length(str(value[operator]))
    except NotALength as error:
        raise wrong from error
    if length.unit not in ("d", "w", "mo"):
        raise wrong  # ages are counted in whole days, whatever the calendar says
    return Span(field=name, operator=operator, length=length, of=str(value["of"]))


def _one_test(name: str, operator: str, value: Any) -> Test:
    if isinstance(value, list) != (operator == "in") or value == []:
        raise NotACondition(f"{name}: {{{operator}: {value}}}")
    given = value if isinstance(value, list) else [value]
    return Test(field=name, operator=operator, operands=tuple(_operand(item) for item in given))


def _operand(value: Any) -> Operand:
    if isinstance(value, str):
        return FieldRef(name=value) if FIELD_NAME.fullmatch(value) else value
    if isinstance(value, Mapping) and set(value) == {"setting"}:
        return SettingValue(key=str(value["setting"]))
    if isinstance(value, (bool, int, float)):
        return value
    raise NotACondition(value)


def fields_of(condition: Condition) -> Iterator[str]:
    """Every field of the target that the condition reads."""
    for leaf in leaves_of(condition):
        if isinstance(leaf, Test):
            yield leaf.field
            yield from (o.name for o in leaf.operands if isinstance(o, FieldRef))
        elif isinstance(leaf, Span):
            yield from (leaf.field, leaf.of)
        elif isinstance(leaf, Total) and isinstance(leaf.operand, FieldRef):
            yield leaf.operand.name


def leaves_of(condition: Condition) -> Iterator[Leaf]:
    """Tests and looks into history and belongings, in the order of the text."""
    if isinstance(condition, (AllOf, AnyOf)):
        for item in condition.items:
            yield from leaves_of(item)
    elif isinstance(condition, Not):
        yield from leaves_of(condition.item)
    else:
        yield condition


LOOKS = (Met, Seen, Items, Total)
"""Leaves that look beyond the values: into history, or at what belongs to the target."""


def word_of(leaf: Met | Seen | Items | Total) -> str:
    """The word that such a leaf is written with."""
    if isinstance(leaf, Items):
        return leaf.quantity
    if isinstance(leaf, Total):
        return leaf.kind
    return "met" if isinstance(leaf, Met) else "seen"
