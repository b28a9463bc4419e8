"""The heart: policies in force, state and facts in; effects out. No clock, no database."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from huiyin.policy.classifying import answered, classify
from huiyin.policy.duties import Duty, Share
from huiyin.policy.effects import Effect, Step
from huiyin.policy.facts import Fact
from huiyin.policy.opening import count_effect, open_duty, shared_open
from huiyin.policy.proving import discharge, release
from huiyin.policy.quotas import count
from huiyin.policy.scoring import book
from huiyin.policy.shares import NONE, floor_of
from huiyin.policy.state import InForce, ShareCount, ShareItem, State
from huiyin.policy.timing import Missing, clock_of
from huiyin.policy.voiding import void
from huiyin.policy.working import Work


def decide(
    in_force: Iterable[InForce], state: State, facts: Iterable[Fact], now: datetime
) -> list[Effect]:
    """What follows from ``facts``, in their order; engine facts are decided on right behind.

    ``state`` answers ``needs`` of the same facts; what voids take back is known to the facts behind
    them only through a ``state`` of their own. Raises UnknownAdoption if an open obligation
    belongs to a policy that is not among ``in_force``.
    """
    work = Work(in_force, state, now=now)
    fold(work, facts)
    return work.effects


def fold(work: Work, facts: Iterable[Fact]) -> None:
    """Take facts one by one, each followed by the engine facts that it brought about."""
    for fact in facts:
        _take(work, fact, [p for p in work.adoptions.values() if p.applies(fact.happened)])
        follow(work)


def follow(work: Work) -> None:
    """Go on from the engine facts that were stated, each right behind what brought it about."""
    queue = deque(work.engine_facts)
    work.engine_facts.clear()
    while queue:
        fact, adoption = queue.popleft()
        _take(work, fact, [work.adoption(adoption)])
        queue.extendleft(reversed(work.engine_facts))
        work.engine_facts.clear()


def _take(work: Work, fact: Fact, applying: Iterable[InForce]) -> None:
    """One fact: undo what it voids, settle what it proves, open what it asks for."""
    if fact.voids is not None:
        void(work, fact, fact.voids)
        return
    work.begin(fact)
    policies = [in_force.policy for in_force in work.adoptions.values()]
    if any(fact.kind in policy.provers for policy in policies):
        discharge(work, fact)
    if any(fact.kind in policy.enders for policy in policies):
        release(work, fact)
    if any(fact.kind in policy.counters for policy in policies):
        count(work, fact)
    if fact.live:
        for in_force in applying:
            _apply(work, in_force, fact)
    work.note(fact)


def _apply(work: Work, in_force: InForce, fact: Fact) -> None:
    policy = in_force.policy
    for duty in policy.openers.get(fact.kind, ()):
        open_duty(work, in_force, duty, fact)
    for table in policy.deciders.get(fact.kind, ()):
        classify(work, in_force, table, fact)
    key, _, ending = fact.kind.rpartition(".")
    if ending == "answered" and key in policy.tables:
        answered(work, in_force, policy.tables[key], fact)
    for score in policy.bookers.get(fact.kind, ()):
        book(work, in_force, score, fact)


@dataclass(frozen=True, slots=True)
class ClosingItem:
    """An item of a share with the fact that completed it."""

    item: ShareItem
    fact: Fact


def close_period(  # noqa: PLR0913 - the period, and the two answers that it needs
    in_force: InForce,
    duty: str,
    period: date,
    count: ShareCount,
    items: Sequence[ClosingItem],
    *,
    state: State,
    now: datetime,
) -> list[Effect]:
    """Open what voided items left in arrears, on the newest items that the role may still take.

    The obligations keep the clock of their item; one already past is late for the clause only.
    """
    rule = in_force.policy.duties[duty]
    work = Work([in_force], state, now=now)
    if rule.share is None:
        return []
    newest = sorted(items, key=lambda i: (i.fact.happened, i.fact.id), reverse=True)
    for role in rule.share.roles:
        arrears = _open_arrears(rule.share, role, count)
        takeable = [i for i in newest if role in i.item.eligible and role not in i.item.allotted]
        for closing in takeable[:arrears]:
            _open_late(work, in_force, rule, role, closing)
    return work.effects


def _open_arrears(share: Share, role: str, count: ShareCount) -> int:
    held = count.roles.get(role, NONE)
    return max(0, floor_of(share.roles[role], held.items) - held.allotted)


def _open_late(work: Work, in_force: InForce, duty: Duty, role: str, closing: ClosingItem) -> None:
    clock = clock_of(in_force, duty, closing.fact, work.firsts)
    if isinstance(clock, Missing):
        work.ask(in_force.adoption, duty, closing.fact, clock.name)
        return
    steps = (Step("share_closing", {"role": role, "period": closing.item.period.isoformat()}),)
    work.effects.append(shared_open(work, in_force, duty, closing.fact, role, clock, steps=steps))
    added = ShareItem(
        fact=closing.fact.id,
        target=closing.fact.target,
        period=closing.item.period,
        eligible=(),
        allotted=(role,),
    )
    work.effects.append(count_effect(in_force.adoption, duty.key, added))
