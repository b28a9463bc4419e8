"""Plans what depends on each person or on each last fact: quotas, rhythms, silence, dates ahead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from itertools import islice
from typing import Any

from django.db.models import (
    BigIntegerField,
    Count,
    DateField,
    DateTimeField,
    Exists,
    F,
    Func,
    OuterRef,
    Subquery,
    Value,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, TruncDate

from huiyin.accounts.queries import days_away, heads_of
from huiyin.adoption.models import Adoption
from huiyin.ledger.models import Fact
from huiyin.obligations import populations
from huiyin.obligations.loading import holders_for
from huiyin.obligations.matching import Matcher, filled, is_moment
from huiyin.obligations.models import Obligation
from huiyin.obligations.opening import Opened, open_few, together
from huiyin.policy.calendar import DAY
from huiyin.policy.clocks import TICK
from huiyin.policy.duties import Duty
from huiyin.policy.effects import Open
from huiyin.policy.owners import as_person
from huiyin.policy.periods import Period, workday_share
from huiyin.policy.planning import Member, plan, plan_people, plan_quota
from huiyin.policy.rhythms import HORIZON, longest, plan_before, plan_since
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
    at = now if duty.each is None else _there_at(in_force, period, now)
    state = _state(adoption, duty, {firm, None}, at=at)
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
    state = _state(adoption, duty, {None}, at=_there_at(in_force, period, now))
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


def _there_at(in_force: InForce, period: Period, now: datetime) -> datetime:
    """What a period asks of persons it asks of those of that time, also when it is made up for."""
    return min(now, period.ends(in_force.zone) - TICK)


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


def there_in(in_force: InForce, duty: Duty, period: Period, *, now: datetime) -> Any:
    """The rows of a duty's population that are there in a period."""
    assert duty.over is not None
    rows = _population(in_force, duty, now=now)
    joined = populations.of(duty.over.of).joined
    if not joined:
        return rows
    # Who was there when the period began, or who joined by now where that counts at once.
    first_day = Period(period.first, period.first + DAY)
    limit = period if duty.joined == "now" else first_day
    return rows.filter(**{f"{joined}__lt": limit.ends(in_force.zone)})


def planned_members(
    adoption: Adoption, in_force: InForce, duty: Duty, period: Period, *, now: datetime
) -> Opened:
    """Member by member, where somebody above each owes it, or somebody is excluded."""
    rows = there_in(in_force, duty, period, now=now).annotate(anchor=Value(None, DateTimeField()))
    members = list(_read(duty, rows))
    state = _state(adoption, duty, {m.unit for m in members}, members, at=now)
    opens = iter(plan(in_force, duty, period, members, state))
    return _write(adoption, in_force, iter(lambda: list(islice(opens, CHUNK)), []), now=now)


def planned_since(
    adoption: Adoption,
    in_force: InForce,
    duty: Duty,
    planned: date | None,
    *,
    at: datetime,
    now: datetime,
) -> Opened:
    """What each member's last fact makes due by ``at``; only those whose running step has nothing yet.

    ``planned``: the day that was planned last; what began behind it is made up for.
    """
    assert duty.over is not None and duty.since is not None
    rows = _population(in_force, duty, now=now)
    ended = None if duty.until is None else _about(duty.until)
    if duty.since in in_force.policy.fields and duty.since not in in_force.policy.facts:
        # What was agreed for a day may be over before it: a debt that was paid early.
        rows = rows.annotate(anchor=_moment(in_force, duty.over.of, duty.since))
    else:
        last = _about(duty.since).order_by("-happened_at")
        rows = rows.annotate(anchor=Subquery(last.values("happened_at")[:1]))
        ended = None if ended is None else ended.filter(happened_at__gte=OuterRef("anchor"))
    if ended is not None:
        rows = rows.filter(~Exists(ended))
    today = at.astimezone(in_force.zone).date()
    running = _lines(in_force, duty).filter(period__contains=today)
    rows = rows.filter(~Exists(running), anchor__isnull=False, anchor__lt=at)

    def due(members: Sequence[Member], state: State) -> list[Open]:
        return plan_since(in_force, duty, members, state, at, planned)

    return _write(adoption, in_force, _opens(adoption, duty, rows, due, now=now), now=now)


def planned_before(adoption: Adoption, in_force: InForce, duty: Duty, *, now: datetime) -> Opened:
    """What lies ahead of a date that is near; only dates that have nothing yet."""
    assert duty.over is not None and duty.before is not None and duty.lead is not None
    lead = read_length(in_force, duty.lead)
    if isinstance(lead, Missing):
        return Opened(0, "")
    rows = _population(in_force, duty, now=now).annotate(
        anchor=_moment(in_force, duty.over.of, duty.before)
    )
    # The day is a column of its own: of an outer row's expression Django knows no type.
    rows = rows.annotate(day=TruncDate("anchor", tzinfo=in_force.zone))
    if duty.until is not None:
        rows = rows.filter(~Exists(_about(duty.until)))
    there = _lines(in_force, duty).filter(period__startswith=OuterRef("day"))
    horizon = now + HORIZON + longest(lead)
    rows = rows.filter(~Exists(there), anchor__gte=in_force.starts, anchor__lte=horizon)

    def due(members: Sequence[Member], state: State) -> list[Open]:
        return plan_before(in_force, duty, members, state, now)

    return _write(adoption, in_force, _opens(adoption, duty, rows, due, now=now), now=now)


def _population(in_force: InForce, duty: Duty, *, now: datetime) -> Any:
    assert duty.over is not None
    population = populations.of(duty.over.of)
    matcher = Matcher(in_force, population, now=now)
    return matcher.matching(population.rows(duty.over.of), duty.over.where)


def _about(kind: str) -> Any:
    """The standing facts of a kind about each row."""
    return Fact.objects.filter(kind=kind, target=OuterRef("pk"), voided_by=None, voids=None)


def _lines(in_force: InForce, duty: Duty) -> Any:
    return Obligation.objects.filter(
        policy=in_force.policy.policy, line=duty.key, target=OuterRef("pk")
    ).exclude(state="voided")


def _moment(in_force: InForce, kind: str, name: str) -> Any:
    """The instant of a field; a date is its midnight in the firm's zone."""
    population = populations.of(kind)
    column = population.column(name)
    assert column is not None  # lint refuses a field that the kind does not have
    if column.key:
        text = filled(KT(f"{column.path}__{column.key}"))
        if in_force.policy.fields[name].type == "datetime":
            return Cast(text, DateTimeField())
        return _midnight(Cast(text, DateField()), in_force)
    if is_moment(population.rows(kind), column):
        return F(column.path)
    return _midnight(F(column.path), in_force)


def _midnight(day: Any, in_force: InForce) -> Any:
    template = "(%(expressions)s)"
    joiner = "::timestamp AT TIME ZONE "
    return Func(
        day, Value(in_force.zone.key), template=template, arg_joiner=joiner,
        output_field=DateTimeField(),
    )  # fmt: skip


def _opens(
    adoption: Adoption,
    duty: Duty,
    rows: Any,
    due: Callable[[Sequence[Member], State], list[Open]],
    *,
    now: datetime,
) -> Iterator[list[Open]]:
    """What members owe, chunk by chunk."""
    members = _read(duty, rows)
    while chunk := list(islice(members, CHUNK)):
        yield due(chunk, _state(adoption, duty, {m.unit for m in chunk}, chunk, at=now))


def _write(
    adoption: Adoption, in_force: InForce, chunks: Iterable[list[Open]], *, now: datetime
) -> Opened:
    parts = [open_few(adoption, in_force.policy.policy, opens, now=now) for opens in chunks]
    return together(parts)


def _read(duty: Duty, rows: Any) -> Iterator[Member]:
    """The rows as members, in the order of their ids; ``anchor`` is annotated."""
    columns = _read_columns(duty, populations.of(duty.over.of if duty.over else ""))
    listed = rows.order_by("pk").values_list(
        "pk", "target__unit", "target__owner", "anchor", *columns.values()
    )
    for row in listed.iterator(chunk_size=CHUNK):
        yield _member(duty, row, list(columns))


def _read_columns(duty: Duty, population: populations.Population) -> dict[str, Any]:
    """The fields that planning reads of each member, beside its anchor."""
    owed = duty.owed_by
    named = (owed.person, owed.head_of, owed.exclude, duty.before) if owed else (duty.before,)
    found = {}
    for name in named:
        column = population.column(name) if name else None
        if name and name != "target.owner" and column is not None:
            found[name] = KT(f"{column.path}__{column.key}") if column.key else F(column.path)
    return found


def person_field(population: populations.Population, name: str) -> Any:
    """The person whom a field of a population names."""
    column = population.column(name)
    assert column is not None  # lint refuses a field that the kind does not have
    if not column.key:
        return F(column.path)
    return Cast(KT(f"{column.path}__{column.key}"), BigIntegerField())


def _member(duty: Duty, row: Sequence[Any], names: Sequence[str]) -> Member:
    target, unit, owner, anchor, *rest = row
    values: dict[str, Any] = {}
    for name, value in zip(names, rest, strict=True):
        moment = value.isoformat() if isinstance(value, date) else value
        values[name] = moment if name == duty.before else as_person(value)
    return Member(target, unit, owner, values=values, anchor=anchor)


def _state(
    adoption: Adoption,
    duty: Duty,
    units: Iterable[int | None],
    members: Sequence[Member] = (),
    *,
    at: datetime,
) -> State:
    wanted = {(role, unit) for role in duty.roles for unit in units}
    heads: Mapping[int, tuple[int, ...]] = {}
    if duty.owed_by and duty.owed_by.head_of:
        name = duty.owed_by.head_of
        persons = {m.owner if name == "target.owner" else m.values.get(name) for m in members}
        heads = heads_of([p for p in persons if isinstance(p, int)], at=at)
    return State(holders=holders_for(adoption, wanted, at=at), heads=heads)
