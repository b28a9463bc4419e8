"""Who may see what: one predicate for list, open, search, report, export and print.

A viewer sees a target when it belongs to a unit that he oversees, is entrusted to him, or is
himself. How far he oversees is the scope of the positions that he holds on the day; that is
looked up by `accounts.visibility.viewer_for`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person who looks, and how far he sees on the day `on` (in the firm's zone).

    `unit_ids` holds whole sub-trees already expanded; `owns`: what is entrusted to him counts;
    `all`: everything, also what belongs to no unit. `stands_for` are the absent whose deputy he
    is on that day: he sees what they see. `headed` are those of the units in which he also leads,
    `heads_all`: all of them. `governs`: a post of his own gives the firm its rules. `positions`
    are the codes of those that he holds, himself or as a deputy.
    """

    person_id: int | None
    unit_ids: tuple[int, ...] = ()
    owns: bool = False
    all: bool = False
    on: date | None = None
    stands_for: tuple[int, ...] = ()
    headed: tuple[int, ...] = ()
    heads_all: bool = False
    governs: bool = False
    positions: frozenset[str] = frozenset()

    @property
    def persons(self) -> tuple[int, ...]:
        """Himself, and for whom he stands in."""
        return () if self.person_id is None else (self.person_id, *self.stands_for)


NOBODY = Viewer(None)
"""Sees nothing."""


def visible(viewer: Viewer, prefix: str = "target__") -> Q:
    """The one predicate. `prefix` leads from the queryset's model to its target."""
    if viewer.all:
        # Not Q(): an empty one vanishes when a caller widens it with `|`, and then narrows.
        return ~Q(pk__in=[])
    if viewer.person_id is None:
        return Q(pk__in=[])
    seen = Q(**{f"{prefix}id__in": viewer.persons})
    if viewer.unit_ids:
        seen |= Q(**{f"{prefix}unit_id__in": viewer.unit_ids})
    if viewer.owns:
        seen |= Q(**{f"{prefix}owner_id__in": viewer.persons})
    return seen
