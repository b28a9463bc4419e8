"""How each leaf that a clause is bound to is counted in a month, and what that says of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from math import ceil
from typing import Literal

from huiyin.insights.figures import Filed
from huiyin.insights.holding import Held
from huiyin.insights.rates import Rate, keeps
from huiyin.insights.tallies import ShareTally, Tally
from huiyin.policy.declared import Bound, FormField
from huiyin.policy.duties import Duty
from huiyin.policy.rules import Indicator, Table
from huiyin.policy.schema import Policy

Conclusion = Literal["met", "missed", "running", "nothing"]
Kind = Literal[
    "clock", "share", "field", "guard", "role", "setting",
    "table", "party", "score", "indicator", "acknowledged",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class LeafVerdict:
    """What one leaf says: ``part`` of ``whole`` kept it. ``kind`` tells how to word it.

    ``overdue``: those of ``late`` that are still open. ``adrift``: customers in no unit of those
    that have one officer each; ``units``: how many such units the days are counted in. ``limit``:
    the share that is asked for, or that a rate must not leave.
    """

    leaf: str
    kind: Kind
    conclusion: Conclusion
    part: int
    whole: int
    needed: int = 0
    late: int = 0
    overdue: int = 0
    running: int = 0
    entered_late: int = 0
    waived: int = 0
    refused: int = 0
    blocked: int = 0
    adrift: int = 0
    units: int = 0
    limit: Fraction | None = None


@dataclass(frozen=True)
class Figures:
    """Everything that was counted for one policy over the months asked for."""

    tallies: dict[tuple[date, str, str], Tally]
    shares: dict[tuple[date, str, str], ShareTally]
    records: dict[tuple[date, str], Filed]
    acts: dict[tuple[date, str], int]
    refusals: dict[tuple[date, str], int]
    holding: dict[tuple[date, str], Held] = field(default_factory=dict)
    adrift: dict[tuple[date, str], int] = field(default_factory=dict)
    settings: frozenset[str] = frozenset()
    given: dict[tuple[date, str, str], int] = field(default_factory=dict)
    sent: dict[tuple[date, str], int] = field(default_factory=dict)
    booked: dict[tuple[date, str], tuple[int, int]] = field(default_factory=dict)
    acknowledged: dict[tuple[date, str], tuple[int, int]] = field(default_factory=dict)
    rates: dict[tuple[date, str], Rate] = field(default_factory=dict)


Count = Callable[[Figures, date], LeafVerdict]

SELECTIVE = ("within.", "share.", "proof.sent_to.", "on.")
"""Places of a duty that only some of its obligations come from; any other place holds for all."""


def bound_leaves(policy: Policy) -> Iterator[tuple[str, Count]]:
    """Every (clause, how to count its leaf) of a policy, in the order of the pack."""
    yield from _leaves_of_duties(policy)
    for part, how in PARTS.items():
        seen: set[tuple[str, str, str]] = set()
        for key, clause, place in _bindings(getattr(policy, part)):
            count = how(policy, key, clause, place)
            # Rules that have one figure are counted once, however many of their leaves are bound.
            mark = (key, clause, place if part in BY_PLACE else "")
            if count is not None and mark not in seen:
                seen.add(mark)
                yield clause, count
    for clause in policy.acknowledge:
        yield clause, _acknowledged_leaf(clause)


def _leaves_of_duties(policy: Policy) -> Iterator[tuple[str, Count]]:
    seen: set[tuple[str, str]] = set()
    for key, clause, place in _bindings(policy.duties):
        own_figure = place.startswith(("share.", "owed_by.not"))
        # The other leaves of a duty are counted by one figure: its obligations.
        if own_figure or (key, clause) not in seen:
            yield clause, _duty_leaf(policy, key, clause, place)
        if not own_figure:
            seen.add((key, clause))


def _bindings(parts: Mapping[str, Bound]) -> Iterator[tuple[str, str, str]]:
    for key, part in parts.items():
        for clause, places in part.clauses.items():
            for place in places:
                yield key, clause, place


def _duty_leaf(policy: Policy, key: str, clause: str, place: str) -> Count:
    duty = policy.duties[key]
    leaf = f"{key}.{place}" if place else key
    form = duty.proof.record if duty.proof else None
    if place in ("share.not", "owed_by.not") and form:
        return _eligibility_leaf(leaf, clause, form)
    if (
        duty.share
        and place.startswith("share.")
        and place.removeprefix("share.") in duty.share.roles
    ):
        role = place.removeprefix("share.")
        return _share_leaf(leaf, key, role, duty.share.roles[role])
    return _clock_leaf(leaf, key, clause if is_selective(duty, clause) else "")


def is_selective(duty: Duty, clause: str) -> bool:
    """Whether only the obligations that name the clause tell about it."""
    return all(place.startswith(SELECTIVE) for place in duty.clauses.get(clause, ()))


def _clock_leaf(leaf: str, duty: str, clause: str) -> Count:
    def count(counted: Figures, month: date) -> LeafVerdict:
        tally = counted.tallies.get((month, duty, clause), Tally())
        missed = tally.late + tally.overdue
        # What nobody may do is neither done nor missed: it is counted beside the others.
        whole = tally.due - tally.blocked
        return LeafVerdict(
            leaf=leaf,
            kind="clock",
            conclusion=(
                "missed" if missed else
                "running" if tally.running else
                "met" if whole else "nothing"
            ),
            part=tally.on_time + tally.entered_late + tally.waived,
            whole=whole,
            late=missed,
            overdue=tally.overdue,
            running=tally.running,
            entered_late=tally.entered_late,
            waived=tally.waived,
            blocked=tally.blocked,
        )  # fmt: skip

    return count


def _share_leaf(leaf: str, duty: str, role: str, share: Fraction) -> Count:
    def count(counted: Figures, month: date) -> LeafVerdict:
        tally = counted.shares.get((month, duty, role), ShareTally())
        # Of what nobody may visit no share is asked; it is no visit of theirs either.
        needed = ceil(share * max(tally.items - tally.blocked, 0))
        # Who is released from an item owes it no more; it is not said to be visited either.
        kept = tally.done + tally.waived >= needed
        return LeafVerdict(
            leaf=leaf,
            kind="share",
            conclusion=(
                "nothing" if tally.items <= tally.blocked else
                "met" if kept and not tally.running else
                "running" if tally.running else "missed"
            ),
            part=tally.done,
            whole=tally.items,
            needed=needed,
            late=tally.overdue,
            overdue=tally.overdue,
            running=tally.running,
            waived=tally.waived,
            blocked=tally.blocked,
            limit=share,
        )  # fmt: skip

    return count


def _eligibility_leaf(leaf: str, clause: str, form: str) -> Count:
    def count(counted: Figures, month: date) -> LeafVerdict:
        filed = counted.records.get((month, form), Filed(0, {})).filed
        return _kept(leaf, "guard", filed, filed, refused=counted.refusals.get((month, clause), 0))

    return count


def _guard_leaf(leaf: str, clause: str) -> Count:
    def count(counted: Figures, month: date) -> LeafVerdict:
        done = counted.acts.get((month, leaf), 0)
        return _kept(leaf, "guard", done, done, refused=counted.refusals.get((month, clause), 0))

    return count


def _form_leaf(policy: Policy, form: str, clause: str, place: str) -> Count | None:
    name, _, part = place.partition(".")
    if part == "raises":
        return None  # what an answer raises is counted where its duty is
    declared = policy.forms[form].fields.get(name)
    if declared is None or part == "by":
        # The whole form, or who may write a field: every record that was filed kept it.
        return _eligibility_leaf(f"{form}.{name}" if name else form, clause, form)
    return _field_leaf(declared, form)


def _table_leaf(table: Table, place: str) -> Count:
    """What the table gave by this row, or at all; a question that waits too long misses it."""
    number = place.removeprefix("rows.")
    results = (
        [table.rows[int(number)].give] if number.isdecimal() else list(dict.fromkeys(table.results))
    )

    def count(counted: Figures, month: date) -> LeafVerdict:
        given = sum(counted.given.get((month, table.key, result), 0) for result in results)
        asked = counted.tallies.get((month, table.key, ""), Tally())
        missed = asked.late + asked.overdue
        return LeafVerdict(
            leaf=f"{table.key}.{place}" if place else table.key,
            kind="table",
            conclusion=(
                "missed" if missed else
                "running" if asked.running else
                "met" if given else "nothing"
            ),
            part=given,
            whole=given + missed + asked.running,
            late=missed,
            running=asked.running,
        )  # fmt: skip

    return count


def _party_leaf(party: str) -> Count:
    def count(counted: Figures, month: date) -> LeafVerdict:
        sent = counted.sent.get((month, party), 0)
        return _kept(party, "party", sent, sent)

    return count


def _score_leaf(score: str) -> Count:
    """Points follow of themselves; what is not confirmed or contested yet is still running."""

    def count(counted: Figures, month: date) -> LeafVerdict:
        counting, booked = counted.booked.get((month, score), (0, 0))
        conclusion: Conclusion = (
            "nothing" if not booked else "met" if counting == booked else "running"
        )
        pending = booked - counting
        return LeafVerdict(score, "score", conclusion, counting, booked, running=pending)

    return count


def _indicator_leaf(indicator: Indicator) -> Count:
    """Concluded once its period is over; until then it runs, whatever it stands at."""
    limit = indicator.at_most if indicator.at_least is None else indicator.at_least

    def count(counted: Figures, month: date) -> LeafVerdict:
        rate = counted.rates[month, indicator.key]
        kept = keeps(indicator, rate)
        conclusion: Conclusion = (
            "nothing" if rate.value is None else
            "running" if not rate.over else
            "missed" if kept is False else "met"
        )  # fmt: skip
        return LeafVerdict(
            indicator.key, "indicator", conclusion, rate.part, rate.whole, limit=limit
        )

    return count


def _acknowledged_leaf(clause: str) -> Count:
    """Nobody may be late in reading it; whoever has not read it yet keeps it running."""

    def count(counted: Figures, month: date) -> LeafVerdict:
        done, people = counted.acknowledged.get((month, clause), (0, 0))
        conclusion: Conclusion = "nothing" if not people else "met" if done == people else "running"
        running = people - done
        return LeafVerdict("acknowledge", "acknowledged", conclusion, done, people, running=running)

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
        held = counted.holding.get((month, role), Held(0, 0))
        kept, adrift = _kept(role, "role", held.days, held.of), counted.adrift.get((month, role), 0)
        kept = replace(kept, units=held.units)
        # Whoever is in no zone has no officer, however well the zones are held.
        return replace(kept, adrift=adrift, conclusion="missed") if adrift else kept

    return count


def _setting_leaf(key: str) -> Count:
    def count(counted: Figures, month: date) -> LeafVerdict:
        return _kept(key, "setting", int(key in counted.settings), 1)

    return count


def _kept(leaf: str, kind: Kind, part: int, whole: int, *, refused: int = 0) -> LeafVerdict:
    conclusion: Conclusion = "nothing" if not whole else "met" if part >= whole else "missed"
    return LeafVerdict(leaf, kind, conclusion, part, whole, refused=refused)


PARTS: Mapping[str, Callable[[Policy, str, str, str], Count | None]] = {
    "forms": _form_leaf,
    "tables": lambda policy, key, clause, place: _table_leaf(policy.tables[key], place),
    "guards": lambda policy, key, clause, place: _guard_leaf(key, clause),
    "roles": lambda policy, key, clause, place: _role_leaf(
        f"{key}.{place}" if place == "one_per" else key
    ),
    "settings": lambda policy, key, clause, place: _setting_leaf(key),
    "parties": lambda policy, key, clause, place: _party_leaf(key),
    "scores": lambda policy, key, clause, place: _score_leaf(key),
    "indicators": lambda policy, key, clause, place: _indicator_leaf(policy.indicators[key]),
}
"""The parts of a policy beside its duties, and how a leaf of each is counted."""

BY_PLACE = ("forms", "tables", "roles")
"""Parts whose leaves have figures of their own."""
