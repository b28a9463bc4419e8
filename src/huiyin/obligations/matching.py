"""Conditions as SQL: which rows of a population hold, which do not, and which nobody can say.

SQL's own three values are those of ``policy/matching.py``: NULL is "nobody can say". A property
test holds both readings equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import reduce
from operator import and_, or_
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    DecimalField,
    Exists,
    Expression,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.fields.json import KT, KeyTransform
from django.db.models.functions import Cast, Trim, TruncDate
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    LessThan,
    LessThanOrEqual,
)

from huiyin.ledger.models import Fact
from huiyin.obligations.models import Obligation
from huiyin.obligations.populations import Column, Population
from huiyin.policy.conditions import (
    AllOf,
    AnyOf,
    Condition,
    FieldRef,
    Met,
    Not,
    Operand,
    Seen,
    SettingValue,
    Span,
    Test,
)
from huiyin.policy.lengths import Length
from huiyin.policy.periods import Period
from huiyin.policy.state import InForce

LISTS = ("people", "list")
_UNITS = {"d": "days", "w": "weeks", "mo": "months"}


class NotInSql(ValueError):
    """A condition asks what a population cannot be asked; it names the part."""


class Matcher:
    """Turns the conditions of one policy in force into filters on one population."""

    def __init__(self, in_force: InForce, population: Population, *, now: datetime) -> None:
        self._in_force = in_force
        self._policy = in_force.policy
        self._population = population
        self._now = now

    def matching(self, rows: QuerySet, condition: Condition | None) -> QuerySet:
        """The rows for which the condition holds."""
        return rows if condition is None else rows.filter(self.where(condition))

    def undecidable(self, rows: QuerySet, condition: Condition) -> QuerySet:
        """The rows of which nobody can say."""
        answer = ExpressionWrapper(self.where(condition), output_field=BooleanField())
        return rows.annotate(_answer=answer).filter(_answer=None)

    def inside(self, name: str, period: Period) -> Q:
        """Rows whose moment lies in a period of the firm's zone."""
        day = self._day(name)
        begun = Q(GreaterThanOrEqual(day, Value(period.first, DateField())))
        return begun & Q(LessThan(day, Value(period.after, DateField())))

    def there_by(self, period: Period) -> Q:
        """Rows that were there when a period ended."""
        joined = self._population.joined
        ends = period.ends(self._in_force.zone)
        return Q(**{f"{joined}__lt": ends}) if joined else Q(pk__isnull=False)

    def where(self, condition: Condition) -> Q:
        """The condition as one boolean expression. Raises NotInSql."""
        if isinstance(condition, AllOf):
            return reduce(and_, (self.where(item) for item in condition.items))
        if isinstance(condition, AnyOf):
            return reduce(or_, (self.where(item) for item in condition.items))
        if isinstance(condition, Not):
            return ~self.where(condition.item)
        if isinstance(condition, Test):
            return self._test(condition)
        if isinstance(condition, Span):
            return self._span(condition)
        if isinstance(condition, (Met, Seen)):
            return Q(_history(condition, self._policy.policy))
        raise NotInSql(str(condition))

    def _test(self, test: Test) -> Q:
        table, _, ending = test.field.rpartition(".")
        if ending == "result" and table in self._policy.tables:
            return self._given(table, test)
        kind = self._kind(test.field)
        if kind in LISTS:
            return self._holds(test)
        if test.operator in ("below", "above"):
            return self._ordered(test)
        if kind == "datetime" and any(_is_day(operand) for operand in test.operands):
            kind = "text"
        left = self._field(test.field, kind)
        given = [self._operand(operand, kind) for operand in test.operands]
        if test.operator == "ne":
            return ~Q(Exact(left, given[0]))
        if test.operator == "in":
            return reduce(or_, (Q(Exact(left, each)) for each in given))
        return Q(_LOOKUPS[test.operator](left, given[0]))

    def _ordered(self, test: Test) -> Q:
        """By the place of a choice in its order; what is no choice has none."""
        order = list(self._policy.orders.get(test.field, ()))
        left = _place(order, self._field(test.field, "text"))
        right = _place(order, self._operand(test.operands[0], "text"))
        lookup = LessThan if test.operator == "below" else GreaterThan
        return Q(lookup(left, right))

    def _holds(self, test: Test) -> Q:
        """A list holds one of the values, or none of them; an empty one is nobody's answer."""
        column = self._population.column(test.field)
        if column is None or not column.key:
            raise NotInSql(test.field)
        stored = KeyTransform(column.key, column.path)
        filled = Func(stored, Value([], JSONField()), function="NULLIF", output_field=JSONField())
        wanted = [each for each in test.operands if not isinstance(each, FieldRef | SettingValue)]
        parts = (
            Func(
                filled, Value([each], JSONField()), template="(%(expressions)s)", arg_joiner=" @> ",
                output_field=BooleanField(),
            )
            for each in wanted
        )  # fmt: skip
        found = reduce(or_, (Q(part) for part in parts))
        return ~found if test.operator == "ne" else found

    def _given(self, table: str, test: Test) -> Q:
        """What a table gave about the row; of which it gave nothing, nobody can say."""
        facts = _standing(f"{table}.decided")
        wanted = [str(operand) for operand in test.operands]
        this = Exists(facts.filter(**{f"values__{table}.result__in": wanted}))
        known = Func(Exists(facts), Value(False), function="NULLIF", output_field=BooleanField())
        holds = ~Q(this) if test.operator == "ne" else Q(this)
        return Q(known) & holds

    def _span(self, span: Span) -> Q:
        moved = _moved(self._day(span.field), span.length)
        within = Q(GreaterThanOrEqual(moved, self._day(span.of)))
        return within if span.operator == "within" else ~within

    def _operand(self, operand: Operand, kind: str) -> Any:
        if isinstance(operand, FieldRef):
            return self._field(operand.name, kind)
        value: Any = operand
        if isinstance(operand, SettingValue):
            value = self._in_force.setting(operand.key)
        output = _OUTPUTS.get(kind, CharField())
        if value is None or value == "":
            return Value(None, output)
        if kind in ("number", "money"):
            return Value(Decimal(str(value)), output)
        if kind == "person":
            return Value(int(value), output)
        if kind == "datetime":
            return Value(datetime.fromisoformat(str(value)), output)
        return Value(value if kind == "boolean" else str(value), output)

    def _kind(self, name: str) -> str:
        declared = self._policy.fields.get(name)
        kind = declared.type if declared else "text"
        return kind if kind in (*_OUTPUTS, *LISTS) else "text"

    def _field(self, name: str, kind: str) -> Expression:
        """A field in its own type; blank text counts as nothing."""
        if name == "fact.happened" and self._population.happened:
            return F(self._population.happened)
        if name in ("clock.now", "fact.happened"):
            return Value(self._now, DateTimeField())
        if name == "clock.today":
            today = self._now.astimezone(self._in_force.zone).date()
            return Value(today.isoformat(), CharField())
        column = self._population.column(name)
        if column is None:
            raise NotInSql(name)
        output = _OUTPUTS.get(kind)
        if not column.key:
            return self._column(name, column, output)
        text = filled(KT(f"{column.path}__{column.key}"))
        return Cast(text, output) if output is not None else text

    def _column(self, name: str, column: Column, output: Any) -> Any:
        """A column of its own; an instant that is declared a date counts by its day."""
        if output is not None:
            return F(column.path)
        declared = self._policy.fields.get(name)
        value: Any = F(column.path)
        if declared and declared.type == "date" and is_moment(self._population.rows(""), column):
            value = TruncDate(value, tzinfo=self._in_force.zone)
        return filled(Cast(value, CharField()))

    def _day(self, name: str) -> Expression:
        """The day of a date, or on which an instant lies in the firm's zone."""
        name = "clock.now" if name == "clock.today" else name
        kind = self._kind(name)
        if kind == "datetime":
            return TruncDate(self._field(name, kind), tzinfo=self._in_force.zone)
        return Cast(self._field(name, "text"), DateField())


_OUTPUTS: Mapping[str, Any] = {
    "number": DecimalField(max_digits=30, decimal_places=10),
    "money": DecimalField(max_digits=30, decimal_places=10),
    "boolean": BooleanField(),
    "person": IntegerField(),
    "datetime": DateTimeField(),
}
_TEXTS = ArrayField(CharField())
_LOOKUPS = {
    "eq": Exact,
    "lt": LessThan,
    "le": LessThanOrEqual,
    "gt": GreaterThan,
    "ge": GreaterThanOrEqual,
}


def filled(text: Any) -> Expression:
    """A text, or NULL where it is blank."""
    return Func(Trim(text), Value(""), function="NULLIF", output_field=CharField())


def is_moment(rows: QuerySet, column: Column) -> bool:
    """Whether a column of its own (no key of a JSON column) holds instants, not days."""
    model: Any = rows.model
    *steps, last = column.path.split("__")
    for step in steps:
        model = model._meta.get_field(step).related_model
    return isinstance(model._meta.get_field(last), DateTimeField)


def _is_day(operand: Operand) -> bool:
    return isinstance(operand, str) and len(operand) == len("2026-03-05")


def _place(order: list[str], value: Any) -> Expression:
    """The place of a choice, from 1; NULL for what is no choice."""
    return Func(
        Value(order, output_field=_TEXTS), value, function="array_position",
        output_field=IntegerField(),
    )  # fmt: skip


def _moved(day: Expression, length: Length) -> Expression:
    if length.unit not in _UNITS:
        raise NotInSql(str(length))
    return Func(
        day,
        template=f"(%(expressions)s + interval '{length.amount} {_UNITS[length.unit]}')::date",
        output_field=DateField(),
    )


def _history(leaf: Met | Seen, policy: str) -> Exists:
    if isinstance(leaf, Seen):
        return Exists(_standing(leaf.fact))
    about = Obligation.objects.filter(policy=policy, duty=leaf.duty, target=OuterRef("pk"))
    settled = about.filter(state__in=["done", "waived"])
    # Met means that one is and none still waits.
    return Exists(settled.filter(~Exists(_waiting(policy, leaf.duty))))


def _waiting(policy: str, duty: str) -> QuerySet:
    return Obligation.objects.filter(
        policy=policy, duty=duty, target=OuterRef("target"), state__in=["open", "blocked"]
    )


def _standing(kind: str) -> QuerySet:
    return Fact.objects.filter(kind=kind, target=OuterRef("pk"), voided_by=None, voids=None)
