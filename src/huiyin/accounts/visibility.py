"""How far a person sees on a day; the predicate itself is `ledger.visibility.visible`."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection

from huiyin.ledger.visibility import NOBODY, Viewer, visible

__all__ = [
    "NOBODY",
    "Viewer",
    "governs_firm",
    "heads",
    "heads_any",
    "oversees",
    "sees",
    "viewer_for",
    "visible",
]


def viewer_for(who: Any, on: date) -> Viewer:
    """The viewer that a person or a login is on the day `on`; one statement.

    On the days of a colleague's leave his deputy sees what the colleague sees.

    `who`: a Person, a User, a person's id, or None. Whoever left or holds no post sees nothing
    but himself.
    """
    person_id = _person_id(who)
    if person_id is None:
        return NOBODY
    with connection.cursor() as cursor:
        cursor.execute(REACH, {"person": person_id, "on": on})
        row = cursor.fetchone()
    if row is None:
        return NOBODY
    posts, whole, unit_ids, heads_all, headed, governs, absent = row
    return Viewer(
        person_id,
        tuple(unit_ids or ()),
        owns=posts > 0,
        all=bool(whole),
        on=on,
        stands_for=tuple(absent or ()),
        headed=tuple(headed or ()),
        heads_all=bool(heads_all),
        governs=bool(governs),
    )


def sees(viewer: Viewer, *, unit_id: int | None, owner_id: int | None) -> bool:
    """The predicate read for one target whose unit and owner are at hand, without a statement."""
    return oversees(viewer, unit_id) or (viewer.owns and owner_id in viewer.persons)


def oversees(viewer: Viewer, unit_id: int | None) -> bool:
    """Whether the viewer sees all of the unit; None is what belongs to none, the firm's own."""
    return viewer.all or unit_id in viewer.unit_ids


def heads(viewer: Viewer, unit_id: int | None) -> bool:
    """Whether the viewer also leads the unit; None as in `oversees`."""
    return viewer.heads_all or unit_id in viewer.headed


def heads_any(viewer: Viewer) -> bool:
    """Whether there is a unit that the viewer leads."""
    return viewer.heads_all or bool(viewer.headed)


def governs_firm(viewer: Viewer) -> bool:
    """Whether a post of his own gives the firm its rules: a deputy does not change them."""
    return viewer.governs


REACH = """
WITH stands AS (
    SELECT %(person)s::bigint AS person_id, false AS is_lent
    UNION
    SELECT leave.person_id, true FROM accounts_leave leave
    WHERE leave.deputy_id = %(person)s AND %(on)s BETWEEN leave.from_on AND leave.to_on
)
SELECT count(DISTINCT post.id),
       bool_or(position.scope = 'tree' AND home.parent_id IS NULL),
       array_agg(DISTINCT seen.target_id) FILTER (WHERE seen.target_id IS NOT NULL),
       bool_or(position.leads AND position.scope = 'tree' AND home.parent_id IS NULL),
       array_agg(DISTINCT seen.target_id)
           FILTER (WHERE position.leads AND seen.target_id IS NOT NULL),
       bool_or(position.governs AND home.parent_id IS NULL AND NOT stands.is_lent),
       array_agg(DISTINCT person.target_id) FILTER (WHERE stands.is_lent)
FROM stands
JOIN accounts_person person ON person.target_id = stands.person_id
 AND (person.left_on IS NULL OR person.left_on >= %(on)s)
LEFT JOIN accounts_post post
       ON post.person_id = person.target_id
      AND post.from_on <= %(on)s AND (post.to_on IS NULL OR post.to_on >= %(on)s)
LEFT JOIN accounts_position position ON position.code = post.position_id
LEFT JOIN accounts_unit home ON home.target_id = post.unit_id
LEFT JOIN accounts_unit seen
       ON (position.scope = 'unit' AND seen.target_id = home.target_id)
       OR (position.scope = 'tree' AND seen.path LIKE home.path || '%%')
HAVING bool_or(NOT stands.is_lent)
"""


def _person_id(who: Any) -> int | None:
    if who is None or isinstance(who, int):
        return who
    if hasattr(who, "target_id"):
        return int(who.target_id)
    person = getattr(who, "person", None)
    return None if person is None else int(person.target_id)
