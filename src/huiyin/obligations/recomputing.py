"""Deadlines computed once more, from the stored fact, policy and settings of the time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from huiyin.adoption import queries as adoptions
from huiyin.adoption.models import Adoption, SettingChange
from huiyin.core.health import Look
from huiyin.obligations import histories, loading
from huiyin.obligations.models import Obligation
from huiyin.policy.duties import Duty
from huiyin.policy.limits import StartOf
from huiyin.policy.periods import Period
from huiyin.policy.state import InForce
from huiyin.policy.timing import (
    Clock,
    Missing,
    clock_of,
    period_clock,
    silence_clock,
    starts_from,
)

BATCH = 500
SAMPLE = 2000  # the newest; the older ones were looked at when they were new


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
    policies = {adoption.id: (adoption, in_force) for adoption, in_force in adoptions.decided()}
    while batch := list(islice(found, BATCH)):
        for id, (adoption, in_force) in policies.items():
            yield from _wrong(adoption, in_force, [r for r in batch if r.adoption_id == id])


def _wrong(
    adoption: Adoption, in_force: InForce, rows: Sequence[Obligation]
) -> Iterator[tuple[Any, ...]]:
    lines = in_force.policy.lines
    yield from (
        (row.id, row.duty, row.due_at, "no such duty") for row in rows if row.duty not in lines
    )
    known = [row for row in rows if row.duty in lines]
    clocks = dict(clocks_of(adoption, in_force, known))
    for row in known:
        clock = clocks.get(row.pk)
        if clock is None or _by_workdays(lines[row.duty], clock):
            continue
        if clock.due != row.due_at:
            yield row.id, row.duty, row.due_at, clock.due


def _by_workdays(duty: Duty, clock: Clock) -> bool:
    lengths = [str(step.values.get("length", "")) for step in clock.steps]
    return duty.roll is not None or any(length.endswith("wd") for length in lengths)


def clocks_of(
    adoption: Adoption, in_force: InForce, rows: Sequence[Obligation]
) -> Iterator[tuple[int, Clock]]:
    """The deadline of each obligation as the calendar gives it now, with the way there, by id; from
    what was known, and by the settings that stood, when it was opened.

    ``rows`` are of this adoption and come with their opener; those without a clock are left out.
    """
    facts = {row.opener.pk: row.opener for row in rows if row.opener is not None}
    read = {fact.id: fact for fact in loading.as_facts(list(facts.values()), adoption)}
    duties = in_force.policy.lines
    counted_from = {
        row.pk: start.fact
        for row in rows
        if isinstance(start := starts_from(in_force.policy, duties[row.duty]), StartOf)
    }
    firsts = histories.firsts_then(counted_from)
    for row, settings in _with_settings(adoption, rows):
        then = replace(in_force, settings=settings)
        duty = duties[row.duty]
        found: Clock | Missing | None = None
        if row.opener_id is not None and _has_clock(duty):
            known = {}
            if row.pk in firsts:
                known[counted_from[row.pk], row.target_id] = firsts[row.pk]
            found = clock_of(then, duty, read[row.opener_id], known)
        elif row.period is not None and duty.every is not None:
            found = _of_period(then, duty, Period(row.period.lower, row.period.upper))
        if isinstance(found, Clock):
            yield row.pk, found


def _with_settings(
    adoption: Adoption, rows: Sequence[Obligation]
) -> Iterator[tuple[Obligation, Mapping[str, str]]]:
    """Each obligation with the settings that stood when it was opened."""
    alike: dict[int, list[Obligation]] = defaultdict(list)
    changes = SettingChange.objects.filter(policy=adoption.policy_version.policy).order_by("id")
    log = list(changes.values_list("changed_at", "key", "value")) if rows else []
    for row in rows:
        alike[sum(at <= row.opened_at for at, _key, _value in log)].append(row)
    defaults = adoptions.defaults_of(adoptions.pack_of(adoption.policy_version_id))
    for known, group in alike.items():
        settings = defaults | {key: value for _at, key, value in log[:known]}
        yield from ((row, settings) for row in group)


def _has_clock(duty: Duty) -> bool:
    return duty.within is not None or duty.at is not None


def _of_period(in_force: InForce, duty: Duty, period: Period) -> Clock | Missing:
    if duty.since is not None and duty.within is not None:
        return silence_clock(in_force, duty, period.starts(in_force.zone))
    return period_clock(in_force, duty, period)
