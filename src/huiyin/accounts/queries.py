"""Reads about the firm and its people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.utils.translation import gettext as _

from huiyin.accounts.models import Firm, Leave, Person, Position, Post
from huiyin.accounts.posts import Held
from huiyin.accounts.titles import title_of
from huiyin.accounts.visibility import heads, viewer_for
from huiyin.core.pinyin import in_order
from huiyin.core.punctuation import listed
from huiyin.core.transactions import throughout
from huiyin.ledger.visibility import Viewer

SUPERVISOR = "supervisor"
"""The position as which a demo or trial opens."""


def firm() -> Firm | None:
    """The firm, or None before it is set up."""
    return Firm.objects.first()


def zone() -> ZoneInfo:
    """The firm's time zone; before it is set up the one of the settings."""
    named = Firm.objects.values_list("time_zone", flat=True).first()
    return ZoneInfo(named or settings.TIME_ZONE)


def moment_said(moment: datetime) -> str:
    """A moment in the firm's zone as people write it: 2026-03-02 09:00."""
    return moment.astimezone(zone()).strftime("%Y-%m-%d %H:%M")


def holders(
    roles: Collection[str], unit_ids: Iterable[int | None], at: datetime
) -> dict[tuple[str, int | None], tuple[int, ...]]:
    """Who holds the positions `roles` for each unit at the moment `at`, nearest post first.

    A post in the unit or in any unit above it counts; for None (the whole firm) any post does.
    A position that nobody holds has no key. The day is the one in the firm's zone. One statement,
    asked once in a use case.
    """
    asked = frozenset(roles), frozenset(unit_ids)
    if not all(asked):
        return {}
    return throughout(("holders", *asked, at), lambda: _holders(*asked, at))


def _holders(
    roles: frozenset[str], units: frozenset[int | None], at: datetime
) -> dict[tuple[str, int | None], tuple[int, ...]]:
    parameters = {
        "roles": list(roles),
        "units": [unit for unit in units if unit is not None],
        "whole_firm": None in units,
        "at": at,
        "zone": settings.TIME_ZONE,
    }
    # A dict keeps the order and drops the second post of the same person.
    found: dict[tuple[str, int | None], dict[int, None]] = defaultdict(dict)
    for code, unit, person in _rows(HOLDERS, parameters):
        found[code, unit][person] = None
    return {key: tuple(people) for key, people in found.items()}


def held_positions(codes: Collection[str], at: datetime) -> frozenset[str]:
    """Those of `codes` that somebody holds somewhere in the firm at `at`."""
    return frozenset(code for code, _unit in holders(codes, [None], at))


def standing_in(deputy: str, absent: str) -> str:
    """How a deputy is named wherever he acted for somebody."""
    return _("%(deputy)s 代 %(absent)s") % {"deputy": deputy, "absent": absent}


def entered_by(by: str, who: str) -> str:
    """How he is named whose act somebody else entered; both by name, empty where there is none."""
    if not by or not who or by == who:
        return by
    return _("%(by)s（%(who)s 录入）") % {"by": by, "who": who}


def holds_over(person_id: int, unit_id: int | None, at: datetime) -> bool:
    """Whether the person heads the unit: a leading post with scope `tree` in it or above, or `unit`.

    None is the whole firm: only a head of the root does.
    """
    return heads(viewer_at(person_id, at), unit_id)


def viewer_at(person_id: int, at: datetime) -> Viewer:
    """How far somebody sees at a moment: on that day in the firm's zone. Two statements."""
    return viewer_for(person_id, at.astimezone(zone()).date())


def positions_of(persons: Collection[int], at: datetime) -> dict[int, frozenset[str]]:
    """The codes of the positions that each person holds at `at`, himself or as a deputy.

    One statement.
    """
    if not persons:
        return {}
    parameters = {"persons": list(persons), "at": at, "zone": settings.TIME_ZONE}
    found: dict[int, set[str]] = defaultdict(set)
    for person, code in _rows(POSITIONS_OF, parameters):
        found[person].add(code)
    return {person: frozenset(codes) for person, codes in found.items()}


def heads_of(persons: Collection[int], at: datetime) -> dict[int, tuple[int, ...]]:
    """Who is above each person at `at`, nearest first, never himself. One statement.

    Above is whoever leads the person's unit (scope `unit` or `tree` there), or a unit above it
    with scope `tree`.
    """
    if not persons:
        return {}
    parameters = {"persons": list(persons), "at": at, "zone": settings.TIME_ZONE}
    found: dict[int, dict[int, None]] = defaultdict(dict)
    for person, head in _rows(HEADS, parameters):
        found[person][head] = None
    return {person: tuple(heads) for person, heads in found.items()}


def in_post(at: datetime) -> list[int]:
    """Everybody who holds a post at `at`."""
    return list(
        Post.objects.held(at.astimezone(zone()).date()).values_list("person", flat=True).distinct()
    )


def days_away(persons: Collection[int], first: date, last: date) -> dict[int, frozenset[date]]:
    """The days from `first` to `last`, both included, on which each person is on leave."""
    found: dict[int, set[date]] = defaultdict(set)
    rows = Leave.objects.filter(person__in=persons, from_on__lte=last, to_on__gte=first)
    for person, from_on, to_on in rows.values_list("person_id", "from_on", "to_on"):
        start, end = max(from_on, first), min(to_on, last)
        found[person] |= {start + timedelta(days=n) for n in range((end - start).days + 1)}
    return {person: frozenset(days) for person, days in found.items()}


def have_held(
    asked: Collection[tuple[int, int | None]], positions: Collection[str]
) -> set[tuple[int, int | None]]:
    """Which of these persons ever held one of the positions in that unit or above it; for None,
    anywhere in the firm. One statement.

    What is told of the past names people who left since, and who came before their post was entered.
    """
    if not asked:
        return set()
    persons, units = zip(*asked, strict=True)
    parameters = {"persons": list(persons), "units": list(units), "positions": list(positions)}
    return set(_rows(HAVE_HELD, parameters))


def people_around(unit: int | None, *, at: datetime) -> list[tuple[int, str]]:
    """Who works for a unit, in it or above it: ids and names in their order, for choices.

    Two statements.
    """
    positions = set(Position.objects.values_list("code", flat=True))
    found = {person for held in holders(positions, [unit], at).values() for person in held}
    return in_order(Person.objects.filter(pk__in=found).values_list("pk", "name"))


def people_of(viewer: Viewer, on: date) -> QuerySet[Any]:
    """The people of the firm on a day that the viewer may see, by number."""
    return Person.objects.visible_to(viewer).in_firm(on).order_by("number")


def first_supervisor(on: date) -> Person | None:
    """As whom a demo opens: the first supervisor, else whoever oversees most."""
    held = Post.objects.held(on).select_related("person")
    is_supervisor = ExpressionWrapper(Q(position_id=SUPERVISOR), output_field=BooleanField())
    post = held.order_by(is_supervisor.desc(), "unit__path", "person_id", "pk").first()
    return None if post is None else post.person


@dataclass(frozen=True, slots=True)
class Face:
    """A person as the page's head shows him: name and the titles of his posts."""

    id: int
    name: str
    role: str
    current: bool = False


def faces(on: date, *, current: int | None = None) -> list[Face]:
    """Everybody in post on a day, for the switch of a demo or trial; highest unit first."""
    titles: dict[int, list[str]] = defaultdict(list)
    names: dict[int, str] = {}
    rows = Post.objects.held(on).order_by("unit__path", "person_id", "pk")
    told = ("person_id", "person__name", "position__title", "position__title_en")
    for id, name, *titled in rows.values_list(*told):
        names[id], title = name, title_of(*titled)
        if title not in titles[id]:
            titles[id].append(title)
    return [Face(id, name, listed(titles[id]), id == current) for id, name in names.items()]


def face(person: Person, posts: Iterable[Held]) -> Face:
    """One person with his posts as the page's head shows him."""
    titles = dict.fromkeys(post.words for post in posts)
    return Face(person.pk, person.name, listed(titles), current=True)


def _rows(statement: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


TODAY = """
SELECT (%(at)s AT TIME ZONE
        coalesce((SELECT time_zone FROM accounts_firm), %(zone)s))::date AS day
"""
HELD = """
SELECT post.position_id AS code, post.person_id, home.path, home.target_id AS home
FROM today, accounts_post post
JOIN accounts_unit home ON home.target_id = post.unit_id
JOIN accounts_person person ON person.target_id = post.person_id
WHERE post.from_on <= today.day AND (post.to_on IS NULL OR post.to_on >= today.day)
  AND (person.left_on IS NULL OR person.left_on >= today.day)
"""
HOLDERS = f"""
WITH today AS ({TODAY}), held AS ({HELD} AND post.position_id = ANY(%(roles)s))
SELECT code, unit, person_id FROM (
    SELECT held.code, unit.target_id AS unit, held.person_id, length(held.path) AS depth
    FROM accounts_unit unit JOIN held ON unit.path LIKE held.path || '%%'
    WHERE unit.target_id = ANY(%(units)s)
    UNION ALL
    SELECT code, NULL, person_id, -length(path) FROM held WHERE %(whole_firm)s
) answer
ORDER BY code, unit, depth DESC, person_id
"""
POSITIONS_OF = f"""
WITH today AS ({TODAY}),
stands AS (
    SELECT person AS acting, person FROM unnest(%(persons)s::bigint[]) AS person
    UNION
    SELECT leave.deputy_id, leave.person_id FROM today, accounts_leave leave
    WHERE leave.deputy_id = ANY(%(persons)s) AND today.day BETWEEN leave.from_on AND leave.to_on
),
held AS ({HELD} AND post.person_id IN (SELECT person FROM stands))
SELECT stands.acting, held.code FROM stands JOIN held ON held.person_id = stands.person
"""
HAVE_HELD = """
SELECT asked.person, asked.unit
FROM unnest(%(persons)s::bigint[], %(units)s::bigint[]) AS asked (person, unit)
LEFT JOIN accounts_unit unit ON unit.target_id = asked.unit
WHERE EXISTS (
    SELECT FROM accounts_post post JOIN accounts_unit home ON home.target_id = post.unit_id
    WHERE post.person_id = asked.person AND post.position_id = ANY(%(positions)s)
      AND (asked.unit IS NULL OR unit.path LIKE home.path || '%%')
)
"""
HEADS = f"""
WITH today AS ({TODAY}), held AS ({HELD})
SELECT target.id, held.person_id
FROM ledger_target target
JOIN accounts_unit unit ON unit.target_id = target.unit_id
JOIN held ON unit.path LIKE held.path || '%%' AND held.person_id <> target.id
JOIN accounts_position position ON position.code = held.code
WHERE target.id = ANY(%(persons)s) AND position.leads
  AND (position.scope = 'tree' OR (position.scope = 'unit' AND held.home = unit.target_id))
ORDER BY target.id, length(held.path) DESC, held.person_id
"""
