"""A fact opens obligations: who owes, by when, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from huiyin.policy.clocks import deadline, due_at, period_of
from huiyin.policy.conditions import is_empty, matches, missing_fields
from huiyin.policy.effects import Count, Open, Step, Tell, Why
from huiyin.policy.facts import Fact
from huiyin.policy.lengths import Length, NotALength, parse_length
from huiyin.policy.schema import Duty, Policy, SettingRef, Share, Start, Within
from huiyin.policy.shares import NONE, Allotment, allot, counted, eligible_roles, floor_of
from huiyin.policy.state import InForce, RoleCount, RoleIn, ShareItem
from huiyin.policy.working import Work, as_open, as_person

Holders = Mapping[RoleIn, Sequence[int]]
"""Persons in post by role and unit."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A deadline, the leaf of the duty that decided it, and the way there."""

    due: datetime
    leaf: str
    steps: tuple[Step, ...]
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """A field or setting without which there is no deadline."""

    name: str


def open_duty(work: Work, in_force: InForce, duty: Duty, fact: Fact) -> None:
    """Open what ``duty`` asks for after ``fact``; ask where a value that it reads is empty."""
    if duty.where is not None:
        holds = matches(duty.where, fact.values, orders=in_force.policy.orders)
        if holds is None:
            work.ask(in_force.adoption, duty, fact, missing_fields(duty.where, fact.values)[0])
            return
        if not holds:
            return
    clock = clock_of(in_force, duty, fact)
    missing = clock.name if isinstance(clock, Missing) else _missing_person(duty, fact)
    if isinstance(clock, Missing) or missing:
        work.ask(in_force.adoption, duty, fact, missing or "")
    elif duty.share is not None:
        _open_shared(work, in_force, duty, fact, clock)
    else:
        _open_single(work, in_force, duty, fact, clock)


def _missing_person(duty: Duty, fact: Fact) -> str | None:
    """The first person field that the duty reads and that is empty."""
    owed = duty.owed_by.person if duty.owed_by else None
    for name in (owed, duty.excluded_field, duty.proof.sent_to):
        if name is not None and person_in(name, fact) is None:
            return name
    return None


def person_in(name: str, fact: Fact) -> int | None:
    """The person that a field of the fact names; ``fact.by`` is who did it."""
    return fact.by if name == "fact.by" else as_person(fact.values.get(name))


def _open_single(work: Work, in_force: InForce, duty: Duty, fact: Fact, clock: Clock) -> None:
    excluded = person_in(duty.excluded_field, fact) if duty.excluded_field else None
    owed = duty.owed_by.person if duty.owed_by else None
    holder = (
        person_in(owed, fact)
        if owed
        else only_holder(work.holding, duty.roles, fact.unit, excluded)
    )
    recipient = person_in(duty.proof.sent_to, fact) if duty.proof.sent_to else None
    blocked = blocked_by(work.holding, duty.roles, fact.unit, excluded)
    effect = Open(
        ref=work.next_ref(),
        adoption=in_force.adoption,
        duty=duty.key,
        line=duty.key,
        target=fact.target,
        unit=fact.unit,
        opener=fact.id,
        roles=() if owed else duty.roles,
        holder=holder,
        excluded=excluded,
        recipient=recipient,
        due=clock.due,
        next_look=clock.due,
        values=fact.values,
        provisional=clock.provisional,
        blocked=blocked,
        why=Why(clauses=work.clauses(duty, "owed_by", clock.leaf), steps=clock.steps),
    )
    _add(work, effect)
    _tell_opened(work, in_force, duty, effect)


def blocked_by(
    holders: Holders, roles: Sequence[str], unit: int | None, excluded: int | None
) -> str:
    """Every role has a holder, and every holder is the excluded person: nobody may do it."""
    groups = [holders.get((role, unit), ()) for role in roles]
    if not roles or not all(groups):
        return ""
    free = any(person != excluded for group in groups for person in group)
    return "" if free else "no_eligible_holder"


def only_holder(
    holders: Holders, roles: Sequence[str], unit: int | None, excluded: int | None
) -> int | None:
    """The one person who may do it; ``None`` if nobody or several (then it is in the pool)."""
    persons = {person for role in roles for person in holders.get((role, unit), ())} - {excluded}
    return next(iter(persons)) if len(persons) == 1 else None


def _open_shared(work: Work, in_force: InForce, duty: Duty, fact: Fact, clock: Clock) -> None:
    share = duty.share
    assert share is not None
    excluded = person_in(share.exclude, fact) if share.exclude else None
    eligible = eligible_roles(share, excluded, lambda role: work.holders(role, fact.unit))
    period = period_of(fact.happened, share.per, in_force.zone)
    key = (in_force.adoption, duty.key, period)
    counts = work.counts(key)
    allotment = allot(share, eligible, counts)
    for role in allotment.roles or tuple(share.roles)[:1] * (not eligible):
        steps = _share_steps(share, role, counts.get(role, NONE), allotment, excluded)
        _add(work, shared_open(work, in_force, duty, fact, role, clock, steps=steps))
    item = ShareItem(
        fact=fact.id,
        target=fact.target,
        period=period,
        eligible=eligible,
        allotted=allotment.roles,
    )
    work.count(key, counted(counts, eligible=eligible, allotted=allotment.roles), item)
    work.effects.append(count_effect(in_force.adoption, duty.key, item))


def count_effect(adoption: int, duty: str, item: ShareItem, *, sign: int = 1) -> Count:
    return Count(
        adoption=adoption,
        duty=duty,
        period=item.period,
        fact=item.fact,
        target=item.target,
        eligible=item.eligible,
        allotted=item.allotted,
        sign=sign,
    )


def shared_open(  # noqa: PLR0913 - the parts of one row
    work: Work,
    in_force: InForce,
    duty: Duty,
    fact: Fact,
    role: str,
    clock: Clock,
    *,
    steps: tuple[Step, ...],
) -> Open:
    """One role's obligation about one item of a share."""
    share = duty.share
    assert share is not None
    excluded = person_in(share.exclude, fact) if share.exclude else None
    blocked = blocked_by(work.holding, (role,), fact.unit, excluded)
    return Open(
        ref=work.next_ref(),
        adoption=in_force.adoption,
        duty=duty.key,
        line=f"{duty.key}.share.{role}",
        target=fact.target,
        unit=fact.unit,
        opener=fact.id,
        roles=(role,),
        holder=only_holder(work.holding, (role,), fact.unit, excluded),
        excluded=excluded,
        due=clock.due,
        next_look=clock.due,
        values=fact.values,
        period=period_of(fact.happened, share.per, in_force.zone),
        provisional=clock.provisional,
        blocked=blocked,
        why=Why(clauses=work.clauses(duty, f"share.{role}", clock.leaf), steps=steps + clock.steps),
    )


def _share_steps(
    share: Share, role: str, count: RoleCount, allotment: Allotment, excluded: int | None
) -> tuple[Step, ...]:
    items = count.items + 1
    values = {
        "role": role,
        "share": str(share.roles[role]),
        "items": items,
        "floor": floor_of(share.roles[role], items),
        "allotted": count.allotted,
    }
    if not allotment.roles:
        return (Step("nobody_eligible", {"person": excluded}),)
    key = "share_arrears" if allotment.by_arrears else "share_floor"
    excluding = (Step("excluded", {"person": excluded}),) if excluded is not None else ()
    return (*excluding, Step(key, values))


def _add(work: Work, effect: Open) -> None:
    work.effects.append(effect)
    work.keep(as_open(effect, opened=work.now))


def _tell_opened(work: Work, in_force: InForce, duty: Duty, effect: Open) -> None:
    fact = effect.opener
    for role in duty.tell:
        for person in work.holders(role, effect.unit):
            work.effects.append(
                Tell(
                    person=person,
                    about=effect.target,
                    adoption=in_force.adoption,
                    template="opened",
                    key=f"opened:{in_force.adoption}:{duty.key}:{effect.target}:{fact}:{person}",
                    values={"duty": duty.key, "role": role},
                    why=Why(clauses=duty.clauses_at("tell"), steps=effect.why.steps),
                    obligation=effect.ref,
                )
            )


def clock_of(in_force: InForce, duty: Duty, fact: Fact) -> Clock | Missing:
    """When the duty falls due after ``fact``, in UTC, or what is missing to know it."""
    if duty.at is not None:
        return _stated_clock(in_force, duty.at, fact)
    counted = _length(in_force, duty, fact.values)
    if isinstance(counted, Missing):
        return counted
    length, leaf, start = counted
    moment = {"happened": fact.happened, "known": fact.known, "recorded": fact.recorded}[start]
    found = deadline(moment, length, in_force.zone, in_force.calendar)
    due = found.moment.isoformat()
    values = {"from": start, "start": moment.isoformat(), "length": str(length), "fact": fact.kind}
    steps = (Step("clock", {**values, "due": due}), *(Step(*each) for each in found.steps))
    return Clock(found.moment, leaf, steps, found.provisional)


def _stated_clock(in_force: InForce, name: str, fact: Fact) -> Clock | Missing:
    value = fact.values.get(name)
    if not isinstance(value, str) or is_empty(value):
        return Missing(name)
    try:
        due = due_at(value, in_force.zone)
    except ValueError:
        return Missing(name)
    return Clock(
        due=due,
        leaf="at",
        steps=(Step("stated", {"field": name, "value": value, "due": due.isoformat()}),),
    )


def _length(
    in_force: InForce, duty: Duty, values: Mapping[str, object]
) -> tuple[Length, str, Start] | Missing:
    within = duty.within
    assert within is not None
    if within.same_as is not None:
        other = in_force.policy.duties.get(within.same_as)
        if other is None or other.within is None:
            return Missing(within.same_as)
        found = _length(in_force, other, values)
        own = duty.start or within.start
        return (
            found if isinstance(found, Missing) else (found[0], "within.same_as", own or found[2])
        )
    chosen, leaf = _chosen(within, values)
    length = _read_setting(in_force, chosen) if isinstance(chosen, SettingRef) else chosen
    return length if isinstance(length, Missing) else (length, leaf, duty.counts_from)


def _chosen(
    within: Within, values: Mapping[str, object]
) -> tuple[Length | SettingRef | Missing, str]:
    if within.length is not None:
        return within.length, "within"
    if within.setting is not None:
        return SettingRef(setting=within.setting), "within.setting"
    assert within.pick is not None
    choice = values.get(within.pick)
    if is_empty(choice):
        return Missing(within.pick), "within.pick"
    if str(choice) in within.lengths:
        return within.lengths[str(choice)], f"within.{choice}"
    return within.otherwise or Missing(within.pick), "within.else"


def _read_setting(in_force: InForce, reference: SettingRef) -> Length | Missing:
    text = in_force.policy.setting(reference.setting, in_force.settings)
    try:
        return parse_length(text or "")
    except NotALength:
        return Missing(f"setting.{reference.setting}")


def roles_of(policy: Policy) -> Iterable[str]:
    """Every role that a duty of the policy may be owed by or told to."""
    for duty in policy.duties.values():
        yield from duty.roles
        yield from duty.tell
        for step in duty.late:
            yield from (role for role in step.tell if "." not in role)
