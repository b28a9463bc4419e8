"""What is counted from each member's last fact, or ahead of a date: rhythms, silence, reminders.

The planner reads the members' last facts and dates in chunks and asks here what they make due.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from huiyin.policy.clocks import due_at
from huiyin.policy.duties import Duty
from huiyin.policy.effects import Open
from huiyin.policy.lengths import Length
from huiyin.policy.owners import owner_of
from huiyin.policy.periods import Period, anchored
from huiyin.policy.planning import Member, as_fact, cadence_of, opened
from huiyin.policy.state import InForce, State
from huiyin.policy.timing import Clock, Missing, lead_clock, silence_clock

HORIZON = timedelta(days=30)
"""How far ahead a duty before a date is opened, so that the future does not flood the lists."""

_AT_MOST_DAYS = {"d": 1, "wd": 3, "w": 7, "mo": 31}


def plan_since(
    in_force: InForce,
    duty: Duty,
    members: Sequence[Member],
    state: State,
    now: datetime,
    planned: date | None = None,
) -> list[Open]:
    """Counted from each member's last fact (``anchor``): the rhythm goes on, or silence is broken.

    Without ``within`` the running step is owed until its end. With it, something is owed once a
    whole step has passed in silence, and again after each further one. ``planned`` is the day that
    was planned last: every step that began behind it is made up for.
    """
    cadence = cadence_of(in_force, duty)
    if cadence is None or cadence.length is None:
        return []
    today = now.astimezone(in_force.zone).date()
    found = []
    for member in members:
        if member.anchor is None or member.anchor >= now:
            continue
        anchor = member.anchor.astimezone(in_force.zone).date()
        for period in _steps(anchor, cadence.length, today, planned):
            clock = _clock_since(in_force, duty, anchor, period)
            if clock is not None:
                owner = owner_of(
                    duty, as_fact(in_force, member, period), state.holders, state.heads
                )
                found.append(opened(in_force, duty, member, owner, clock, period, 0))
    return found


def _steps(anchor: date, length: Length, today: date, planned: date | None) -> list[Period]:
    """The running step, and before it those that began since the last planned day."""
    steps = [running_step(anchor, length, today)]
    if planned is not None:
        number = _number_before(anchor, length, planned)
        while (step := anchored(anchor, length, number)).first < steps[-1].first:
            if step.first > planned:
                steps.insert(-1, step)
            number += 1
    return steps


def _clock_since(in_force: InForce, duty: Duty, anchor: date, period: Period) -> Clock | None:
    if duty.within is None:
        return Clock(period.ends(in_force.zone), "every", ())
    if period.first == anchor:
        return None
    clock = silence_clock(in_force, duty, period.starts(in_force.zone))
    return None if isinstance(clock, Missing) else clock


def running_step(anchor: date, length: Length, today: date) -> Period:
    """The step from an anchor in which a day lies."""
    number = _number_before(anchor, length, today)
    while (period := anchored(anchor, length, number)).after <= today:
        number += 1
    return period


def longest(length: Length) -> timedelta:
    """A time that the length never exceeds."""
    return _AT_MOST_DAYS.get(length.unit, 1) * length.amount * timedelta(days=1)


def _number_before(anchor: date, length: Length, day: date) -> int:
    """The number of a step that is not behind the day, near it: an old anchor takes no long walk."""
    return max(0, (day - anchor) // longest(length) - 1)


def plan_before(
    in_force: InForce, duty: Duty, members: Sequence[Member], state: State, now: datetime
) -> list[Open]:
    """Ahead of a date of each member, once it is near; one obligation for each date."""
    assert duty.before is not None
    found = []
    for member in members:
        value = member.values.get(duty.before)
        if not isinstance(value, str):
            continue
        clock = lead_clock(in_force, duty, value)
        if isinstance(clock, Missing) or not in_force.starts < clock.due <= now + HORIZON:
            continue
        day = _day_of(value, in_force)
        period = Period(day, day + timedelta(days=1))
        owner = owner_of(duty, as_fact(in_force, member, period), state.holders, state.heads)
        found.append(opened(in_force, duty, member, owner, clock, period, 0))
    return found


def _day_of(value: str, in_force: InForce) -> date:
    """A date, or the day in the firm's zone on which an instant lies."""
    if len(value) == len("2026-03-05"):
        return date.fromisoformat(value)
    return due_at(value, in_force.zone).astimezone(in_force.zone).date()


def proves_since(duty: Duty, period: Period, due: datetime | None, zone: ZoneInfo) -> datetime:
    """What happened earlier proves nothing of a planned obligation: before its period, or before
    it was time to open what is owed ahead of a date.
    """
    return due - HORIZON if duty.before is not None and due is not None else period.starts(zone)
