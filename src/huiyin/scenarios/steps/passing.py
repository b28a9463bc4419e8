"""当 … : time passes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Min
from django.utils.translation import gettext as _

from huiyin.adoption.models import Adoption
from huiyin.adoption.queries import as_in_force
from huiyin.obligations import services as obligations
from huiyin.obligations.models import Obligation, ShareCount
from huiyin.policy.calendar import DAY
from huiyin.policy.clocks import start_of_day
from huiyin.policy.periods import periods_between
from huiyin.policy.planning import periods_due
from huiyin.scenarios.errors import Misused
from huiyin.scenarios.moments import read_moment
from huiyin.scenarios.vocabulary import given, when
from huiyin.scenarios.world import World

JUST_AFTER = timedelta(microseconds=1)
"""On time iff t <= due, so what is due at a moment is looked at right behind it."""

MOST_MOMENTS = 2_000
"""More moments than this between two steps mean that a sweep does not move on."""


@given("现在是 {moment}")
def set_clock(world: World, moment: str) -> None:
    world.move_clock(read_moment(moment, world.zone))


@when("时间到 {moment}")
def time_passes(world: World, moment: str) -> None:
    """The clock moves; planner and sweep run at every moment in between that needs them."""
    end = read_moment(moment, world.zone)
    planned = _planned_moments(world, end)
    begins = next(planned, None)
    world.plan()
    for _number in range(MOST_MOMENTS):
        due = _next_due()
        looked = None if due is None else due + JUST_AFTER
        following = min((each for each in (looked, begins) if each is not None), default=None)
        if following is None or following >= end:
            break
        world.move_clock(max(world.now, following))
        if begins is not None and begins <= world.now:
            world.plan()
            begins = next(planned, None)
        obligations.tick(now=world.now)
    else:
        raise Misused(_("到 %(moment)s 之前要看的时刻太多，时间没有前进") % {"moment": moment})
    _catch_up(world, end)


@when("停机至 {moment}")
def machine_is_down(world: World, moment: str) -> None:
    """The clock moves while nothing runs; then everything that became due is caught up at once."""
    _catch_up(world, read_moment(moment, world.zone))


def _catch_up(world: World, moment: datetime) -> None:
    world.move_clock(moment)
    world.plan()
    obligations.tick(now=world.now)


def _planned_moments(world: World, end: datetime) -> Iterator[datetime]:
    """When the planner has something to look for: periods begin; silence is looked for daily."""
    policy = world.policy
    returning = [duty for duty in policy.duties.values() if duty.opener != "on"]
    scored = [score for score in policy.scores.values() if score.every]
    if not returning and not scored:
        return
    in_force = as_in_force(Adoption.objects.get(pk=world.adoption))
    today = world.now.astimezone(world.zone).date() + DAY
    last = end.astimezone(world.zone).date()
    if any(duty.since or duty.before for duty in returning):
        days = {today + number * DAY for number in range((last - today).days + 1)}
    else:
        days = {
            period.first
            for duty in returning
            for period in periods_due(in_force, duty, since=today, today=last)
        }
    for score in scored:
        assert score.every is not None
        days |= {
            each.first for each in periods_between(score.every, today, last, in_force.calendar)
        }
    yield from (start_of_day(day, world.zone) for day in sorted(days))


def _next_due() -> datetime | None:
    look = Obligation.objects.open().aggregate(at=Min("next_look_at"))["at"]
    # A period is over at its very end, not behind it.
    ends = ShareCount.objects.filter(closed=False).aggregate(at=Min("ends_at"))["at"]
    return min((moment for moment in (look, ends) if moment is not None), default=None)
