"""Acts that a policy does not allow, or not yet. What cannot be decided is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from huiyin.policy.conditions import (
    LOOKS,
    Condition,
    Met,
    Seen,
    fields_of,
    leaves_of,
    word_of,
)
from huiyin.policy.declared import Form, FormField
from huiyin.policy.duties import Duty
from huiyin.policy.effects import Refusal
from huiyin.policy.facts import Value
from huiyin.policy.matching import Around, is_empty, matches, missing_fields
from huiyin.policy.owners import as_person
from huiyin.policy.proving import present
from huiyin.policy.refusals import say_excluded, say_guard, say_not_eligible, say_not_yours
from huiyin.policy.rules import Guard
from huiyin.policy.schema import Policy
from huiyin.policy.state import InForce, State


@dataclass(frozen=True, slots=True)
class ActAsked:
    """An act that somebody asks for. ``values`` are the target's fields and the act's own."""

    act: str
    target: int
    unit: int | None
    by: int | None
    values: Mapping[str, Value] = field(default_factory=dict)


FILING = ("record.file", "record.amend")
"""Acts before which a policy looks at who writes a form."""


NEVER_TOLD = frozenset({"clock.now", "clock.today", "fact.known", "target.owner"})
"""Fields that no act carries. An act happens now: that is ``fact.happened``."""


def never_told(policy: Policy, condition: Condition) -> tuple[str, ...]:
    """The fields of a guard's condition that are empty whoever does what, so that it can only refuse."""
    results = {f"{table}.result" for table in policy.tables}
    return tuple(name for name in fields_of(condition) if name in NEVER_TOLD | results)


def not_kept(where: Condition) -> tuple[str, ...]:
    """What a guard's ``where`` asks and no fact tells once the act is over, so that nobody could count
    the acts that it spoke of: roles, what had happened and what belonged to the target by then.
    """
    roles = tuple(name for name in fields_of(where) if name == "by.role")
    return (*roles, *(word_of(leaf) for leaf in leaves_of(where) if isinstance(leaf, LOOKS)))


def concerns(policy: Policy, act: str) -> bool:
    """Whether some rule of the policy has to be asked before the act."""
    return act in FILING or act in policy.guarded


def check_act(
    in_force: Iterable[InForce], asked: ActAsked, state: State, now: datetime
) -> list[Refusal]:
    """Every reason why a policy in force at ``now`` refuses the act; empty if none does.

    ``state`` answers ``act_needs``. For ``record.file`` the persons present, and who may write
    which field, are judged too.
    """
    refusals: list[Refusal] = []
    for policy in in_force:
        if not policy.applies(now):
            continue
        for guard in policy.policy.guards.values():
            if asked.act in guard.before:
                refusals.extend(_check_guard(policy, guard, asked, state, now))
        if asked.act == "record.file":
            refusals.extend(_check_present(policy, asked, state))
        if asked.act in FILING:
            refusals.extend(_check_writers(policy, asked, state))
    return refusals


def _check_guard(
    in_force: InForce, guard: Guard, asked: ActAsked, state: State, now: datetime
) -> Iterator[Refusal]:
    values = read_act(asked, state, now)
    if _is_elsewhere(in_force.policy, guard, values):
        return
    around = _around(in_force, asked, state)
    if guard.where is not None:
        applies_here = matches(guard.where, values, around)
        if applies_here is False:
            return
        if applies_here is None:
            # Any of its demands may be the one that is not fulfilled.
            missing = missing_fields(guard.where, values)
            refusal = _refusal(in_force, guard, ("where",), missing)
            yield replace(refusal, clauses=tuple(guard.clauses))
            return
    failing = dict(_failing(guard, values, around))
    if failing:
        missing_here = tuple(name for names in failing.values() for name in names)
        yield _refusal(in_force, guard, tuple(failing), missing_here)


def kinds_read(policy: Policy, guard: Guard) -> frozenset[str]:
    """The policy's kinds of subjects whose fields the guard reads."""
    parts = [part for part in (guard.where, guard.deny, *guard.require) if part is not None]
    names = [n for part in parts for n in ([part] if isinstance(part, str) else fields_of(part))]
    return frozenset(name.partition(".")[0] for name in names) & set(policy.subjects)


def _is_elsewhere(policy: Policy, guard: Guard, values: Mapping[str, Value]) -> bool:
    """A guard that reads one kind of subject says nothing of an act about another kind."""
    kind = values.get("target.kind")
    kinds = kinds_read(policy, guard)
    return bool(kinds) and isinstance(kind, str) and kind not in (*kinds, "case")


def _failing(
    guard: Guard, values: Mapping[str, Value], around: Around
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every demand that is not fulfilled, with the fields that are still empty."""
    for number, item in enumerate(guard.require):
        if isinstance(item, str):
            if is_empty(values.get(item)):
                yield f"require.{number}", (item,)
        elif matches(item, values, around) is not True:
            yield f"require.{number}", missing_fields(item, values)
    if guard.deny is not None and matches(guard.deny, values, around) is not False:
        yield "deny", missing_fields(guard.deny, values)


def read_act(asked: ActAsked, state: State, now: datetime) -> Mapping[str, Value]:
    """The values of an act with who asks for it and when, as conditions read them."""
    roles = state.roles_of.get(asked.by, frozenset()) if asked.by is not None else frozenset()
    return {
        **asked.values,
        "fact.by": asked.by,
        "fact.happened": now.isoformat(),
        "by.role": sorted(roles),
    }


def _around(in_force: InForce, asked: ActAsked, state: State) -> Around:
    settled = {key: in_force.setting(key) or "" for key in in_force.policy.settings}
    return Around(
        orders=in_force.policy.orders,
        settings=settled,
        zone=in_force.zone,
        history=lambda leaf: _history(leaf, asked.target, state),
        items=lambda kind: state.things.get((kind, asked.target)),
    )


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


def _check_writers(in_force: InForce, asked: ActAsked, state: State) -> Iterator[Refusal]:
    """A field that belongs to some roles is written by nobody else.

    ``record.written`` names the fields that this filing enters or changes.
    """
    roles = state.roles_of.get(asked.by, frozenset()) if asked.by is not None else frozenset()
    for form, declared in reserved(in_force.policy, asked):
        if not roles & set(declared.by):
            yield Refusal(
                adoption=in_force.adoption,
                rule=form.key,
                clauses=form.clauses_at(f"{declared.key}.by"),
                message=say_not_yours(in_force.policy, declared),
            )


def reserved(policy: Policy, asked: ActAsked) -> Iterator[tuple[Form, FormField]]:
    """The fields that a filing enters or changes and that only some roles may write."""
    form = policy.forms.get(str(asked.values.get("record.form")))
    written = asked.values.get("record.written")
    if form is None or not isinstance(written, list):
        return
    for key in written:
        declared = form.fields.get(str(key))
        if declared is not None and declared.by:
            yield form, declared


def _check_present(in_force: InForce, asked: ActAsked, state: State) -> Iterator[Refusal]:
    """A record that proves duties needs somebody present who may do one of them, and nobody who
    may not.
    """
    here = tuple(present(asked.values, asked.by))
    concerned = list(_proven_by_record(in_force.policy, asked))
    for duty in concerned:
        excluded = as_person(asked.values.get(duty.excluded_field or ""))
        if excluded is not None and excluded in here:
            yield _present_refusal(in_force, duty, say_excluded(in_force.policy, duty))
            return
    # What returns by period says who owes it, not that nobody else may do it besides.
    owed = [duty for duty in concerned if duty.roles and duty.opener == "on"]
    if len(owed) == len(concerned) and not any(_anyone_may(d, here, asked, state) for d in owed):
        for duty in owed:
            yield _present_refusal(in_force, duty, say_not_eligible(in_force.policy, duty))


def _proven_by_record(policy: Policy, asked: ActAsked) -> Iterator[Duty]:
    form = asked.values.get("record.form")
    for duty in policy.duties.values():
        proof = duty.proof
        if proof is None or proof.record != form or proof.sent_to:
            continue
        if _concerns(policy, duty, asked.values):
            yield duty


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
    if duty.over is not None:
        return duty.over.of
    for _ in policy.duties:
        kinds = {kind.rpartition(".") for kind in duty.facts}
        before = next((name for name, _, end in kinds if end in ("met", "missed")), None)
        if before is None or before not in policy.duties:
            break
        duty = policy.duties[before]
    if duty.over is not None:
        return duty.over.of
    named = {kind.partition(".")[0] for kind in duty.facts}
    known = [kind for kind in named if kind in policy.subjects or kind in ("case", "customer")]
    return known[0] if len(known) == 1 else None


def _kind_in(policy: Policy, values: Mapping[str, Value]) -> str | None:
    """``target.kind`` where given; a case carries its subject's values too, so it goes first."""
    stated = values.get("target.kind")
    if isinstance(stated, str):
        return stated.removeprefix("subject:")
    kinds = {name.partition(".")[0] for name in values}
    return next((kind for kind in ("case", *policy.subjects, "customer") if kind in kinds), None)
