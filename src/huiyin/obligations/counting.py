"""Writes what shares and quotas count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from django.db import connection

from huiyin.adoption.models import Adoption
from huiyin.core.copying import copy_rows
from huiyin.obligations.models import QuotaItem, ShareCount, ShareItem
from huiyin.policy.effects import Count, Tick

Real = Callable[[int], int]
"""The id behind a ref of the decision; an id stays as it is."""


def count(adoption: Adoption, effects: Sequence[Count], fact: Real) -> None:
    """Let items enter shares, leave them, or be allotted to one more role."""
    if not effects:
        return
    rows = {
        (row.duty, row.period): row
        for row in ShareCount.objects.filter(
            adoption=adoption,
            duty__in={effect.duty for effect in effects},
            period__in={effect.period for effect in effects},
        )
    }
    for effect in effects:
        _add(rows[effect.duty, effect.period].counts, effect)
    for effect in effects:
        if effect.sign < 0:  # a void after the period's end may leave arrears: it closes again
            rows[effect.duty, effect.period].closed = False
    ShareCount.objects.bulk_update(rows.values(), ["counts", "closed"])
    # At a period's end an item that was counted is allotted to one more role.
    again = [effect for effect in effects if effect.allotted and not effect.eligible]
    entered = [effect for effect in effects if effect.sign > 0 and effect not in again]
    if entered:
        copy_rows(
            ShareItem,
            ("count_id", "fact_id", "target_id", "eligible", "allotted"),
            [
                (
                    rows[effect.duty, effect.period].id,
                    fact(effect.fact),
                    effect.target,
                    list(effect.eligible),
                    list(effect.allotted),
                )
                for effect in entered
            ],
        )
    _allot_again(rows, again)
    left = [effect.fact for effect in effects if effect.sign < 0]
    if left:
        ShareItem.objects.filter(
            count__in=[row.id for row in rows.values()], fact__in=left
        ).delete()


def _allot_again(rows: Mapping[tuple[str, date], ShareCount], effects: Sequence[Count]) -> None:
    if not effects:
        return
    more: dict[tuple[int, int], tuple[str, ...]] = defaultdict(tuple)
    for effect in effects:
        more[rows[effect.duty, effect.period].id, effect.fact] += effect.allotted
    items = list(
        ShareItem.objects.filter(
            count__in={count for count, _fact in more}, fact__in={fact for _count, fact in more}
        )
    )
    for item in items:
        item.allotted = [*item.allotted, *more.get((item.count_id, item.fact_id), ())]
    ShareItem.objects.bulk_update(items, ["allotted"])


def _add(counts: dict[str, list[int]], effect: Count) -> None:
    for role in {*effect.eligible, *effect.allotted}:
        items, allotted = counts.get(role, (0, 0))
        taken = effect.sign if role in effect.allotted else 0
        counts[role] = [items + (effect.sign if role in effect.eligible else 0), allotted + taken]


def tick(effects: Sequence[Tick], obligation: Real, fact: Real) -> None:
    """Let facts count into quotas, or no longer, and keep how many that makes."""
    if not effects:
        return
    added = [effect for effect in effects if effect.sign > 0]
    if added:
        copy_rows(
            QuotaItem,
            ("obligation_id", "key", "fact_id"),
            [(obligation(e.obligation), e.key, fact(e.fact)) for e in added],
        )
    left = [effect for effect in effects if effect.sign < 0]
    if left:
        with connection.cursor() as cursor:
            cursor.execute(
                "delete from obligations_quotaitem i using unnest(%s::bigint[], %s::bigint[])"
                " as v(obligation, fact)"
                " where i.obligation_id = v.obligation and i.fact_id = v.fact",
                [[obligation(e.obligation) for e in left], [fact(e.fact) for e in left]],
            )
    touched = list({obligation(effect.obligation) for effect in effects})
    with connection.cursor() as cursor:
        cursor.execute(
            "update obligations_obligation o set counted = (select count(distinct i.key)"
            " from obligations_quotaitem i where i.obligation_id = o.id) where o.id = any(%s)",
            [touched],
        )
