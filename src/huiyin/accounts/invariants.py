"""What holds for what people may see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from huiyin.accounts.models import Person
from huiyin.accounts.queries import zone
from huiyin.accounts.visibility import viewer_for
from huiyin.core.health import Invariant, Look
from huiyin.ledger.models import Target

SPOT = 5  # people, others every day

# The same question asked another way: up from the target's unit to the unit of a post, his own or
# that of somebody for whom he stands in.
SHADOW = """
WITH RECURSIVE above AS (
    SELECT target_id AS unit, target_id AS head FROM accounts_unit
    UNION ALL
    SELECT above.unit, unit.parent_id FROM above JOIN accounts_unit unit ON unit.target_id = above.head
    WHERE unit.parent_id IS NOT NULL
), acting AS (
    SELECT {person} AS person
    UNION
    SELECT leave.person_id FROM accounts_leave leave
    JOIN accounts_person absent ON absent.target_id = leave.person_id
    WHERE leave.deputy_id = {person} AND '{on}' BETWEEN leave.from_on AND leave.to_on
      AND coalesce(absent.left_on, 'infinity') >= '{on}'
), held AS (
    SELECT post.unit_id, position.scope FROM accounts_post post
    JOIN accounts_position position ON position.code = post.position_id
    WHERE post.person_id IN (SELECT person FROM acting) AND post.from_on <= '{on}'
      AND coalesce(post.to_on, 'infinity') >= '{on}'
)
SELECT target.id FROM ledger_target target
WHERE target.id IN (SELECT person FROM acting)
   OR (target.owner_id IN (SELECT person FROM acting) AND EXISTS (SELECT 1 FROM held))
   OR EXISTS (SELECT 1 FROM held WHERE scope <> 'own' AND unit_id = target.unit_id)
   OR EXISTS (SELECT 1 FROM held JOIN above ON above.head = held.unit_id
              WHERE scope = 'tree' AND above.unit = target.unit_id)
"""


def seen_too_much(look: Look) -> Iterator[tuple[Any, ...]]:
    """Targets that a person is shown though none of his posts reaches them: person, target."""
    on = look.now.astimezone(zone()).date()
    people = list(Person.objects.in_firm(on).order_by("pk").values_list("pk", flat=True))
    start = on.toordinal() * SPOT % max(1, len(people))
    for person in people if look.full else (people[start:] + people[:start])[:SPOT]:
        viewer = viewer_for(person, on)
        # Who holds a post over the whole firm sees also what belongs to no unit.
        if viewer.all:
            continue
        shown, parameters = Target.objects.visible_to(viewer).values("pk").query.sql_with_params()
        shadow = SHADOW.format(person=int(person), on=on.isoformat())
        with connection.cursor() as cursor:
            cursor.execute(f"({shown}) EXCEPT ({shadow})", parameters)
            yield from ((person, target) for (target,) in cursor.fetchall())


ALL = (Invariant("I19", _("给人看到的都在他的范围内（抽查）"), seen_too_much),)
