"""For which posts somebody acts on a day: his own, and those of the absent whose deputy he is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import BigIntegerField
from django.db.models.expressions import RawSQL

from huiyin.accounts.titles import title_of


@dataclass(frozen=True, slots=True)
class Held:
    """A post of a person: the position, where, and every unit below that it covers."""

    position: str
    title: str
    title_en: str
    scope: str
    leads: bool
    governs: bool
    unit_id: int
    is_root: bool
    unit_ids: tuple[int, ...]

    @property
    def words(self) -> str:
        """The position's title in the language of the page."""
        return title_of(self.title, self.title_en)


Acting = Mapping[int, list[Held]]
"""The posts by person, highest unit first; somebody without a post has an empty list, and who is
not in the firm on that day is not there."""


def acting_on(person_id: int, day: date) -> Acting:
    """The posts for which somebody acts on a day. One statement."""
    return _asked("%s::date", [day], person_id)


def acting_at(person_id: int, at: datetime) -> Acting:
    """The posts for which somebody acts on the day of ``at`` in the firm's zone. One statement."""
    return _asked(TODAY, [at, settings.TIME_ZONE], person_id)


def absent_behind(persons: Collection[int], at: datetime) -> RawSQL:
    """For whom each person stands in on the day of ``at``: pairs of deputy and absent, for a
    statement about something else."""
    pairs = ArrayField(ArrayField(BigIntegerField(), size=2))
    return RawSQL(ABSENT, [at, settings.TIME_ZONE, list(persons)], output_field=pairs)


def acting_from(rows: Iterable[Sequence[Any]]) -> Acting:
    """The posts that rows of ``acting_sql`` tell."""
    found: dict[int, list[Held]] = {}
    for person, code, *rest, units in rows:
        posts = found.setdefault(person, [])
        if code is not None:
            posts.append(Held(code, *rest, tuple(units)))
    return found


def acting_sql(day: str) -> str:
    """The statement that tells them; given are those of ``day``, the person and the person."""
    return ACTING.format(day=day)


def _asked(day: str, given: list[Any], person_id: int) -> Acting:
    with connection.cursor() as cursor:
        cursor.execute(acting_sql(day), [*given, person_id, person_id])
        return acting_from(cursor)


TODAY = "(%s AT TIME ZONE coalesce((SELECT time_zone FROM accounts_firm), %s))::date"
ABSENT = f"""ARRAY(
    SELECT ARRAY[leave.deputy_id, leave.person_id]
    FROM (SELECT {TODAY} AS day) today, accounts_leave leave
    JOIN accounts_person person ON person.target_id = leave.person_id
    WHERE leave.deputy_id = ANY(%s) AND today.day BETWEEN leave.from_on AND leave.to_on
      AND (person.left_on IS NULL OR person.left_on >= today.day)
    ORDER BY leave.deputy_id, leave.person_id
)"""
ACTING = """
SELECT stands.person_id, post.position_id, position.title, position.title_en,
       position.scope, position.leads, position.governs, home.target_id, home.parent_id IS NULL, below.units
FROM (SELECT {day} AS day) today
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
ORDER BY home.path, post.position_id
"""
