"""From a clause to what the engine does about it, in words."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from django.utils.translation import get_language

from huiyin.policy import saying as words
from huiyin.policy.leaves import bindings
from huiyin.policy.loading import Pack
from huiyin.scenarios.coverage import require_clauses


@dataclass(frozen=True, slots=True)
class Explained:
    """A clause in our words, the leaves it is bound to, and what they make the engine do."""

    clause: str
    restated: str
    leaves: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        head, _, rest = self.text.partition("\n")
        return f"{head}　{self.restated}\n{rest.rstrip()}"

    def as_json(self) -> dict[str, Any]:
        return {
            "clause": self.clause,
            "restated": self.restated,
            "leaves": list(self.leaves),
            "text": self.text,
        }


def explain(pack: Pack, pattern: str) -> list[Explained]:
    """The clauses that match a shell pattern, in the order of the document.

    Raises Misused for a pattern that no clause of the pack fits.
    """
    require_clauses(pack, pattern)
    language = get_language() or "zh"
    bound = bindings(pack.policy)
    return [
        Explained(
            clause=key,
            restated=clause.zh if language.startswith("zh") else clause.en,
            leaves=tuple(map(str, bound.get(key, ()))),
            text=words.explain(pack.policy, key, language=language),
        )
        for key, clause in pack.clauses.items()
        if fnmatchcase(key, pattern)
    ]
