"""Acts that a policy does not allow, or not yet. What cannot be decided is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from huiyin.policy.conditions import Met, Seen, is_empty, matches, missing_fields
from huiyin.policy.decide import applies
from huiyin.policy.effects import Refusal
from huiyin.policy.facts import Value
from huiyin.policy.proving import present
from huiyin.policy.refusals import say_excluded, say_guard, say_not_eligible
from huiyin.policy.schema import Duty, Guard, Policy
from huiyin.policy.state import InForce, State
from huiyin.policy.working import as_person


@dataclass(frozen=True, slots=True)
class ActAsked:
    """An act that somebody asks for. ``values`` are the target's fields and the act's own."""

    act: str
    target: int
    unit: int | None
    by: int | None
    values: Mapping[str, Value] = field(default_factory=dict)


def check_act(
    in_force: Iterable[InForce], asked: ActAsked, state: State, now: datetime
) -> list[Refusal]:
    """Every reason why a policy in force at ``now`` refuses the act; empty if none does.

    ``state`` answers ``act_needs``. For ``record.file`` the persons present are judged too.
    """
    refusals: list[Refusal] = []
    for policy in in_force:
        if not applies(policy, now):
            continue
        for guard in policy.policy.guards.values():
            if asked.act in guard.before:
                refusals.extend(_check_guard(policy, guard, asked, state))
        if asked.act == "record.file":
            refusals.extend(_check_present(policy, asked, state))
    return refusals


def _check_guard(
    in_force: InForce, guard: Guard, asked: ActAsked, state: State
) -> Iterator[Refusal]:
    def holds(condition: object) -> bool | None:
        return matches(
            condition,  # type: ignore[arg-type]
            asked.values,
            orders=in_force.policy.orders,
            history=lambda leaf: _history(leaf, asked.target, state),
        )

    applies_here = True if guard.where is None else holds(guard.where)
    if applies_here is False:
        return
    if applies_here is None and guard.where is not None:
        missing = missing_fields(guard.where, asked.values)
        yield _refusal(in_force, guard, ("where", "require", "deny"), missing)
        return
    failing: list[str] = []
    missing_here: list[str] = []
    for number, item in enumerate(guard.require):
        if isinstance(item, str):
            if is_empty(asked.values.get(item)):
                failing.append(f"require.{number}")
                missing_here.append(item)
        elif holds(item) is not True:
            failing.append(f"require.{number}")
            missing_here.extend(missing_fields(item, asked.values))
    if guard.deny is not None and holds(guard.deny) is not False:
        failing.append("deny")
        missing_here.extend(missing_fields(guard.deny, asked.values))
    if failing:
        yield _refusal(in_force, guard, tuple(failing), tuple(missing_here))


def _history(leaf: Met | Seen, target: int, state: State) -> bool:
    """``met`` needs one that is met and none that is still open about the same target."""
    if isinstance(leaf, Seen):
        return (leaf.fact, target) in state.seen
    waiting = any(o.duty == leaf.duty and o.target == target and not o.done for o in state.open)
    return (leaf.duty, target) in state.met and not waiting


def _refusal(
    in_force: InForce, guard: Guard, leaves: tuple[str, ...], missing: tuple[str, ...]
) -> Refusal:
    clauses = tuple(dict.fromkeys(c for leaf in leaves for c in guard.clauses_at(leaf)))
    return Refusal(
        adoption=in_force.adoption,
        rule=guard.key,
        clauses=clauses,
        message=say_guard(in_force.policy, guard, leaves, missing),
        missing=missing,
    )


def _check_present(in_force: InForce, asked: ActAsked, state: State) -> Iterator[Refusal]:
    """A record that proves a duty needs somebody present who may do it, and nobody who may not."""
    form = asked.values.get("record.form")
    here = tuple(present(asked.values, asked.by))
    for duty in in_force.policy.duties.values():
        if (
            duty.proof.record != form
            or duty.proof.sent_to
            or not _concerns(in_force.policy, duty, asked.values)
        ):
            continue
        excluded = as_person(asked.values.get(duty.excluded_field or ""))
        if excluded is not None and excluded in here:
            yield _present_refusal(in_force, duty, say_excluded(in_force.policy, duty))
        elif duty.roles and not _anyone_may(duty, here, asked, state):
            yield _present_refusal(in_force, duty, say_not_eligible(in_force.policy, duty))


def _anyone_may(duty: Duty, here: tuple[int, ...], asked: ActAsked, state: State) -> bool:
    assigned = {o.holder for o in state.open if o.duty == duty.key and o.target == asked.target}
    return any(
        person in assigned
        or any(person in state.holders.get((role, asked.unit), ()) for role in duty.roles)
        for person in here
    )


def _present_refusal(in_force: InForce, duty: Duty, message: Mapping[str, str]) -> Refusal:
    owner = "share.not" if duty.share else "owed_by.not"
    return Refusal(
        adoption=in_force.adoption,
        rule=duty.key,
        clauses=duty.clauses_at(owner),
        message=message,
    )


def _concerns(policy: Policy, duty: Duty, values: Mapping[str, Value]) -> bool:
    """Whether a record about a target with these values is about this duty's kind of target."""
    kind = kind_of(policy, duty)
    return kind is None or kind == _kind_in(policy, values)


def kind_of(policy: Policy, duty: Duty) -> str | None:
    """What a duty is about (``repair``, ``case``), through the engine facts that open it."""
    on = duty.on
    for _ in policy.duties:
        name, _, ending = on.rpartition(".")
        if ending not in ("met", "missed") or name not in policy.duties:
            break
        on = policy.duties[name].on
    kind = on.partition(".")[0]
    return kind if kind in policy.subjects or kind in ("case", "customer") else None


def _kind_in(policy: Policy, values: Mapping[str, Value]) -> str | None:
    """``target.kind`` where given; a case carries its subject's values too, so it goes first."""
    stated = values.get("target.kind")
    if isinstance(stated, str):
        return stated.removeprefix("subject:")
    kinds = {name.partition(".")[0] for name in values}
    return next((kind for kind in ("case", *policy.subjects, "customer") if kind in kinds), None)
