"""The verdict on a clause in a month: one function for page, report and bundle (design §1).

达标 met · 未达标 missed · 进行中 running · 无事 nothing (nothing fell due; never shown as met).
A clause bound to several leaves is as good as the worst of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from huiyin.adoption.models import Adoption
from huiyin.adoption.queries import as_in_force, settings_of
from huiyin.insights import acts, adrift, figures, holding, rates
from huiyin.insights.figures import Span
from huiyin.insights.leaves import Conclusion, Figures, LeafVerdict, bound_leaves
from huiyin.insights.tallies import tallies
from huiyin.policy.loading import Pack

__all__ = ["Conclusion", "LeafVerdict", "Verdict", "verdicts"]

WORST_FIRST: tuple[Conclusion, ...] = ("missed", "running", "met", "nothing")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on a clause in the month that begins on ``month``."""

    clause: str
    month: date
    conclusion: Conclusion
    leaves: tuple[LeafVerdict, ...] = ()

    @property
    def part(self) -> int:
        return sum(leaf.part for leaf in self.leaves)

    @property
    def whole(self) -> int:
        return sum(leaf.whole for leaf in self.leaves)


def verdicts(
    adoption: Adoption, pack: Pack, *, months: Sequence[date], now: datetime
) -> dict[tuple[str, date], Verdict]:
    """The verdict on every bound clause in each month (first days, in the firm's zone).

    A fixed number of statements, however many obligations there are.
    """
    span = Span(tuple(months), ZoneInfo(adoption.time_zone))
    leaves = list(bound_leaves(pack.policy))
    counted = _count(adoption, pack, span, now=now)
    found: dict[tuple[str, date], list[LeafVerdict]] = {}
    for month in months:
        for clause, count in leaves:
            found.setdefault((clause, month), []).append(count(counted, month))
    return {
        (clause, month): Verdict(clause, month, worst(parts), tuple(parts))
        for (clause, month), parts in found.items()
    }


def worst(parts: Sequence[LeafVerdict]) -> Conclusion:
    """A setting that is set keeps no clause in a month in which nothing fell due."""
    present = {part.conclusion for part in parts}
    if "missed" not in present and _idle(parts):
        return "nothing"
    return next((each for each in WORST_FIRST if each in present), "nothing")


def _idle(parts: Sequence[LeafVerdict]) -> bool:
    return {part.conclusion for part in parts if part.kind != "setting"} == {"nothing"}


def _count(adoption: Adoption, pack: Pack, span: Span, *, now: datetime) -> Figures:
    policy, settings = pack.policy, settings_of(pack.id, pack)
    in_force = as_in_force(adoption, settings)
    by_clause, by_role = tallies(adoption, span, now=now)
    return Figures(
        tallies=by_clause,
        shares=by_role,
        records=figures.records(span),
        acts=acts.counted(in_force, span, now=now),
        refusals=figures.refusals(pack.id, span),
        holding=holding.days_held(adoption, policy, span, now=now),
        adrift=adrift.customers(in_force, span, now=now),
        settings=frozenset(settings),
        given=figures.given(policy.tables, span),
        sent=figures.sent(pack.id, span) if policy.parties else {},
        booked=figures.booked(pack.id, span, now=now) if policy.scores else {},
        acknowledged=figures.acknowledged(adoption, policy, span, now=now),
        rates=rates.rates(adoption, policy.indicators.values(), months=span.months, now=now),
    )
