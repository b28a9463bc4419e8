"""Plans what returns: one statement for each rule and period, whatever the size of the population.

No watermarks: it looks at the periods that began since the last planned one, in the ledger, and
adds what is not there yet. It may run at any time and again, one run at a time. What it opened is
one fact for each rule and period; after a stop it catches up, and what then is late says so itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from huiyin.accounts.models import Unit
from huiyin.adoption import queries as adoptions
from huiyin.adoption.models import Adoption
from huiyin.obligations import opening, populations, standing, stated
from huiyin.obligations.loading import holders_for
from huiyin.obligations.matching import Matcher
from huiyin.obligations.recurring import (
    person_field,
    planned_before,
    planned_members,
    planned_people,
    planned_quota,
    planned_since,
    there_in,
)
from huiyin.obligations.stated import Planned
from huiyin.policy.duties import Duty
from huiyin.policy.owners import among
from huiyin.policy.periods import Period
from huiyin.policy.planning import (
    cadence_of,
    draw_size,
    periods_due,
    seed_of,
    workdays,
)
from huiyin.policy.state import InForce
from huiyin.policy.timing import period_clock
from huiyin.policy.working import deciding_clauses

YEAR = timedelta(days=366)


def plan(adoption: Adoption, in_force: InForce, *, now: datetime) -> list[Planned]:
    """Open all that is owed by period by ``now``, and let count what was done for it before.

    The caller opened the transaction.
    """
    # Nobody else opens what is seen not to be there yet.
    adoptions.plan_alone()
    firm = stated.root_unit()
    if firm is None:
        return []
    returning = [duty for duty in in_force.policy.duties.values() if duty.opener != "on"]
    last = stated.last(in_force.policy.policy, [duty.key for duty in returning])
    behind = standing.newest()
    found: list[Planned] = []
    for duty in returning:
        found.extend(_plan_duty(adoption, in_force, duty, last.get(duty.key), firm, now=now))
    opened = any(each.count for each in found)
    if opened:
        # Who records a fact now does not see what was opened; he commits first, or waits for it.
        adoptions.hold_back()
    stated.state(in_force.policy.policy, [each for each in found if _is_new(each, last)], now=now)
    if opened:
        standing.prove_planned(adoption, in_force, behind=behind, now=now)
    return found


def _is_new(planned: Planned, last: Mapping[str, Period]) -> bool:
    """It brought anything, or its period was planned for the first time."""
    before = last.get(planned.rule)
    return bool(planned.count) or before is None or planned.period.first > before.first


def _plan_duty(
    adoption: Adoption,
    in_force: InForce,
    duty: Duty,
    last: Period | None,
    firm: int,
    *,
    now: datetime,
) -> Iterator[Planned]:
    if duty.since is not None:
        yield from _plan_since(adoption, in_force, duty, last, now=now)
        return
    if duty.before is not None:
        if in_force.applies(now):
            yield from _plan_before(adoption, in_force, duty, now=now)
        return
    for period in _periods(adoption, in_force, duty, last, now=now):
        if duty.quota is not None:
            opened = planned_quota(adoption, in_force, duty, period, firm, now=now)
        elif duty.over is None:
            opened = planned_people(adoption, in_force, duty, period, firm, now=now)
        else:
            opened = _plan_population(adoption, in_force, duty, period, now=now)
        yield Planned(duty.key, period, opened.count, opened.digest)


def _plan_since(
    adoption: Adoption, in_force: InForce, duty: Duty, last: Period | None, *, now: datetime
) -> Iterator[Planned]:
    """What depends on each member's last fact; one run of a day counts as a period.

    A version that has ended is planned once more up to its end, if that was not reached.
    """
    at = in_force.last_moment(now)
    day = Period(today := at.astimezone(in_force.zone).date(), today + opening.DAY)
    if at < in_force.starts or (at < now and last is not None and last.first >= day.first):
        return
    opened = planned_since(adoption, in_force, duty, last and last.first, at=at, now=now)
    yield Planned(duty.key, day, opened.count, opened.digest)


def _plan_before(
    adoption: Adoption, in_force: InForce, duty: Duty, *, now: datetime
) -> Iterator[Planned]:
    """What lies ahead of each member's date; one run of a day counts as a period."""
    opened = planned_before(adoption, in_force, duty, now=now)
    today = now.astimezone(in_force.zone).date()
    if opened.count:
        yield Planned(duty.key, Period(today, today + opening.DAY), opened.count, opened.digest)


def _periods(
    adoption: Adoption, in_force: InForce, duty: Duty, last: Period | None, *, now: datetime
) -> list[Period]:
    """From the last planned period on; never one that was over before the policy was approved."""
    today = now.astimezone(in_force.zone).date()
    approved = (adoption.approved_at or now).astimezone(in_force.zone).date()
    # No period of the calendar is longer than a year: those that were over need not be counted.
    since = last.first if last else approved - YEAR
    cadence = cadence_of(in_force, duty)
    if last is None and (cadence is None or cadence.is_anchored):
        since = None
    found = periods_due(in_force, duty, since=since, today=today, planned=last)
    return [period for period in found if period.after > approved]


def _plan_population(
    adoption: Adoption, in_force: InForce, duty: Duty, period: Period, *, now: datetime
) -> opening.Opened:
    """One statement for all members of a population, where their units or they say who owes it."""
    assert duty.over is not None and duty.owed_by is not None
    if duty.owed_by.head_of or duty.owed_by.exclude:
        return planned_members(adoption, in_force, duty, period, now=now)
    clock = period_clock(in_force, duty, period)
    rows = members(in_force, duty, period, now=now)
    seed, size = "", 0
    if duty.draw is not None:
        seed, size = seed_of(in_force, duty, period), draw_size(in_force, duty.draw, rows.count())
    return opening.open_members(
        rows,
        opening.Line(
            adoption=adoption.id,
            policy=in_force.policy.policy,
            duty=duty.key,
            clauses=deciding_clauses(duty, "owed_by", clock.leaf),
            period=(period.first, period.after),
            roles=duty.roles,
            due=clock.due,
            provisional=clock.provisional,
            times=duty.times,
            days=tuple(workdays(period, in_force.calendar)) if duty.level else (),
            seed=seed,
            size=size,
        ),
        owners=_owners(adoption, duty, now=now),
        now=now,
    )


def members(in_force: InForce, duty: Duty, period: Period, *, now: datetime) -> Any:
    """The population of a duty in a period: (target, unit, owner) of every member."""
    assert duty.over is not None
    rows = there_in(in_force, duty, period, now=now)
    named = duty.owed_by.person if duty.owed_by else None
    owner = F("target__owner")
    if named is not None and named != "target.owner":
        owner = person_field(populations.of(duty.over.of), named)
    return rows.order_by().values_list("pk", F("target__unit"), owner)


def _owners(adoption: Adoption, duty: Duty, *, now: datetime) -> opening.Owners:
    """Who owes it in each unit; or whoever owns the target."""
    if not duty.roles:
        return opening.Owners(by_unit={}, of_row=True)
    units = [None, *Unit.objects.values_list("pk", flat=True)]
    holding = holders_for(adoption, {(role, unit) for role in duty.roles for unit in units}, at=now)
    by_unit = {unit: among(duty.roles, unit, None, holding) for unit in units}
    return opening.Owners(
        by_unit={unit: (owner.holder, owner.blocked) for unit, owner in by_unit.items()},
        of_row=False,
    )


def release_leavers(adoption: Adoption, in_force: InForce, *, now: datetime) -> int:
    """Release from what is planned about targets that no longer belong to it (免除).

    Returns how many. What is overdue already stays: it was owed while it was owed. So does what
    nobody can decide: an empty value is no leaving.
    """
    released = 0
    for duty in in_force.policy.duties.values():
        if duty.over is not None:
            population = populations.of(duty.over.of)
            matcher = Matcher(in_force, population, now=now)
            rows = population.rows(duty.over.of)
            inside = [matcher.matching(rows, duty.over.where).values("pk")]
            if duty.over.where is not None:
                inside.append(matcher.undecidable(rows, duty.over.where).values("pk"))
            released += opening.release_outside(adoption, duty.key, inside, now=now)
        elif duty.quota is not None or (duty.every and duty.each and duty.each.kind == "person"):
            roles = {(role, None) for role in duty.roles}
            held = holders_for(adoption, roles, at=now).values()
            persons = {person for each in held for person in each}
            released += opening.release_outside(adoption, duty.key, [persons], now=now)
    return released
