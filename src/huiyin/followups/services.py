"""Follow-ups from plan to record. One function is one use case and one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from huiyin.cases import services as cases
from huiyin.cases.models import Case
from huiyin.cases.services import Doing, Filled, Problem
from huiyin.core import acts
from huiyin.core.errors import Conflict, Invalid
from huiyin.followups.models import Followup
from huiyin.ledger import services as ledger
from huiyin.ledger.models import Target
from huiyin.records import services as records
from huiyin.records.models import Record
from huiyin.subjects.models import Subject


@dataclass(frozen=True, slots=True)
class Visit:
    """A contact that took place: about what, on which form, who was there, through what."""

    about: int
    form: str
    present: tuple[int, ...]
    channel: str = Followup.Channel.VISIT


@dataclass(frozen=True, slots=True)
class Held:
    """What came of it; ``case`` is the one it raised or, at a re-visit, the one it was about."""

    followup: Followup
    record: Record
    case: Case | None
    raised: bool


@dataclass(frozen=True, slots=True)
class Appointment:
    """When and how a customer will be contacted; ``obligation`` is what it is meant to meet."""

    about: int
    channel: str
    planned_for: datetime
    obligation: int | None = None


@transaction.atomic
def plan(appointment: Appointment, *, by: int, now: datetime) -> Followup:
    """Fix an appointment. Raises Invalid, Refused by a policy, Conflict when one is fixed."""
    if appointment.channel not in Followup.Channel.values:
        raise Invalid({"channel": [_("请选择回访方式。")]})
    if appointment.planned_for <= now:
        raise Invalid({"planned_for": [_("约定的时间须晚于现在；已经做过的请直接登记。")]})
    target = Target.objects.get(pk=appointment.about)
    acts.check(
        "followup.plan",
        acts.ActContext(
            act="followup.plan",
            target=target.pk,
            by=by,
            unit=target.unit_id,
            values={"followup.channel": appointment.channel},
            at=now,
        ),
    )
    try:
        with transaction.atomic():
            followup = Followup.objects.create(
                about=target,
                customer_id=_customer_of(target.pk),
                obligation_id=appointment.obligation,
                channel=appointment.channel,
                planned_for=appointment.planned_for,
                planned_by_id=by,
                state=Followup.State.PLANNED,
            )
    except IntegrityError as taken:
        raise Conflict(
            code="followup.planned", message=_("这一项已经约好了回访，请先取消原来的约定。")
        ) from taken
    doing = Doing(by=by, recorded_by=by, happened_at=now, now=now)
    _record(followup, "followup.planned", doing, at=appointment.planned_for.isoformat())
    return followup


@transaction.atomic
def cancel(followup: Followup, *, reason: str, by: int, now: datetime) -> None:
    """Call an appointment off, with a reason. Raises Invalid, Conflict when it was held since."""
    if not reason.strip():
        raise Invalid({"reason": [_("请写明取消的原因。")]})
    changed = (
        Followup.objects.planned().filter(pk=followup.pk).update(state=Followup.State.CANCELLED)
    )
    if not changed:
        raise Conflict(code="followup.moved", message=_("这次约定已经有了结果，请刷新页面。"))
    doing = Doing(by=by, recorded_by=by, happened_at=now, now=now)
    _record(followup, "followup.cancelled", doing, note=reason.strip())


@transaction.atomic
def hold(visit: Visit, *, answers: Filled, problem: Problem | None, doing: Doing) -> Held:
    """File a follow-up that took place: its record, and the problem it found, if any.

    The record discharges the obligation of everybody present who owed one. About a case it is a
    re-visit: ``problem`` None settles it, else the case goes into its next round. Everything or
    nothing is written. Raises Invalid with each field, Refused by a policy, Conflict.
    """
    target = Target.objects.get(pk=visit.about)
    acts.check(
        "followup.hold",
        acts.ActContext(
            act="followup.hold",
            target=target.pk,
            by=doing.by,
            unit=target.unit_id,
            values={"followup.channel": visit.channel, "record.form": visit.form},
            at=doing.happened_at,
        ),
    )
    record = _file(visit, answers, problem, doing)
    followup = _held(visit, record, doing)
    _record(followup, "followup.held", doing)
    case = Case.objects.select_related("target").filter(pk=target.pk).first()
    if case is not None:
        cases.record_revisit(case, record=record, finding=problem, doing=doing)
        return Held(followup, record, case, raised=problem is not None)
    if problem is not None:
        case = cases.raise_case(problem, about=target.pk, origin=visit.form, doing=doing)
    return Held(followup, record, case, raised=case is not None)


def _file(visit: Visit, answers: Filled, problem: Problem | None, doing: Doing) -> Record:
    """The record; an incomplete problem is reported with the form's own errors, not after them."""
    errors: dict[str, list[str]] = {}
    if problem is not None:
        try:
            problem.checked()
        except Invalid as invalid:
            errors = {f"problem-{field}": found for field, found in invalid.errors.items()}
    try:
        record = records.file_record(
            visit.form,
            about=visit.about,
            customer=_customer_of(visit.about),
            by=doing.by,
            recorded_by=doing.recorded_by,
            present=visit.present,
            given=answers.given,
            signatures=answers.signatures,
            photos=answers.photos,
            happened_at=doing.happened_at,
            now=doing.now,
        )
    except Invalid as invalid:
        raise Invalid(invalid.errors | errors) from invalid
    if errors:
        raise Invalid(errors)
    return record


def _held(visit: Visit, record: Record, doing: Doing) -> Followup:
    held: dict[str, Any] = {
        "state": Followup.State.HELD,
        "channel": visit.channel,
        "held_at": doing.happened_at,
        "record": record,
    }
    planned = Followup.objects.planned().filter(about=visit.about)
    if planned.update(**held):
        return Followup.objects.get(record=record)
    return Followup.objects.create(
        about_id=visit.about, customer_id=_customer_of(visit.about), **held
    )


def _customer_of(target: int) -> int | None:
    """The customer behind a subject or a case."""
    found = (
        Subject.objects.filter(target=target)
        .values_list("customer")
        .union(Case.objects.filter(target=target).values_list("customer"))
    )
    [*customers] = found
    return customers[0][0] if customers else None


def _record(followup: Followup, kind: str, doing: Doing, *, note: str = "", at: str = "") -> None:
    values: dict[str, Any] = {"followup.channel": followup.channel}
    if at:
        values["followup.planned_for"] = at
    ledger.record(
        [
            ledger.NewFact(
                kind=kind,
                target_id=followup.about_id,
                by_id=doing.by,
                recorded_by_id=doing.recorded_by,
                happened_at=doing.happened_at,
                known_at=doing.happened_at,
                values=values,
                note=note,
            )
        ],
        now=doing.now,
    )
