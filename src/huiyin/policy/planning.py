"""What a period asks for: the obligations of cadences, quotas and dates, member by member.

The planner writes the same rows with one statement per rule and period; a test holds both equal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import ceil

from huiyin.policy.calendar import WorkCalendar
from huiyin.policy.declared import SettingRef
from huiyin.policy.duties import Draw, Duty
from huiyin.policy.effects import Open, Step, Why
from huiyin.policy.facts import Fact, Value
from huiyin.policy.lengths import Length, parse_percent
from huiyin.policy.matching import Around, matches
from huiyin.policy.owners import Owner, owner_of
from huiyin.policy.periods import Cadence, Period, anchored, periods_between
from huiyin.policy.quotas import needed
from huiyin.policy.state import InForce, State
from huiyin.policy.timing import (
    Clock,
    Missing,
    period_clock,
    read_length,
)
from huiyin.policy.working import deciding_clauses, settled


@dataclass(frozen=True, slots=True)
class Member:
    """One target of a population: where it belongs, whose it is, since when it is there."""

    target: int
    unit: int | None
    owner: int | None = None
    joined: date | None = None
    values: Mapping[str, Value] = field(default_factory=dict)
    anchor: datetime | None = None


def periods_due(
    in_force: InForce,
    duty: Duty,
    *,
    since: date | None,
    today: date,
    planned: Period | None = None,
) -> list[Period]:
    """The periods of a cadence to be planned: from ``since`` (inclusive) to the running one.

    Only periods that begin while the policy is in force: what ran before stays with what was
    planned for it. Lengths are counted from the first day in force; from the end of ``planned``,
    the period that was planned last, where another setting or version had cut it otherwise.
    """
    cadence = cadence_of(in_force, duty)
    if cadence is None:
        return []
    return periods_of(in_force, cadence, since=since, today=today, planned=planned)


def periods_of(
    in_force: InForce,
    cadence: Cadence,
    *,
    since: date | None,
    today: date,
    planned: Period | None = None,
) -> list[Period]:
    """The periods that begin while the policy is in force, from ``since`` to the running one."""
    first = in_force.starts.astimezone(in_force.zone).date()
    last = today if in_force.ends is None else min(today, _last_day(in_force))
    start = max(first, since) if since is not None else first
    if cadence.length is not None:
        return [p for p in _steps(first, cadence.length, last, planned) if p.first >= start]
    return periods_between(cadence, start, last, in_force.calendar)


def cadence_of(in_force: InForce, duty: Duty) -> Cadence | None:
    """The period of a duty, through the firm's setting if it stands in one."""
    if duty.quota is not None:
        return duty.quota.per
    if not isinstance(duty.every, SettingRef):
        return duty.every
    length = read_length(in_force, duty.every)
    return None if isinstance(length, Missing) else Cadence(unit="length", length=length)


def _last_day(in_force: InForce) -> date:
    assert in_force.ends is not None
    return (in_force.ends - timedelta(microseconds=1)).astimezone(in_force.zone).date()


def _steps(first: date, length: Length, last: date, planned: Period | None) -> list[Period]:
    """From the first day to the last; no step begins inside a period that was cut otherwise."""
    steps = list(_from_anchor(first, length, last))
    if planned is None or planned.after <= first or planned in steps:
        return steps
    kept = [planned] if planned.first <= last else []
    return [*kept, *_from_anchor(planned.after, length, last)]


def _from_anchor(anchor: date, length: Length, last: date) -> Iterator[Period]:
    number = 0
    while (period := anchored(anchor, length, number)).first <= last:
        yield period
        number += 1


def plan(
    in_force: InForce, duty: Duty, period: Period, members: Sequence[Member], state: State
) -> list[Open]:
    """The obligations of ``every`` duties in one period about the members of its population.

    ``members`` are those that ``population`` leaves; in the database the planner's SQL finds them.
    """
    chosen = list(members)
    if duty.draw is not None:
        chosen = drawn(in_force, duty, period, chosen)
    clock = period_clock(in_force, duty, period)
    days = workdays(period, in_force.calendar) if duty.level else []
    found: list[Open] = []
    for place, member in enumerate(sorted(chosen, key=lambda m: m.target)):
        owner = owner_of(duty, as_fact(in_force, member, period), state.holders, state.heads)
        for ordinal in range(duty.times):
            on = level_day(days, place, len(chosen), ordinal, duty.times)
            found.append(opened(in_force, duty, member, owner, clock, period, ordinal, on))
    return found


def is_in_time(duty: Duty, member: Member, period: Period) -> bool:
    """Late joiners are asked for at once, or from the next period on."""
    if member.joined is None:
        return True
    return member.joined < period.after if duty.joined == "now" else member.joined <= period.first


def population(
    in_force: InForce, duty: Duty, members: Sequence[Member], period: Period | None = None
) -> list[Member]:
    """Those of whom the duty's condition holds and who, in a period, are there in time."""
    there = [m for m in members if period is None or is_in_time(duty, m, period)]
    condition = duty.over.where if duty.over is not None else None
    if condition is None:
        return there
    around = Around(orders=in_force.policy.orders, settings=settled(in_force), zone=in_force.zone)
    return [m for m in there if matches(condition, m.values, around) is True]


def workdays(period: Period, calendar: WorkCalendar) -> list[date]:
    """The working days of a period; all of its days where none is worked."""
    days = [period.first + timedelta(days=n) for n in range((period.after - period.first).days)]
    return [day for day in days if calendar.is_workday(day)] or days


def level_day(
    days: Sequence[date], place: int, count: int, ordinal: int, times: int
) -> date | None:
    """The day on which the ``place``-th of ``count`` is suggested, spread over the period.

    Of several times a part of the period belongs to each.
    """
    if not days:
        return None
    return days[(ordinal * count + place) * len(days) // (times * count)]


def plan_people(
    in_force: InForce, duty: Duty, period: Period, firm: int, state: State
) -> list[Open]:
    """``every`` without a population: one for the firm, or one for each holder of the role."""
    clock = period_clock(in_force, duty, period)
    if duty.each is None:
        member = Member(target=firm, unit=firm)
        owner = owner_of(duty, as_fact(in_force, member, period), state.holders, state.heads)
        return [
            opened(in_force, duty, member, owner, clock, period, ordinal)
            for ordinal in range(duty.times)
        ]
    persons = {person for role in duty.roles for person in state.holders.get((role, None), ())}
    return [
        opened(in_force, duty, Member(person, firm), Owner(holder=person), clock, period, ordinal)
        for person in sorted(persons)
        for ordinal in range(duty.times)
    ]


def plan_quota(  # noqa: PLR0913 - what a quota depends on
    in_force: InForce,
    duty: Duty,
    period: Period,
    firm: int,
    state: State,
    *,
    pools: Mapping[int, int],
    there: Mapping[int, Fraction],
) -> list[Open]:
    """A quota for each holder; less where his pool is smaller, or for days of leave.

    ``pools``: how many each may choose from; ``there``: which part of the working days he is.
    """
    quota = duty.quota
    assert quota is not None
    number = number_of(in_force, quota.at_least)
    persons = {person for role in duty.roles for person in state.holders.get((role, None), ())}
    clock = Clock(period.ends(in_force.zone), "quota.per", ())
    found = []
    for person in sorted(persons):
        owed = needed(quota, number, pool=pools.get(person), there=there.get(person, Fraction(1)))
        if owed > 0:
            step = Step("quota", {"number": number, "needed": owed})
            member, owner = Member(person, firm), Owner(holder=person)
            effect = opened(in_force, duty, member, owner, clock, period, 0)
            why = Why(effect.why.clauses, (step, *effect.why.steps))
            found.append(replace(effect, needed=owed, why=why))
    return found


def number_of(in_force: InForce, given: int | SettingRef) -> int:
    if isinstance(given, int):
        return given
    return int(in_force.setting(given.setting) or 0)


def drawn(in_force: InForce, duty: Duty, period: Period, members: Sequence[Member]) -> list[Member]:
    """A random part of the members that anybody can draw again from the seed of the period."""
    assert duty.draw is not None
    seed = seed_of(in_force, duty, period)
    size = draw_size(in_force, duty.draw, len(members))
    return sorted(members, key=lambda m: lot(seed, m.target))[:size]


def draw_size(in_force: InForce, draw: Draw, count: int) -> int:
    share = draw.share
    if isinstance(share, SettingRef):
        share = parse_percent(in_force.setting(share.setting) or "0%")
    return min(count, max(draw.least, ceil(share * count)))


def seed_of(in_force: InForce, duty: Duty, period: Period) -> str:
    """The published seed of a draw: the policy's id, the duty and the period."""
    return f"{in_force.policy.policy}/{duty.key}/{period.first.isoformat()}"


def lot(seed: str, target: int) -> str:
    """The lot of a target: the smallest ones are drawn. SHA-256 as hexadecimal text."""
    return hashlib.sha256(f"{seed}/{target}".encode()).hexdigest()


def as_fact(in_force: InForce, member: Member, period: Period) -> Fact:
    """A member as the fact that its period begins, for whoever asks who owes something about it."""
    moment = period.starts(in_force.zone)
    return Fact(
        id=0,
        kind="",
        target=member.target,
        unit=member.unit,
        by=None,
        happened=moment,
        known=moment,
        recorded=moment,
        values=member.values,
        owner=member.owner,
    )


def opened(  # noqa: PLR0913 - the parts of one row
    in_force: InForce,
    duty: Duty,
    member: Member,
    owner: Owner,
    clock: Clock,
    period: Period,
    ordinal: int,
    on: date | None = None,
) -> Open:
    """One obligation of a period; ``on`` is the day on which a levelled one is suggested."""
    blocked = owner.blocked or ("no_eligible_holder" if owner.missing else "")
    return Open(
        ref=0,
        adoption=in_force.adoption,
        duty=duty.key,
        line=duty.key,
        target=member.target,
        unit=member.unit,
        opener=None,
        roles=owner.roles,
        holder=owner.holder,
        excluded=owner.excluded,
        due=clock.due,
        next_look=clock.due,
        values={},
        ordinal=ordinal,
        period=period.first,
        period_after=period.after,
        provisional=clock.provisional,
        blocked=blocked,
        plan_on=on,
        why=Why(deciding_clauses(duty, "owed_by", clock.leaf), clock.steps),
    )
