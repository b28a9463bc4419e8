"""A sweep of what is overdue, beside the updates and inserts of the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from statistics import median

from django.utils.translation import gettext as _

from huiyin.bench import firm, measuring, twins
from huiyin.bench.rows import Row, timed
from huiyin.obligations import services as obligations

DUE = 1000
LIMIT, GROWTH, IDLE = 6, 1.2, 10
OBLIGATIONS, FACTS, NOTICES = "obligations_obligation", "ledger_fact", "notices_notice"

OPENERS = """
INSERT INTO public.ledger_fact (kind, target_id, by_id, recorded_by_id, happened_at, known_at,
                                recorded_at, "values", live)
SELECT 'case.raised', id, %(lead)s, %(lead)s, %(at)s, %(at)s, %(at)s, '{}', true
FROM unnest(%(targets)s::bigint[]) id RETURNING id, target_id
"""
OPEN = """
INSERT INTO public.obligations_obligation (
    adoption_id, policy, duty, line, clauses, target_id, opener_id, key_opener, owed_roles,
    holder_id, ordinal, "values", opened_at, due_at, provisional, state, next_look_at, level,
    missed, counted, blocked_by)
SELECT %(adoption)s, %(policy)s, %(duty)s, %(duty)s, ARRAY[%(clause)s], opener.target, opener.id,
       opener.id, '{}', %(lead)s, 0, '{}', %(at)s, %(due)s, false, 'open', %(due)s, 0, false, 0, ''
FROM unnest(%(facts)s::bigint[], %(targets)s::bigint[]) opener (id, target)
"""


def measure(n: int, *, rounds: int, now: datetime) -> list[Row]:
    """A thousand due among ``n`` open ones; and how it grows from a tenth of them."""
    due = min(DUE, n)
    _pairs, few, _idle = _sweeps(max(n // 10, 1), due, rounds=rounds, now=now)
    pairs, many, idle = _sweeps(n, due, rounds=rounds, now=now)
    return [
        timed(_("巡查 %(due)s 项到期的义务") % {"due": due}, n, LIMIT, pairs, buffers=many),
        Row(_("同上，缓冲区比十分之一规模时"), n, GROWTH, value=many / few),
        Row(_("巡查而无事可做"), n, IDLE, value=idle, unit=_("块缓冲区")),
    ]


def _sweeps(
    n: int, due: int, *, rounds: int, now: datetime
) -> tuple[list[tuple[float, float]], int, int]:
    """Pairs of seconds, buffers of one sweep, and buffers where nothing is due."""
    pairs, touched = [], []
    with _with_open(n, now) as place:
        for number in range(rounds):
            _add_due(place, due, prefix=f"S{number}-")
            twins.make(place.owner, OBLIGATIONS, FACTS, NOTICES, filled=True)
            last = {table: place.last(table) for table in (FACTS, NOTICES)}
            buffers, taken = measuring.buffers(place.owner, _sweep, now)
            touched.append(buffers)
            pairs.append((taken, measuring.seconds(_write_bare, place, last)))
            assert place.scalar(f"SELECT count(*) FROM bare.{NOTICES}") >= due // 2
        place.tidy(OBLIGATIONS)
        idle = [
            measuring.buffers(place.owner, obligations.sweep, now=now)[0]
            for _round in range(rounds)
        ]
    return pairs, int(median(touched)), int(median(idle))


def _sweep(now: datetime) -> None:
    while obligations.sweep(now=now):
        pass


@contextmanager
def _with_open(n: int, now: datetime) -> Iterator[firm.Firm]:
    with firm.opened(now=now, customers=n) as place:
        obligations.plan(now=now)
        # What the year asks for too: so many as asked, no more.
        place.owner.execute(f"DELETE FROM public.{OBLIGATIONS} WHERE duty = 'director_round'")
        place.tidy(OBLIGATIONS, FACTS)
        yield place


def _add_due(place: firm.Firm, count: int, *, prefix: str) -> None:
    """Half of them are told to the manager when they are late, half are counted as missed alone."""
    targets = firm.add_repairs(place, count, prefix=prefix)
    given = {
        "adoption": place.adoption.pk,
        "policy": firm.PACK,
        "lead": place.person("repair_lead").pk,
        "at": place.now - timedelta(days=5),
        "due": place.now - timedelta(hours=1),
    }
    cut = targets.start + count // 2
    for duty, clause, some in (
        ("rectification_notice", "B.4.a", range(targets.start, cut)),
        ("repair_visit", "B.2.a", range(cut, targets.stop)),
    ):
        facts = place.owner.execute(OPENERS, given | {"targets": list(some)}).fetchall()
        place.owner.execute(
            OPEN,
            given
            | {
                "duty": duty,
                "clause": clause,
                "facts": [fact for fact, _target in facts],
                "targets": [target for _fact, target in facts],
            },
        )
    place.tidy(OBLIGATIONS, FACTS, NOTICES)


def _write_bare(place: firm.Firm, last: dict[str, int]) -> None:
    """The very changes that the sweep made, as one would write them by hand."""
    with place.owner.transaction():
        for table in (FACTS, NOTICES):
            names = twins.listed(twins.columns(place.owner, table))
            place.owner.execute(
                f"INSERT INTO bare.{table} ({names})"
                f" SELECT {names} FROM public.{table} WHERE id > {last[table]}"
            )
        place.owner.execute(
            f"UPDATE bare.{OBLIGATIONS} b SET level = o.level, missed = o.missed,"
            " missed_fact_id = o.missed_fact_id, next_look_at = o.next_look_at"
            f" FROM public.{OBLIGATIONS} o"
            f" WHERE o.id = b.id AND o.missed_fact_id IN (SELECT id FROM public.{FACTS}"
            f" WHERE id > {last[FACTS]})"
        )
