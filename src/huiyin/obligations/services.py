"""Duties at work: what happens when facts are recorded, when time passes, when a person waives."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from huiyin.accounts import abilities
from huiyin.accounts.models import Post
from huiyin.accounts.queries import viewer_at, zone
from huiyin.adoption import queries as adoptions
from huiyin.adoption.models import Adoption
from huiyin.core.errors import Conflict, Refused
from huiyin.core.words import require_reason
from huiyin.ledger import models as ledger_models
from huiyin.ledger import services as ledger
from huiyin.obligations import (
    blocking,
    following,
    loading,
    planner,
    rescheduling,
    scores,
    silence,
    standing,
)
from huiyin.obligations.applying import apply_effects
from huiyin.obligations.fitting import still_fits
from huiyin.obligations.models import Obligation, Refusal, ShareCount, ShareItem
from huiyin.obligations.settling import apply_seats
from huiyin.policy.decide import ClosingItem, close_period, decide
from huiyin.policy.effects import Reopen
from huiyin.policy.facts import Fact, Value
from huiyin.policy.look import look_all, seat
from huiyin.policy.needs import look_needs, needs, seat_needs
from huiyin.policy.state import InForce, Needs, OpenObligation

logger = logging.getLogger("huiyin.obligations")

RETRY = timedelta(hours=1)
NOTHING = Needs()
CHANGES_POLICIES = ("policy.adopted", "setting.changed", *rescheduling.ON)
"""Facts behind which the policies read otherwise than before."""


def apply(rows: Sequence[ledger_models.Fact], now: datetime) -> None:
    """Let every policy in force decide about new facts, in the transaction that records them."""
    # Else a fact that is not committed yet would be missed by a policy that comes into force, which
    # this fact's transaction does not see either.
    if any(row.kind in CHANGES_POLICIES for row in rows):
        adoptions.hold_back()
    else:
        adoptions.hold_still()
    # A correction is a void and a new fact: what is taken back is no history of what comes.
    for part in ([r for r in rows if r.voids_id], [r for r in rows if not r.voids_id]):
        for adoption, in_force in adoptions.decided() if part else ():
            reopened = _decide(adoption, in_force, loading.as_facts(part, adoption), now=now)
            if part[0].voids_id:
                silence.cancel_planned(adoption, in_force, part, now=now)
                standing.prove_again(adoption, in_force, reopened, now=now)
    if any(row.kind in rescheduling.ON for row in rows):
        rescheduling.reschedule(now=now)
    if any(row.kind in (following.MOVED, following.HANDED_OVER) for row in rows):
        reseat_about(*following.follow_customers(rows, now=now), now=now)
    blocking.after(rows, now=now)
    for row in rows:
        if row.kind == "policy.adopted":
            begin(row.values["policy.adoption"], live=row.values["policy.start"] == "live", now=now)


def _decide(
    adoption: Adoption, in_force: InForce, facts: Sequence[Fact], *, now: datetime
) -> list[int]:
    """What one version decides about facts; returns the obligations that wait again."""
    # A breach is one of a clause of one policy; the same number may stand in another.
    policy = in_force.policy.policy
    facts = [fact for fact in facts if fact.values.get("breach.policy", policy) == policy]
    wanted = needs([in_force], facts)
    if wanted == NOTHING:
        return []
    state = loading.state_for(adoption, in_force, wanted, now=now, deciding=facts)
    effects = decide([in_force], state, facts, now)
    apply_effects(adoption, effects, now=now)
    return [effect.obligation for effect in effects if isinstance(effect, Reopen)]


def begin(adoption_id: int, *, live: bool, now: datetime) -> None:
    """A policy came into force: its periods are planned, and live it decides what was there."""
    if live:
        catch_up(adoption_id, now=now)
    decided = adoptions.decided()
    [policy] = {each.policy.policy for adoption, each in decided if adoption.id == adoption_id}
    for adoption, in_force in decided:
        # What the version before it has not planned yet is owed until its end.
        if in_force.policy.policy == policy:
            planner.plan(adoption, in_force, now=now)


@transaction.atomic
def plan(*, now: datetime) -> int:
    """Open what returns by period, for every policy; release from what no longer belongs to it.

    Idempotent; returns how many obligations were opened.
    """
    opened = 0
    started = [each for each in adoptions.decided() if each[1].starts <= now]
    for adoption, in_force in started:
        opened += sum(each.count for each in planner.plan(adoption, in_force, now=now))
    # Behind all planning, which holds others back: none of them may wait for what changes here.
    for adoption, in_force in started:
        planner.release_leavers(adoption, in_force, now=now)
        scores.book_periods(adoption, in_force, now=now)
    blocking.refresh(now=now)
    return opened


def catch_up(adoption_id: int, *, now: datetime) -> None:
    """Let a policy that starts live decide about the facts that were recorded before it was there.

    Facts that opened something under an earlier version of it are left to that version.
    """
    for adoption, in_force in adoptions.decided():
        if adoption.id != adoption_id:
            continue
        earlier = Obligation.objects.filter(policy=in_force.policy.policy, opener=OuterRef("pk"))
        rows = ledger_models.Fact.objects.filter(
            ~Exists(earlier),
            kind__in=in_force.policy.read,
            happened_at__gte=in_force.starts,
            live=True,
            voided_by=None,
            voids=None,
        )
        facts = loading.as_facts(list(rows.order_by("id")), adoption)
        _decide(adoption, in_force, facts, now=now)


def tick(*, now: datetime, batch: int = 500) -> int:
    """Everything due by ``now``: people who came and went, the sweep, shares whose period ended.

    Idempotent. Returns how many obligations and periods were looked at.
    """
    looked = reseat(now=now) + unblock(now=now)
    while found := sweep(now=now, batch=batch):
        looked += found
    return looked + close_periods(now=now)


@transaction.atomic
def reseat(*, now: datetime) -> int:
    """Give work of a role to whoever holds it now, where posts began or ended since.

    Only what nobody might do, and what is held by people who gave up a post, is looked at.
    Returns how many obligations changed hands, opened or were blocked.
    """
    gone = Post.objects.filter(to_on__lt=now.astimezone(zone()).date()).values("person")
    persons = list(gone.distinct().values_list("person", flat=True))
    rows = list(
        Obligation.objects.waiting()
        .filter(Q(state=Obligation.State.BLOCKED) | Q(holder__in=persons))
        .exclude(owed_roles=[])
        .select_related("opener", "adoption")
        .order_by("id")
        .select_for_update(skip_locked=True, of=("self",))
    )
    return sum(
        _reseat(adoption, in_force, waiting, now=now)
        for adoption, in_force, waiting in _by_adoption(rows)
    )


@transaction.atomic
def reseat_about(*targets: int, now: datetime) -> int:
    """Targets belong elsewhere now: work of a role about them passes to who holds the role there.

    Returns how many obligations changed hands, opened or were blocked.
    """
    rows = list(
        Obligation.objects.waiting()
        .about(*targets)
        .exclude(owed_roles=[])
        .select_related("opener", "adoption")
        .order_by("id")
        .select_for_update(of=("self",))
    )
    return sum(
        _reseat(adoption, in_force, waiting, now=now)
        for adoption, in_force, waiting in _by_adoption(rows)
    )


@transaction.atomic
def unblock(*, now: datetime) -> int:
    """Block what may no longer be done, free what may; before anything of it counts as missed."""
    return blocking.refresh(now=now)


def _reseat(
    adoption: Adoption, in_force: InForce, waiting: Sequence[OpenObligation], *, now: datetime
) -> int:
    state = loading.state_for(adoption, in_force, seat_needs([in_force], waiting), now=now)
    return apply_seats(seat(each, state) for each in waiting)


def sweep(*, now: datetime, batch: int = 500) -> int:
    """Look at up to ``batch`` open obligations whose moment has passed, in one transaction.

    Workers side by side skip each other's rows. A row that fails is pushed an hour ahead and
    reported, so that it neither stops the others nor vanishes.
    """
    with transaction.atomic():
        rows = list(_due_for_a_look(now)[:batch])
        if not rows:
            return 0
        try:
            with transaction.atomic():
                _look_at(rows, now=now)
        except Exception:  # noqa: BLE001 - the one place that may: each row gets its own try
            _look_at_each(rows, now=now)
        return len(rows)


def _due_for_a_look(now: datetime):  # type: ignore[no-untyped-def]
    # Nothing is joined: where nothing is due, which is nearly always, nothing else is looked at.
    return (
        Obligation.objects.due_for_a_look(now)
        .prefetch_related("opener", "adoption")
        .select_for_update(skip_locked=True)
        .order_by("next_look_at", "id")
    )


def _look_at_each(rows: Sequence[Obligation], *, now: datetime) -> None:
    for row in rows:
        try:
            with transaction.atomic():
                _look_at([row], now=now)
        except Exception:
            logger.exception("obligation %s could not be looked at", row.id)
            Obligation.objects.filter(id=row.id).update(next_look_at=now + RETRY)


def _look_at(rows: Sequence[Obligation], *, now: datetime) -> None:
    for adoption, in_force, waiting in _by_adoption(rows):
        _look(adoption, in_force, waiting, now=now)


def _by_adoption(
    rows: Sequence[Obligation],
) -> Iterator[tuple[Adoption, InForce, list[OpenObligation]]]:
    """Stored obligations as the engine reads them, beside the version that opened them."""
    if not rows:
        return
    units = dict(
        ledger_models.Target.objects.filter(id__in={row.target_id for row in rows}).values_list(
            "id", "unit_id"
        )
    )
    waiting = [loading.as_open(row, units[row.target_id]) for row in rows]
    for adoption, in_force in adoptions.decided():
        mine = [each for each in waiting if each.adoption == adoption.id]
        if mine:
            yield adoption, in_force, mine


def _look(
    adoption: Adoption, in_force: InForce, waiting: Sequence[OpenObligation], *, now: datetime
) -> None:
    state = loading.state_for(adoption, in_force, look_needs([in_force], waiting, now), now=now)
    apply_effects(adoption, look_all([in_force], waiting, state, now), now=now)


def close_periods(*, now: datetime) -> int:
    """Open what a share still lacks when its period is over, on the newest items it may take."""
    with transaction.atomic():
        counts = list(
            ShareCount.objects.filter(closed=False, ends_at__lte=now)
            .order_by("id")
            .select_for_update(skip_locked=True)
        )
        if not counts:
            return 0
        policies = {adoption.id: (adoption, in_force) for adoption, in_force in adoptions.decided()}
        for count in counts:
            _close_period(*policies[count.adoption_id], count, now=now)
        ShareCount.objects.filter(id__in=[count.id for count in counts]).update(closed=True)
        return len(counts)


def _close_period(
    adoption: Adoption, in_force: InForce, count: ShareCount, *, now: datetime
) -> None:
    rows = list(ShareItem.objects.filter(count=count).select_related("count", "fact"))
    facts = {fact.id: fact for fact in loading.as_facts([row.fact for row in rows])}
    items = [ClosingItem(loading.pure_item(row), facts[row.fact_id]) for row in rows]
    wanted = needs([in_force], facts.values())
    state = loading.state_for(adoption, in_force, wanted, now=now)
    effects = close_period(
        in_force, count.duty, count.period, loading.pure_count(count), items, state=state, now=now
    )
    apply_effects(adoption, effects, now=now)


@transaction.atomic
def waive(obligation: Obligation, *, by: int, reason: str, now: datetime) -> None:
    """Release somebody from an obligation, with a reason. Raises Refused, Conflict.

    Nobody releases himself: the one who waives holds a post over the target's unit and does not
    owe the obligation.
    """
    reason = require_reason(reason, missing=_("请写明免除的原因。"))
    if not may_waive(obligation, by=by, now=now):
        raise Refused(
            clauses=obligation.clauses,
            message=_("不能免除自己的义务；请由管辖该单位的上级免除。"),
            rule="waiver",
        )
    [fact] = ledger.append([_waived(obligation, by=by, reason=reason, now=now)], now=now)
    changed = (
        Obligation.objects.waiting()
        .filter(id=obligation.id)
        .update(state=Obligation.State.WAIVED, settled_by=fact, next_look_at=None)
    )
    if not changed:
        raise Conflict(_("这项义务已经有了结果，请刷新页面。"), code="obligation_settled")


@transaction.atomic
def release(
    about: int, *, by: int, reason: str, now: datetime, unfit: Mapping[str, Value] | None = None
) -> int:
    """Release what is owed about a target whose matter is over, with the reason; returns how many.

    ``unfit``: what the target says by now; then only what is owed of such a target no longer.
    What is overdue by now stays: only somebody above waives that.
    """
    waiting = (
        Obligation.objects.waiting()
        .about(about)
        .exclude(due_at__lt=now)
        .select_related("opener", "adoption")
        .order_by("id")
        .select_for_update(of=("self",))
    )
    rows = [row for row in waiting if unfit is None or not still_fits(row, unfit)]
    facts = ledger.append([_waived(row, by=by, reason=reason, now=now) for row in rows], now=now)
    for row, fact in zip(rows, facts, strict=True):
        row.state, row.settled_by, row.next_look_at = Obligation.State.WAIVED, fact, None
    Obligation.objects.bulk_update(rows, ["state", "settled_by", "next_look_at"])
    return len(rows)


def _waived(row: Obligation, *, by: int, reason: str, now: datetime) -> ledger.NewFact:
    return ledger.NewFact(
        kind="obligation.waived",
        target_id=row.target_id,
        by_id=by,
        recorded_by_id=by,
        happened_at=now,
        known_at=now,
        values={"obligation.id": row.id, "obligation.line": row.line},
        note=reason,
    )


def may_waive(obligation: Obligation, *, by: int, now: datetime) -> bool:
    """Whether somebody stands above the obligation and does not owe it himself."""
    above = abilities.may_waive(viewer_at(by, now), obligation.target)
    return obligation.holder_id != by and above


@transaction.atomic
def record_refusal(
    refused: Refused, *, act: str, target: int | None, by: int | None, at: datetime
) -> None:
    """Keep that a policy refused an act; called after the refused transaction was rolled back."""
    if "adoption" not in refused.values:
        return
    Refusal.objects.create(
        adoption_id=refused.values["adoption"],
        rule=refused.rule,
        clauses=refused.clauses,
        act=act,
        target_id=target,
        by_id=by,
        at=at,
    )
