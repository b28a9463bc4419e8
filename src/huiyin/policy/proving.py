"""A fact proves obligations: which of the open ones it discharges, or releases."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from huiyin.policy.duties import Duty
from huiyin.policy.effects import Discharge, Release, Step, Why
from huiyin.policy.facts import Fact, Value
from huiyin.policy.matching import matches
from huiyin.policy.owners import as_person, person_in
from huiyin.policy.schema import proving_fact
from huiyin.policy.state import PARTY, OpenObligation
from huiyin.policy.working import Work

SIGNATURES: Mapping[str, tuple[str, ...]] = {
    "required": ("signed",),
    "or_reason": ("signed", "refused"),
}


Proven = tuple[int, str, int | None]
"""Adoption, line, recipient: of a duty that returns by period one fact proves one of these."""


def discharge(
    work: Work,
    fact: Fact,
    *,
    among: Collection[int] | None = None,
    proven: Iterable[Proven] = (),
) -> None:
    """Mark done whatever ``fact`` proves, and state ``<duty>.met`` for each.

    Of a duty that returns by period one fact proves one obligation: the one that fell due first;
    ``proven`` is what it proved before. ``among``: only these obligations are looked at.
    """
    proven = set(proven)
    for obligation in sorted(_open(work, fact, among), key=_order):
        duty = work.adoption(obligation.adoption).policy.lines.get(obligation.duty)
        if duty is None or duty.proof is None or proving_fact(duty.proof) != fact.kind:
            continue
        if obligation.since is not None and fact.happened < obligation.since:
            continue
        returning = (obligation.adoption, obligation.line, obligation.recipient)
        if duty.opener in ("every", "before") and returning in proven:
            continue
        if _proves(work, duty, obligation, fact):
            proven.add(returning)
            settle(work, obligation, fact)


def _open(work: Work, fact: Fact, among: Collection[int] | None) -> Iterator[OpenObligation]:
    for obligation in work.open_about(fact.target):
        if among is None or obligation.id in among:
            yield obligation


def _order(obligation: OpenObligation) -> tuple[bool, str, int, int]:
    due = obligation.due.isoformat() if obligation.due else ""
    return obligation.due is None, due, obligation.ordinal, abs(obligation.id)


def settle(work: Work, obligation: OpenObligation, fact: Fact) -> None:
    """The obligation is done by this fact."""
    why = Why(clauses=obligation.clauses, steps=(_step("proven", fact),))
    place = len(work.effects)
    both = replace(fact, values={**obligation.values, **fact.values})
    met = work.emit(f"{obligation.duty}.met", obligation.adoption, obligation, fact=both, why=why)
    work.meet(obligation, fact, met)
    work.effects.insert(
        place,
        Discharge(
            obligation=obligation.id,
            fact=fact.id,
            happened=fact.happened,
            recorded=fact.recorded,
            met=met,
            why=why,
        ),
    )


def release(work: Work, fact: Fact, *, among: Collection[int] | None = None) -> None:
    """A fact that ends what recurs (``until``) releases what of it is still open."""
    for obligation in _open(work, fact, among):
        duty = work.adoption(obligation.adoption).policy.duties.get(obligation.duty)
        if duty is None or duty.until != fact.kind:
            continue
        work.meet(obligation, fact, None)
        why = Why(duty.clauses_at("until") or obligation.clauses, (_step("ended", fact),))
        work.effects.append(
            Release(obligation=obligation.id, fact=fact.id, reason="until", why=why)
        )


def _step(key: str, fact: Fact) -> Step:
    return Step(key, {"fact": fact.kind, "happened": fact.happened.isoformat()})


def _proves(work: Work, duty: Duty, obligation: OpenObligation, fact: Fact) -> bool:
    proof = duty.proof
    assert proof is not None
    if not _fits(work, duty, obligation, fact):
        return False
    here = present(fact.values, fact.by)
    if proof.other_than and (other := _named(proof.other_than, obligation, fact)) is not None:
        if other in here:
            return False
    if proof.by and not any(p in work.holders(proof.by, obligation.unit) for p in here):
        return False
    own = duty.each is not None and duty.each.kind == "person"
    if proof.fact is not None:
        return not own or obligation.holder in here
    if not _is_signed(work, duty, obligation, fact):
        return False
    if proof.sent_to:
        return _reached(work, duty, obligation, fact)
    return any(_may_discharge(work, obligation, person) for person in here)


def _fits(work: Work, duty: Duty, obligation: OpenObligation, fact: Fact) -> bool:
    """The form, the channel and the values are those that the duty asks for."""
    proof = duty.proof
    assert proof is not None
    if proof.record is not None and fact.values.get("record.form") != proof.record:
        return False
    if duty.channel and fact.values.get("followup.channel") not in duty.channel:
        return False
    in_force = work.adoption(obligation.adoption)
    form = in_force.policy.forms.get(proof.record or "")
    if form is not None and form.reviews:
        if obligation.values.get("record.id") != fact.values.get("record.of"):
            return False
    if any(obligation.values.get(name) != fact.values.get(name) for name in proof.same):
        return False
    if proof.where is None:
        return True
    around = work.around(in_force, fact.target)
    return matches(proof.where, work.read(in_force, fact), around) is True


def _named(name: str, obligation: OpenObligation, fact: Fact) -> int | None:
    """A person whom the opener or the proving fact names."""
    value = obligation.values.get(name)
    return as_person(value) if value is not None else person_in(name, fact)


def _reached(work: Work, duty: Duty, obligation: OpenObligation, fact: Fact) -> bool:
    """The record was handed to the recipient of this obligation."""
    proof = duty.proof
    assert proof is not None
    to = as_person(fact.values.get("record.to"))
    if to is None:
        return False
    _, separator, name = obligation.line.partition(".to.")
    name = name if separator else proof.sent_to[0]
    if "." in name:
        return to == _named(name, obligation, fact)
    if name in work.adoption(obligation.adoption).policy.parties:
        return to == obligation.recipient or to in work.holders(f"{PARTY}{name}", None)
    return to in work.holders(name, obligation.unit)


def _is_signed(work: Work, duty: Duty, obligation: OpenObligation, fact: Fact) -> bool:
    """Every signature that the proof asks for is there; an unknown one is asked for."""
    proof = duty.proof
    assert proof is not None
    for field, demand in proof.signed_by.items():
        name = f"{proof.record}.{field}"
        value = fact.values.get(name)
        if value is None:
            why = Why(obligation.clauses, (Step("missing", {"field": name, "fact": fact.kind}),))
            work.question(obligation.adoption, obligation.duty, fact, name, why=why)
        if value not in SIGNATURES[demand]:
            return False
    return True


def _may_discharge(work: Work, obligation: OpenObligation, person: int) -> bool:
    if person == obligation.excluded:
        return False
    if person == obligation.holder:
        return True
    return any(person in work.holders(role, obligation.unit) for role in obligation.roles)


def present(values: Mapping[str, Value], by: int | None) -> tuple[int, ...]:
    """Who took part, each once, as the record names them; without names, whoever filed it."""
    named = values.get("record.present")
    if isinstance(named, list) and named:
        persons = map(as_person, named)
        return tuple(dict.fromkeys(person for person in persons if person is not None))
    return () if by is None else (by,)
