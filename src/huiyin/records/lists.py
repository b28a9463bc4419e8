"""Fields that no person fills in: all targets of a kind in the period that a record is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from huiyin.adoption.models import Adoption
from huiyin.adoption.queries import as_in_force
from huiyin.ledger.models import Target
from huiyin.obligations import populations
from huiyin.obligations.matching import Matcher
from huiyin.obligations.models import Obligation
from huiyin.policy.declared import Form, Population
from huiyin.policy.periods import Period, period_at
from huiyin.policy.planning import cadence_of
from huiyin.policy.state import InForce
from huiyin.records.answers import Answers


def listed(
    adoption: Adoption, form: Form, answers: Answers, target: Target, now: datetime
) -> Answers:
    """The answers with every list of the form filled; an empty list is an answer, too.

    The period is that of the work the record proves: the oldest that is open about the target,
    else the running one.
    """
    lists = {key: field.list_of for key, field in form.fields.items() if field.list_of}
    if not lists:
        return answers
    in_force = as_in_force(adoption)
    period = _period(in_force, form, target, now=now)
    found = {
        f"{form.key}.{key}": _targets(in_force, population, period, now=now)
        for key, population in lists.items()
    }
    return replace(answers, values={**answers.values, **found})


def _targets(
    in_force: InForce, population: Population, period: Period | None, *, now: datetime
) -> list[int]:
    declared = populations.of(population.of)
    matcher = Matcher(in_force, declared, now=now)
    rows = matcher.matching(declared.rows(population.of), population.where)
    if population.during and period is not None:
        rows = rows.filter(matcher.inside(population.during, period))
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _period(in_force: InForce, form: Form, target: Target, *, now: datetime) -> Period | None:
    duties = [
        duty
        for duty in in_force.policy.duties.values()
        if duty.every and duty.proof and duty.proof.record == form.key
    ]
    waiting = Obligation.objects.waiting().about(target.pk)
    oldest = (
        waiting.filter(policy=in_force.policy.policy, duty__in=[duty.key for duty in duties])
        .exclude(period=None)
        .order_by("due_at", "id")
        .values_list("period", flat=True)
        .first()
    )
    if oldest is not None:
        return Period(oldest.lower, oldest.upper)
    today = now.astimezone(in_force.zone).date()
    cadences = (cadence_of(in_force, duty) for duty in duties)
    fixed = [cadence for cadence in cadences if cadence and not cadence.is_anchored]
    return period_at(fixed[0], today, in_force.calendar) if fixed else None
