"""Points for facts: who gets how many, once for each occurrence, and when they begin to count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import product

from huiyin.policy.clocks import deadline, period_of
from huiyin.policy.effects import Book, Step, Why
from huiyin.policy.facts import Fact, Value
from huiyin.policy.matching import matches, missing_fields
from huiyin.policy.owners import person_in
from huiyin.policy.rules import Score
from huiyin.policy.state import Booking, InForce
from huiyin.policy.working import Work

_SEPARATOR = "|"


def book(work: Work, in_force: InForce, score: Score, fact: Fact) -> None:
    """Book what the score gives for this fact, unless a score that takes its place applies."""
    if _applies(work, in_force, score, fact) is not True:
        return
    others = [in_force.policy.scores[key] for key in score.unless]
    if any(_applies(work, in_force, other, fact) is not False for other in others):
        return
    points = points_of(in_force, score)
    persons = list(_persons(work, score, fact))
    if points is None or not persons:
        missing = f"setting.{score.key}" if points is None else _to(score)
        work.ask(in_force.adoption, score, fact, missing)
        return
    occurrence = _occurrence(score, fact)
    booked = work.bookings(booking_key(score, fact))
    for person in persons:
        if any(each.rule == score.key and each.person == person for each in booked):
            continue
        booked.append(Booking(0, score.key, person, occurrence, fact.id))
        work.effects.append(
            Book(
                adoption=in_force.adoption,
                rule=score.key,
                account=score.account,
                person=person,
                points=points,
                period=period_of(fact.happened, "month", in_force.zone),
                fact=fact.id,
                occurrence=occurrence,
                counts_at=counts_at(in_force, score, fact.recorded),
                confirm=score.confirm or "",
                why=Why(_clauses(score), (Step("booked", {"points": points, "fact": fact.kind}),)),
            )
        )


def booking_key(score: Score, fact: Fact) -> str:
    """The key under which this fact may have been booked before."""
    return f"{score.key}:{_occurrence(score, fact)}"


def booking_keys(score: Score, carried: Sequence[Mapping[str, Value]]) -> Iterator[str]:
    """Every key under which a fact may be booked that has each value from one of ``carried``."""
    options = [{str(values.get(name, "")) for values in carried} for name in score.once_per]
    for chosen in product(*options):
        yield f"{score.key}:{_SEPARATOR.join(chosen)}"


def points_of(in_force: InForce, score: Score) -> int | None:
    if isinstance(score.points, int):
        return score.points
    text = in_force.setting(score.points.setting)
    return int(text) if text and text.removeprefix("-").isdigit() else None


def counts_at(in_force: InForce, score: Score, start: datetime) -> datetime | None:
    """When the time for objections is over; with ``confirm`` only somebody's word starts it."""
    if score.confirm:
        return None
    if score.contest is None:
        return start
    return deadline(start, score.contest, in_force.zone, in_force.calendar).moment


def _clauses(score: Score) -> tuple[str, ...]:
    leaves = ("on", "where", "points", "to", "once_per", "unless")
    return tuple(dict.fromkeys(c for leaf in leaves for c in score.clauses_at(leaf)))


def _applies(work: Work, in_force: InForce, score: Score, fact: Fact) -> bool | None:
    if score.on != fact.kind:
        return False
    if score.where is None:
        return True
    values = work.read(in_force, fact)
    holds = matches(score.where, values, work.around(in_force, fact.target))
    if holds is None:
        missing = missing_fields(score.where, values)
        work.ask(in_force.adoption, score, fact, missing[0] if missing else "where")
    return holds


def _occurrence(score: Score, fact: Fact) -> str:
    """What counts once: the values that ``once_per`` names, else the fact itself."""
    if not score.once_per:
        return str(fact.id)
    return _SEPARATOR.join(str(fact.values.get(name, "")) for name in score.once_per)


def _persons(work: Work, score: Score, fact: Fact) -> Iterator[int]:
    to = score.to
    assert to is not None
    if to.role is not None:
        yield from work.holders(to.role, fact.unit)
        return
    person = person_in(to.person or to.head_of or "", fact)
    if person is None:
        return
    if to.head_of is None:
        yield person
    else:
        yield from work.state.heads.get(person, ())[:1]


def _to(score: Score) -> str:
    to = score.to
    assert to is not None
    return to.person or to.head_of or f"role.{to.role}"
