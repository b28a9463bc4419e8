"""Customers in no unit that has its one officer: nobody owes the visits that the policy asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import reduce
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet

from huiyin.customers import zones
from huiyin.insights.figures import Span, next_month
from huiyin.ledger.models import Fact
from huiyin.obligations import populations
from huiyin.obligations.matching import Matcher
from huiyin.policy.duties import Duty
from huiyin.policy.state import InForce

CUSTOMER = "customer"
MOVED = "customer.moved"


def customers(in_force: InForce, span: Span, *, now: datetime) -> dict[tuple[date, str], int]:
    """(month, leaf) → customers whom the role visits and who were in none of its units at the end.

    The end of a running month is now. Three statements for each role that is one per unit.
    """
    found = {}
    for key, role in in_force.policy.roles.items():
        duties = _visits_of(in_force, key)
        if role.one_per and duties:
            there = _visited(in_force, duties, now=now)
            inside = zones.inside({role.one_per})
            for month, count in _by_month(there, inside, span, now=now).items():
                found[month, f"{key}.one_per"] = count
    return found


def outside_now(in_force: InForce, key: str, *, now: datetime) -> QuerySet[Any] | None:
    """Whom the role visits and who is in none of its units; None where it visits nobody."""
    role, duties = in_force.policy.roles[key], _visits_of(in_force, key)
    if not role.one_per or not duties:
        return None
    inside = zones.inside({role.one_per})
    return _visited(in_force, duties, now=now).exclude(target__unit__in=inside)


def _visits_of(in_force: InForce, role: str) -> list[Duty]:
    return [duty for duty in in_force.policy.duties.values() if _visits(duty, role)]


def _visits(duty: Duty, role: str) -> bool:
    return role in duty.roles and duty.over is not None and duty.over.of == CUSTOMER


def _visited(in_force: InForce, duties: Sequence[Duty], *, now: datetime) -> QuerySet[Any]:
    """The customers that any of the duties is about."""
    population = populations.of(CUSTOMER)
    matcher = Matcher(in_force, population, now=now)
    rows = population.rows(CUSTOMER)
    conditions = [duty.over.where if duty.over else None for duty in duties]
    if None in conditions:
        return rows
    return rows.filter(reduce(or_, (matcher.where(each) for each in conditions if each)))


@dataclass(frozen=True, slots=True)
class _Moved:
    """A customer that moved: since when it is one, and its units one after the other."""

    since: datetime
    now_in: int | None
    moves: Sequence[tuple[datetime, int | None]]

    def unit_at(self, at: datetime) -> int | None:
        """What the first move after the moment came from; else where it is now."""
        return next((former for moved, former in self.moves if moved > at), self.now_in)


def _by_month(
    there: QuerySet[Any], inside: Collection[int], span: Span, *, now: datetime
) -> dict[date, int]:
    """As things stand now, put right for those that moved since."""
    ends = {month: min(_end(month, span.zone), now) for month in span.months}
    outside = there.exclude(target__unit__in=inside)
    counted = outside.aggregate(
        **{
            f"m{n}": Count("pk", filter=Q(registered_at__lte=end))
            for n, end in enumerate(ends.values())
        }
    )
    found = Counter({month: counted[f"m{n}"] for n, month in enumerate(ends)})
    for moved in _moved(there, since=min(ends.values(), default=now)).values():
        for month, end in ends.items():
            if moved.since <= end:
                was, is_now = moved.unit_at(end) in inside, moved.now_in in inside
                found[month] += int(is_now) - int(was)
    return dict(found)


def _moved(there: QuerySet[Any], *, since: datetime) -> Mapping[int, _Moved]:
    facts = Fact.objects.filter(kind=MOVED, happened_at__gt=since, voided_by=None)
    moves: dict[int, list[tuple[datetime, int | None]]] = {}
    for target, at, values in facts.order_by("id").values_list("target", "happened_at", "values"):
        moves.setdefault(target, []).append((at, values.get("customer.former_unit")))
    if not moves:
        return {}
    rows = there.filter(pk__in=moves).values_list("pk", "registered_at", "target__unit")
    return {pk: _Moved(since, unit, moves[pk]) for pk, since, unit in rows}


def _end(month: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(next_month(month), time.min, zone)
