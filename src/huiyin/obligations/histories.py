"""Looks into what happened before: what rules ask about a target beside its own values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Q

from huiyin.adoption.models import Adoption
from huiyin.ledger.models import Fact
from huiyin.obligations import populations
from huiyin.obligations.models import Obligation, QuotaItem, ScoreEntry
from huiyin.policy.state import About, Booking, Counted, Moments, Needs


def met(policy: str, wanted: Collection[About]) -> frozenset[About]:
    """The (duty, target) pairs of ``wanted`` of which an obligation was met, or released from.

    Whoever may release from a duty releases from the gate that waits for it, too.
    """
    if not wanted:
        return frozenset()
    rows = Obligation.objects.filter(
        policy=policy,
        duty__in={duty for duty, _target in wanted},
        target__in={target for _duty, target in wanted},
        state__in=["done", "waived"],
    )
    return frozenset(rows.values_list("duty", "target_id")) & frozenset(wanted)


def seen(wanted: Collection[About]) -> frozenset[About]:
    """The (kind of fact, target) pairs of ``wanted`` that happened and were not voided."""
    if not wanted:
        return frozenset()
    return frozenset(_standing(wanted).values_list("kind", "target_id")) & frozenset(wanted)


def firsts(wanted: Collection[About]) -> dict[About, Moments]:
    """When the first fact of each kind happened about its target."""
    if not wanted:
        return {}
    rows = (
        _standing(wanted)
        .order_by("kind", "target_id", "happened_at", "id")
        .distinct("kind", "target_id")
        .values_list("kind", "target_id", "happened_at", "known_at", "recorded_at")
    )
    return {(kind, target): Moments(*times) for kind, target, *times in rows}


def given(wanted: Collection[About]) -> dict[About, frozenset[str]]:
    """What each table has given about its target so far."""
    if not wanted:
        return {}
    kinds = {(f"{table}.decided", target) for table, target in wanted}
    found: dict[About, set[str]] = defaultdict(set)
    for kind, target, values in _standing(kinds).values_list("kind", "target_id", "values"):
        table = kind.removesuffix(".decided")
        found[table, target].add(str(values.get(f"{table}.result")))
    return {key: frozenset(results) for key, results in found.items()}


def things(wanted: Collection[About]) -> dict[About, list[Mapping[str, Any]]]:
    """What belongs to each target, by kind; a kind that has nothing gives an empty list."""
    by_kind: dict[str, set[int]] = defaultdict(set)
    for kind, target in wanted:
        by_kind[kind].add(target)
    return {
        (kind, target): rows.get(target, [])
        for kind, targets in by_kind.items()
        for rows in [populations.belonging(kind, targets)]
        for target in targets
    }


def counted(quotas: Collection[int]) -> dict[int, Counted]:
    """The facts that each quota has counted, by key."""
    if not quotas:
        return {}
    found: dict[int, dict[int | str, frozenset[int]]] = {id: {} for id in quotas}
    rows = QuotaItem.objects.filter(obligation__in=quotas)
    for obligation, key, fact in rows.values_list("obligation_id", "key", "fact_id"):
        # Keys are text in the table; the engine's own are ids where they can be.
        name: int | str = int(key) if key.isdecimal() else key
        found[obligation][name] = found[obligation].get(name, frozenset()) | {fact}
    return found


def bookings(adoption: Adoption, needs: Needs) -> dict[str, tuple[Booking, ...]]:
    """Points booked for the occurrences, or for facts that are being voided."""
    if not needs.bookings and not needs.opened_by:
        return {}
    rules = {key.partition(":")[0] for key in needs.bookings}
    occurrences = {key.partition(":")[2] for key in needs.bookings}
    rows = ScoreEntry.objects.filter(
        Q(rule__in=rules, occurrence__in=occurrences) | Q(fact__in=needs.opened_by),
        policy=adoption.policy_version.policy,
        reverses=None,
        reversed=False,
    )
    found: dict[str, list[Booking]] = defaultdict(list)
    for row in rows:
        key = f"{row.rule}:{row.occurrence}"
        booking = Booking(row.id, row.rule, row.person_id, row.occurrence, row.fact_id)
        found[key].append(booking)
    return {key: tuple(each) for key, each in found.items()}


def _standing(wanted: Collection[About]) -> Any:
    return Fact.objects.filter(
        kind__in={kind for kind, _target in wanted},
        target__in={target for _kind, target in wanted},
        voided_by=None,
        voids=None,
    )
