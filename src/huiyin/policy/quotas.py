"""Quotas: what a person's facts count into, and when the number is reached."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

from huiyin.policy.duties import Quota
from huiyin.policy.effects import Tick
from huiyin.policy.facts import Fact
from huiyin.policy.matching import matches, missing_fields
from huiyin.policy.periods import period_at
from huiyin.policy.proving import present, settle
from huiyin.policy.state import InForce, OpenObligation
from huiyin.policy.working import Work


def count(work: Work, fact: Fact) -> None:
    """Let a fact count into the quotas of everybody who took part; a full one is done."""
    for person in present(fact.values, fact.by):
        for obligation in work.open_about(person):
            in_force = work.adoption(obligation.adoption)
            duty = in_force.policy.duties.get(obligation.duty)
            if duty is None or duty.quota is None or duty.quota.of != fact.kind:
                continue
            if not _lies_in(in_force, duty.quota, obligation, fact):
                continue
            if duty.quota.where is not None:
                values = work.read(fact)
                holds = matches(duty.quota.where, values, work.around(in_force, fact.target))
                if holds is None:
                    missing = missing_fields(duty.quota.where, values)
                    work.ask(in_force.adoption, duty, fact, missing[0] if missing else "where")
                if not holds:
                    continue
            _tick(work, duty.quota, obligation, fact)


def _lies_in(in_force: InForce, quota: Quota, obligation: OpenObligation, fact: Fact) -> bool:
    if obligation.period is None:
        return False
    period = period_at(quota.per, obligation.period, in_force.calendar)
    return period is not None and (
        period.starts(in_force.zone) <= fact.happened < period.ends(in_force.zone)
    )


def _tick(work: Work, quota: Quota, obligation: OpenObligation, fact: Fact) -> None:
    key = _key(quota, fact)
    counted = work.counted(obligation.id)
    counted[key] = counted.get(key, frozenset()) | {fact.id}
    work.effects.append(Tick(obligation=obligation.id, key=key, fact=fact.id))
    if len(counted) >= (obligation.needed or 0):
        settle(work, obligation, fact)


def _key(quota: Quota, fact: Fact) -> int | str:
    """What counts once: the fact itself, its target, the customer behind it, or a value."""
    if quota.distinct is None:
        return fact.id
    if quota.distinct == "target":
        return fact.target
    if quota.distinct == "customer":
        return fact.customer if fact.customer is not None else fact.target
    return str(fact.values.get(quota.distinct, fact.id))


def needed(quota: Quota, number: int, *, pool: int | None, there: Fraction) -> int:
    """How much a person owes: less where the pool is smaller, in proportion to days of leave."""
    owed = ceil(number * there) if quota.leave == "prorata" else number
    if quota.when_pool_smaller == "all" and pool is not None:
        owed = min(owed, pool)
    return owed
