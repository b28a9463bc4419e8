"""Typed values of declared fields: how they read on a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huiyin.core.punctuation import listed

FREE_TEXT = ("text",)
"""Field types whose answers never stand in a fact."""

PERSONS = ("person", "people")


def is_free_text(field: Any) -> bool:
    return field.type in FREE_TEXT


def people_in(fields: Mapping[str, Any], values: Mapping[str, Any]) -> list[int]:
    """The ids of all persons that the values name."""
    found: list[int] = []
    for name, field in fields.items():
        if field.type in PERSONS and values.get(name) is not None:
            found += _persons(values[name])
    return found


def said(field: Any, value: Any, people: Mapping[int, str]) -> str:
    """A typed value in the reader's words; empty when there is none."""
    if value is None or value == "":
        return ""
    if field.type in ("choice", "choice_ordered"):
        title = field.choices.get(value)
        return title.say(get_language() or "zh") if title else str(value)
    if field.type in PERSONS:
        return listed(people.get(person, "") for person in _persons(value))
    if field.type == "list":
        return _("%d 项") % len(value)
    if field.type == "boolean":
        return _("是") if value else _("否")
    if field.type in ("date", "datetime"):
        return _moment(str(value))
    if field.type == "money":
        return f"¥ {number_format(value, 2, use_l10n=True, force_grouping=True)}"
    return str(value)


def _moment(text: str) -> str:
    if len(text) == len("2026-03-05"):
        return date_format(date.fromisoformat(text), "DATE_FORMAT")
    return date_format(localtime(datetime.fromisoformat(text)), "Y-m-d H:i")


def _persons(value: Any) -> list[int]:
    return [int(each) for each in value] if isinstance(value, Iterable) else [int(value)]
