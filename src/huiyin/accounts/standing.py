"""How somebody stands in the firm today: his posts and those of whom he stands in for, how far he
sees. A page asks once, together with the firm itself.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import TextField
from django.db.models.expressions import RawSQL

from huiyin.accounts.models import Firm
from huiyin.accounts.queries import Held, acting_posts
from huiyin.core.once import once, remember
from huiyin.ledger.visibility import NOBODY, Viewer

Acting = Mapping[int, list[Held]]
"""The posts by person: his own, and those of each absent colleague whose deputy he is."""


def acting(person_id: int, *, now: datetime) -> Acting:
    """The posts of a person and of those for whom he stands in; asked once a page."""
    return once(_key(person_id, now), lambda: acting_posts(person_id, at=now))


def firm_and_acting(person_id: int, *, now: datetime) -> tuple[Firm | None, Acting]:
    """The firm, and the posts for which somebody acts in it at ``now``. One statement."""
    told = RawSQL(STANDING, [now, person_id, person_id], output_field=TextField())
    firm = Firm.objects.annotate(standing=told).first()
    found: dict[int, list[Held]] = {}
    for person, code, title, scope, leads, governs, unit, below in _posts(firm):
        posts = found.setdefault(person, [])
        if code is not None:
            is_root, units = below
            posts.append(Held(code, title, scope, leads, governs, unit, tuple(units), is_root))
    if person_id in found:
        remember(_key(person_id, now), found)
    return firm, found


def viewer_of(person_id: int, posts: Acting, on: date) -> Viewer:
    """How far somebody sees by the posts for which he acts; `visibility.viewer_for` in Python."""
    if person_id not in posts:
        return NOBODY
    held = [post for of_one in posts.values() for post in of_one]
    leading = [post for post in held if post.leads]
    return Viewer(
        person_id,
        _overseen(held),
        owns=bool(held),
        all=any(_is_whole(post) for post in held),
        on=on,
        stands_for=tuple(sorted(set(posts) - {person_id})),
        headed=_overseen(leading),
        heads_all=any(_is_whole(post) for post in leading),
        governs=any(post.governs and post.is_root for post in posts[person_id]),
    )


def _overseen(held: Iterable[Held]) -> tuple[int, ...]:
    units = {unit for post in held if post.scope == "tree" for unit in post.unit_ids}
    return tuple(sorted(units | {post.unit_id for post in held if post.scope == "unit"}))


def _is_whole(post: Held) -> bool:
    return post.scope == "tree" and post.is_root


def _posts(firm: Any) -> list[Any]:
    return json.loads(firm.standing) or [] if firm is not None and firm.standing else []


def _key(person_id: int, now: datetime) -> Hashable:
    # No day begins within a quarter of an hour of any zone: all pieces of a page mean the same.
    quarter = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    return "acting", person_id, quarter


STANDING = """
SELECT json_agg(json_build_array(
           stands.person_id, post.position_id, position.title, position.scope, position.leads,
           position.governs, home.target_id, json_build_array(home.parent_id IS NULL, below.units))
       ORDER BY home.path, post.id)::text
FROM (SELECT (%s::timestamptz AT TIME ZONE accounts_firm.time_zone)::date AS day) today
CROSS JOIN LATERAL (
    SELECT %s::bigint AS person_id
    UNION
    SELECT leave.person_id FROM accounts_leave leave
    WHERE leave.deputy_id = %s AND today.day BETWEEN leave.from_on AND leave.to_on
) stands
JOIN accounts_person person ON person.target_id = stands.person_id
 AND (person.left_on IS NULL OR person.left_on >= today.day)
LEFT JOIN accounts_post post ON post.person_id = stands.person_id
 AND post.from_on <= today.day AND (post.to_on IS NULL OR post.to_on >= today.day)
LEFT JOIN accounts_position position ON position.code = post.position_id
LEFT JOIN accounts_unit home ON home.target_id = post.unit_id
LEFT JOIN LATERAL (
    SELECT array_agg(unit.target_id) AS units FROM accounts_unit unit
    WHERE starts_with(unit.path, home.path)
) below ON true
"""
