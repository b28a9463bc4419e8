"""When a duty falls due: after a fact, within a period, before a date; and the way there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from huiyin.policy.calendar import DAY
from huiyin.policy.clocks import deadline, due_at, end_of_day, move_date
from huiyin.policy.declared import SettingRef
from huiyin.policy.duties import Duty
from huiyin.policy.effects import Step
from huiyin.policy.facts import Fact
from huiyin.policy.lengths import Length, NotALength, parse_length
from huiyin.policy.limits import Start, StartOf, Within
from huiyin.policy.matching import is_empty
from huiyin.policy.periods import Period, moment_in
from huiyin.policy.schema import Policy
from huiyin.policy.state import About, InForce, Moments

Firsts = Mapping[About, Moments]
"""When the first fact of a kind happened about a target."""


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


def clock_of(in_force: InForce, duty: Duty, fact: Fact, firsts: Firsts) -> Clock | Missing:
    """When the duty falls due after ``fact``, in UTC, or what is missing to know it."""
    if duty.at is not None:
        return _stated_clock(in_force, duty.at, fact)
    found = _length(in_force, duty, fact.values)
    if isinstance(found, Missing):
        return found
    length, leaf, start = found
    moment = _moment(start, fact, firsts)
    if moment is None:
        return Missing(start.fact if isinstance(start, StartOf) else start)
    due = deadline(moment, length, in_force.zone, in_force.calendar, duty.roll)
    values = {
        "from": start.time if isinstance(start, StartOf) else start,
        "start": moment.isoformat(),
        "length": str(length),
        "fact": start.fact if isinstance(start, StartOf) else fact.kind,
        "due": due.moment.isoformat(),
    }
    return Clock(due.moment, leaf, (Step("clock", values), *_skips(due.steps)), due.provisional)


def _moment(start: Start, fact: Fact, firsts: Firsts) -> datetime | None:
    """Where the clock starts; None if the fact that it counts from never happened."""
    moments = Moments(fact.happened, fact.known, fact.recorded)
    if isinstance(start, StartOf):
        found = firsts.get((start.fact, fact.target), moments if start.fact == fact.kind else None)
        if found is None:
            return None
        moments, start = found, start.time
    return {"happened": moments.happened, "known": moments.known, "recorded": moments.recorded}[
        start
    ]


def _skips(steps: tuple[tuple[str, Mapping[str, object]], ...]) -> tuple[Step, ...]:
    return tuple(Step(key, values) for key, values in steps)


def _stated_clock(in_force: InForce, name: str, fact: Fact) -> Clock | Missing:
    value = fact.values.get(name)
    if not isinstance(value, str) or is_empty(value):
        return Missing(name)
    try:
        due = due_at(value, in_force.zone)
    except ValueError:
        return Missing(name)
    step = Step("stated", {"field": name, "value": value, "due": due.isoformat()})
    return Clock(due=due, leaf="at", steps=(step,))


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
        start = starts_from(in_force.policy, duty)
        return found if isinstance(found, Missing) else (found[0], "within.same_as", start)
    chosen, leaf = _chosen(within, values)
    length = read_length(in_force, chosen) if not isinstance(chosen, Missing) else chosen
    return length if isinstance(length, Missing) else (length, leaf, duty.counts_from)


def starts_from(policy: Policy, duty: Duty) -> Start:
    """From which moment its clock counts, through the duty whose length it shares."""
    other = policy.duties.get(duty.within.same_as) if duty.within and duty.within.same_as else None
    own = duty.start or (duty.within.start if duty.within else None)
    return own or (starts_from(policy, other) if other is not None else "happened")


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


def read_length(in_force: InForce, given: Length | SettingRef) -> Length | Missing:
    """A length, through the firm's setting if it stands in one."""
    if isinstance(given, Length):
        return given
    text = in_force.setting(given.setting)
    try:
        return parse_length(text or "")
    except NotALength:
        return Missing(f"setting.{given.setting}")


def silence_clock(in_force: InForce, duty: Duty, opened: datetime) -> Clock | Missing:
    """``since`` with ``within``: so long after the silence became too long."""
    found = _length(in_force, duty, {})
    if isinstance(found, Missing):
        return found
    length, leaf, _start = found
    due = deadline(opened, length, in_force.zone, in_force.calendar, duty.roll)
    values = {"since": duty.since, "start": opened.isoformat(), "length": str(length),
              "due": due.moment.isoformat()}  # fmt: skip
    return Clock(due.moment, leaf, (Step("silence", values), *_skips(due.steps)), due.provisional)


def period_clock(in_force: InForce, duty: Duty, period: Period) -> Clock:
    """The moment of the period that ``by`` names, else its end."""
    values = {"first": period.first.isoformat(), "after": period.after.isoformat()}
    if duty.by is None:
        due = period.ends(in_force.zone)
        return Clock(due, "every", (Step("period", {**values, "due": due.isoformat()}),))
    found = moment_in(duty.by, period, in_force.zone, in_force.calendar, duty.off)
    step = Step("period", {**values, "due": found.moment.isoformat()})
    return Clock(found.moment, "by", (step, *_skips(found.steps)), found.provisional)


def lead_clock(in_force: InForce, duty: Duty, day: str) -> Clock | Missing:
    """``before`` a date, ``lead`` ahead of it: the end of that day."""
    assert duty.before is not None
    lead = read_length(in_force, duty.lead) if duty.lead is not None else Missing("lead")
    if isinstance(lead, Missing):
        return lead
    try:
        target = due_at(day, in_force.zone)
    except ValueError:
        return Missing(duty.before)
    local = target.astimezone(in_force.zone)
    last = local.date() if len(day) > len("2026-03-05") else local.date() - DAY
    due = end_of_day(move_date(last, lead, in_force.calendar, -1), in_force.zone)
    values = {"field": duty.before, "value": day, "length": str(lead), "due": due.isoformat()}
    return Clock(due, "lead", (Step("lead", values),))
