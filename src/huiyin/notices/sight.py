"""Writing notices, and whether each recipient saw then what he was told about: one statement.

`SEES` reads the one predicate (`ledger.visibility.visible`, with the reach that
`accounts.visibility` looks up) for many people at once; a test holds the two equal.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True)
class Written:
    """A notice that is new."""

    id: int
    recipient_id: int
    template: str
    params: Mapping[str, Any]


def insert_notices(messages: Iterable[Any], *, on: date, now: datetime) -> list[Written]:
    """Write messages (`services.Message`) whose key is new; `on` is the day in the firm's zone."""
    rows = [
        (m.recipient_id, m.about_id, m.policy, m.clause, m.template, _json(m.params), m.key)
        for m in messages
    ]
    if not rows:
        return []
    columns = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [on, now, *columns])
        return [
            Written(id, recipient, template, json.loads(params))
            for id, recipient, template, params in cursor.fetchall()
        ]


def _json(params: Mapping[str, Any]) -> str:
    return json.dumps(dict(params), ensure_ascii=False)


SEES = """
    target.id = given.recipient AND EXISTS (
        SELECT FROM accounts_person person, moment
        WHERE person.target_id = given.recipient
          AND (person.left_on IS NULL OR person.left_on >= moment.day)
    )
    OR EXISTS (
        SELECT FROM moment, accounts_post post
        JOIN accounts_person person ON person.target_id = post.person_id
        JOIN accounts_position position ON position.code = post.position_id
        JOIN accounts_unit home ON home.target_id = post.unit_id
        LEFT JOIN accounts_unit place ON place.target_id = target.unit_id
        WHERE (post.person_id = given.recipient OR post.person_id IN (
                SELECT leave.person_id FROM accounts_leave leave
                WHERE leave.deputy_id = given.recipient
                  AND moment.day BETWEEN leave.from_on AND leave.to_on
            ))
          AND (person.left_on IS NULL OR person.left_on >= moment.day)
          AND post.from_on <= moment.day AND (post.to_on IS NULL OR post.to_on >= moment.day)
          AND (target.owner_id = post.person_id
               OR position.scope = 'unit' AND home.target_id = target.unit_id
               OR position.scope = 'tree'
                  AND (home.parent_id IS NULL OR place.path LIKE home.path || '%%'))
    )
"""
# In the order of the keys, so that two writers of the same ones cannot wait for each other.
INSERT = f"""
WITH moment AS (SELECT %s::date AS day)
INSERT INTO notices_notice
    (created_at, recipient_id, about_id, policy, clause, template, params, key, in_sight)
SELECT %s, given.recipient, given.about, given.policy, given.clause, given.template,
       given.params::jsonb, given.key, coalesce({SEES}, false)
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
     AS given(recipient, about, policy, clause, template, params, key)
LEFT JOIN ledger_target target ON target.id = given.about
ORDER BY given.key
ON CONFLICT (key) DO NOTHING
RETURNING id, recipient_id, template, params::text
"""
