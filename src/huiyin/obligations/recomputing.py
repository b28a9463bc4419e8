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
from huiyin.obligations.models import Obligation
from huiyin.obligations.rescheduling import clocks_of
from huiyin.policy.duties import Duty
from huiyin.policy.timing import Clock

BATCH = 500
SAMPLE = 2000  # the newest; the older ones were looked at when they were new

Changes = dict[str, list[tuple[datetime, str, str]]]


def wrong_deadlines(look: Look) -> Iterator[tuple[Any, ...]]:
    """Obligations whose due moment is not what their fact and policy say: id, stored, computed.

    Left out: what is provisional, was extended or counted anew, or goes by the work calendar, for
    whose days may have been settled later.
    """
    rows = (
        Obligation.objects.filter(
            opener__isnull=False, due_at__isnull=False, provisional=False, first_due_at=None
        )
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
    """Rows that were opened under the same settings are computed together."""
    alike: dict[tuple[int, int], list[Obligation]] = defaultdict(list)
    for row in rows:
        log = changes[policies[row.adoption_id].policy_version.policy]
        alike[row.adoption_id, sum(at <= row.opened_at for at, _k, _v in log)].append(row)
    for (id, known), group in alike.items():
        adoption = policies[id]
        log = changes[adoption.policy_version.policy][:known]
        in_force = adoptions.as_in_force(adoption, {key: value for _at, key, value in log})
        lines = in_force.policy.lines
        yield from (
            (row.id, row.duty, row.due_at, "no such duty") for row in group if row.duty not in lines
        )
        known_rows = [row for row in group if row.duty in lines]
        clocks = dict(clocks_of(adoption, in_force, known_rows))
        for row in known_rows:
            clock = clocks.get(row.pk)
            if clock is None or _by_workdays(lines[row.duty], clock):
                continue
            if clock.due != row.due_at:
                yield row.id, row.duty, row.due_at, clock.due


def _by_workdays(duty: Duty, clock: Clock) -> bool:
    lengths = [str(step.values.get("length", "")) for step in clock.steps]
    return duty.roll is not None or any(length.endswith("wd") for length in lengths)


def _changes() -> Changes:
    """The log of settings by policy, oldest first."""
    found: Changes = defaultdict(list)
    for policy, at, key, value in SettingChange.objects.order_by("id").values_list(
        "policy", "changed_at", "key", "value"
    ):
        found[policy].append((at, key, value))
    return found
