"""A use case is one transaction; what it is made of joins it."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import transaction

Given = ParamSpec("Given")
Found = TypeVar("Found")

_inside: ContextVar[bool] = ContextVar("inside a use case", default=False)


def joins(do: Callable[Given, Found]) -> Callable[Given, Found]:
    """Marks a service that others are made of: all or nothing, but within another no savepoint.

    Each savepoint is two statements more. Who calls it from a service that is marked so, too, and
    goes on after an error of it, has to make a savepoint himself.
    """

    @wraps(do)
    def joined(*given: Given.args, **named: Given.kwargs) -> Found:
        if _inside.get():
            return do(*given, **named)
        token = _inside.set(True)
        try:
            with transaction.atomic():
                return do(*given, **named)
        finally:
            _inside.reset(token)

    return joined
