"""Follow-ups from plan to record. One function is one use case and one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from huiyin.accounts.queries import moment_said
from huiyin.adoption import queries as adoptions
from huiyin.cases import services as cases
from huiyin.cases.given import Doing, Item
from huiyin.cases.models import Case
from huiyin.core import acts, idempotency
from huiyin.core.errors import Conflict, Invalid
from huiyin.core.transactions import joins
from huiyin.core.words import require_reason
from huiyin.customers.models import Contact
from huiyin.followups import queries
from huiyin.followups.findings import stated_by
from huiyin.followups.models import Followup
from huiyin.followups.queries import Before
from huiyin.ledger import services as ledger
from huiyin.ledger.models import Target
from huiyin.obligations.assigning import discharged_by, lent_to, stand_in
from huiyin.records import services as records
from huiyin.records.answers import Sent
from huiyin.records.models import Record
from huiyin.records.queries import Known, known_about


@dataclass(frozen=True, slots=True)
class Visit:
    """A contact that took place: about what, on which form, who was there, through what.

    ``contact``: who of the customer was spoken to. ``seen``: the newest record of the form about
    it that the page showed, 0 for none; None where nobody looked. ``again``: whoever looked says
    that another one is meant.
    """

    about: int
    form: str
    present: tuple[int, ...]
    channel: str = Followup.Channel.VISIT
    contact: int | None = None
    seen: int | None = None
    again: bool = False


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
            values=known_about(target.pk) | {"followup.channel": appointment.channel},
            at=now,
        ),
    )
    try:
        with transaction.atomic():
            followup = Followup.objects.create(
                about=target,
                customer_id=target.customer_behind,
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
    reason = require_reason(reason, missing=_("请写明取消的原因。"))
    changed = (
        Followup.objects.planned().filter(pk=followup.pk).update(state=Followup.State.CANCELLED)
    )
    if not changed:
        raise Conflict(code="followup.moved", message=_("这次约定已经有了结果，请刷新页面。"))
    doing = Doing(by=by, recorded_by=by, happened_at=now, now=now)
    _record(followup, "followup.cancelled", doing, note=reason)


def planned_by(person: int) -> int:
    """How many appointments wait for whoever made them."""
    return Followup.objects.planned().filter(planned_by=person).count()


@transaction.atomic
def hand_over(person: int, *, to: int, by: int | None, now: datetime) -> int:
    """The appointments of a person pass to another; returns how many.

    States ``followup.handed_over`` about each.
    """
    rows = list(
        Followup.objects.planned().filter(planned_by=person).order_by("pk").select_for_update()
    )
    Followup.objects.filter(pk__in=[row.pk for row in rows]).update(planned_by=to)
    values = {"followup.planned_by": to, "followup.former": person}
    ledger.record(
        [
            ledger.NewFact(
                "followup.handed_over", row.about_id, by, by,
                happened_at=now, known_at=now, values=values,
            )
            for row in rows
        ],
        now=now,
    )  # fmt: skip
    return len(rows)


@joins
def hold(
    visit: Visit,
    *,
    answers: Sent,
    items: Sequence[Item] = (),
    finding: Item | None = None,
    doing: Doing,
    key: str = "",
) -> Followup:
    """File a follow-up that took place: its record, and a case for each item it brought back.

    The record discharges the obligation of everybody present who owed one. An answer that the
    form ties to a problem raises one even when nobody described it as such. About a case it is a
    re-visit: without a ``finding`` it settles the case, else the case goes into its next round.
    Everything or nothing is written; the same ``key`` again gives the same follow-up
    (``.record``, ``.case``, ``.raised``). Raises Invalid with each field (those of the first item
    as ``item-1-kind`` …), Refused by a policy, Conflict.
    """
    brought = (*items, *([finding] if finding else []))
    if key and (earlier := _earlier(key, visit, answers, brought, doing)):
        return earlier
    # Of two who file at once about the same, the second sees what the first has filed.
    adoptions.hold_still(alone="" if visit.seen is None else f"followup:{visit.about}")
    here, at = visit.present or (doing.by,), doing.happened_at
    before = queries.before(visit.about, visit.form, present=here, at=at)
    _refuse_impossible(visit, before, doing)
    _refuse_unseen(visit, before, doing)
    stands = stand_in(visit.about, absent=before.absent, now=at)
    known = before.known
    _ask(visit, known, len(items), doing)
    record = _file(visit, known, answers, items, finding, doing)
    stated = stated_by(adoptions.form(visit.form)[1], answers.given)
    case = _revisited(known.target, record, finding or next(iter(stated), None), doing)
    if case is None:
        # What the clerk took down in his own words stands for the form's, if it is of that kind.
        told = {item.kind for item in items}
        items = (*items, *(item for item in stated if item.kind not in told))
    raised = _raised(visit, items, case, doing)
    followup = _held(visit, known.target, record, case, doing)
    followup.raised.add(*raised)
    _record(followup, "followup.held", doing, items=len(raised), stands=stands)
    if key:
        idempotency.keep(key, doing.recorded_by, str(followup.pk))
    return followup


def _ask(visit: Visit, known: Known, items: int, doing: Doing) -> None:
    acts.check(
        "followup.hold",
        acts.ActContext(
            act="followup.hold",
            target=known.target.pk,
            by=doing.by,
            unit=known.target.unit_id,
            values=dict(known.values)
            | _contact(visit)
            | {
                "followup.channel": visit.channel,
                "followup.items": items,
                "record.form": visit.form,
            },
            at=doing.happened_at,
        ),
    )


def _contact(visit: Visit) -> dict[str, Any]:
    """Who was spoken to, by his function; rules read nothing else of him."""
    if visit.contact is None:
        return {}
    found = Contact.objects.filter(pk=visit.contact).values_list("relation", flat=True).first()
    return {"contact.function": found or ""}


def _refuse_impossible(visit: Visit, before: Before, doing: Doing) -> None:
    """What is followed up has to have happened before; found by what it opened."""
    if visit.channel not in Followup.Channel.values:
        raise Invalid({"channel": [_("请选择回访方式。")]})
    since = before.began
    if since is not None and doing.happened_at < since:
        message = _("回访不能早于所回访的事（发生于 %s），请改正回访时间。")
        raise Invalid({"happened_at": [message % moment_said(since)]})


def _refuse_unseen(visit: Visit, before: Before, doing: Doing) -> None:
    """A second tab, a colleague meanwhile, the way back from the confirmation: nobody files one
    visit twice without knowing."""
    if visit.seen is None or not before.is_filed:
        return
    filed = queries.newest_filed(visit.about, visit.form)
    if filed is not None and filed.pk != visit.seen:
        said = _(
            "这一项刚刚已登记过：%(number)s（%(who)s，%(when)s）。确要另登记一份，请重新打开本页再提交。"
        )
        raise Invalid({"": [said % queries.filing_words(filed)]})
    if queries.is_again(filed, now=doing.now) and not visit.again and not _is_owed(visit, doing):
        raise Invalid({"again": [_("这一项已经登记过；确要再登记一份的，请勾选。")]})


def _is_owed(visit: Visit, doing: Doing) -> bool:
    """Whether a part of it still waits for whoever enters it: then it is no second one."""
    owed = queries.owed_about(Target.objects.get(pk=visit.about))
    lent = lent_to(doing.recorded_by, visit.about, now=doing.now)
    return bool(discharged_by(doing.recorded_by, owed, lent=lent, now=doing.now))


def _earlier(
    key: str, visit: Visit, answers: Sent, brought: Sequence[Item], doing: Doing
) -> Followup | None:
    """What the same submission wrote before; the moment of sending is not part of what it says."""
    photos = {
        name: [hashlib.sha256(file).hexdigest() for file in files]
        for name, files in answers.photos.items()
    }
    digest = idempotency.digest_of(
        [visit, dict(answers.given), dict(answers.signatures), photos, list(brought)]
    )
    found = idempotency.once(key, doing.recorded_by, digest, now=doing.now)
    if not found:
        return None
    rows = Followup.objects.held().select_related("record", "case")
    held: Followup | None = rows.filter(pk=int(found)).first()
    if held is None:
        raise Conflict(
            _("这次登记已经撤销；要重新登记，请丢弃草稿后重填。"), code="followup.undone"
        )
    return held


def _revisited(about: Target, record: Record, finding: Item | None, doing: Doing) -> Case | None:
    """The case that was re-visited, if the follow-up is about one."""
    if about.kind != "case":
        return None
    rows = Case.objects.for_pages().select_related("notice")
    case: Case | None = rows.filter(pk=about.pk).first()
    if case is not None:
        cases.record_revisit(case, paper=record, finding=finding, doing=doing)
    return case


def _raised(visit: Visit, items: Sequence[Item], case: Case | None, doing: Doing) -> list[Case]:
    """A case for each item, about what was visited; at a re-visit, about what the case is about."""
    about = (case.subject_id or case.customer_id or visit.about) if case else visit.about
    return [
        cases.raise_case(item, about=about, origin=visit.form, doing=doing, at_visit=True)
        for item in items
    ]


def _file(
    visit: Visit,
    known: Known,
    answers: Sent,
    items: Sequence[Item],
    finding: Item | None,
    doing: Doing,
) -> Record:
    """The record; an incomplete item is reported with the form's own errors, not after them."""
    errors: dict[str, list[str]] = {}
    brought = {f"item-{place}": item for place, item in enumerate(items, 1)}
    for prefix, item in (brought | ({"problem": finding} if finding else {})).items():
        try:
            item.checked(at=doing.happened_at)
        except Invalid as invalid:
            errors |= {f"{prefix}-{field}": found for field, found in invalid.errors.items()}
    try:
        record = records.file_record(
            visit.form,
            about=visit.about,
            known=known,
            customer=known.target.customer_behind,
            by=doing.by,
            recorded_by=doing.recorded_by,
            present=visit.present,
            given=answers.given,
            signatures=answers.signatures,
            photos=answers.photos,
            stated={"followup.channel": visit.channel, "followup.result": "reached"},
            happened_at=doing.happened_at,
            late_reason=doing.late_reason,
            now=doing.now,
        )
    except Invalid as invalid:
        raise Invalid(invalid.errors | errors) from invalid
    if errors:
        raise Invalid(errors)
    return record


HELD = """
WITH planned AS (
    UPDATE followups_followup
    SET state = 'held', channel = %(channel)s, held_at = %(at)s, record_id = %(record)s,
        case_id = %(case)s
    WHERE about_id = %(about)s AND state = 'planned' RETURNING *
), made AS (
    INSERT INTO followups_followup
        (about_id, customer_id, state, channel, held_at, record_id, case_id)
    SELECT %(about)s, %(customer)s::bigint, 'held', %(channel)s, %(at)s::timestamptz,
           %(record)s, %(case)s::bigint
    WHERE NOT EXISTS (SELECT FROM planned) RETURNING *
)
SELECT * FROM planned UNION ALL SELECT * FROM made
"""


def _held(visit: Visit, about: Target, record: Record, case: Case | None, doing: Doing) -> Followup:
    """What was planned is held now; where nothing was, it is made. One statement."""
    held = {
        "about": visit.about,
        "customer": about.customer_behind,
        "channel": visit.channel,
        "at": doing.happened_at,
        "record": record.pk,
        "case": case and case.pk,
    }
    followup: Followup = Followup.objects.raw(HELD, held)[0]
    followup.record = record
    return followup


def _record(
    followup: Followup, kind: str, doing: Doing, *, note: str = "", items: int = -1, **more: Any
) -> None:
    """``at``: when it is planned for; ``stands``: for which absent colleague somebody acted."""
    values: dict[str, Any] = {"followup.channel": followup.channel}
    if at := more.get("at"):
        values["followup.planned_for"] = at
    if stands := more.get("stands"):
        values["followup.stands_for"] = [each for pair in stands.items() for each in pair]
    if items >= 0:
        values |= {"followup.items": items, "followup.result": "reached"}
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
