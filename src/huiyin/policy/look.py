"""What the sweep finds at an open obligation: it was missed, somebody is told, look again then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from huiyin.policy.clocks import TICK, shift
from huiyin.policy.decide import follow
from huiyin.policy.duties import Duty
from huiyin.policy.effects import Ask, Effect, LookAgain, Seat, Step, Tell, Why
from huiyin.policy.facts import Fact, Value
from huiyin.policy.limits import Late
from huiyin.policy.owners import as_person, blocked_by, only_holder
from huiyin.policy.state import InForce, OpenObligation, State
from huiyin.policy.working import Work


def look(
    in_force: Iterable[InForce], obligation: OpenObligation, state: State, now: datetime
) -> list[Effect]:
    """Look at one open obligation. Overdue iff now > due; every late step is told once.

    After a stop all steps that have passed are told, in order, in one go. The last effect is
    always ``LookAgain``. Raises UnknownAdoption.
    """
    return look_all(in_force, [obligation], state, now)


def look_all(
    in_force: Iterable[InForce],
    obligations: Iterable[OpenObligation],
    state: State,
    now: datetime,
) -> list[Effect]:
    """``look`` at several; what they state keeps refs of its own."""
    work = Work(in_force, replace(state, open=()), now=now)
    for obligation in obligations:
        _look(work, obligation)
    return work.effects


def _look(work: Work, obligation: OpenObligation) -> None:
    policy = work.adoption(obligation.adoption)
    duty = policy.policy.lines.get(obligation.duty)
    if obligation.due is None or duty is None:
        again = _again(obligation, None, obligation.level, missed=obligation.missed)
        work.effects.append(again)
        return
    if work.now <= obligation.due:
        at = obligation.due if work.now < obligation.due else obligation.due + TICK
        work.effects.append(_again(obligation, at, obligation.level, missed=False))
        return
    stated = None if obligation.missed else _miss(work, obligation, obligation.due)
    level = _tell_late(work, policy, duty, obligation, obligation.due)
    later = duty.late[level:]
    following = None
    if later:
        following = shift(obligation.due, later[0].after, policy.zone, policy.calendar)
    again = _again(obligation, following, level, missed=True)
    work.effects.append(replace(again, stated=stated))


def seat(obligation: OpenObligation, state: State) -> Seat | None:
    """Who has a role's obligation after people came or went; None if nothing changes.

    A holder who still holds one of its roles keeps it; else it goes to the only one who may do
    it, or waits for anyone of several.
    """
    roles, unit, excluded = obligation.roles, obligation.unit, obligation.excluded
    if any(obligation.holder in state.holders.get((role, unit), ()) for role in roles):
        return None
    found = Seat(
        obligation=obligation.id,
        holder=only_holder(state.holders, roles, unit, excluded),
        blocked=blocked_by(state.holders, roles, unit, excluded),
    )
    was = Seat(obligation.id, obligation.holder, obligation.blocked)
    return None if found == was else found


def _again(
    obligation: OpenObligation, at: datetime | None, level: int, *, missed: bool
) -> LookAgain:
    return LookAgain(obligation=obligation.id, at=at, level=level, missed=missed)


def missed_fact(obligation: OpenObligation, due: datetime, now: datetime) -> Fact:
    """What a sweep states of an obligation that is overdue."""
    return Fact(
        id=0,
        kind=f"{obligation.duty}.missed",
        target=obligation.target,
        unit=obligation.unit,
        by=None,
        happened=due,
        known=now,
        recorded=now,
        values=_of_missed(obligation),
    )


def _miss(work: Work, obligation: OpenObligation, due: datetime) -> int:
    """State that the obligation was missed; the ref of that engine fact."""
    why = Why(clauses=obligation.clauses, steps=(Step("missed", {"due": due.isoformat()}),))
    missed = missed_fact(obligation, due, work.now)
    stated = work.emit(missed.kind, obligation.adoption, obligation, fact=missed, why=why)
    follow(work)
    return stated


def _of_missed(obligation: OpenObligation) -> dict[str, Value]:
    """The opener's values, with whose miss it is: what a finding of a breach starts from."""
    owed = {} if obligation.holder is None else {"obligation.holder": obligation.holder}
    return {**obligation.values, "obligation.id": obligation.id, **owed}


def _tell_late(
    work: Work, in_force: InForce, duty: Duty, obligation: OpenObligation, due: datetime
) -> int:
    """Tell every step that has passed and was not told yet; the new level."""
    level = obligation.level
    for number, step in enumerate(duty.late[level:], start=level):
        if work.now <= shift(due, step.after, in_force.zone, in_force.calendar):
            break
        _tell(work, duty, obligation, step, number)
        level = number + 1
    return level


def _tell(work: Work, duty: Duty, obligation: OpenObligation, step: Late, number: int) -> None:
    why = Why(
        clauses=duty.clauses_at(f"late.{number}.tell") or obligation.clauses,
        steps=(Step("late", {"after": str(step.after), "due": _due(obligation)}),),
    )
    for role in step.tell:
        persons = _persons(work, obligation, role)
        if not persons:
            work.effects.append(_nobody(obligation, role, why))
        for person in persons:
            work.effects.append(
                Tell(
                    person=person,
                    about=obligation.target,
                    adoption=obligation.adoption,
                    template="overdue",
                    key=f"{number}:{person}",
                    values={"duty": duty.key, "due": _due(obligation), "role": role},
                    why=why,
                    obligation=obligation.id,
                )
            )


def _due(obligation: OpenObligation) -> str:
    return obligation.due.isoformat() if obligation.due else ""


def _persons(work: Work, obligation: OpenObligation, role: str) -> tuple[int, ...]:
    if role == "holder":
        return (obligation.holder,) if obligation.holder is not None else ()
    if "." in role:
        person = as_person(obligation.values.get(role))
        return (person,) if person is not None else ()
    return tuple(work.holders(role, obligation.unit))


def _nobody(obligation: OpenObligation, role: str, why: Why) -> Ask:
    """Fail closed: a notice that nobody can receive asks whom to appoint."""
    missing = f"role.{role}"
    return Ask(
        adoption=obligation.adoption,
        rule=obligation.duty,
        target=obligation.target,
        missing=missing,
        key=f"ask:{obligation.adoption}:{obligation.duty}:{obligation.id}:{missing}",
        why=why,
    )
