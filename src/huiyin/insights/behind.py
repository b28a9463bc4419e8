"""What stands behind the figures of a clause, for who reads it: the newest of each, to be opened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Case, Q, Value, When

from huiyin.accounts.visibility import Viewer, visible
from huiyin.adoption.models import Adoption, Party
from huiyin.adoption.queries import as_in_force
from huiyin.cases.models import Case as RaisedCase
from huiyin.insights.acts import Acts
from huiyin.insights.adrift import outside_now
from huiyin.insights.leaves import is_selective
from huiyin.ledger.models import Fact, Target
from huiyin.obligations import populations
from huiyin.obligations.matching import Matcher
from huiyin.obligations.models import Refusal
from huiyin.policy.conditions import AllOf, Condition, Test
from huiyin.policy.loading import Pack
from huiyin.policy.rules import Guard, Indicator, Table
from huiyin.policy.schema import Policy
from huiyin.policy.state import InForce
from huiyin.records.models import Handover, Record

NEWEST = 10
"""Of each rule so many are shown; the whole list is a page of its own."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One of what was counted: about what, when; the record where it is one.

    Not ``counts``: of the whole, but not of the part that is asked for.
    """

    target: Target
    at: datetime
    record: int | None = None
    number: str = ""
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Behind:
    """What one rule counted. ``part``: where the rule stands in the pack, or ``refusals``, or
    ``adrift``: whoever is in no zone.

    ``kinds``: the acts or the population it counts; ``fixed``: the values that all of it has.
    """

    part: str
    key: str
    shown: Sequence[Shown]
    kinds: tuple[str, ...] = ()
    fixed: Mapping[str, str] = field(default_factory=dict)


def obligations_of(pack: Pack, clause: str) -> Q:
    """The obligations that the figures of a clause count: all of a duty, or those that name it."""
    policy = pack.policy
    whole = [
        *(k for k, d in policy.duties.items() if clause in d.clauses and not is_selective(d, clause)),
        *(k for k, table in policy.tables.items() if clause in table.clauses),
    ]  # fmt: skip
    counted = Q(clauses__contains=[clause]) | Q(duty__in=whole)
    return Q(policy=pack.id) & counted & ~Q(state="voided")


def behind(
    adoption: Adoption, pack: Pack, clause: str, *, viewer: Viewer, now: datetime
) -> list[Behind]:
    """Everything but obligations; a statement or two for each rule that the clause is bound to."""
    policy, in_force = pack.policy, as_in_force(adoption)
    guards = [guard for guard in policy.guards.values() if clause in guard.clauses]
    tables = [table for table in policy.tables.values() if clause in table.clauses]
    indicators = [each for each in policy.indicators.values() if clause in each.clauses]
    parties = [key for key, party in policy.parties.items() if clause in party.clauses]
    found = [
        *(_filed(form, viewer) for form in _forms(policy, clause)),
        *_acts(in_force, guards, viewer, now=now),
        *(_given(table, clause, viewer) for table in tables),
        *(_sent(policy.policy, key, viewer) for key in parties),
        *_rated(in_force, indicators, viewer, now=now),
        *_adrift(in_force, clause, viewer, now=now),
        _refused(policy.policy, clause, viewer),
    ]
    return [each for each in found if each.shown]


def _forms(policy: Policy, clause: str) -> Iterable[str]:
    """Forms whose records are counted for the clause: by a field, or by who may write one."""
    found = [
        key
        for key, form in policy.forms.items()
        if any(not place.endswith(".raises") for place in form.clauses.get(clause, ()))
    ]
    for duty in policy.duties.values():
        places = duty.clauses.get(clause, ())
        if duty.proof and duty.proof.record and {"share.not", "owed_by.not"} & set(places):
            found.append(duty.proof.record)
    return dict.fromkeys(found)


def _filed(form: str, viewer: Viewer) -> Behind:
    rows = Record.objects.visible_to(viewer).current().standing().filter(form=form)
    rows = rows.select_related("about").order_by("-happened_at", "-pk")
    return Behind("forms", form, [_record(row) for row in rows[:NEWEST]])


def _record(row: Record) -> Shown:
    return Shown(row.about, row.happened_at, record=row.pk, number=row.number)


def _acts(
    in_force: InForce, guards: Sequence[Guard], viewer: Viewer, *, now: datetime
) -> Iterator[Behind]:
    acts = Acts(in_force, guards, now=now)
    for guard in acts.guards:
        rows = acts.rows().filter(acts.spoken_of(guard))
        yield Behind("guards", guard.key, _stated(rows, viewer), guard.before, _fixed(guard.where))


def _stated(facts: Any, viewer: Viewer) -> list[Shown]:
    """The newest facts about what the viewer sees."""
    cases = RaisedCase.objects.visible_to(viewer)
    seen = facts.filter(visible(viewer) | Q(target__in=cases.values("pk")))
    rows = seen.select_related("target").order_by("-happened_at", "-pk")[:NEWEST]
    return [
        Shown(
            row.target,
            row.happened_at,
            record=row.values.get("record.id"),
            number=row.values.get("record.number", ""),
        )
        for row in rows
    ]


def _fixed(condition: Condition | None) -> dict[str, str]:
    """The fields that a condition wants to have one value each."""
    parts = condition.items if isinstance(condition, AllOf) else (condition,)
    return {
        part.field: str(part.operands[0])
        for part in parts
        if isinstance(part, Test) and part.operator == "eq" and isinstance(part.operands[0], str)
    }


def _given(table: Table, clause: str, viewer: Viewer) -> Behind:
    rows = Fact.objects.standing().filter(kind=table.fact)
    places = table.clauses[clause]
    numbers = [place.removeprefix("rows.") for place in places]
    if all(number.isdecimal() for number in numbers):
        results = [table.rows[int(number)].give for number in numbers]
        rows = rows.filter(**{f"values__{table.field}__in": results})
    return Behind("tables", table.key, _stated(rows, viewer))


def _sent(policy: str, party: str, viewer: Viewer) -> Behind:
    targets = Party.objects.filter(policy=policy, key=party).values("target")
    seen = Record.objects.visible_to(viewer).values("pk")
    rows = Handover.objects.filter(to__in=targets, record__in=seen).select_related("record__about")
    shown = [
        Shown(row.record.about, row.handed_at, record=row.record_id, number=row.record.number)
        for row in rows.order_by("-handed_at", "-pk")[:NEWEST]
    ]
    return Behind("parties", party, shown)


def _rated(
    in_force: InForce, indicators: Sequence[Indicator], viewer: Viewer, *, now: datetime
) -> Iterator[Behind]:
    """Of a rate that has to be high what is missing first; of any other only the part."""
    for each in indicators:
        named = each.whole if each.at_least is not None else each.part
        declared = populations.of(named.of)
        column = declared.column(named.during) if named.during else None
        if column is None or column.key or named.of not in (*in_force.policy.subjects, "case"):
            continue  # nothing of it happened at a moment, or it has no page
        matcher = Matcher(in_force, declared, now=now)
        rows = matcher.matching(declared.rows(named.of).visible_to(viewer), named.where)
        rows = rows.annotate(counts=_counts(matcher, each)).select_related("target")
        shown = [
            Shown(row.target, getattr(row, column.path), counts=row.counts)
            for row in rows.order_by("counts", f"-{column.path}", "-pk")[:NEWEST]
        ]
        yield Behind("indicators", each.key, shown, (named.of,))


def _counts(matcher: Matcher, indicator: Indicator) -> Any:
    same = indicator.part.of == indicator.whole.of
    if indicator.at_least is None or not same or indicator.part.where is None:
        return Value(True, BooleanField())
    kept = When(matcher.where(indicator.part.where), then=Value(True))
    return Case(kept, default=Value(False), output_field=BooleanField())


def _adrift(in_force: InForce, clause: str, viewer: Viewer, *, now: datetime) -> Iterator[Behind]:
    """Who is in no unit of a role that is one per unit: the figure counts them."""
    for key, role in in_force.policy.roles.items():
        rows = outside_now(in_force, key, now=now) if clause in role.clauses else None
        if rows is not None:
            seen = (
                rows.visible_to(viewer).select_related("target").order_by("-registered_at", "-pk")
            )
            yield Behind("adrift", key, [Shown(r.target, r.registered_at) for r in seen[:NEWEST]])


def _refused(policy: str, clause: str, viewer: Viewer) -> Behind:
    rows = (
        Refusal.objects.filter(adoption__policy_version__policy=policy)
        .filter(clauses__contains=[clause], target__isnull=False)
        .filter(visible(viewer))
        .select_related("target")
        .order_by("-at", "-pk")
    )
    return Behind("refusals", clause, [Shown(row.target, row.at) for row in rows[:NEWEST]])
