"""Looks into what happened before: what rules ask about a target beside its own values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from django.db import connection
from django.db.models import Q

from huiyin.adoption.models import Adoption
from huiyin.adoption.queries import pack_of
from huiyin.ledger.models import Fact
from huiyin.obligations import populations
from huiyin.obligations.models import Obligation, QuotaItem, ScoreEntry
from huiyin.policy.state import About, Booking, Counted, Decided, Moments

CAUSE = "table.cause"
ADOPTION = "table.adoption"
"""What stands in a result of a table: the fact with which it falls, and whose table it is."""


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


def existing(policy: str, wanted: Collection[About]) -> frozenset[About]:
    """The (duty, target) pairs of ``wanted`` that were opened, in whatever version, and not voided."""
    if not wanted:
        return frozenset()
    rows = Obligation.objects.filter(
        policy=policy,
        duty__in={duty for duty, _target in wanted},
        target__in={target for _duty, target in wanted},
    ).exclude(state="voided")
    return frozenset(rows.values_list("duty", "target_id")) & frozenset(wanted)


def seen(wanted: Collection[About], but: Collection[int] = ()) -> frozenset[About]:
    """The (kind of fact, target) pairs of ``wanted`` that happened and were not voided.

    ``but``: the facts that are being decided on; they are not yet history.
    """
    if not wanted:
        return frozenset()
    rows = _standing(wanted).exclude(id__in=but)
    return frozenset(rows.values_list("kind", "target_id")) & frozenset(wanted)


def firsts(wanted: Collection[About], but: Collection[int] = ()) -> dict[About, Moments]:
    """When the first fact of each kind happened about its target."""
    if not wanted:
        return {}
    rows = (
        _standing(wanted)
        .exclude(id__in=but)
        .order_by("kind", "target_id", "happened_at", "id")
        .distinct("kind", "target_id")
        .values_list("kind", "target_id", "happened_at", "known_at", "recorded_at")
    )
    return {(kind, target): Moments(*times) for kind, target, *times in rows}


FIRSTS_THEN = """
SELECT DISTINCT ON (o.id) o.id, f.happened_at, f.known_at, f.recorded_at
FROM unnest(%s::bigint[], %s::text[]) AS asked (id, kind)
JOIN obligations_obligation o ON o.id = asked.id
JOIN ledger_fact f ON f.target_id = o.target_id AND f.kind = asked.kind AND f.voids_id IS NULL
LEFT JOIN ledger_fact void ON void.voids_id = f.id
WHERE (f.recorded_at, f.id) <= (o.opened_at, o.opener_id)
  AND (void.id IS NULL OR (void.recorded_at, void.id) > (o.opened_at, o.opener_id))
ORDER BY o.id, f.happened_at, f.id
"""


def firsts_then(wanted: Mapping[int, str]) -> dict[int, Moments]:
    """When the first fact of a kind had happened about its target, as it was known when the
    obligation was opened: what is entered or taken back later moves no deadline.

    ``wanted``: the kind by obligation.
    """
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(FIRSTS_THEN, [list(wanted), list(wanted.values())])
        return {id: Moments(*times) for id, *times in cursor}


def given(adoption: Adoption, wanted: Collection[About]) -> dict[About, frozenset[str]]:
    """What each table of the policy, in whatever version, has given about its target so far."""
    if not wanted:
        return {}
    kinds = {(f"{table}.decided", target) for table, target in wanted}
    rows = _standing(kinds).filter(**versions_of(adoption.policy_version.policy))
    found: dict[About, set[str]] = defaultdict(set)
    for kind, target, values in rows.values_list("kind", "target_id", "values"):
        table = kind.removesuffix(".decided")
        found[table, target].add(str(values.get(f"{table}.result")))
    return {key: frozenset(results) for key, results in found.items()}


def versions_of(policy: str) -> dict[str, Any]:
    """Filters results of tables: two policies may have a table of the same name."""
    versions = Adoption.objects.filter(policy_version__policy=policy).values_list("id", flat=True)
    return {f"values__{ADOPTION}__in": list(versions)}


def decided(adoption: Adoption, causes: Collection[int]) -> dict[int, tuple[Decided, ...]]:
    """The results that tables of this version gave because of each of the facts."""
    tables = pack_of(adoption.policy_version_id).policy.tables
    if not causes or not tables:
        return {}
    about = Fact.objects.filter(id__in=causes).values("target")
    rows = Fact.objects.filter(
        kind__in=[table.fact for table in tables.values()],
        target__in=about,
        voided_by=None,
        **{f"values__{ADOPTION}": adoption.id, f"values__{CAUSE}__in": list(causes)},
    ).order_by("id")
    found: dict[int, list[Decided]] = defaultdict(list)
    for row in rows:
        table = row.kind.removesuffix(".decided")
        result = str(row.values.get(f"{table}.result"))
        found[row.values[CAUSE]].append(Decided(row.id, table, result, row.target_id))
    return {cause: tuple(each) for cause, each in found.items()}


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
    found: dict[int, dict[str, dict[int, Moments]]] = {id: {} for id in quotas}
    rows = QuotaItem.objects.filter(obligation__in=quotas).values_list(
        "obligation_id", "key", "fact_id",
        "fact__happened_at", "fact__known_at", "fact__recorded_at",
    )  # fmt: skip
    for obligation, key, fact, *times in rows:
        found[obligation].setdefault(key, {})[fact] = Moments(*times)
    return found


def bookings(
    policy: str, wanted: Collection[str], voided: Collection[int]
) -> dict[str, tuple[Booking, ...]]:
    """Points booked for the occurrences, or for facts that fall."""
    if not wanted and not voided:
        return {}
    rules = {key.partition(":")[0] for key in wanted}
    occurrences = {key.partition(":")[2] for key in wanted}
    rows = ScoreEntry.objects.filter(
        Q(rule__in=rules, occurrence__in=occurrences) | Q(fact__in=voided),
        policy=policy,
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
