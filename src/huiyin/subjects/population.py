"""Subjects as populations, and what belongs to one: what it was made from and what became of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from huiyin.obligations.populations import Column, Population
from huiyin.subjects.models import Subject, SubjectLink


def _column(name: str) -> Column | None:
    if name == "target.owner":
        return Column("target__owner")
    kind, _, key = name.partition(".")
    if kind == "customer":
        return (
            Column("customer__customer_class")
            if key == "class"
            else Column("customer__fields", key)
        )
    return Column("fields", key)


def _linked(kind: str, targets: Collection[int]) -> Mapping[int, list[Mapping[str, Any]]]:
    """Parents and children of a kind by target, with their fields by full name."""
    found: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for near, far in (("parent", "child"), ("child", "parent")):
        rows = SubjectLink.objects.filter(**{f"{near}__in": targets, f"{far}__kind": kind})
        for id, fields in rows.values_list(f"{near}_id", f"{far}__fields"):
            found[id].append({f"{kind}.{name}": value for name, value in fields.items()})
    return found


SUBJECTS = Population(
    rows=lambda kind: Subject.objects.filter(kind=kind),
    column=_column,
    joined="created_at",
    belonging=_linked,
)
