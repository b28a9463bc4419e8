"""当 … : something happens, is taken back, released, answered or closed."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _

from huiyin.accounts import owned
from huiyin.accounts import services as accounts
from huiyin.accounts.models import Person
from huiyin.cases.models import Case
from huiyin.followups import services as followups
from huiyin.followups.models import Followup
from huiyin.followups.services import Appointment
from huiyin.ledger import services as ledger
from huiyin.ledger.models import Fact
from huiyin.obligations import services as obligations
from huiyin.obligations.models import Obligation
from huiyin.scenarios.errors import Misused
from huiyin.scenarios.features import Table
from huiyin.scenarios.moments import read_day, read_moment
from huiyin.scenarios.steps.filing import doing_of
from huiyin.scenarios.steps.items import ACTS
from huiyin.scenarios.steps.scene import bring_in
from huiyin.scenarios.vocabulary import when
from huiyin.scenarios.world import World
from huiyin.subjects import services as subjects
from huiyin.subjects.models import Subject


@when("{target} 发生 {fact}[ 于 {moment}][ 得知于 {known}]")
def fact_happens(
    world: World,
    target: str,
    fact: str,
    moment: str | None,
    known: str | None,
    table: Table | None = None,
) -> None:
    """A fact about a subject: it happened at its moment, was known then or later, is entered now."""
    subject = Subject.objects.get(pk=world.target(target))
    happened_at = read_moment(moment, world.zone) if moment else world.now
    written = dict(table.pairs()) if table else {}
    recorded = subjects.record_event(
        subject,
        world.titles.subject_fact(subject.kind, fact),
        happened_at=happened_at,
        known_at=read_moment(known, world.zone) if known else happened_at,
        by=world.stage.proposer,
        recorded_by=world.stage.proposer,
        now=world.now,
        values=world.titles.subject_values(
            subject.kind, written, world.zone, lambda name: bring_in(world, name)
        ),
    )
    world.last_fact = recorded.pk


@when("撤销上一事实 原因 {reason}")
def last_fact_is_voided(world: World, reason: str) -> None:
    if world.last_fact is None:
        raise Misused(_("还没有可以撤销的事实"))
    ledger.void(world.last_fact, by=world.stage.proposer, reason=reason, now=world.now)


@when("撤销 {target} 的 {fact} 原因 {reason}")
def fact_is_voided(world: World, target: str, fact: str, reason: str) -> None:
    subject = Subject.objects.get(pk=world.target(target))
    kind = f"{subject.kind}.{world.titles.subject_fact(subject.kind, fact)}"
    found = (
        Fact.objects.filter(target=subject.pk, kind=kind, voided_by=None).order_by("-id").first()
    )
    if found is None:
        raise Misused(_("“%(target)s”没有“%(fact)s”这个事实") % {"target": target, "fact": fact})
    ledger.void(found.pk, by=world.stage.proposer, reason=reason, now=world.now)


@when("{person} 免除 {clause} 对 {target} 原因 {reason}")
def obligation_is_waived(world: World, person: str, clause: str, target: str, reason: str) -> None:
    rows = Obligation.objects.waiting().about(world.target(target))
    found = list(rows.filter(adoption=world.adoption, clauses__contains=[clause]))
    if not found:
        raise Misused(
            _("没有待办的“%(clause)s”对“%(target)s”") % {"clause": clause, "target": target}
        )
    for row in found:
        obligations.waive(row, by=world.person(person), reason=reason, now=world.now)


@when("{person} 于 {day} 离任")
def person_leaves(world: World, person: str, day: str) -> None:
    accounts.leave(
        Person.objects.get(pk=world.person(person)),
        read_day(day),
        by=world.stage.proposer,
        now=world.now,
    )


@when("{person} 名下的全部移交给 {other}")
def everything_is_handed_over(world: World, person: str, other: str) -> None:
    """What is entrusted to somebody passes to another."""
    owned.hand_over_all(
        world.person(person), to=world.person(other), by=world.stage.proposer, now=world.now
    )


PLAN = "计划回访"


def _plan(world: World, person: str, target: str, written: dict[str, str]) -> None:
    """An appointment, tomorrow at this time unless 约定时间 says otherwise."""
    when_ = written.get("约定时间")
    channels = {str(label): value for value, label in Followup.Channel.choices}
    followups.plan(
        Appointment(
            about=world.target(target),
            channel=channels[written.get("回访方式", "上门")],
            planned_for=read_moment(when_, world.zone) if when_ else world.now + timedelta(days=1),
        ),
        by=world.person(person),
        now=world.now,
    )


@when("{person} 对 {target} 执行 {act}")
def act_is_done(
    world: World, person: str, target: str, act: str, table: Table | None = None
) -> None:
    """A named act on a case, by the title that `items.ACTS` gives it; or 计划回访 about anything."""
    written = dict(table.pairs()) if table else {}
    if act == PLAN:
        _plan(world, person, target, written)
        return
    if act not in ACTS:
        raise Misused(
            _("不认识“%(act)s”这个行为；现有：%(known)s") % {"act": act, "known": "、".join(ACTS)}
        )
    case = Case.objects.select_related("target").get(pk=world.target(target))
    ACTS[act](world, case, written, doing_of(world, person, written))
