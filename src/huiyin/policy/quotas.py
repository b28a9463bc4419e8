"""Quotas: what a person's facts count into, and when the number is reached."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from math import ceil

from huiyin.policy.duties import Quota
from huiyin.policy.effects import Tick
from huiyin.policy.facts import Fact
from huiyin.policy.matching import is_empty, matches, missing_fields
from huiyin.policy.periods import period_at
from huiyin.policy.proving import present, settle
from huiyin.policy.state import InForce, Moments, OpenObligation
from huiyin.policy.working import Work


def count(work: Work, fact: Fact, *, among: Collection[int] | None = None) -> None:
    """Let a fact count into the quotas of everybody who took part; a full one is done.

    A done one goes on counting, so that a fact that is taken back may be made up for by others.
    ``among``: only these obligations are looked at.
    """
    for person in present(fact.values, fact.by):
        for obligation in work.quotas_of(person):
            if among is not None and obligation.id not in among:
                continue
            in_force = work.adoption(obligation.adoption)
            duty = in_force.policy.duties.get(obligation.duty)
            if duty is None or duty.quota is None or duty.quota.of != fact.kind:
                continue
            if not _lies_in(in_force, duty.quota, obligation, fact):
                continue
            if duty.quota.where is not None:
                values = work.read(in_force, fact)
                holds = matches(duty.quota.where, values, work.around(in_force, fact.target))
                if holds is None:
                    missing = missing_fields(duty.quota.where, values)
                    work.ask(in_force.adoption, duty, fact, missing[0] if missing else "where")
                if not holds:
                    continue
            key = _key(duty.quota, fact)
            if key is None:
                work.ask(in_force.adoption, duty, fact, str(duty.quota.distinct))
                continue
            _tick(work, obligation, fact, key)


def _lies_in(in_force: InForce, quota: Quota, obligation: OpenObligation, fact: Fact) -> bool:
    if obligation.period is None:
        return False
    period = period_at(quota.per, obligation.period, in_force.calendar)
    return period is not None and (
        period.starts(in_force.zone) <= fact.happened < period.ends(in_force.zone)
    )


def _tick(work: Work, obligation: OpenObligation, fact: Fact, key: str) -> None:
    moments = Moments(fact.happened, fact.known, fact.recorded)
    work.count_into(obligation.id, key, fact.id, moments)
    work.effects.append(Tick(obligation=obligation.id, key=key, fact=fact.id))
    if not obligation.done and len(work.counted(obligation.id)) >= (obligation.needed or 0):
        settle(work, obligation, fact)


def fill(work: Work, obligation: OpenObligation) -> None:
    """Let what is counted already meet a quota that lost the fact by which it was done."""
    counted, needed_here = work.counted(obligation.id), obligation.needed or 0
    if obligation.needed is None or not counted or len(counted) < needed_here:
        return
    firsts = sorted(
        min((m.recorded, id, m) for id, m in facts.items()) for facts in counted.values()
    )
    _recorded, id, moments = firsts[max(needed_here, 1) - 1]
    duty = work.adoption(obligation.adoption).policy.duties[obligation.duty]
    filling = Fact(
        id=id,
        kind=duty.quota.of if duty.quota else "",
        target=obligation.target,
        unit=obligation.unit,
        by=obligation.holder,
        happened=moments.happened,
        known=moments.known,
        recorded=moments.recorded,
    )
    settle(work, obligation, filling)


def _key(quota: Quota, fact: Fact) -> str | None:
    """What counts once: the fact itself, its target, the customer behind it, or a value."""
    if quota.distinct is None:
        return str(fact.id)
    if quota.distinct == "target":
        return str(fact.target)
    if quota.distinct == "customer":
        return str(fact.target if fact.customer is None else fact.customer)
    value = fact.values.get(quota.distinct)
    return None if is_empty(value) else str(value)


def needed(quota: Quota, number: int, *, pool: int | None, there: Fraction) -> int:
    """How much a person owes: less where the pool is smaller, in proportion to days of leave."""
    owed = ceil(number * there) if quota.leave == "prorata" else number
    if quota.when_pool_smaller == "all" and pool is not None:
        owed = min(owed, pool)
    return owed
