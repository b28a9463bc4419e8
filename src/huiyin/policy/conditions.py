"""Conditions: trees of tests on fields, with three answers.

``True``, ``False``, or ``None`` where an empty value leaves it undecidable (never a "no").

    {repair.category: leak}                     equal; a list means one of them
    {lot.weight: {gt: 5, le: 10}}               eq ne lt le gt ge in below above
    {truck.part: {ne: pour.part}}               a text with a dot names another field
    {any: [..]}  {all: [..]}  {not: ..}         several keys in one mapping mean all
    {met: revisit}  {seen: case.replied}        guards only: what happened about the target
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

OPERATORS = ("eq", "ne", "lt", "le", "gt", "ge", "in", "below", "above")
FIELD_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")

Orders = Mapping[str, Sequence[str]]
"""Ordered choices of a field, weakest first."""


class NotACondition(ValueError):
    """The tree does not have the form of a condition."""


@dataclass(frozen=True, slots=True)
class FieldRef:
    """The value of another field."""

    name: str


Operand = str | int | float | bool | FieldRef


@dataclass(frozen=True, slots=True)
class Test:
    """One field against values or another field; ``in`` may have several operands."""

    field: str
    operator: str
    operands: tuple[Operand, ...]


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


Condition = Test | AllOf | AnyOf | Not | Met | Seen
History = Callable[[Met | Seen], bool | None]


def parse_condition(tree: Any) -> Condition:
    """Read a condition; raises NotACondition naming the part that is wrong."""
    if isinstance(tree, (Test, AllOf, AnyOf, Not, Met, Seen)):
        return tree
    if not isinstance(tree, Mapping) or not tree:
        raise NotACondition(tree)
    items = tuple(_parse_entry(key, value) for key, value in tree.items())
    return items[0] if len(items) == 1 else AllOf(items=items)


def _parse_entry(key: str, value: Any) -> Condition:
    if key in ("any", "all"):
        if not isinstance(value, list) or not value:
            raise NotACondition(f"{key}: {value}")
        parts = tuple(parse_condition(item) for item in value)
        return AnyOf(items=parts) if key == "any" else AllOf(items=parts)
    if key == "not":
        return Not(item=parse_condition(value))
    if key in ("met", "seen"):
        if not isinstance(value, str):
            raise NotACondition(f"{key}: {value}")
        return Met(duty=value) if key == "met" else Seen(fact=value)
    if not FIELD_NAME.fullmatch(key):
        raise NotACondition(key)
    return _parse_test(key, value)


def _parse_test(name: str, value: Any) -> Condition:
    if isinstance(value, Mapping):
        if not value or any(operator not in OPERATORS for operator in value):
            raise NotACondition(f"{name}: {dict(value)}")
        tests = tuple(_one_test(name, operator, given) for operator, given in value.items())
        return tests[0] if len(tests) == 1 else AllOf(items=tests)
    return _one_test(name, "in" if isinstance(value, list) else "eq", value)


def _one_test(name: str, operator: str, value: Any) -> Test:
    if isinstance(value, list) != (operator == "in") or value == []:
        raise NotACondition(f"{name}: {{{operator}: {value}}}")
    given = value if isinstance(value, list) else [value]
    return Test(field=name, operator=operator, operands=tuple(_operand(item) for item in given))


def _operand(value: Any) -> Operand:
    if isinstance(value, str):
        return FieldRef(name=value) if FIELD_NAME.fullmatch(value) else value
    if isinstance(value, (bool, int, float)):
        return value
    raise NotACondition(value)


def fields_of(condition: Condition) -> Iterator[str]:
    """Every field that the condition reads."""
    for test in tests_of(condition):
        yield test.field
        yield from (o.name for o in test.operands if isinstance(o, FieldRef))


def tests_of(condition: Condition) -> Iterator[Test]:
    """Every test of the tree, in the order of the text."""
    yield from (leaf for leaf in leaves_of(condition) if isinstance(leaf, Test))


def leaves_of(condition: Condition) -> Iterator[Test | Met | Seen]:
    """Tests and looks into history, in the order of the text."""
    if isinstance(condition, (AllOf, AnyOf)):
        for item in condition.items:
            yield from leaves_of(item)
    elif isinstance(condition, Not):
        yield from leaves_of(condition.item)
    else:
        yield condition


def matches(
    condition: Condition,
    values: Mapping[str, Any],
    *,
    orders: Orders | None = None,
    history: History | None = None,
) -> bool | None:
    """Whether the condition holds; ``None`` if an empty value leaves it open.

    ``orders`` gives ordered choices for ``below`` and ``above``; ``history`` answers ``met`` and
    ``seen`` (without it they are undecidable).
    """
    if isinstance(condition, AllOf):
        return _all(
            matches(item, values, orders=orders, history=history) for item in condition.items
        )
    if isinstance(condition, AnyOf):
        found = _all(
            _negate(matches(item, values, orders=orders, history=history))
            for item in condition.items
        )
        return _negate(found)
    if isinstance(condition, Not):
        return _negate(matches(condition.item, values, orders=orders, history=history))
    if isinstance(condition, Test):
        return _test(condition, values, orders or {})
    return history(condition) if history else None


def missing_fields(condition: Condition, values: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields that the condition reads and that are empty, in the order of the text."""
    return tuple(dict.fromkeys(name for name in fields_of(condition) if is_empty(values.get(name))))


def is_empty(value: Any) -> bool:
    """Nothing was entered: absent, null, blank text or an empty list. 0 and false are answers."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _all(answers: Iterator[bool | None]) -> bool | None:
    result: bool | None = True
    for answer in answers:
        if answer is False:
            return False
        if answer is None:
            result = None
    return result


def _negate(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


def _test(test: Test, values: Mapping[str, Any], orders: Orders) -> bool | None:
    left = values.get(test.field)
    if is_empty(left):
        return None
    if isinstance(left, list):
        return _test_list(left, test, values, orders)
    answers = [_compare(left, test, operand, values, orders) for operand in test.operands]
    return _negate(_all(_negate(answer) for answer in answers))


def _test_list(
    left: Sequence[Any], test: Test, values: Mapping[str, Any], orders: Orders
) -> bool | None:
    """A list holds a value (``eq``, ``in``) or holds none of them (``ne``)."""
    if test.operator not in ("eq", "ne", "in"):
        return None
    holds = Test(field=test.field, operator="eq", operands=test.operands)
    answers = [_compare(item, holds, o, values, orders) for item in left for o in test.operands]
    found = _negate(_all(_negate(answer) for answer in answers))
    return _negate(found) if test.operator == "ne" else found


def _compare(
    left: Any, test: Test, operand: Operand, values: Mapping[str, Any], orders: Orders
) -> bool | None:
    right: Any = values.get(operand.name) if isinstance(operand, FieldRef) else operand
    if is_empty(right):
        return None
    if test.operator in ("below", "above"):
        order = list(orders.get(test.field, ()))
        if left not in order or right not in order:
            return None
        left, right = order.index(left), order.index(right)
    else:
        left, right = _alike(left, right)
    return _ORDER[test.operator](left, right)


def _alike(left: Any, right: Any) -> tuple[Any, Any]:
    """Both values in one type: numbers with numbers, instants with instants, else as text."""
    if isinstance(left, bool) or isinstance(right, bool):
        return _marked(left), _marked(right)
    if isinstance(left, (int, float)) or isinstance(right, (int, float)):
        numbers = _number(left), _number(right)
        return numbers if None not in numbers else (_marked(left), _marked(right))
    moments = _moment(str(left)), _moment(str(right))
    return moments if None not in moments else (str(left), str(right))


def _marked(value: Any) -> str:
    return f"{type(value).__name__}:{value}"


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _moment(text: str) -> datetime | date | None:
    """An instant in UTC. A bare date stays a date's text: both sides then compare as text."""
    if len(text) <= len("2026-03-05"):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


def _lt(left: Any, right: Any) -> bool:
    return bool(left < right)


def _gt(left: Any, right: Any) -> bool:
    return bool(left > right)


_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda left, right: bool(left == right),
    "in": lambda left, right: bool(left == right),
    "ne": lambda left, right: bool(left != right),
    "lt": _lt,
    "le": lambda left, right: bool(left <= right),
    "gt": _gt,
    "ge": lambda left, right: bool(left >= right),
    "below": _lt,
    "above": _gt,
}
