"""Reads of subjects across tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db.models import F

from huiyin.ledger.models import Fact
from huiyin.records.queries import names
from huiyin.records.typed import FREE_TEXT, people_in, said
from huiyin.subjects import declared
from huiyin.subjects.declared import REGISTERED, Kind
from huiyin.subjects.models import Subject


def numbers_taken(kind: str, numbers: Collection[str]) -> set[str]:
    """Which of these numbers a subject of the kind has already."""
    taken = Subject.objects.of_kind(kind).filter(number__in=numbers)
    return set(taken.values_list("number", flat=True))


def reported_at(subjects: Collection[Subject]) -> dict[int, datetime | None]:
    """When each was reported; None where the import that brought it did not tell."""
    moments = {subject.pk: subject.created_at for subject in subjects}
    kinds = {f"{subject.kind}.{REGISTERED}" for subject in subjects}
    untold = Fact.objects.filter(
        target__in=moments, kind__in=kinds, source__gt="", happened_at=F("recorded_at")
    )
    return moments | dict.fromkeys(untold.values_list("target_id", flat=True))


def moments_told(
    kind: str, subjects: Collection[Subject]
) -> Mapping[tuple[int, str], tuple[set[datetime], set[datetime]]]:
    """For each subject and fact kind: the moments that stand, and those that were voided."""
    found: dict[tuple[int, str], tuple[set[datetime], set[datetime]]] = defaultdict(
        lambda: (set(), set())
    )
    facts = Fact.objects.filter(
        target__in=[row.pk for row in subjects], kind__startswith=f"{kind}."
    ).values_list("target_id", "kind", "happened_at", "voided_by")
    for target, name, happened, voided in facts:
        found[target, name][voided is not None].add(happened)
    return found


def is_told_again(subject: Subject, event: str, happened_at: datetime) -> bool:
    """Whether the same stands already: next before that moment or next after it.

    Of an event that may follow itself (a policy counts from each): at the same moment.
    """
    kind = f"{subject.kind}.{event}"
    events = (
        Fact.objects.standing()
        .filter(target=subject.pk, kind__startswith=f"{subject.kind}.")
        .exclude(kind=f"{subject.kind}.{REGISTERED}")
    )
    if declared.recurs(kind):
        return events.filter(kind=kind, happened_at=happened_at).exists()
    before = events.filter(happened_at__lte=happened_at).order_by("-happened_at", "-id")[:1]
    after = events.filter(happened_at__gt=happened_at).order_by("happened_at", "id")[:1]
    return kind in {fact.kind for fact in (*before, *after)}


def values_of(subject: Subject) -> dict[str, Any]:
    """The subject's typed fields as rules read them: ``repair.category`` …"""
    return declared.kind_of(subject.kind).typed(subject.fields)


def last_values(subject: Subject) -> dict[str, Any]:
    """What the last standing event of the subject states; every event states all of it."""
    events = Fact.objects.standing().filter(target=subject.pk, kind__startswith=f"{subject.kind}.")
    return dict(events.order_by("-id").values_list("values", flat=True).first() or {})


def list_fields(kind: Kind) -> dict[str, Any]:
    """The fields that a list shows: what people choose from or say in words; the rest is on the page."""
    shown = ("choice", "choice_ordered", "person", *FREE_TEXT)
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
