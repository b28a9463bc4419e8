"""Answers conditions on one row of values: true, false, or ``None`` where nobody can say.

An empty value leaves a test undecidable, never a "no". The same conditions as SQL are in
``obligations/matching.py``; a property test holds both to the same answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from huiyin.policy.clocks import move_date
from huiyin.policy.conditions import (
    AllOf,
    AnyOf,
    Condition,
    FieldRef,
    Items,
    Met,
    Not,
    Operand,
    Seen,
    SettingValue,
    Span,
    Test,
    Total,
    fields_of,
)

Orders = Mapping[str, Sequence[str]]
"""Ordered choices of a field, weakest first."""

Values = Mapping[str, Any]
Answer = bool | None


@dataclass(frozen=True, slots=True)
class Around:
    """What a condition may look at beside the values themselves.

    ``history`` answers ``met`` and ``seen``; ``items`` gives what belongs to the target by kind.
    Without one of them what asks for it is undecidable.
    """

    orders: Orders = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    zone: ZoneInfo = ZoneInfo("UTC")
    history: Callable[[Met | Seen], Answer] | None = None
    items: Callable[[str], Sequence[Values] | None] | None = None


NOTHING = Around()


def matches(condition: Condition, values: Values, around: Around = NOTHING) -> Answer:
    """Whether the condition holds; ``None`` if an empty value leaves it open."""
    if isinstance(condition, AllOf):
        return every(matches(item, values, around) for item in condition.items)
    if isinstance(condition, AnyOf):
        return negate(every(negate(matches(item, values, around)) for item in condition.items))
    if isinstance(condition, Not):
        return negate(matches(condition.item, values, around))
    if isinstance(condition, Test):
        return _test(condition, values, around)
    if isinstance(condition, Span):
        return _span(condition, values, around)
    if isinstance(condition, Items):
        return _items(condition, around)
    if isinstance(condition, Total):
        return _total(condition, values, around)
    return around.history(condition) if around.history else None


def missing_fields(condition: Condition, values: Values) -> tuple[str, ...]:
    """The fields that the condition reads and that are empty, in the order of the text."""
    return tuple(dict.fromkeys(name for name in fields_of(condition) if is_empty(values.get(name))))


def is_empty(value: Any) -> bool:
    """Nothing was entered: absent, null, blank text or an empty list. 0 and false are answers."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def every(answers: Iterable[Answer]) -> Answer:
    """All hold; one that does not settles it, one that is open leaves it open."""
    result: Answer = True
    for answer in answers:
        if answer is False:
            return False
        if answer is None:
            result = None
    return result


def negate(answer: Answer) -> Answer:
    return None if answer is None else not answer


def _test(test: Test, values: Values, around: Around) -> Answer:
    left = values.get(test.field)
    if is_empty(left):
        return None
    if isinstance(left, list):
        return _test_list(left, test, values, around)
    answers = [_compare(left, test, operand, values, around) for operand in test.operands]
    return negate(every(negate(answer) for answer in answers))


def _test_list(left: Sequence[Any], test: Test, values: Values, around: Around) -> Answer:
    """A list holds a value (``eq``, ``in``) or holds none of them (``ne``)."""
    if test.operator not in ("eq", "ne", "in"):
        return None
    holds = Test(field=test.field, operator="eq", operands=test.operands)
    answers = [_compare(item, holds, o, values, around) for item in left for o in test.operands]
    found = negate(every(negate(answer) for answer in answers))
    return negate(found) if test.operator == "ne" else found


def _compare(left: Any, test: Test, operand: Operand, values: Values, around: Around) -> Answer:
    right = _value(operand, values, around)
    if is_empty(right):
        return None
    if test.operator in ("below", "above"):
        order = list(around.orders.get(test.field, ()))
        if left not in order or right not in order:
            return None
        return _ORDER[test.operator](order.index(left), order.index(right))
    return compared(left, test.operator, right)


def _value(operand: Operand, values: Values, around: Around) -> Any:
    if isinstance(operand, FieldRef):
        return values.get(operand.name)
    if isinstance(operand, SettingValue):
        return around.settings.get(operand.key)
    return operand


def compared(left: Any, operator: str, right: Any) -> bool:
    """``left`` against ``right`` in one type: numbers, instants, else text."""
    return _ORDER[operator](*_alike(left, right))


def _span(span: Span, values: Values, around: Around) -> Answer:
    start, end = values.get(span.field), values.get(span.of)
    first, last = _day(start, around.zone), _day(end, around.zone)
    if first is None or last is None:
        return None
    within = last <= move_date(first, span.length)
    return within if span.operator == "within" else not within


def _day(value: Any, zone: ZoneInfo) -> date | None:
    """A date, or the day in the firm's zone on which an instant lies."""
    if not isinstance(value, str):
        return None
    try:
        if len(value) == len("2026-03-05"):
            return date.fromisoformat(value)
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (moment.astimezone(zone) if moment.tzinfo else moment).date()


def _items(asked: Items, around: Around) -> Answer:
    rows = around.items(asked.of) if around.items else None
    if rows is None:
        return None
    answers = [True if asked.where is None else matches(asked.where, row, around) for row in rows]
    if asked.quantity == "every":
        return every(answers)
    some = negate(every(negate(answer) for answer in answers))
    return some if asked.quantity == "some" else negate(some)


def _total(asked: Total, values: Values, around: Around) -> Answer:
    rows = around.items(asked.of) if around.items else None
    right = _value(asked.operand, values, around)
    if rows is None or is_empty(right):
        return None
    answers = [True if asked.where is None else matches(asked.where, row, around) for row in rows]
    if None in answers:
        return None
    counted = [row for row, answer in zip(rows, answers, strict=True) if answer]
    if asked.kind == "count":
        return compared(len(counted), asked.operator, right)
    numbers = [number(row.get(asked.field)) for row in counted]
    found = [each for each in numbers if each is not None]
    if len(found) != len(numbers):
        return None
    return compared(sum(found, Decimal(0)), asked.operator, right)


def _alike(left: Any, right: Any) -> tuple[Any, Any]:
    """Both values in one type: numbers with numbers, instants with instants, else as text."""
    if isinstance(left, bool) or isinstance(right, bool):
        return _marked(left), _marked(right)
    if isinstance(left, (int, float, Decimal)) or isinstance(right, (int, float, Decimal)):
        numbers = number(left), number(right)
        return numbers if None not in numbers else (_marked(left), _marked(right))
    moments = _moment(str(left)), _moment(str(right))
    return moments if None not in moments else (str(left), str(right))


def _marked(value: Any) -> str:
    return f"{type(value).__name__}:{value}"


def number(value: Any) -> Decimal | None:
    """A number as it is written, exactly; ``None`` for what is none."""
    if is_empty(value) or isinstance(value, bool):
        return None
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


_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda left, right: bool(left == right),
    "in": lambda left, right: bool(left == right),
    "ne": lambda left, right: bool(left != right),
    "lt": lambda left, right: bool(left < right),
    "le": lambda left, right: bool(left <= right),
    "gt": lambda left, right: bool(left > right),
    "ge": lambda left, right: bool(left >= right),
    "below": lambda left, right: bool(left < right),
    "above": lambda left, right: bool(left > right),
}
