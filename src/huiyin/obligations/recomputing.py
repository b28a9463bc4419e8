"""Deadlines computed once more, from the stored fact, policy and settings of the time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from huiyin.adoption import queries as adoptions
from huiyin.adoption.models import Adoption, SettingChange
from huiyin.core.health import Look
from huiyin.obligations import loading
from huiyin.obligations.models import Obligation
from huiyin.policy.opening import Missing, clock_of
from huiyin.policy.state import InForce

BATCH = 500
SAMPLE = 2000  # the newest; the older ones were looked at when they were new

Changes = dict[str, list[tuple[datetime, str, str]]]


def wrong_deadlines(look: Look) -> Iterator[tuple[Any, ...]]:
    """Obligations whose due moment is not what their fact and policy say: id, stored, computed.

    A provisional one may change when its calendar is confirmed, and is left out.
    """
    rows = (
        Obligation.objects.filter(opener__isnull=False, due_at__isnull=False, provisional=False)
        .select_related("opener")
        .order_by("-id")
    )
    found = rows.iterator(chunk_size=BATCH) if look.full else iter(rows[:SAMPLE])
    policies = {adoption.id: adoption for adoption, _in_force in adoptions.decided()}
    changes = _changes()
    while batch := list(islice(found, BATCH)):
        yield from _wrong(batch, policies, changes)


def _wrong(
    rows: Sequence[Obligation], policies: dict[int, Adoption], changes: Changes
) -> Iterator[tuple[Any, ...]]:
    openers = {row.opener_id: row.opener for row in rows}
    facts = {fact.id: fact for fact in loading.as_facts(list(openers.values()))}
    for row in rows:
        in_force = _in_force_at(policies[row.adoption_id], row.opened_at, changes)
        duty = in_force.policy.duties.get(row.duty)
        if duty is None:
            yield row.id, row.duty, row.due_at, "no such duty"
            continue
        clock = clock_of(in_force, duty, facts[row.opener_id])
        computed = clock.name if isinstance(clock, Missing) else clock.due
        if computed != row.due_at:
            yield row.id, row.duty, row.due_at, computed


def _changes() -> Changes:
    """The log of settings by policy, oldest first."""
    found: Changes = defaultdict(list)
    for policy, at, key, value in SettingChange.objects.order_by("id").values_list(
        "policy", "changed_at", "key", "value"
    ):
        found[policy].append((at, key, value))
    return found


def _in_force_at(adoption: Adoption, moment: datetime, changes: Changes) -> InForce:
    """The version with the settings as they were at `moment`."""
    log = changes[adoption.policy_version.policy]
    return adoptions.as_in_force(adoption, {key: value for at, key, value in log if at <= moment})
