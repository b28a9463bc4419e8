"""The one door of every act: whoever does something asks here first.

Rooms above register what they know (policy guards, consent, holds) in `AppConfig.ready()`;
rooms below and above ask `check()`, without knowing who answers. One of three registries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from huiyin.core.errors import Refused

POLICY = "policy"
"""The checker without which nothing starts."""


@dataclass(frozen=True, slots=True)
class ActContext:
    """Who does what to which target, with which values; `at` is an aware UTC moment.

    `target`, `by` and `unit` are ids of targets; `by` is None when the system acts.
    """

    act: str
    target: int | None
    by: int | None
    at: datetime
    unit: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


Checker = Callable[[Sequence[ActContext]], Mapping[int, Refused]]
"""Says of many acts at once which it refuses, by position; what it allows is left out."""

_checkers: dict[str, Checker] = {}
_obstacles: dict[str, Checker] = {}


def register_checker(
    checker: Checker, *, name: str = POLICY, obstacle: Checker | None = None
) -> None:
    """Let `checker` answer for every act from now on. A name is taken once.

    What a checker refuses, whoever asks, until somebody outside the firm changes his mind, is an
    `obstacle`: the same answer without a lock, for who only wants to know what may be done at all.
    Raises ValueError when another function has the name.
    """
    if _checkers.get(name, checker) is not checker:
        raise ValueError(f"A checker named {name!r} is registered already")
    _checkers[name] = checker
    if obstacle is not None:
        _obstacles[name] = obstacle


def is_registered(name: str) -> bool:
    return name in _checkers


def check(act: str, context: ActContext) -> None:
    """Ask every checker; all their refusals come back as one.

    Raises Refused with the clauses of all that refuse; LookupError when no policy checker is
    registered, because an act that nobody checked must not be done.
    """
    if context.act != act:
        raise ValueError(f"The context speaks of {context.act!r}, not of {act!r}")
    for refused in refusals([context]).values():
        raise refused


def refusals(contexts: Sequence[ActContext]) -> dict[int, Refused]:
    """The same for many acts at once: why each may not be done, by its position."""
    if POLICY not in _checkers:
        raise LookupError("No policy checker is registered: refusing every act")
    found: dict[int, list[Refused]] = {}
    for checker in _checkers.values():
        for position, refused in checker(contexts).items():
            found.setdefault(position, []).append(refused)
    return {position: _joined(refused) for position, refused in found.items()}


def obstacles(contexts: Sequence[ActContext]) -> dict[int, tuple[str, Refused]]:
    """What stands in the way of acts whoever does them: by position, the checker and its refusal."""
    found: dict[int, tuple[str, Refused]] = {}
    for name, checker in _obstacles.items():
        for position, refused in checker(contexts).items():
            found.setdefault(position, (name, refused))
    return found


def _joined(refusals: list[Refused]) -> Refused:
    if len(refusals) == 1:
        return refusals[0]
    clauses = list(dict.fromkeys(clause for refusal in refusals for clause in refusal.clauses))
    message = "\n".join(str(refusal.message) for refusal in refusals)
    missing = [name for refusal in refusals for name in refusal.values.get("missing", ())]
    return Refused(clauses, message, refusals[0].rule, refusals=refusals, missing=missing)
