"""Plans what depends on each person or on each last fact: quotas, rhythms, silence, dates ahead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import islice
from typing import Any

from django.db.models import Count, DateField, DateTimeField, Exists, F, OuterRef, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from huiyin.accounts.queries import days_away, heads_of
from huiyin.adoption.models import Adoption
from huiyin.ledger.models import Fact
from huiyin.obligations import populations
from huiyin.obligations.loading import holders_for
from huiyin.obligations.matching import Matcher
from huiyin.obligations.models import Obligation
from huiyin.obligations.opening import Opened, open_few
from huiyin.policy.duties import Duty
from huiyin.policy.effects import Open
from huiyin.policy.lengths import Length
from huiyin.policy.owners import as_person
from huiyin.policy.periods import Period, workday_share
from huiyin.policy.planning import (
    HORIZON,
    Member,
    plan_before,
    plan_people,
    plan_quota,
    plan_since,
)
from huiyin.policy.state import InForce, State
from huiyin.policy.timing import Missing, read_length

CHUNK = 5_000


def planned_people(
    adoption: Adoption,
    in_force: InForce,
    duty: Duty,
    period: Period,
    firm: int,
    *,
    now: datetime,
) -> Opened:
    """One for the firm, or one for each holder of the role."""
    state = _state(adoption, duty, {firm, None}, now=now)
    opens = plan_people(in_force, duty, period, firm, state)
    return open_few(adoption, in_force.policy.policy, opens, now=now)


def planned_quota(
    adoption: Adoption,
    in_force: InForce,
    duty: Duty,
    period: Period,
    firm: int,
    *,
    now: datetime,
) -> Opened:
    """A quota for each holder, by his pool and his days of leave."""
    quota = duty.quota
    assert quota is not None
    state = _state(adoption, duty, {None}, now=now)
    persons = {p for role in duty.roles for p in state.holders.get((role, None), ())}
    away = days_away(persons, period.first, period.last)
    there = {
        person: workday_share(period, in_force.calendar, away.get(person, ())) for person in persons
    }
    opens = plan_quota(
        in_force,
        duty,
        period,
        firm,
        state,
        pools=_pools(in_force, duty, persons, now=now),
        there=there if quota.leave == "prorata" else dict.fromkeys(persons, Fraction(1)),
    )
    return open_few(adoption, in_force.policy.policy, opens, now=now)


def _pools(
    in_force: InForce, duty: Duty, persons: Iterable[int], *, now: datetime
) -> Mapping[int, int]:
    """How many of the pool are entrusted to each person; a pool that nobody owns is everybody's."""
    quota = duty.quota
    assert quota is not None
    if quota.pool is None:
        return {}
    population = populations.of(quota.pool.of)
    rows = Matcher(in_force, population, now=now).matching(
        population.rows(quota.pool.of), quota.pool.where
    )
    counts = dict(rows.order_by().values_list("target__owner").annotate(Count("pk")))
    free = counts.get(None, 0)
    return {person: counts.get(person, 0) + free for person in persons}


def planned_since(
    adoption: Adoption, in_force: InForce, duty: Duty, *, now: datetime
) -> list[tuple[Period, Opened]]:
    """What each member's last fact makes due now; only those whose running step has nothing yet."""
    assert duty.over is not None and duty.since is not None
    rows = _members(in_force, duty, now=now)
    if duty.since in in_force.policy.fields and duty.since not in in_force.policy.facts:
        rows = rows.annotate(anchor=_date_field(in_force, duty.over.of, duty.since))
    else:
        last = Fact.objects.filter(
            kind=duty.since, target=OuterRef("pk"), voided_by=None, voids=None
        ).order_by("-happened_at")
        rows = rows.annotate(anchor=Subquery(last.values("happened_at")[:1]))
    if duty.until is not None:
        ended = Fact.objects.filter(
            kind=duty.until, target=OuterRef("pk"), voided_by=None, voids=None
        )
        rows = rows.filter(~Exists(ended.filter(happened_at__gte=OuterRef("anchor"))))
    today = now.astimezone(in_force.zone).date()
    running = _lines(in_force, duty).filter(period__contains=today)
    rows = rows.filter(~Exists(running), anchor__isnull=False, anchor__lt=now)
    return list(_opened(adoption, in_force, duty, rows, plan_since, now=now))


def planned_before(
    adoption: Adoption, in_force: InForce, duty: Duty, *, now: datetime
) -> list[tuple[Period, Opened]]:
    """What lies ahead of a date that is near; only dates that have nothing yet."""
    assert duty.over is not None and duty.before is not None and duty.lead is not None
    lead = read_length(in_force, duty.lead)
    if isinstance(lead, Missing):
        return []
    horizon = now + HORIZON + _at_most(lead)
    rows = _members(in_force, duty, now=now).annotate(
        anchor=_date_field(in_force, duty.over.of, duty.before)
    )
    if duty.until is not None:
        ended = Fact.objects.filter(
            kind=duty.until, target=OuterRef("pk"), voided_by=None, voids=None
        )
        rows = rows.filter(~Exists(ended))
    there = _lines(in_force, duty).filter(period__startswith=Cast(OuterRef("anchor"), DateField()))
    rows = rows.filter(~Exists(there), anchor__gte=in_force.starts, anchor__lte=horizon)
    return list(_opened(adoption, in_force, duty, rows, plan_before, now=now))


def _at_most(length: Length) -> timedelta:
    """A number of days that the length never exceeds."""
    return timedelta(days={"d": 1, "wd": 3, "w": 7, "mo": 31}.get(length.unit, 1) * length.amount)


def _members(in_force: InForce, duty: Duty, *, now: datetime) -> Any:
    assert duty.over is not None
    population = populations.of(duty.over.of)
    matcher = Matcher(in_force, population, now=now)
    return matcher.matching(population.rows(duty.over.of), duty.over.where)


def _lines(in_force: InForce, duty: Duty) -> Any:
    return Obligation.objects.filter(
        policy=in_force.policy.policy, line=duty.key, target=OuterRef("pk")
    ).exclude(state="voided")


def _date_field(in_force: InForce, kind: str, name: str) -> Any:
    column = populations.of(kind).column(name)
    assert column is not None  # lint refuses a field that the kind does not have
    text = KT(f"{column.path}__{column.key}") if column.key else F(column.path)
    return Cast(text, DateTimeField())


def _opened(
    adoption: Adoption, in_force: InForce, duty: Duty, rows: Any, planned: Any, *, now: datetime
) -> Iterator[tuple[Period, Opened]]:
    """Member by member in chunks; what is opened is one insert for each chunk and period."""
    population = populations.of(duty.over.of if duty.over else "")
    columns = _read_columns(duty, population)
    listed = rows.order_by("pk").values_list(
        "pk", "target__unit", "target__owner", "anchor", *columns.values()
    )
    each = iter(listed.iterator(chunk_size=CHUNK))
    while chunk := list(islice(each, CHUNK)):
        members = [_member(duty, row, list(columns)) for row in chunk]
        state = _state(adoption, duty, {m.unit for m in members}, members, now=now)
        by_period: dict[Period, list[Open]] = defaultdict(list)
        for opened in planned(in_force, duty, members, state, now):
            by_period[Period(opened.period, opened.period_after)].append(opened)
        for period, opens in by_period.items():
            yield period, open_few(adoption, in_force.policy.policy, opens, now=now)


def _read_columns(duty: Duty, population: populations.Population) -> dict[str, Any]:
    """The fields that planning reads of each member, beside its anchor."""
    owed = duty.owed_by
    named = (*((owed.person, owed.head_of) if owed else ()), duty.before)
    names = [name for name in named if name]
    found = {}
    for name in names:
        column = population.column(name)
        if name != "target.owner" and column is not None:
            found[name] = KT(f"{column.path}__{column.key}") if column.key else F(column.path)
    return found


def _member(duty: Duty, row: Sequence[Any], names: Sequence[str]) -> Member:
    target, unit, owner, anchor, *rest = row
    values: dict[str, Any] = {}
    for name, value in zip(names, rest, strict=True):
        moment = value.isoformat() if isinstance(value, datetime) else value
        values[name] = moment if name == duty.before else as_person(value)
    return Member(target, unit, owner, values=values, anchor=anchor)


def _state(
    adoption: Adoption,
    duty: Duty,
    units: Iterable[int | None],
    members: Sequence[Member] = (),
    *,
    now: datetime,
) -> State:
    wanted = {(role, unit) for role in duty.roles for unit in units}
    heads: Mapping[int, tuple[int, ...]] = {}
    if duty.owed_by and duty.owed_by.head_of:
        name = duty.owed_by.head_of
        persons = {m.owner if name == "target.owner" else m.values.get(name) for m in members}
        heads = heads_of([p for p in persons if isinstance(p, int)], at=now)
    return State(holders=holders_for(adoption, wanted, at=now), heads=heads)
