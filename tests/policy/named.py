"""Answers that know what was asked for: looking up anything else is an error of ``needs``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class Unnamed(AssertionError):
    """A decision asked for a key that ``needs`` had not named."""


class Named(dict):  # type: ignore[type-arg]
    """A mapping in which only what was named may be looked up."""

    def __init__(self, found: dict[Any, Any], named: Iterable[Any]) -> None:
        self.named = frozenset(named)
        super().__init__({key: value for key, value in found.items() if key in self.named})

    def get(self, key: Any, default: Any = None) -> Any:
        if key not in self.named:
            raise Unnamed(key)
        return super().get(key, default)
