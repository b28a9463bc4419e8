"""Shows what was opened late, or waits again, the facts that stand already.

A visit on the first day of a quarter counts, though the planner that opened the quarter came on the
third; and what lost the record that had met it is met by another one that was there all the time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, time
from typing import Any

from django.db import connection
from django.db.models import Q

from huiyin.adoption.models import Adoption
from huiyin.ledger.models import Fact
from huiyin.obligations import loading
from huiyin.obligations.applying import apply_effects
from huiyin.obligations.histories import ADOPTION
from huiyin.obligations.models import Obligation
from huiyin.policy.needs import needs
from huiyin.policy.proving import Proven, present
from huiyin.policy.rhythms import HORIZON
from huiyin.policy.schema import proving_fact
from huiyin.policy.standing import prove_standing
from huiyin.policy.state import InForce

ENGINE = (".met", ".missed")


def newest() -> int:
    """The newest obligation so far; what is opened from here on has a higher number."""
    return Obligation.objects.order_by("-id").values_list("id", flat=True).first() or 0


def prove_planned(adoption: Adoption, in_force: InForce, *, behind: int, now: datetime) -> None:
    """Whatever was planned since ``behind`` was the newest obligation.

    The caller holds back who records facts: each is found here, or finds what is planned.
    """
    rows = Obligation.objects.filter(id__gt=behind, adoption=adoption, opener=None)
    about = _about(adoption, in_force, behind=behind)
    _prove(adoption, in_force, rows, [*about, *_counted(in_force, rows)], now=now)


def prove_again(
    adoption: Adoption, in_force: InForce, reopened: Collection[int], *, now: datetime
) -> None:
    """What waits again. A quota is none of it: what it has counted it counts still."""
    if not reopened:
        return
    rows = Obligation.objects.filter(id__in=reopened, adoption=adoption, needed=None)
    _prove(adoption, in_force, rows, _about(adoption, in_force, ids=list(reopened)), now=now)


def _prove(
    adoption: Adoption, in_force: InForce, rows: Any, facts: Sequence[Fact], *, now: datetime
) -> None:
    if not facts:
        return
    # What somebody did about a target may count into a quota of his as well: it is one fact.
    once = {fact.pk: fact for fact in facts}
    read = loading.as_facts([once[id] for id in sorted(once)], adoption)
    concerned = {fact.target for fact in read}
    concerned |= {person for fact in read for person in present(fact.values, fact.by)}
    ids = set(rows.waiting().filter(target__in=concerned).values_list("id", flat=True))
    state = loading.state_for(adoption, in_force, needs([in_force], read), now=now, deciding=read)
    waiting = [each for each in state.open if each.id in ids]
    proven = _proven(adoption, [fact.id for fact in read])
    effects = prove_standing(in_force, state, read, waiting, proven=proven, now=now)
    apply_effects(adoption, effects, now=now)


# What happened before its opener, or before it was time for it, proves nothing; what was over
# before it was opened does not end it.
SINCE = """CASE
    WHEN opener.id IS NOT NULL THEN opener.happened_at
    WHEN o.duty = ANY(%(ahead)s) THEN o.due_at - %(horizon)s::interval
    ELSE lower(o.period)::timestamp AT TIME ZONE %(zone)s END"""
WAITING = """
FROM obligations_obligation o LEFT JOIN ledger_fact opener ON opener.id = o.opener_id
WHERE o.adoption_id = %(adoption)s AND o.state IN ('open', 'blocked')
  AND o.id > %(behind)s AND (%(ids)s::bigint[] IS NULL OR o.id = ANY(%(ids)s))
"""
FIRST = f"SELECT min({SINCE})::text {WAITING}"
STANDING = f"""
SELECT DISTINCT f.id
FROM (SELECT o.duty, o.target_id, o.opener_id, o.opened_at, {SINCE} AS since {WAITING}) owed
JOIN unnest(%(duties)s::text[], %(kinds)s::text[], %(ends)s::bool[]) AS asked (duty, kind, ends)
  ON asked.duty = owed.duty
JOIN ledger_fact f ON f.target_id = owed.target_id AND f.kind = asked.kind
WHERE f.kind = ANY(%(kinds)s) AND f.happened_at >= %(first)s::timestamptz
  AND f.id > coalesce(owed.opener_id, 0)
  AND CASE WHEN asked.ends THEN f.recorded_at >= owed.opened_at ELSE f.happened_at >= owed.since END
  AND NOT EXISTS (SELECT FROM ledger_fact void WHERE void.voids_id = f.id)
"""


def _about(
    adoption: Adoption, in_force: InForce, *, behind: int = 0, ids: Sequence[int] | None = None
) -> list[Fact]:
    """What stands about the targets and may meet, or since it was opened end, what waits there."""
    duties = in_force.policy.duties.values()
    asked = [(duty.key, proving_fact(duty.proof), False) for duty in duties if duty.proof]
    asked += [(duty.key, duty.until, True) for duty in duties if duty.until and ids is not None]
    parameters: dict[str, Any] = {
        "adoption": adoption.pk,
        "behind": behind,
        "ids": ids,
        "zone": in_force.zone.key,
        "horizon": HORIZON,
        "ahead": [duty.key for duty in duties if duty.before is not None],
        "duties": [duty for duty, _kind, _ends in asked],
        "kinds": [kind for _duty, kind, _ends in asked],
        "ends": [ends for _duty, _kind, ends in asked],
    }
    with connection.cursor() as cursor:
        # The planner of the server goes by a moment that it knows: usually nothing happened since.
        cursor.execute(FIRST, parameters)
        [first] = cursor.fetchone() or (None,)
        if first is None:
            return []
        first = "-infinity" if any(parameters["ends"]) else first
        if ids is None and not _any_since(parameters["kinds"], first):
            return []
        cursor.execute(STANDING, parameters | {"first": first})
        found = Fact.objects.filter(pk__in=[id for (id,) in cursor])
    return _of_version(adoption, list(found))


def _any_since(kinds: Collection[str], first: str) -> bool:
    since = datetime.fromisoformat(first)
    return Fact.objects.filter(kind__in=set(kinds), happened_at__gte=since).exists()


def _of_version(adoption: Adoption, facts: list[Fact]) -> list[Fact]:
    """Without what the engine states for another version: open work keeps its own."""
    if not any(fact.kind.endswith(ENGINE) or ADOPTION in fact.values for fact in facts):
        return facts
    others = Obligation.objects.filter(target__in={fact.target_id for fact in facts})
    rows = others.exclude(adoption=adoption).values_list("met_fact", "missed_fact")
    foreign = {fact for row in rows for fact in row}
    return [
        fact
        for fact in facts
        if fact.pk not in foreign and fact.values.get(ADOPTION, adoption.pk) == adoption.pk
    ]


def _counted(in_force: InForce, rows: Any) -> list[Fact]:
    """What stands in the periods of quotas and was done by the persons who owe them."""
    kinds = {duty.quota.of for duty in in_force.policy.duties.values() if duty.quota}
    quotas = rows.waiting().exclude(needed=None) if kinds else rows.none()
    spans = list(quotas.values_list("target_id", "period"))
    if not spans:
        return []
    persons = {person for person, _period in spans}
    first = min(period.lower for _person, period in spans)
    found = Fact.objects.standing().filter(
        Q(by__in=persons) | Q(values__has_key="record.present"),
        kind__in=kinds,
        happened_at__gte=datetime.combine(first, time.min, in_force.zone),
    )
    return [fact for fact in found if persons.intersection(present(fact.values, fact.by_id))]


def _proven(adoption: Adoption, facts: Collection[int]) -> dict[int, set[Proven]]:
    """The lines that each of the facts has met already."""
    found: dict[int, set[Proven]] = defaultdict(set)
    rows = Obligation.objects.filter(adoption=adoption, settled_by__in=facts, state="done")
    for fact, line, recipient in rows.values_list("settled_by", "line", "recipient"):
        found[fact].add((adoption.pk, line, recipient))
    return found
