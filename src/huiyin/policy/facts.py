"""What the policy language is told: facts, already stripped of everything personal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

Value = str | int | float | bool | None | list[int] | list[str]
"""A typed value that a rule may read: choice key, number, ISO date or instant, target id, ids."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened, as a rule sees it. All instants are aware and in UTC.

    ``id`` is the ledger's sequence number; facts that the engine itself derives in the same
    decision carry negative ids until they are written. ``owner`` is whom the target is entrusted
    to, ``customer`` the customer behind it (a customer's own id).
    """

    id: int
    kind: str
    target: int
    unit: int | None
    by: int | None
    happened: datetime
    known: datetime
    recorded: datetime
    values: Mapping[str, Value] = field(default_factory=dict)
    voids: int | None = None
    live: bool = True
    owner: int | None = None
    customer: int | None = None

    @property
    def read(self) -> Mapping[str, Value]:
        """The values with what every fact has, as conditions read them."""
        return {
            **self.values,
            "fact.by": self.by,
            "fact.happened": self.happened.isoformat(),
            "fact.known": self.known.isoformat(),
            "target.owner": self.owner,
        }
