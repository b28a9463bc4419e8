"""Decision tables: what a fact makes of its target; a person decides what a table cannot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from huiyin.policy.effects import Open, Step, Why
from huiyin.policy.facts import Fact
from huiyin.policy.matching import matches, missing_fields
from huiyin.policy.opening import add
from huiyin.policy.owners import among
from huiyin.policy.proving import settle
from huiyin.policy.rules import Table
from huiyin.policy.state import Decided, InForce, OpenObligation
from huiyin.policy.timing import Missing, clock_of
from huiyin.policy.working import Work


def classify(work: Work, in_force: InForce, table: Table, fact: Fact) -> None:
    """State every new result of the table for this fact; open the question where it cannot say.

    Results add up: what was given before stays, so that no clock that runs is ever lengthened.
    """
    values = work.read(in_force, fact)
    around = work.around(in_force, fact.target)
    found: list[str] = []
    undecided: list[str] = []
    for row in table.rows:
        holds = matches(row.when, values, around)
        if holds is None:
            undecided.extend(missing_fields(row.when, values) or ("where",))
        elif holds:
            found.append(row.give)
        if not table.all_rows and holds is not False:
            break
    for result in dict.fromkeys(found):
        give(work, in_force, table, fact, result)
    if undecided or not found:
        _ask(work, in_force, table, fact, tuple(dict.fromkeys(undecided)))
        return
    for obligation in _asked(work, in_force, table, fact):
        settle(work, obligation, fact)


def answered(work: Work, in_force: InForce, table: Table, fact: Fact) -> None:
    """A person has said what the table could not; clocks run from what the table was asked about.

    An answer that comes late makes nothing due later: it carries those moments in its values.
    """
    fact = replace(
        fact,
        happened=_moment(fact, f"{table.key}.happened") or fact.happened,
        known=_moment(fact, f"{table.key}.known") or fact.known,
    )
    value = fact.values.get(table.field)
    for result in value if isinstance(value, list) else [value]:
        if isinstance(result, str) and result in table.results:
            give(work, in_force, table, fact, result)


def _moment(fact: Fact, name: str) -> datetime | None:
    value = fact.values.get(name)
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def give(work: Work, in_force: InForce, table: Table, fact: Fact, result: str) -> None:
    given = work.given(table.key, fact.target)
    if result in given:
        return
    rows = [number for number, row in enumerate(table.rows) if row.give == result]
    clauses = (c for number in rows for c in table.clauses_at(f"rows.{number}"))
    why = Why(
        tuple(dict.fromkeys(clauses)), (Step("given", {"table": table.key, "result": result}),)
    )
    told = replace(fact, values={**fact.values, table.field: result})
    stated = work.emit(table.fact, in_force.adoption, fact, fact=told, why=why, cause=fact.id)
    work.give(Decided(stated, table.key, result, fact.target), fact.id)


def _asked(work: Work, in_force: InForce, table: Table, fact: Fact) -> Iterator[OpenObligation]:
    for obligation in work.open_about(fact.target):
        if (obligation.adoption, obligation.line) == (in_force.adoption, table.key):
            yield obligation


def _ask(work: Work, in_force: InForce, table: Table, fact: Fact, missing: tuple[str, ...]) -> None:
    """The strictest clock of what the table may still give runs for whoever has to decide."""
    why = Why(tuple(table.clauses), (Step("undecided", {"table": table.key}),))
    named = missing[0] if missing else table.field
    work.question(in_force.adoption, table.key, fact, named, why=why)
    if next(_asked(work, in_force, table, fact), None) is not None:
        return
    due, provisional = _strictest(work, in_force, table, fact)
    owner = among((table.ask,), fact.unit, None, work.holding)
    opened = Open(
        ref=work.next_ref(),
        adoption=in_force.adoption,
        duty=table.key,
        line=table.key,
        target=fact.target,
        unit=fact.unit,
        opener=fact.id,
        roles=owner.roles,
        holder=owner.holder,
        excluded=None,
        due=due,
        next_look=due,
        values=fact.values,
        provisional=provisional,
        blocked=owner.blocked,
        why=why,
    )
    add(work, opened, since=fact)


def _strictest(
    work: Work, in_force: InForce, table: Table, fact: Fact
) -> tuple[datetime | None, bool]:
    """The earliest deadline that any result not yet given would set."""
    clocks = []
    for result in table.results:
        if result in work.given(table.key, fact.target):
            continue
        as_if = replace(fact, kind=table.fact, values={**fact.values, table.field: result})
        for duty in in_force.policy.openers.get(table.fact, ()):
            values = work.read(in_force, as_if)
            around = work.around(in_force, fact.target)
            if duty.where is not None and matches(duty.where, values, around) is False:
                continue
            clock = clock_of(in_force, duty, as_if, work.firsts)
            if not isinstance(clock, Missing):
                clocks.append((clock.due, clock.provisional))
    return min(clocks, default=(None, False))
