"""Which clauses of a pack are bound to a leaf, and which are proven by a passing scenario."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from django.utils.translation import gettext as _

from huiyin.core.punctuation import listed
from huiyin.policy.leaves import bindings
from huiyin.policy.loading import Pack
from huiyin.scenarios.errors import Misused
from huiyin.scenarios.runner import Result


@dataclass(frozen=True, slots=True)
class Coverage:
    """Clauses by what stands behind them. A declarative clause is bound by its acknowledgement."""

    policy: str
    clauses: tuple[str, ...]
    unbound: tuple[str, ...]
    declarative: tuple[str, ...]
    unproven: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """All that was asked is bound and proven; asking for nothing proves nothing."""
        return bool(self.clauses) and not self.unbound and not self.unproven

    def as_json(self) -> dict[str, Any]:
        return {
            "clauses": len(self.clauses),
            "bound": len(self.clauses) - len(self.unbound),
            "declarative": len(self.declarative),
            "proven": len(self.clauses) - len(self.declarative) - len(self.unproven),
            "unproven": list(self.unproven),
        }


def require_clauses(pack: Pack, asked: str) -> None:
    """Raises Misused for a pattern that no clause of the pack fits."""
    if not any(fnmatchcase(clause, asked) for clause in pack.clauses):
        raise Misused(
            _("%(policy)s 没有“%(asked)s”这样的条款；有：%(known)s")
            % {"policy": pack.id, "asked": asked, "known": listed(pack.clauses)}
        )


def measure(pack: Pack, results: Iterable[Result], *, asked: str = "*") -> Coverage:
    """Bound: a leaf carries the clause. Proven: a scenario tagged with it passes and names it.

    ``asked`` is a shell pattern over clause ids (``B.*``).
    """
    clauses = tuple(clause for clause in pack.clauses if fnmatchcase(clause, asked))
    bound = bindings(pack.policy)
    declarative = tuple(clause for clause in clauses if pack.clauses[clause].declarative)
    proven = set()
    for result in results:
        if result.passed:
            proven |= result.scenario.tags & result.named
    return Coverage(
        policy=pack.id,
        clauses=clauses,
        unbound=tuple(c for c in clauses if not bound.get(c) and c not in declarative),
        declarative=declarative,
        unproven=tuple(c for c in clauses if c not in proven and c not in declarative),
    )
