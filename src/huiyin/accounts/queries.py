"""Reads about the firm and its people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from huiyin.accounts.models import Firm, Person


def firm() -> Firm | None:
    """The firm, or None before it is set up."""
    return Firm.objects.first()


def zone() -> ZoneInfo:
    """The firm's time zone; before it is set up the one of the settings."""
    named = Firm.objects.values_list("time_zone", flat=True).first()
    return ZoneInfo(named or settings.TIME_ZONE)


def holders(
    roles: Collection[str], unit_ids: Iterable[int | None], at: datetime
) -> dict[tuple[str, int | None], tuple[int, ...]]:
    """Who holds the positions `roles` for each unit at the moment `at`, nearest post first.

    A post in the unit or in any unit above it counts; for None (the whole firm) any post does.
    A position that nobody holds has no key. The day is the one in the firm's zone. One statement.
    """
    wanted = set(unit_ids)
    if not roles or not wanted:
        return {}
    parameters = {
        "roles": list(roles),
        "units": [unit for unit in wanted if unit is not None],
        "whole_firm": None in wanted,
        "at": at,
        "zone": settings.TIME_ZONE,
    }
    found: dict[tuple[str, int | None], dict[int, None]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(HOLDERS, parameters)
        for code, unit, person in cursor.fetchall():
            found[code, unit][person] = None
    return {key: tuple(people) for key, people in found.items()}


HOLDERS = """
WITH today AS (
    SELECT (%(at)s AT TIME ZONE
            coalesce((SELECT time_zone FROM accounts_firm), %(zone)s))::date AS day
), held AS (
    SELECT post.position_id AS code, post.person_id, home.path, home.target_id AS home
    FROM today, accounts_post post
    JOIN accounts_unit home ON home.target_id = post.unit_id
    JOIN accounts_person person ON person.target_id = post.person_id
    WHERE post.position_id = ANY(%(roles)s)
      AND post.from_on <= today.day AND (post.to_on IS NULL OR post.to_on >= today.day)
      AND (person.left_on IS NULL OR person.left_on >= today.day)
)
SELECT code, unit, person_id FROM (
    SELECT held.code, unit.target_id AS unit, held.person_id, length(held.path) AS depth
    FROM accounts_unit unit JOIN held ON unit.path LIKE held.path || '%%'
    WHERE unit.target_id = ANY(%(units)s)
    UNION ALL
    SELECT code, NULL, person_id, -length(path) FROM held WHERE %(whole_firm)s
) answer
ORDER BY code, unit, depth DESC, person_id
"""


def first_supervisor(on: date) -> Person | None:
    """Whom a demo opens as: the first supervisor, else whoever oversees most."""
    people = Person.objects.in_firm(on).filter(posts__in=_held(on))
    supervisor = people.filter(posts__position__code="supervisor").order_by("pk").first()
    return supervisor or people.order_by("posts__unit__path", "pk").first()


def _held(on: date):  # type: ignore[no-untyped-def]
    from huiyin.accounts.models import Post

    return Post.objects.held(on)
