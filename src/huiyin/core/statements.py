"""A queryset as a part of a larger statement."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet


def embedded(rows: QuerySet[Any, Any], name: str) -> tuple[str, dict[str, Any]]:
    """The text of ``rows`` for a statement with named parameters, and those that it needs.

    ``name`` begins their names, so that several can stand in one statement.
    """
    text, parameters = rows.query.sql_with_params()
    named = {f"{name}_{n}": value for n, value in enumerate(parameters)}
    return text % tuple(f"%({each})s" for each in named), named
