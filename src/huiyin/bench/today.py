"""今日 as it opens, beside the select of what it shows: its rows, how many there are, the rounds."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.test import Client
from django.utils.translation import gettext as _

from huiyin.accounts.models import Person
from huiyin.bench import firm, measuring
from huiyin.bench.rows import Row, timed

LIMIT, STATEMENTS = 2, 12

# Of a hundred three are late, one is due today and five this week.
OPEN = """
INSERT INTO public.obligations_obligation (
    adoption_id, policy, duty, line, clauses, target_id, period, owed_roles, holder_id, ordinal,
    "values", opened_at, due_at, plan_on, provisional, state, next_look_at, level, missed, counted,
    blocked_by)
SELECT %(adoption)s, %(policy)s, 'officer_round', 'officer_round', ARRAY['A.2.2.b'], target.id,
       daterange(date_trunc('quarter', %(now)s::timestamptz)::date,
                 (date_trunc('quarter', %(now)s::timestamptz) + interval '3 months')::date),
       ARRAY['officer'], target.owner_id, 0, '{}', %(now)s::timestamptz - interval '20 days',
       due, (due - interval '3 days')::date, false, 'open', due, 0, false, 0, ''
FROM (
    SELECT row_number() OVER () AS n, id, owner_id FROM public.ledger_target
    WHERE kind = 'customer'
) target
CROSS JOIN LATERAL (
    SELECT %(now)s::timestamptz + CASE
        WHEN n / 20 %% 100 < 3 THEN - (1 + n %% 96) * interval '1 hour'
        WHEN n / 20 %% 100 < 4 THEN interval '1 minute'
        WHEN n / 20 %% 100 < 9 THEN interval '30 hours'
        ELSE interval '8 days' + n %% 60 * interval '1 day' END AS due
) dues
"""
MIDNIGHT = f"""
SELECT (date_trunc('day', %(now)s::timestamptz AT TIME ZONE '{settings.TIME_ZONE}')
        + interval '1 day') AT TIME ZONE '{settings.TIME_ZONE}'
"""
ROWS = """
SELECT * FROM (
    SELECT o.*, t.label, t.kind, t.unit_id, 0 AS part
    FROM obligations_obligation o JOIN ledger_target t ON t.id = o.target_id
    WHERE o.holder_id = %(me)s AND o.state IN ('open', 'blocked') AND o.obstructed_by = ''
      AND o.due_at < %(now)s
    ORDER BY o.due_at, o.id LIMIT 50) late
UNION ALL SELECT * FROM (
    SELECT o.*, t.label, t.kind, t.unit_id, 1 AS part
    FROM obligations_obligation o JOIN ledger_target t ON t.id = o.target_id
    WHERE o.holder_id = %(me)s AND o.state IN ('open', 'blocked') AND o.obstructed_by = ''
      AND o.due_at >= %(now)s AND o.due_at <= %(midnight)s
    ORDER BY o.due_at, o.id LIMIT 50) today
UNION ALL SELECT * FROM (
    SELECT o.*, t.label, t.kind, t.unit_id, 2 AS part
    FROM obligations_obligation o JOIN ledger_target t ON t.id = o.target_id
    WHERE o.holder_id = %(me)s AND o.state IN ('open', 'blocked') AND o.obstructed_by = ''
      AND o.due_at > %(midnight)s AND o.due_at <= %(midnight)s + interval '6 days'
    ORDER BY o.due_at, o.id LIMIT 50) soon
"""
COUNTS = """
SELECT count(*) FILTER (WHERE due_at < %(now)s),
       count(*) FILTER (WHERE due_at >= %(now)s AND due_at <= %(midnight)s),
       count(*) FILTER (WHERE due_at > %(midnight)s), count(*)
FROM obligations_obligation WHERE holder_id = %(me)s AND state IN ('open', 'blocked')
"""
ROUNDS = """
SELECT adoption_id, policy, duty, period, count(*), count(*) FILTER (WHERE state = 'done'),
       max(due_at)
FROM obligations_obligation
WHERE holder_id = %(me)s AND period @> %(now)s::date AND lower(period) >= %(now)s::date - 366
  AND opener_id IS NULL AND period IS NOT NULL AND needed IS NULL
  AND state NOT IN ('voided', 'waived')
GROUP BY 1, 2, 3, 4
"""
UNIT = """
SELECT count(*) FILTER (WHERE due_at < %(now)s),
       count(*) FILTER (WHERE due_at >= %(now)s AND due_at <= %(midnight)s),
       count(*) FILTER (WHERE state = 'blocked')
FROM obligations_obligation
WHERE state IN ('open', 'blocked') AND (due_at <= %(midnight)s OR state = 'blocked')
"""


def measure(n: int, *, rounds: int, now: datetime) -> list[Row]:
    """For an officer with his twentieth of what is open, and for the head of the firm."""
    with firm.opened(now=now, customers=n) as place:
        given = {"adoption": place.adoption.pk, "policy": firm.PACK, "now": now}
        place.owner.execute(OPEN, given)
        place.tidy("obligations_obligation")
        midnight = place.owner.execute(MIDNIGHT, given).fetchone()[0]  # type: ignore[index]
        given |= {"midnight": midnight}
        officer, head = place.person("officer"), place.person("supervisor")
        return [
            *_page(_("今日（物管员）"), n, officer, [ROWS, COUNTS, ROUNDS], given, rounds),
            *_page(_("今日（主管）"), n, head, [ROWS, COUNTS, ROUNDS, UNIT], given, rounds),
        ]


def _page(
    name: str, n: int, person: Person, bare: list[str], given: dict, rounds: int
) -> list[Row]:
    client = Client(headers={"host": "localhost"})
    client.force_login(firm.sign_in(person))
    for _warm in range(2):
        client.get("/")
    with measuring.listening() as heard:
        answer = client.get("/")
    assert answer.status_code == 200, answer.status_code
    given = given | {"me": person.pk}
    pairs, buffers = [], 0
    for _round in range(rounds):
        page = measuring.together(heard.reads)
        pairs.append((page.seconds, measuring.together([(sql, given) for sql in bare]).seconds))
        buffers = page.buffers
    return [
        timed(name, n, LIMIT, pairs, buffers=buffers),
        Row(_("%s，语句") % name, n, STATEMENTS, value=len(heard.asked), unit=_("条")),
    ]
