"""The verdicts of a policy over every obligation, beside one GROUP BY."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from huiyin.accounts.queries import zone
from huiyin.adoption import queries as adoptions
from huiyin.bench import firm, measuring
from huiyin.bench.rows import Row, timed
from huiyin.desk.queries import TREND, months_until
from huiyin.insights.verdicts import verdicts

LIMIT = 2
BARE = """
SELECT date_trunc('month', (due_at - interval '1 microsecond') AT TIME ZONE %(zone)s) AS month,
       duty, clauses, count(*),
       count(*) FILTER (WHERE state = 'done' AND done_at <= due_at AND done_recorded_at <= due_at),
       count(*) FILTER (WHERE state = 'done' AND done_at <= due_at AND done_recorded_at > due_at),
       count(*) FILTER (WHERE state = 'done' AND done_at > due_at),
       count(*) FILTER (WHERE state IN ('open', 'blocked') AND due_at < %(now)s),
       count(*) FILTER (WHERE state = 'waived'),
       count(*) FILTER (WHERE state IN ('open', 'blocked') AND due_at >= %(now)s)
FROM obligations_obligation
WHERE policy = %(policy)s AND state <> 'voided' AND due_at > %(starts)s
GROUP BY 1, 2, 3
"""
OPENER = """
INSERT INTO public.ledger_fact (kind, target_id, happened_at, known_at, recorded_at, "values", live)
SELECT 'repair.completed', max(target_id), %(now)s, %(now)s, %(now)s, '{}', true
FROM public.customers_customer RETURNING id
"""
LIVED = """
INSERT INTO public.obligations_obligation (
    adoption_id, policy, duty, line, clauses, target_id, opener_id, period, owed_roles, holder_id,
    ordinal, "values", opened_at, due_at, provisional, state, level, missed, counted, blocked_by,
    done_at, done_recorded_at, settled_by_id, next_look_at)
SELECT %(adoption)s, %(policy)s, duty, duty, clauses, target_id, opener,
       CASE WHEN opener IS NULL
            THEN daterange(date_trunc('quarter', due)::date,
                           (date_trunc('quarter', due) + interval '3 months')::date)
            ELSE daterange(date_trunc('month', due)::date,
                           (date_trunc('month', due) + interval '1 month')::date) END,
       roles, %(holder)s, 0, '{}', due - interval '7 days', due, false,
       CASE WHEN done IS NULL THEN 'open' ELSE 'done' END, 0, false, 0, '', done,
       done + (n %% 7 / 6) * interval '2 hours', CASE WHEN done IS NOT NULL THEN %(opener)s END,
       CASE WHEN done IS NULL AND due > %(now)s THEN due END
FROM (
    SELECT n, target_id, due,
           CASE WHEN n %% 2 = 0 THEN 'officer_round' ELSE 'repair_visit' END AS duty,
           CASE WHEN n %% 2 = 0 THEN ARRAY['A.2.2.b']
                ELSE ARRAY[(ARRAY['B.1.b', 'B.1.c', 'B.1.d'])[1 + n %% 3],
                           (ARRAY['B.2.a', 'B.2.b', 'B.2.c'])[1 + n %% 5 %% 3]] END AS clauses,
           CASE WHEN n %% 2 = 0 THEN ARRAY['officer']
                ELSE ARRAY[(ARRAY['manager', 'supervisor', 'repair_lead'])[1 + n %% 3]] END AS roles,
           CASE WHEN n %% 2 = 1 THEN %(opener)s END AS opener,
           CASE WHEN due < %(now)s AND n %% 20 > 0
                THEN due - interval '1 hour' + (n %% 10 / 9) * interval '2 hours' END AS done
    FROM (
        SELECT row_number() OVER () AS n, target_id,
               %(now)s::timestamptz
                   - (row_number() OVER () * 7919 %% 150 - 10) * interval '1 day' AS due
        FROM public.customers_customer
    ) customers
) lived
"""


def measure(n: int, *, rounds: int, now: datetime) -> list[Row]:
    """Five months of obligations, most of them done, over the months that the page shows."""
    pairs = []
    with firm.opened(now=now, customers=n) as place:
        bare = _lived(place)
        adoption, pack = adoptions.policy_in_force(firm.PACK)
        months = months_until(now.astimezone(zone()).date(), TREND)

        asked = {"months": months, "now": now}
        for _round in range(rounds):
            taken = measuring.seconds(verdicts, adoption, pack, **asked)
            pairs.append((taken, measuring.seconds(_grouped, bare | {"starts": months[0]})))
        with measuring.listening() as heard:
            verdicts(adoption, pack, **asked)
    return [
        timed(_("制度各条款的结论"), n, LIMIT, pairs),
        Row(_("同上，语句"), n, value=len(heard.asked), unit=_("条")),
    ]


def _lived(place: firm.Firm) -> dict[str, Any]:
    given = {
        "adoption": place.adoption.pk,
        "policy": firm.PACK,
        "now": place.now,
        "holder": place.person("officer").pk,
        "zone": zone().key,
    }
    given["opener"] = place.owner.execute(OPENER, given).fetchone()[0]  # type: ignore[index]
    place.owner.execute(LIVED, given)
    place.tidy("obligations_obligation")
    return given


def _grouped(given: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(BARE, given)
        cursor.fetchall()
