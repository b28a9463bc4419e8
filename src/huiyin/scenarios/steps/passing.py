"""当 … : time passes."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Min
from django.utils.translation import gettext as _

from huiyin.obligations import services as obligations
from huiyin.obligations.models import Obligation, ShareCount
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
    """The clock moves; sweep and planner run at every due moment in between and at the end."""
    end = read_moment(moment, world.zone)
    for _number in range(MOST_MOMENTS):
        due = _next_due()
        if due is None or due + JUST_AFTER >= end:
            break
        world.move_clock(max(world.now, due + JUST_AFTER))
        obligations.tick(now=world.now)
    else:
        raise Misused(_("到 %(moment)s 之前要看的时刻太多，时间没有前进") % {"moment": moment})
    world.move_clock(end)
    obligations.tick(now=end)


@when("停机至 {moment}")
def machine_is_down(world: World, moment: str) -> None:
    """The clock moves while nothing runs; then everything that became due is caught up at once."""
    world.move_clock(read_moment(moment, world.zone))
    obligations.tick(now=world.now)


def _next_due() -> datetime | None:
    look = Obligation.objects.open().aggregate(at=Min("next_look_at"))["at"]
    # A period is over at its very end, not behind it.
    ends = ShareCount.objects.filter(closed=False).aggregate(at=Min("ends_at"))["at"]
    return min((moment for moment in (look, ends) if moment is not None), default=None)
