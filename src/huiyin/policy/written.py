"""How lengths, percentages, periods and conditions are written in a policy, as pydantic types."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from huiyin.policy.conditions import Condition, NotACondition, parse_condition
from huiyin.policy.lengths import (
    Length,
    NotALength,
    NotAPercentage,
    parse_length,
    parse_percent,
)
from huiyin.policy.periods import (
    Cadence,
    Moment,
    NotACadence,
    NotAMoment,
    parse_cadence,
    parse_moment,
)


def read_length(value: Any) -> Length:
    """A length, with the language's own error where it is none."""
    if isinstance(value, Length):
        return value
    try:
        return parse_length(str(value))
    except NotALength as error:
        raise PydanticCustomError("not_a_length", "{value}", {"value": str(value)}) from error


def read_percent(value: Any) -> Fraction:
    """A share of the whole, at most 1."""
    if isinstance(value, Fraction):
        return value
    try:
        share = parse_percent(str(value))
    except NotAPercentage as error:
        raise PydanticCustomError("not_a_percentage", "{value}", {"value": str(value)}) from error
    if share > 1:
        raise PydanticCustomError("share_over_100", "{value}", {"value": str(value)})
    return share


def read_cadence(value: Any) -> Cadence:
    if isinstance(value, Cadence):
        return value
    try:
        return parse_cadence(str(value))
    except NotACadence as error:
        raise PydanticCustomError("not_a_cadence", "{value}", {"value": str(value)}) from error


def read_moment(value: Any) -> Moment:
    if isinstance(value, Moment):
        return value
    try:
        return parse_moment(str(value))
    except NotAMoment as error:
        raise PydanticCustomError("not_a_moment", "{value}", {"value": str(value)}) from error


def read_condition(value: Any) -> Condition:
    try:
        return parse_condition(value)
    except NotACondition as error:
        raise PydanticCustomError("bad_condition", "{value}", {"value": str(error)}) from error


LENGTH_SCHEMA: dict[str, Any] = {
    "type": "string",
    "pattern": "^([0-9]+(h|d|wd|w|mo)|eod)$",
    "examples": ["3d"],
}
CADENCE_SCHEMA: dict[str, Any] = {"type": "string", "examples": ["month", "week(sat)", "7d"]}
MOMENT_SCHEMA: dict[str, Any] = {"type": "string", "examples": ["sat end_of_work"]}
PERCENT_SCHEMA: dict[str, Any] = {
    "type": "string",
    "pattern": "^[0-9]+([.][0-9]+)? ?%$",
    "examples": ["30%"],
}
ALength = Annotated[Length, PlainValidator(read_length), WithJsonSchema(LENGTH_SCHEMA)]
APercent = Annotated[Fraction, PlainValidator(read_percent), WithJsonSchema(PERCENT_SCHEMA)]
ACadence = Annotated[Cadence, PlainValidator(read_cadence), WithJsonSchema(CADENCE_SCHEMA)]
AMoment = Annotated[Moment, PlainValidator(read_moment), WithJsonSchema(MOMENT_SCHEMA)]
ACondition = Annotated[
    Condition,
    PlainValidator(read_condition),
    WithJsonSchema({"type": "object", "minProperties": 1}),
]
