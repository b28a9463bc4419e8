"""The registry of populations: a queryset per kind of target, filled by the room that owns it."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import QuerySet

_factories: dict[str, Callable[[], QuerySet]] = {}


def register(kind: str, factory: Callable[[], QuerySet]) -> None:
    """Name the rows that are targets of ``kind``. Called in ``AppConfig.ready()``."""
    _factories[kind] = factory


def of(kind: str) -> QuerySet:
    """The population of a kind; KeyError names a kind that no room owns."""
    return _factories[kind]()


def kinds() -> tuple[str, ...]:
    return tuple(sorted(_factories))
