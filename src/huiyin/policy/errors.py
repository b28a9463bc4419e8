"""What can be wrong with a pack, said so that its author can put it right.

PolicyError
├── PackErrors          a pack cannot be read: every PackError with file, line, column, remedy
├── UnknownAdoption     an obligation names an adoption that was not handed in
└── NoOperator          a leaf of the language that mutation does not know
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


class PolicyError(Exception):
    """Something the policy language cannot work with."""

    code = "policy_error"


@dataclass(frozen=True, slots=True)
class PackError:
    """One finding in a pack. ``line`` and ``column`` count from 1; ``level`` is error or info."""

    file: str
    line: int
    column: int
    code: str
    message: Mapping[str, str]
    value: str = ""
    remedy: Mapping[str, str] = field(default_factory=dict)
    level: str = "error"

    def say(self, language: str) -> str:
        """``policy.yaml:14:11  what is wrong; what to write instead``."""
        return f"{self.file}:{self.line}:{self.column}  {self.words(language)}"

    def words(self, language: str) -> str:
        """What is wrong and what to write instead, without the place."""
        key = "zh" if language.startswith("zh") else "en"
        said, remedy = self.message[key], self.remedy.get(key, "")
        return f"{said}{'；' if key == 'zh' else '; '}{remedy}" if remedy else said

    def __str__(self) -> str:
        return self.say("en")


class PackErrors(PolicyError):
    """A pack that cannot be used, with all that is wrong in it, in the order of the text."""

    code = "pack_errors"

    def __init__(self, errors: Sequence[PackError]) -> None:
        self.errors = tuple(sorted(errors, key=lambda e: (e.file, e.line, e.column)))
        super().__init__("\n".join(str(error) for error in self.errors))


class UnknownAdoption(PolicyError):
    """An obligation belongs to an adoption whose policy was not handed in."""

    code = "unknown_adoption"


class NoOperator(PolicyError):
    """Mutation has no operator for a kind of leaf, so the leaf could never be proven."""

    code = "no_operator"
