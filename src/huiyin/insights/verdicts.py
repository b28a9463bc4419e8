"""The verdict on a clause in a month: one function for page, report and bundle (design §1).

达标 met · 未达标 missed · 进行中 running · 无事 nothing (nothing fell due; never shown as met).
A clause bound to several leaves is as good as the worst of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from math import ceil
from typing import Literal
from zoneinfo import ZoneInfo

from huiyin.adoption.models import Adoption
from huiyin.adoption.queries import settings_of
from huiyin.insights import figures, holding
from huiyin.insights.figures import Filed, ShareTally, Span, Tally
from huiyin.policy.declared import Bound, FormField
from huiyin.policy.loading import Pack
from huiyin.policy.schema import Policy

Conclusion = Literal["met", "missed", "running", "nothing"]
WORST_FIRST: tuple[Conclusion, ...] = ("missed", "running", "met", "nothing")

# What has happened once an act was allowed: the whole that a guard's refusals are counted beside.
DONE = {
    "case.close": "case.closed",
    "case.decide": "case.decided",
    "followup.hold": "followup.held",
    "followup.plan": "followup.planned",
    "record.file": "record.filed",
    "record.send": "record.sent",
}


@dataclass(frozen=True, slots=True)
class LeafVerdict:
    """What one leaf says: ``part`` of ``whole`` kept it. ``kind`` tells how to word it."""

    leaf: str
    kind: Literal["clock", "share", "field", "guard", "role", "setting"]
    conclusion: Conclusion
    part: int
    whole: int
    needed: int = 0
    late: int = 0
    running: int = 0
    entered_late: int = 0
    waived: int = 0
    refused: int = 0


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


@dataclass(frozen=True)
class Figures:
    """Everything that was counted for one policy over the months asked for."""

    tallies: dict[tuple[date, str, str], Tally]
    shares: dict[tuple[date, str, str], ShareTally]
    records: dict[tuple[date, str], Filed]
    facts: dict[tuple[date, str], int]
    refusals: dict[tuple[date, str], int]
    holding: dict[tuple[date, str], tuple[int, int]] = field(default_factory=dict)
    settings: frozenset[str] = frozenset()


Count = Callable[[Figures, date], LeafVerdict]


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
    acts = {
        DONE[act] for guard in pack.policy.guards.values() for act in guard.before if act in DONE
    }
    return Figures(
        tallies=figures.tallies(pack.id, span, now=now),
        shares=figures.shares(adoption, span, now=now),
        records=figures.records(span),
        facts=figures.facts(acts, span),
        refusals=figures.refusals(pack.id, span),
        holding=holding.days_held(adoption, pack.policy, span, now=now),
        settings=frozenset(settings_of(pack.id, pack)),
    )


def bound_leaves(policy: Policy) -> Iterator[tuple[str, Count]]:
    """Every (clause, how to count its leaf) of a policy, in the order of the pack."""
    seen: set[tuple[str, str]] = set()
    for key, clause, place in _bindings(policy.duties):
        own_figure = place.startswith(("share.", "owed_by.not"))
        # The other leaves of a duty are counted by one figure: its obligations.
        if own_figure or (key, clause) not in seen:
            yield clause, _duty_leaf(policy, key, clause, place)
        if not own_figure:
            seen.add((key, clause))
    for key, clause, place in _bindings(policy.forms):
        if "." not in place:  # what an answer raises is counted where its duty is
            yield clause, _field_leaf(policy.forms[key].fields[place], key)
    for key, guard in policy.guards.items():
        for clause in guard.clauses:
            yield clause, _guard_leaf(key, clause, guard.before)
    for key, clause, _place in _bindings(policy.roles):
        yield clause, _role_leaf(key)
    for key, clause, _place in _bindings(policy.settings):
        yield clause, _setting_leaf(key)


def _bindings(parts: Mapping[str, Bound]) -> Iterator[tuple[str, str, str]]:
    for key, part in parts.items():
        for clause, places in part.clauses.items():
            for place in places:
                yield key, clause, place


def _duty_leaf(policy: Policy, key: str, clause: str, place: str) -> Count:
    duty = policy.duties[key]
    leaf = f"{key}.{place}" if place else key
    if place in ("share.not", "owed_by.not"):
        return _eligibility_leaf(leaf, clause, duty.proof.record or "")
    if (
        duty.share
        and place.startswith("share.")
        and place.removeprefix("share.") in duty.share.roles
    ):
        role = place.removeprefix("share.")
        return _share_leaf(leaf, key, role, duty.share.roles[role])
    return _clock_leaf(leaf, key, clause)


def _clock_leaf(leaf: str, duty: str, clause: str) -> Count:
    def count(counted: Figures, month: date) -> LeafVerdict:
        tally = counted.tallies.get((month, duty, clause), Tally())
        missed = tally.late + tally.overdue
        return LeafVerdict(
            leaf=leaf,
            kind="clock",
            conclusion=(
                "missed" if missed else
                "running" if tally.running else
                "met" if tally.due else "nothing"
            ),
            part=tally.on_time + tally.entered_late + tally.waived,
            whole=tally.due,
            late=missed,
            running=tally.running,
            entered_late=tally.entered_late,
            waived=tally.waived,
        )  # fmt: skip

    return count


def _share_leaf(leaf: str, duty: str, role: str, share: Fraction) -> Count:
    def count(counted: Figures, month: date) -> LeafVerdict:
        tally = counted.shares.get((month, duty, role), ShareTally())
        needed = ceil(share * tally.items)
        # Who is released from an item owes it no more; it is not said to be visited either.
        kept = tally.done + tally.waived >= needed
        return LeafVerdict(
            leaf=leaf,
            kind="share",
            conclusion=(
                "nothing" if not tally.items else
                "met" if kept and not tally.running else
                "running" if tally.running else "missed"
            ),
            part=tally.done,
            whole=tally.items,
            needed=needed,
            late=tally.overdue,
            running=tally.running,
            waived=tally.waived,
        )  # fmt: skip

    return count


def _eligibility_leaf(leaf: str, clause: str, form: str) -> Count:
    def count(counted: Figures, month: date) -> LeafVerdict:
        filed = counted.records.get((month, form), Filed(0, {})).filed
        return _kept(leaf, "guard", filed, filed, refused=counted.refusals.get((month, clause), 0))

    return count


def _guard_leaf(leaf: str, clause: str, acts: Sequence[str]) -> Count:
    def count(counted: Figures, month: date) -> LeafVerdict:
        done = sum(counted.facts.get((month, DONE.get(act, act)), 0) for act in acts)
        return _kept(leaf, "guard", done, done, refused=counted.refusals.get((month, clause), 0))

    return count


def _field_leaf(declared: FormField, form: str) -> Count:
    # Facts carry no free text; a required text was checked when the record was filed. A field
    # that only some answers ask for is measured against the records that have it.
    def count(counted: Figures, month: date) -> LeafVerdict:
        records = counted.records.get((month, form), Filed(0, {}))
        filled = records.fields.get(declared.key, 0)
        if declared.type == "text":
            filled = records.filed if declared.required else 0
        whole = records.filed if declared.required else filled
        return _kept(f"{form}.{declared.key}", "field", filled, whole)

    return count


def _role_leaf(role: str) -> Count:
    def count(counted: Figures, month: date) -> LeafVerdict:
        held, days = counted.holding.get((month, role), (0, 0))
        return _kept(role, "role", held, days)

    return count


def _setting_leaf(key: str) -> Count:
    def count(counted: Figures, month: date) -> LeafVerdict:
        return _kept(key, "setting", int(key in counted.settings), 1)

    return count


def _kept(
    leaf: str, kind: Literal["field", "guard", "role", "setting"], part: int, whole: int, *,
    refused: int = 0,
) -> LeafVerdict:  # fmt: skip
    conclusion: Conclusion = "nothing" if not whole else "met" if part >= whole else "missed"
    return LeafVerdict(leaf, kind, conclusion, part, whole, refused=refused)
