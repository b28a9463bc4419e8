"""A fact proves obligations: which of the open ones it discharges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from huiyin.policy.effects import Ask, Discharge, Step, Why
from huiyin.policy.facts import Fact, Value
from huiyin.policy.schema import Duty, proving_fact
from huiyin.policy.state import OpenObligation
from huiyin.policy.working import Work, as_person

SIGNATURES: Mapping[str, tuple[str, ...]] = {
    "required": ("signed",),
    "or_reason": ("signed", "refused"),
}


def discharge(work: Work, fact: Fact) -> None:
    """Mark done whatever ``fact`` proves, and state ``<duty>.met`` for each."""
    for obligation in work.open_about(fact.target):
        duty = work.adoption(obligation.adoption).policy.duties.get(obligation.duty)
        if duty is None or proving_fact(duty.proof) != fact.kind:
            continue
        if obligation.since is not None and fact.happened < obligation.since:
            continue
        if not _proves(work, duty, obligation, fact):
            continue
        why = Why(
            clauses=obligation.clauses,
            steps=(Step("proven", {"fact": fact.kind, "happened": fact.happened.isoformat()}),),
        )
        work.close(obligation)
        work.effects.append(
            Discharge(
                obligation=obligation.id,
                fact=fact.id,
                happened=fact.happened,
                recorded=fact.recorded,
                why=why,
            )
        )
        work.emit(f"{obligation.duty}.met", obligation, fact=fact, why=why)


def _proves(work: Work, duty: Duty, obligation: OpenObligation, fact: Fact) -> bool:
    if duty.proof.fact is not None:
        return True
    if fact.values.get("record.form") != duty.proof.record:
        return False
    if not _is_signed(work, duty, obligation, fact):
        return False
    if duty.proof.sent_to is not None:
        receiver = as_person(obligation.values.get(duty.proof.sent_to))
        return receiver is not None and as_person(fact.values.get("record.to")) == receiver
    return any(_may_discharge(work, obligation, person) for person in present(fact.values, fact.by))


def _is_signed(work: Work, duty: Duty, obligation: OpenObligation, fact: Fact) -> bool:
    """Every signature that the proof asks for is there; an unknown one is asked for."""
    for field, demand in duty.proof.signed_by.items():
        name = f"{duty.proof.record}.{field}"
        value = fact.values.get(name)
        if value is None:
            work.effects.append(_unknown_signature(obligation, fact, name))
        if value not in SIGNATURES[demand]:
            return False
    return True


def _unknown_signature(obligation: OpenObligation, fact: Fact, name: str) -> Ask:
    return Ask(
        adoption=obligation.adoption,
        rule=obligation.duty,
        target=fact.target,
        missing=name,
        key=f"ask:{obligation.adoption}:{obligation.duty}:{fact.target}:{fact.id}:{name}",
        why=Why(
            clauses=obligation.clauses,
            steps=(Step("missing", {"field": name, "fact": fact.kind}),),
        ),
    )


def _may_discharge(work: Work, obligation: OpenObligation, person: int) -> bool:
    if person == obligation.excluded:
        return False
    if person == obligation.holder:
        return True
    return any(person in work.holders(role, obligation.unit) for role in obligation.roles)


def present(values: Mapping[str, Value], by: int | None) -> Iterator[int]:
    """Who took part, as the record names them; without names, whoever filed it."""
    named = values.get("record.present")
    if isinstance(named, list) and named:
        yield from (person for person in map(as_person, named) if person is not None)
    elif by is not None:
        yield by
