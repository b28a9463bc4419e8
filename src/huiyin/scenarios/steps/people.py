"""当 … : people are away, read what they have to know, agree to longer limits."""

from __future__ import annotations

from django.utils.translation import gettext as _

from huiyin.accounts import services as accounts
from huiyin.accounts.models import Person
from huiyin.adoption import services as adoption
from huiyin.obligations import extending
from huiyin.scenarios.errors import Misused
from huiyin.scenarios.moments import read_day
from huiyin.scenarios.steps.statements import about
from huiyin.scenarios.vocabulary import when
from huiyin.scenarios.world import World


@when("{person} 于 {day} 休假[ 至 {last}][ 由 {deputy} 代理]")
def person_is_away(
    world: World, person: str, day: str, last: str | None, deputy: str | None
) -> None:
    """Away on these days, both included; somebody may stand in."""
    accounts.take_leave(
        Person.objects.get(pk=world.person(person)),
        read_day(day),
        read_day(last or day),
        deputy=Person.objects.get(pk=world.person(deputy)) if deputy else None,
        by=world.stage.proposer,
        now=world.now,
    )


@when("{person} 阅知制度")
def person_acknowledges(world: World, person: str) -> None:
    """He says that he has read what the policy declares."""
    adoption.acknowledge(world.stage.pack.id, person=world.person(person), now=world.now)


@when("{person} 同意 {clause}[ 对 {target}] 延期 原因 {reason}")
def extension_is_consented(
    world: World, person: str, clause: str, target: str | None, reason: str
) -> None:
    rows = list(about(world, clause, target).waiting())
    if not rows:
        raise Misused(_("没有待办的“%s”") % clause)
    for row in rows:
        by = world.person(person)
        extending.extend(row, reason=reason, consented_by=by, by=by, now=world.now)
