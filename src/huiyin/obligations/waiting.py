"""Whose an obligation is, as SQL: what somebody holds, and what waits for anyone of a role of his.

The pages that everybody opens ask by these; `queries.owed_by` says the same as a filter for lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from huiyin.accounts.standing import acting
from huiyin.adoption import queries as adoptions


@dataclass(frozen=True, slots=True)
class Seats:
    """Whom a person acts for, and every (adoption, role, unit, acted for) that this gives him."""

    person: int
    persons: tuple[int, ...]
    roles: tuple[tuple[int, str, int, int], ...]

    @property
    def parameters(self) -> dict[str, Any]:
        """What the statements made by ``rows`` are given."""
        columns = list(zip(*self.roles, strict=True)) or [(), (), (), ()]
        names = ("seat_adoptions", "seat_roles", "seat_units", "seat_persons")
        return {
            "person": self.person,
            "persons": list(self.persons),
            **{name: list(column) for name, column in zip(names, columns, strict=True)},
        }


def seats(person: int, *, now: datetime) -> Seats:
    """Where the person may take what waits for anyone of a role."""
    posts = acting(person, now=now)
    found = {
        (adoption.id, role, unit, absent)
        # Ended ones too: open work keeps its version.
        for adoption in adoptions.known()
        for role, position in adoption.role_map.items()
        for absent, held in posts.items()
        for post in held
        if post.position == position
        for unit in post.unit_ids
    }
    return Seats(person, tuple(posts), tuple(sorted(found)))


HELD = """
SELECT {columns} FROM obligations_obligation o
WHERE o.holder_id = ANY(%(persons)s) AND {where}
"""
POOLED = """
UNION ALL
SELECT {columns} FROM obligations_obligation o JOIN ledger_target t ON t.id = o.target_id
WHERE o.holder_id IS NULL AND {where} AND EXISTS (
    SELECT FROM unnest(%(seat_adoptions)s::bigint[], %(seat_roles)s::text[],
                       %(seat_units)s::bigint[], %(seat_persons)s::bigint[])
           AS seat (adoption, role, unit, person)
    WHERE seat.adoption = o.adoption_id AND seat.role = ANY(o.owed_roles)
      AND seat.unit = t.unit_id
      AND (o.excluded_id IS NULL OR o.excluded_id NOT IN (%(person)s, seat.person)))
"""
WAITING = "o.state IN ('open', 'blocked')"


def rows(of: Seats, *, columns: str, where: str) -> str:
    """What is somebody's, as a part of a statement; ``o`` is the obligation in both texts."""
    both = HELD + POOLED if of.roles else HELD
    return both.format(columns=columns, where=where)
