"""The steps a scenario may use, written as they read.

A pattern is a sentence: ``{name}`` stands for something in quotes (“ ” or " "), ``{name#}`` for a
bare number, ``[ … ]`` may be left out, and a space may be any space or none.
"""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from huiyin.scenarios.errors import Misused, UndefinedStep
from huiyin.scenarios.features import KEYWORDS, Kind, Step

Action = Callable[..., None]

_TOKEN = re.compile(r"\{(?P<name>\w+)(?P<number>#?)\}|(?P<char>.)", re.DOTALL)
_QUOTED = r'[“"](?P<{}>[^“”"]*)[”"]'
_NUMBER = r"(?P<{}>\d+)"
_WRITTEN = {"[": "(?:", "]": ")?", " ": r"\s*", "，": "[，,]", "：": "[：:]"}


@dataclass(frozen=True, slots=True)
class Definition:
    """One step: how it reads and what it does."""

    kind: Kind
    pattern: str
    expression: re.Pattern[str]
    action: Action
    takes_table: bool

    @property
    def wording(self) -> str:
        written = re.sub(r"\{\w+#\}", "1", self.pattern)
        return KEYWORDS[self.kind] + re.sub(r"\{\w+\}", '"…"', written)


_definitions: list[Definition] = []


def given(*patterns: str) -> Callable[[Action], Action]:
    """Declare a step that sets the scene."""
    return _declare("given", patterns)


def when(*patterns: str) -> Callable[[Action], Action]:
    """Declare a step in which somebody does something or time passes."""
    return _declare("when", patterns)


def then(*patterns: str) -> Callable[[Action], Action]:
    """Declare a step that states what must hold."""
    return _declare("then", patterns)


def bind(step: Step) -> tuple[Definition, dict[str, Any]]:
    """The definition a step matches and what its quotes hold.

    Raises UndefinedStep, or Misused when a table stands where none belongs.
    """
    found = [
        (one, match.groupdict())
        for one in _definitions
        if one.kind in _kinds(step.kind) and (match := one.expression.fullmatch(step.text))
    ]
    if not found:
        raise UndefinedStep(str(step), near(step))
    definition, values = found[0]
    if step.table is not None and not definition.takes_table:
        raise Misused(_("这个步骤不带表格：%s") % definition.wording)
    return definition, values | ({"table": step.table} if definition.takes_table else {})


def near(step: Step) -> list[str]:
    """Up to three definitions that read most like the step, whatever its keyword."""
    blank = re.sub(r'[“"][^“”"]*[”"]', '"…"', str(step))
    wordings = {one.wording: one for one in _definitions}
    return difflib.get_close_matches(blank, wordings, n=3, cutoff=0.35)


def definitions() -> Iterator[Definition]:
    """Every step there is, in the order of declaration."""
    yield from _definitions


def _kinds(kind: Kind) -> tuple[Kind, ...]:
    # What sets the scene may also happen later: a new tenant moves in, a post is filled.
    return (
        ("when", "given") if kind == "when" else ("given", "when") if kind == "given" else (kind,)
    )


def _declare(kind: Kind, patterns: tuple[str, ...]) -> Callable[[Action], Action]:
    def keep(action: Action) -> Action:
        takes_table = "table" in inspect.signature(action).parameters
        for pattern in patterns:
            expression = re.compile(_expression(pattern))
            _definitions.append(Definition(kind, pattern, expression, action, takes_table))
        return action

    return keep


def _expression(pattern: str) -> str:
    return "".join(_written(token) for token in _TOKEN.finditer(pattern))


def _written(token: re.Match[str]) -> str:
    if token["name"]:
        return (_NUMBER if token["number"] else _QUOTED).format(token["name"])
    return _WRITTEN.get(token["char"], re.escape(token["char"]))
