"""Facts that were there before what they prove: it was opened late, or lost what had met it.

Whoever did what is owed did it, whether the planner came in time or not, and whatever else was
taken back. So what is opened by period, or waits again, is shown the facts that stand, in the order
in which they were recorded: the first that proves it meets it, as if it had waited for it then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

from huiyin.policy.decide import follow
from huiyin.policy.effects import Effect
from huiyin.policy.facts import Fact
from huiyin.policy.proving import Proven, discharge, release
from huiyin.policy.quotas import count
from huiyin.policy.schema import Policy, proving_fact
from huiyin.policy.state import InForce, OpenObligation, State
from huiyin.policy.working import Work


def prove_standing(
    in_force: InForce,
    state: State,
    facts: Iterable[Fact],
    waiting: Collection[OpenObligation],
    *,
    proven: Mapping[int, Collection[Proven]],
    now: datetime,
) -> list[Effect]:
    """What follows for ``waiting`` from ``facts`` that stand; engine facts are decided on.

    ``state`` answers the needs of the facts, with what waits among what is open. ``proven``: the
    lines that a fact has met already; of what returns by period it meets one. Of two facts the
    one that was recorded first counts.
    """
    work = Work([in_force], state, now=now)
    policy = in_force.policy
    for fact in sorted(facts, key=lambda each: each.id):
        met_by = {each.id for each in waiting if _may_meet(policy, each, fact)}
        if not met_by:
            continue
        work.begin(fact)
        discharge(work, fact, among=met_by, proven=proven.get(fact.id, ()))
        # Who opened it knew what had ended by then.
        release(work, fact, among={o.id for o in waiting if o.opened <= fact.recorded} & met_by)
        count(work, fact, among=met_by - {each.id for each in work.quotas_with(fact.id)})
        follow(work)
        work.note(fact)
    return work.effects


def _may_meet(policy: Policy, obligation: OpenObligation, fact: Fact) -> bool:
    """What a fact opened, or what was opened after it, it does not meet itself."""
    if fact.kind not in standing_kinds(policy, obligation.duty):
        return False
    return obligation.opener is None or fact.id > obligation.opener


def standing_kinds(policy: Policy, duty: str) -> Iterator[str]:
    """The kinds of facts that may settle a duty though they were recorded before; of a question
    to a table none, since its answer is given once.
    """
    rule = policy.duties.get(duty)
    if rule is None:
        return
    if rule.proof is not None:
        yield proving_fact(rule.proof)
    if rule.until is not None:
        yield rule.until
    if rule.quota is not None:
        yield rule.quota.of
