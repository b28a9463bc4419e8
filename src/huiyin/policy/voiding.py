"""A fact was taken back: what it opened, met, counted and booked goes back with it."""

from __future__ import annotations

from dataclasses import replace

from huiyin.policy.clocks import TICK
from huiyin.policy.effects import Cancel, Reopen, Retract, Reverse, Step, Tick, Why
from huiyin.policy.facts import Fact
from huiyin.policy.opening import count_effect
from huiyin.policy.quotas import fill
from huiyin.policy.shares import counted
from huiyin.policy.state import OpenObligation
from huiyin.policy.working import Work


def void(work: Work, fact: Fact, voided: int) -> None:
    """What the voided fact opened becomes 撤销, done or not; what it met waits again.

    Engine facts that followed from it no longer hold either, and so on down the chain.
    """
    for obligation in work.linked(voided):
        if obligation.opener == voided:
            _cancel(work, fact, obligation, voided)
        elif obligation.done and (obligation.needed is None or obligation.waived):
            _reopen(work, fact, obligation)
            fill(work, obligation)
    for key, item in work.take_items(voided):
        counts = counted(work.counts(key), eligible=item.eligible, allotted=item.allotted, sign=-1)
        work.uncount(key, counts)
        work.effects.append(count_effect(key[0], key[1], item, sign=-1))
    _uncount_quotas(work, fact, voided)
    for decided in work.decided(voided):
        work.given(decided.table, decided.target).discard(decided.result)
        _retract(work, fact, decided.target, decided.id)
    for booking in work.take_bookings(voided):
        why = Why((), (Step("voided", {"fact": voided}),))
        work.effects.append(Reverse(booking=booking.id, fact=fact.id, why=why))


def _cancel(work: Work, fact: Fact, obligation: OpenObligation, voided: int) -> None:
    work.cancel(obligation)
    why = Why(clauses=obligation.clauses, steps=(Step("voided", {"fact": voided}),))
    work.effects.append(Cancel(obligation=obligation.id, fact=fact.id, why=why))
    for stated in (obligation.met, obligation.stated_missed):
        _retract(work, fact, obligation.target, stated)


def _reopen(work: Work, fact: Fact, obligation: OpenObligation) -> None:
    due = obligation.due
    why = Why(clauses=obligation.clauses, steps=(Step("reopened", {}),))
    work.effects.append(
        Reopen(
            obligation=obligation.id,
            fact=fact.id,
            # What fell due meanwhile is looked at by the next sweep: later steps may be left.
            next_look=None if due is None else max(due, work.now - TICK),
            why=why,
        )
    )
    work.keep(replace(obligation, done=False, waived=False, settled_by=None, met=None))
    _retract(work, fact, obligation.target, obligation.met)


def _retract(work: Work, fact: Fact, target: int, stated: int | None) -> None:
    """An engine fact falls with what it rested on, and takes along what it opened."""
    if stated is None:
        return
    work.effects.append(Retract(fact=stated, voided=fact.id, target=target))
    void(work, fact, stated)


def _uncount_quotas(work: Work, fact: Fact, voided: int) -> None:
    """A quota that falls below its number waits again; one that others fill is done by them."""
    for obligation in work.quotas_with(voided):
        found = work.counted(obligation.id)
        for key in [key for key, facts in found.items() if voided in facts]:
            work.effects.append(Tick(obligation=obligation.id, key=key, fact=voided, sign=-1))
            del found[key][voided]
            if not found[key]:
                del found[key]
        full = len(found) >= (obligation.needed or 0)
        if not obligation.done or obligation.waived:
            continue
        if not full or obligation.settled_by == voided:
            _reopen(work, fact, obligation)
            fill(work, obligation)
