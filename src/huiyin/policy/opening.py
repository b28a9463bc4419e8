"""A fact opens obligations: who owes, by when, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from huiyin.policy.builtin import NAMED_BY_NOTICE
from huiyin.policy.clocks import period_of
from huiyin.policy.conditions import Seen
from huiyin.policy.duties import Duty, Share
from huiyin.policy.effects import Count, Open, Step, Tell, Why
from huiyin.policy.facts import Fact, Value
from huiyin.policy.matching import is_empty, matches, missing_fields
from huiyin.policy.owners import Owner, among, as_person, owner_of, person_in
from huiyin.policy.schema import Policy, sent_to_fields
from huiyin.policy.shares import NONE, Allotment, allot, counted, eligible_roles, floor_of
from huiyin.policy.state import PARTY, InForce, RoleCount, ShareItem
from huiyin.policy.timing import Clock, Missing, clock_of
from huiyin.policy.working import Work, as_open


def open_duty(work: Work, in_force: InForce, duty: Duty, fact: Fact) -> None:
    """Open what ``duty`` asks for after ``fact``; ask where a value that it reads is empty."""
    if not _is_time(work, duty, fact):
        return
    if duty.where is not None:
        values = work.read(in_force, fact)
        holds = matches(duty.where, values, work.around(in_force, fact.target))
        if holds is None:
            missing = missing_fields(duty.where, values)
            work.ask(in_force.adoption, duty, fact, missing[0] if missing else "where")
            return
        if not holds:
            return
    clock = clock_of(in_force, duty, fact, work.firsts)
    missing_here = clock.name if isinstance(clock, Missing) else _missing_person(duty, fact)
    if isinstance(clock, Missing) or missing_here:
        work.ask(in_force.adoption, duty, fact, missing_here or "")
    elif duty.share is not None:
        _open_shared(work, in_force, duty, fact, clock)
    else:
        _open_single(work, in_force, duty, fact, clock)


def _is_time(work: Work, duty: Duty, fact: Fact) -> bool:
    """All facts that it waits for have happened, and it was not opened once for ever before."""
    if duty.is_once and work.exists(duty.key, fact.target):
        return False
    if duty.on is None or duty.on.mode != "all":
        return True
    kinds = (kind for kind in duty.on.facts if kind != fact.kind)
    return all(work.happened(Seen(fact=kind), fact.target) for kind in kinds)


def _missing_person(duty: Duty, fact: Fact) -> str | None:
    """The first field of persons that the duty reads and that is empty."""
    owed = duty.owed_by
    named: tuple[str | None, ...] = (owed.person, owed.head_of) if owed else ()
    recipients = (name for name in sent_to_fields(duty.proof) if name not in NAMED_BY_NOTICE)
    for name in (*named, duty.excluded_field, *recipients):
        if name is not None and person_in(name, fact) is None:
            return name
    members = duty.each.field if duty.each else None
    return members if members is not None and is_empty(fact.values.get(members)) else None


@dataclass(frozen=True, slots=True)
class Copy:
    """One of the obligations that a duty opens for each recipient, member or person."""

    line: str
    target: int
    owner: Owner
    recipient: int | None = None
    leaf: str = "owed_by"


def _open_single(work: Work, in_force: InForce, duty: Duty, fact: Fact, clock: Clock) -> None:
    owner = owner_of(duty, fact, work.holding, work.state.heads)
    for copy in _copies(work, in_force, duty, fact, owner):
        effect = Open(
            ref=work.next_ref(),
            adoption=in_force.adoption,
            duty=duty.key,
            line=copy.line,
            target=copy.target,
            unit=fact.unit,
            opener=fact.id,
            roles=copy.owner.roles,
            holder=copy.owner.holder,
            excluded=copy.owner.excluded,
            recipient=copy.recipient,
            due=clock.due,
            next_look=clock.due,
            values=_kept(duty, fact),
            once=duty.is_once,
            provisional=clock.provisional,
            blocked=copy.owner.blocked,
            why=Why(clauses=work.clauses(duty, copy.leaf, clock.leaf), steps=clock.steps),
        )
        add(work, effect, since=fact)
        _tell_opened(work, in_force, duty, effect)


def _kept(duty: Duty, fact: Fact) -> Mapping[str, Value]:
    """The opener's values, with who did it where somebody else has to prove the duty."""
    if duty.proof is None or duty.proof.other_than != "fact.by":
        return fact.values
    return {**fact.values, "fact.by": fact.by}


def _copies(work: Work, in_force: InForce, duty: Duty, fact: Fact, owner: Owner) -> Iterator[Copy]:
    proof = duty.proof
    if duty.each is None:
        name = proof.sent_to[0] if proof and proof.sent_to else None
        recipient = _recipient_of(work, in_force, name, fact) if name else None
        yield Copy(duty.key, fact.target, owner, recipient)
    elif duty.each.kind == "recipient":
        assert proof is not None
        for number, name in enumerate(proof.sent_to):
            leaf = f"proof.sent_to.{number}"
            recipient = _recipient_of(work, in_force, name, fact)
            yield Copy(f"{duty.key}.to.{name}", fact.target, owner, recipient, leaf)
    elif duty.each.kind == "member":
        members = fact.values.get(duty.each.field or "")
        targets = map(as_person, members if isinstance(members, list) else ())
        for target in dict.fromkeys(targets):
            if target is not None:
                yield Copy(duty.key, target, owner, leaf="each.member")
    else:
        holders = {person for role in owner.roles for person in work.holders(role, fact.unit)}
        others = sorted(holders - {owner.excluded})
        for person in others:
            own = replace(owner, holder=person, roles=(), blocked="")
            yield Copy(duty.key, fact.target, own, recipient=person)
        if not others:
            yield Copy(duty.key, fact.target, owner)


def _recipient_of(work: Work, in_force: InForce, name: str, fact: Fact) -> int | None:
    """Whom a field or a party stands for; a role stands for any of its holders (None)."""
    if "." in name:
        return person_in(name, fact)
    if name not in in_force.policy.parties:
        return None
    party = work.holders(f"{PARTY}{name}", None)
    return party[0] if party else None


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
        add(work, shared_open(work, in_force, duty, fact, role, clock, steps=steps), since=fact)
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
    owner = among((role,), fact.unit, excluded, work.holding)
    return Open(
        ref=work.next_ref(),
        adoption=in_force.adoption,
        duty=duty.key,
        line=f"{duty.key}.share.{role}",
        target=fact.target,
        unit=fact.unit,
        opener=fact.id,
        roles=(role,),
        holder=owner.holder,
        excluded=excluded,
        due=clock.due,
        next_look=clock.due,
        values=fact.values,
        period=period_of(fact.happened, share.per, in_force.zone),
        provisional=clock.provisional,
        blocked=owner.blocked,
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


def add(work: Work, effect: Open, *, since: Fact) -> None:
    work.effects.append(effect)
    work.keep(as_open(effect, opened=work.now, since=since.happened))


def _tell_opened(work: Work, in_force: InForce, duty: Duty, effect: Open) -> None:
    for role in duty.tell:
        for person in work.holders(role, effect.unit):
            work.effects.append(
                Tell(
                    person=person,
                    about=effect.target,
                    adoption=in_force.adoption,
                    template="opened",
                    key=str(person),
                    values={"duty": duty.key, "role": role},
                    why=Why(clauses=duty.clauses_at("tell"), steps=effect.why.steps),
                    obligation=effect.ref,
                )
            )


def roles_of(policy: Policy) -> Iterable[str]:
    """Every role that a rule may ask for the holders of."""
    for duty in policy.lines.values():
        yield from duty.roles
        yield from duty.tell
        yield from (name for name in (duty.proof.sent_to if duty.proof else ()) if "." not in name)
        if duty.proof and duty.proof.by:
            yield duty.proof.by
        for step in duty.late:
            yield from (role for role in step.tell if "." not in role)
    for score in policy.scores.values():
        yield from (role for role in (score.to and score.to.role, score.each) if role)
