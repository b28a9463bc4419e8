"""A pack that was read: the policy, its clauses in our words, and where everything stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from huiyin.policy.clauses import Clause, Section
from huiyin.policy.schema import Policy
from huiyin.policy.yaml_text import Positions

POLICY_FILE = "policy.yaml"
CLAUSES_FILE = "clauses.yaml"
FILES = (POLICY_FILE, CLAUSES_FILE)


@dataclass(frozen=True, slots=True)
class Pack:
    """An executable policy with the restated text of its clauses, in the order of the document."""

    id: str
    folder: Path | None
    policy: Policy
    clauses: Mapping[str, Clause]
    sections: Mapping[str, Section]
    sources: Mapping[str, str]
    positions: Mapping[str, Positions] = field(repr=False)

    @property
    def source(self) -> str:
        """All text that decides; its digest names this version."""
        return "\n".join(f"# {name}\n{self.sources[name]}" for name in FILES)
