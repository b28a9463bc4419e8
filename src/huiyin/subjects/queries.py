"""Reads of subjects across tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from huiyin.ledger.models import Fact
from huiyin.records.queries import names
from huiyin.records.typed import people_in, said
from huiyin.subjects import declared
from huiyin.subjects.declared import REGISTERED, Kind
from huiyin.subjects.models import Subject


def numbers_taken(kind: str, numbers: Collection[str]) -> set[str]:
    """Which of these numbers a subject of the kind has already."""
    taken = Subject.objects.of_kind(kind).filter(number__in=numbers)
    return set(taken.values_list("number", flat=True))


def reported_at(subject: Subject) -> datetime | None:
    """When it was reported; None where the import that brought it did not tell."""
    registered = Fact.objects.filter(target=subject.pk, kind=f"{subject.kind}.{REGISTERED}")
    fact = registered.order_by("id").only("source", "happened_at", "recorded_at").first()
    is_untold = fact is not None and fact.source and fact.happened_at == fact.recorded_at
    return None if is_untold else subject.created_at


def values_of(subject: Subject) -> dict[str, Any]:
    """The subject's typed fields as rules read them: ``repair.category`` …"""
    return declared.kind_of(subject.kind).typed(subject.fields)


def last_values(subject: Subject) -> dict[str, Any]:
    """What the last standing event of the subject states; every event states all of it."""
    events = Fact.objects.standing().filter(target=subject.pk, kind__startswith=f"{subject.kind}.")
    return dict(events.order_by("-id").values_list("values", flat=True).first() or {})


def list_fields(kind: Kind) -> dict[str, Any]:
    """The fields that a list shows: what people choose from; the rest is on the page."""
    shown = ("choice", "choice_ordered", "person")
    return {name: field for name, field in kind.fields.items() if field.type in shown}


def place_of(subject: Subject) -> str:
    """Where it is: what is written on it, else its customer's number, else its unit."""
    if place := subject.fields.get("place"):
        return str(place)
    if subject.customer is not None:
        return subject.customer.number
    return subject.target.unit.label if subject.target.unit else ""


def field_lines(kind: Kind, fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Every declared field of a subject as (title, value) in the reader's words."""
    people = names(people_in(kind.fields, fields))
    language = declared.language()
    return [
        (field.title.say(language), said(field, fields.get(name), people))
        for name, field in kind.fields.items()
    ]
