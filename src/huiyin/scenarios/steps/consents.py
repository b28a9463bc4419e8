"""当 … : a customer says whether he may be contacted, by what and what for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from huiyin.customers import consenting
from huiyin.customers.consenting import Statement
from huiyin.customers.models import Customer
from huiyin.records.contacts import ALL, Channel, Purpose
from huiyin.scenarios.errors import Misused
from huiyin.scenarios.moments import read_moment
from huiyin.scenarios.vocabulary import when
from huiyin.scenarios.world import World


@when("客户 {target} 撤回 {purpose} 的同意[ 方式 {channel}][ 于 {moment}]")
def consent_is_withdrawn(
    world: World, target: str, purpose: str, channel: str | None, moment: str | None
) -> None:
    """For a purpose, or 一切; by one channel, or by all."""
    _say(world, target, "withdrawn", (purpose, channel), moment)


@when("客户 {target} 同意 {purpose}[ 方式 {channel}][ 于 {moment}]")
def consent_is_given(
    world: World, target: str, purpose: str, channel: str | None, moment: str | None
) -> None:
    _say(world, target, "given", (purpose, channel), moment)


def _say(
    world: World, target: str, decision: str, about: tuple[str, str | None], moment: str | None
) -> None:
    purpose, channel = about
    said = Statement(
        decision=decision,
        channel=_key(Channel.choices, channel or "一切"),
        purpose=_key(Purpose.choices, purpose),
        how="phone",
        evidence=f"场景：{purpose}",
        happened_at=read_moment(moment, world.zone) if moment else world.now,
    )
    customer = Customer.objects.get(pk=world.target(target))
    consenting.state(customer, said, by=world.stage.proposer, now=world.now)


def _key(choices: Sequence[tuple[str, Any]], title: str) -> str:
    known = {"一切": ALL, **{str(label): key for key, label in choices}}
    if title not in known:
        raise Misused(
            _("不认识“%(title)s”；现有：%(known)s") % {"title": title, "known": "、".join(known)}
        )
    return known[title]
