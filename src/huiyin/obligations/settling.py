"""Writes how obligations end, wait again or move: one statement for each kind of effect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from django.db import connection

from huiyin.policy.effects import (
    Cancel,
    Discharge,
    Extend,
    LookAgain,
    Release,
    Reopen,
    Seat,
)

Real = Callable[[int], int]
"""The id behind a ref of the decision; an id stays as it is."""


def discharge(effects: Sequence[Discharge], obligation: Real, fact: Real) -> None:
    # The rows were locked when they were read, so every one of them is still open.
    _update_many(
        "update obligations_obligation o set state = 'done', done_at = v.happened,"
        " done_recorded_at = v.recorded, settled_by_id = v.fact, next_look_at = null,"
        " met_fact_id = v.met"
        " from unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[],"
        " %s::bigint[]) as v(id, fact, happened, recorded, met)"
        " where o.id = v.id and o.state in ('open', 'blocked')",
        [obligation(effect.obligation) for effect in effects],
        [fact(effect.fact) for effect in effects],
        [effect.happened for effect in effects],
        [effect.recorded for effect in effects],
        [None if effect.met is None else fact(effect.met) for effect in effects],
    )


def reopen(effects: Sequence[Reopen], obligation: Real, fact: Real) -> None:
    _update_many(
        "update obligations_obligation o set done_at = null,"
        " state = case o.blocked_by || o.obstructed_by when '' then 'open' else 'blocked' end,"
        " done_recorded_at = null, settled_by_id = null, met_fact_id = null,"
        " next_look_at = case o.blocked_by || o.obstructed_by when '' then v.at end"
        " from unnest(%s::bigint[], %s::timestamptz[]) as v(id, at)"
        " where o.id = v.id and o.state in ('done', 'waived')",
        [obligation(effect.obligation) for effect in effects],
        [effect.next_look for effect in effects],
    )


def release(effects: Sequence[Release], obligation: Real, fact: Real) -> None:
    _update_many(
        "update obligations_obligation o set state = 'waived', settled_by_id = v.fact,"
        " next_look_at = null from unnest(%s::bigint[], %s::bigint[]) as v(id, fact)"
        " where o.id = v.id and o.state in ('open', 'blocked')",
        [obligation(effect.obligation) for effect in effects],
        [fact(effect.fact) for effect in effects],
    )


def extend(effects: Sequence[Extend], obligation: Real, fact: Real) -> None:
    _update_many(
        "update obligations_obligation o set first_due_at = coalesce(o.first_due_at, o.due_at),"
        " due_at = v.due, next_look_at = v.due, provisional = v.provisional"
        " from unnest(%s::bigint[], %s::timestamptz[], %s::bool[]) as v(id, due, provisional)"
        " where o.id = v.id and o.state in ('open', 'blocked')",
        [obligation(effect.obligation) for effect in effects],
        [effect.due for effect in effects],
        [effect.provisional for effect in effects],
    )


def cancel(effects: Sequence[Cancel], obligation: Real, fact: Real) -> None:
    _update_many(
        "update obligations_obligation o set state = 'voided', settled_by_id = v.fact,"
        " next_look_at = null from unnest(%s::bigint[], %s::bigint[]) as v(id, fact)"
        " where o.id = v.id and o.state <> 'voided'",
        [obligation(effect.obligation) for effect in effects],
        [fact(effect.fact) for effect in effects],
    )


def look_again(effects: Sequence[LookAgain], obligation: Real, fact: Real) -> None:
    _update_many(
        "update obligations_obligation o set next_look_at = v.at, level = v.level,"
        " missed = v.missed, missed_fact_id = coalesce(v.stated, o.missed_fact_id)"
        " from unnest(%s::bigint[], %s::timestamptz[], %s::int[], %s::bool[], %s::bigint[])"
        " as v(id, at, level, missed, stated) where o.id = v.id and o.state = 'open'",
        [obligation(effect.obligation) for effect in effects],
        [effect.at for effect in effects],
        [effect.level for effect in effects],
        [effect.missed for effect in effects],
        [None if effect.stated is None else fact(effect.stated) for effect in effects],
    )


def apply_seats(seats: Iterable[Seat | None]) -> int:
    """Write who has the obligations now; returns how many changed."""
    changed = [each for each in seats if each is not None]
    _update_many(
        "update obligations_obligation o set holder_id = v.holder, blocked_by = v.blocked,"
        " state = case v.blocked || o.obstructed_by when '' then 'open' else 'blocked' end,"
        # The sweep looks at its due moment again; what was looked at keeps its turn.
        " next_look_at = case when v.blocked || o.obstructed_by <> '' then null"
        " when o.state = 'blocked' then o.due_at else o.next_look_at end"
        " from unnest(%s::bigint[], %s::bigint[], %s::text[]) as v(id, holder, blocked)"
        " where o.id = v.id and o.state in ('open', 'blocked')",
        [each.obligation for each in changed],
        [each.holder for each in changed],
        [each.blocked for each in changed],
    )
    return len(changed)


def _update_many(statement: str, ids: list[int], *columns: list) -> None:
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(statement, [ids, *columns])
