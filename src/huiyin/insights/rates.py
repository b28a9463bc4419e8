"""Indicators: a part of a whole over a month, a quarter or a year, counted where the rows are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from django.db.models import Count

from huiyin.adoption.models import Adoption
from huiyin.adoption.queries import as_in_force
from huiyin.obligations import populations
from huiyin.obligations.matching import Matcher
from huiyin.policy.clocks import first_of, period_end
from huiyin.policy.declared import Population
from huiyin.policy.periods import Period
from huiyin.policy.rules import Indicator
from huiyin.policy.state import InForce


@dataclass(frozen=True, slots=True)
class Rate:
    """``part`` of ``whole`` in a period; ``over`` once the period has ended."""

    period: Period
    part: int
    whole: int
    over: bool

    @property
    def value(self) -> Fraction | None:
        """None without a base: nothing can be said of it."""
        return Fraction(self.part, self.whole) if self.whole else None


def rates(
    adoption: Adoption, indicators: Iterable[Indicator], *, months: Sequence[date], now: datetime
) -> dict[tuple[date, str], Rate]:
    """(month, indicator) → its rate in the period that holds the month. Two statements for each."""
    indicators = list(indicators)
    if not indicators:
        return {}
    in_force = as_in_force(adoption)
    found: dict[tuple[date, str], Rate] = {}
    for indicator in indicators:
        periods = {month: _period(indicator, month) for month in months}
        wanted = list(dict.fromkeys(periods.values()))
        parts = _counts(in_force, indicator.part, wanted, now=now)
        wholes = _counts(in_force, indicator.whole, wanted, now=now)
        for month, period in periods.items():
            over = period.ends(in_force.zone) <= now
            found[month, indicator.key] = Rate(period, parts[period], wholes[period], over)
    return found


def _period(indicator: Indicator, month: date) -> Period:
    first = first_of(month, indicator.per)
    return Period(first, period_end(first, indicator.per))


def _counts(
    in_force: InForce, population: Population, periods: Sequence[Period], *, now: datetime
) -> Mapping[Period, int]:
    """How many rows each period has: by their moment in it, or as many as there were at its end."""
    declared = populations.of(population.of)
    matcher = Matcher(in_force, declared, now=now)
    rows = matcher.matching(declared.rows(population.of), population.where)
    names = {f"period_{number}": period for number, period in enumerate(periods)}
    filters = {
        name: matcher.inside(population.during, period)
        if population.during
        else matcher.there_by(period)
        for name, period in names.items()
    }
    counted = rows.aggregate(
        **{name: Count("pk", filter=condition) for name, condition in filters.items()}
    )
    return {period: counted[name] for name, period in names.items()}


def keeps(indicator: Indicator, rate: Rate) -> bool | None:
    """Whether a rate is within the indicator's limit; None where it has none, or no base."""
    value = rate.value
    if value is None:
        return None
    if indicator.at_least is not None:
        return value >= indicator.at_least
    if indicator.at_most is not None:
        return value <= indicator.at_most
    if indicator.less_than is not None:
        return value < indicator.less_than
    return None
