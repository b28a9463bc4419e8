"""What people do to a case. One function is one use case and one transaction.

Every transition is a fact and a conditional update: of two people who do the same at the same
moment the second is told so, and nothing of his is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from huiyin.accounts.queries import zone
from huiyin.cases import telling
from huiyin.cases.given import Doing, Problem
from huiyin.cases.models import Case
from huiyin.cases.queries import ANSWER_FORM, NOTICE_FORM
from huiyin.core import acts
from huiyin.core.errors import Conflict, Invalid, Refused
from huiyin.core.words import wrong_words
from huiyin.ledger import services as ledger
from huiyin.ledger.models import SKEW
from huiyin.obligations.models import Obligation
from huiyin.records import services as records
from huiyin.records.answers import Sent
from huiyin.records.models import Record
from huiyin.records.numbering import next_number
from huiyin.subjects import queries as subjects
from huiyin.subjects.models import Subject
from huiyin.ui.fields import GivenSignature

__all__ = ["Doing", "Problem"]


@transaction.atomic
def raise_case(problem: Problem, *, about: int, origin: str, doing: Doing) -> Case:
    """Raise a case about a subject; ``origin`` is the form or duty whose work found it.

    The clock of the written notice (B.4.a) starts when the problem became known, which for
    something found at a visit is the visit itself. Raises Invalid, NotFound.
    """
    problem = problem.checked()
    subject = Subject.objects.select_related("target").get(target=about)
    values = subjects.values_of(subject)
    repairer = values.get(f"{subject.kind}.repairer")
    acts.check(
        "case.raise",
        acts.ActContext(
            act="case.raise",
            target=about,
            by=doing.by,
            unit=subject.target.unit_id,
            values=values | {"case.origin": origin, "case.kind": problem.kind},
            at=doing.happened_at,
        ),
    )
    number = next_number("WT", now=doing.happened_at, zone=zone())
    [target] = ledger.create_targets(
        [
            ledger.NewTarget(
                kind="case",
                unit_id=subject.target.unit_id,
                owner_id=repairer or doing.by,
                customer_id=subject.customer_id,
                label=number,
            )
        ]
    )
    case = Case.objects.create(
        target_id=target,
        number=number,
        kind=problem.kind,
        origin=origin,
        severity=problem.severity,
        description=problem.description.strip(),
        customer_id=subject.customer_id,
        subject_id=about,
        repairer_id=repairer if isinstance(repairer, int) else None,
        raised_by_id=doing.by,
        raised_at=doing.happened_at,
    )
    _record(case, "case.raised", doing, note=case.description)
    return case


@transaction.atomic
def file_notice(case: Case, *, answers: Sent, doing: Doing) -> Record:
    """Write the rectification notice of the running round; it counts once it is handed over.

    Raises Invalid for its fields, Conflict when this round has its notice already.
    """
    _require_after(case.raised_at, doing, _("问题的提出"))
    record = _file(NOTICE_FORM, case, answers, doing)
    _move(case, {Case.Stage.RAISED}, where={"notice": None}, notice=record)
    return record


@transaction.atomic
def hand_over_notice(
    case: Case, *, channel: str, receipt: GivenSignature | None, doing: Doing
) -> None:
    """Hand the written notice to the repairer: channel, moment, his signature or his refusal.

    Only now the notice is sent and the 24 hours of B.4.a stop. Raises Invalid without a repairer
    or a notice, Refused by a policy, Conflict when it was handed over already.
    """
    if case.notice is None:
        raise Invalid({"": [_("请先填写整改通知单，再送达。")]})
    if case.repairer_id is None:
        raise Invalid({"": [_("维修单没有写明维修人员，整改通知无人可送；请先补上维修人员。")]})
    _require_after(case.notice.happened_at, doing, _("通知单的开具"))
    records.hand_over(
        case.notice,
        by=doing.by,
        now=doing.now,
        to=case.repairer_id,
        channel=channel,
        receipt=receipt,
        happened_at=doing.happened_at,
    )
    _move(
        case,
        {Case.Stage.RAISED},
        stage=Case.Stage.NOTIFIED,
        notified_at=doing.happened_at,
        rectify_by=_moment(case.notice.values.get(f"{NOTICE_FORM}.rectify_by")),
    )
    _record(case, "case.notified", doing)
    telling.notice_sent(case, now=doing.now)


@transaction.atomic
def record_rectification(case: Case, *, answers: Sent, doing: Doing) -> Record:
    """File the repairer's answer; ``doing.by`` is who put it right, whoever enters it (B.4.b).

    From here a re-visit by somebody else is owed. Raises Invalid for the answer's fields,
    Refused by a policy, Conflict when no notice waits for an answer.
    """
    _require_after(case.notified_at or case.raised_at, doing, _("通知的送达"))
    _check("case.rectify", case, doing)
    record = _file(ANSWER_FORM, case, answers, doing)
    _move(
        case,
        {Case.Stage.NOTIFIED},
        stage=Case.Stage.RECTIFIED,
        answer=record,
        rectified_at=doing.happened_at,
        rectifier_id=doing.by,
    )
    _record(case, "case.rectified", doing)
    telling.rectified(case, now=doing.now)
    return record


@transaction.atomic
def record_revisit(case: Case, *, record: Record, finding: Problem | None, doing: Doing) -> None:
    """Note what the re-visit found; ``finding`` is None when the problem is solved.

    An unsolved problem was found at a visit again: the case is raised anew as its next round,
    and the clock of the written notice runs once more. Raises Conflict when nothing was put
    right yet, Invalid for an incomplete finding.
    """
    visited = {Case.Stage.RECTIFIED, Case.Stage.REVISITED}
    if finding is None:
        _move(
            case,
            visited,
            stage=Case.Stage.REVISITED,
            revisit=record,
            revisited_at=doing.happened_at,
        )
        _record(case, "case.revisited", doing, solved=True)
        return
    _record(case, "case.revisited", doing, solved=False)
    _next_round(case, visited, finding.checked())
    _record(case, "case.raised", doing, note=finding.description)


def _next_round(case: Case, visited: set[Case.Stage], finding: Problem) -> None:
    _move(
        case,
        visited,
        stage=Case.Stage.RAISED,
        round=case.round + 1,
        severity=finding.severity,
        notice=None,
        notified_at=None,
        rectify_by=None,
        answer=None,
        rectified_at=None,
        rectifier_id=None,
        revisit=None,
        revisited_at=None,
    )


@transaction.atomic
def reply(case: Case, *, text: str, channel: str, doing: Doing) -> None:
    """Tell the customer what came of it (C.1.4.c). Raises Invalid, Conflict for a closed case.

    A later reply replaces the text on the case; each one stays in the ledger.
    """
    errors = {}
    if wrong := wrong_words(text, missing=_("请写明答复了客户什么。")):
        errors["text"] = wrong
    if channel not in Case.Channel.values:
        errors["channel"] = [_("请选择用什么方式答复的。")]
    if errors:
        raise Invalid(errors)
    _require_after(case.raised_at, doing, _("问题的提出"))
    _check("case.reply", case, doing)
    _move(
        case,
        OPEN_STAGES,
        reply_to_customer=text.strip(),
        reply_channel=channel,
        replied_at=doing.happened_at,
    )
    _record(case, "case.replied", doing, note=text.strip())


def closing(case: Case, *, outcome: str, doing: Doing) -> acts.ActContext:
    """What closing would be, for the guards; a page asks with it what is still missing."""
    final = {
        "case.outcome": outcome or None,
        "case.reply_to_customer": case.reply_to_customer or None,
    }
    return _context("case.close", case, doing, final)


@transaction.atomic
def close(case: Case, *, outcome: str, doing: Doing) -> None:
    """Close a case with its outcome, if every gate is met.

    The gates are the policies' own (an outcome and a reply by C.1.4.c, the re-visit by B.4.b),
    and what the last re-visit found unsolved stays open until one settles it. Raises Refused
    naming each clause, Invalid for an unknown outcome, Conflict when it is closed.
    """
    if outcome and outcome not in Case.Outcome.values:
        raise Invalid({"outcome": [_("请从列出的结果中选择。")]})
    last = max(filter(None, (case.raised_at, case.revisited_at, case.replied_at)))
    _require_after(last, doing, _("问题的复访和答复"))
    acts.check("case.close", closing(case, outcome=outcome, doing=doing))
    _refuse_unsolved(case)
    _move(
        case,
        OPEN_STAGES,
        stage=Case.Stage.CLOSED,
        outcome=outcome,
        closed_at=doing.happened_at,
    )
    _record(case, "case.closed", doing)


def _refuse_unsolved(case: Case) -> None:
    # A policy sees that a re-visit was made; that it failed is known only here.
    if case.round == 1 or case.stage == Case.Stage.REVISITED:
        return
    owed = Obligation.objects.waiting().about(case.pk).values_list("clauses", flat=True)
    raise Refused(
        clauses=sorted({clause for clauses in owed for clause in clauses}),
        message=_("复访发现问题没有解决；须再次整改并复访，才能关闭。"),
        rule="case.unsolved",
    )


def _require_after(before: datetime, doing: Doing, what: str) -> None:
    """Steps are taken one after the other, and none in the future. Raises Invalid."""
    wrong = ""
    if doing.happened_at > doing.now + SKEW:
        wrong = _("时间在将来，尚未发生的事不能登记。")
    elif doing.happened_at < before:
        shown = localtime(before, zone()).strftime("%Y-%m-%d %H:%M")
        wrong = _("不能早于%(what)s（%(moment)s），请改正时间。") % {"what": what, "moment": shown}
    if wrong:
        raise Invalid({"happened_at": [wrong]})


OPEN_STAGES = set(Case.Stage) - {Case.Stage.CLOSED}


def _move(case: Case, stages: set[Any], *, where: Mapping[str, Any] = {}, **changes: Any) -> None:
    # Compare and swap: the round is part of what was read, since a re-visit may have started
    # the next one in between.
    changed = Case.objects.filter(pk=case.pk, stage__in=stages, round=case.round, **where).update(
        **changes
    )
    if not changed:
        raise Conflict(
            code="case.moved",
            message=_("问题 %(number)s 已经不在这一步了，请刷新后再办。") % {"number": case.number},
        )
    for name, value in changes.items():
        setattr(case, name, value)


def _record(case: Case, kind: str, doing: Doing, *, note: str = "", **more: Any) -> None:
    values = _all_values(case) | {f"case.{name}": value for name, value in more.items()}
    ledger.record(
        [
            ledger.NewFact(
                kind=kind,
                target_id=case.pk,
                by_id=doing.by,
                recorded_by_id=doing.recorded_by,
                happened_at=doing.happened_at,
                known_at=doing.known_at or doing.happened_at,
                values=values,
                note=note,
            )
        ],
        now=doing.now,
    )


def _all_values(case: Case) -> dict[str, Any]:
    """The typed values that rules read: the case's own and those of what it is about."""
    values: dict[str, Any] = {
        "case.kind": case.kind,
        "case.origin": case.origin,
        "case.severity": case.severity,
        "case.round": case.round,
    }
    optional = {
        "case.outcome": case.outcome or None,
        "case.rectifier": case.rectifier_id,
        "case.rectify_by": case.rectify_by and case.rectify_by.isoformat(),
    }
    values |= {key: value for key, value in optional.items() if value is not None}
    subject = Subject.objects.filter(target=case.subject_id).first()
    return values | (subjects.values_of(subject) if subject else {})


def _check(act: str, case: Case, doing: Doing) -> None:
    acts.check(act, _context(act, case, doing, {}))


def _context(act: str, case: Case, doing: Doing, more: Mapping[str, Any]) -> acts.ActContext:
    return acts.ActContext(
        act=act,
        target=case.pk,
        by=doing.by,
        unit=case.target.unit_id,
        values=_all_values(case) | dict(more),
        at=doing.happened_at,
    )


def _file(form: str, case: Case, answers: Sent, doing: Doing) -> Record:
    return records.file_record(
        form,
        about=case.pk,
        customer=case.customer_id,
        by=doing.by,
        recorded_by=doing.recorded_by,
        present=(doing.by,),
        given=answers.given,
        signatures=answers.signatures,
        photos=answers.photos,
        values=_all_values(case),
        happened_at=doing.happened_at,
        now=doing.now,
    )


def _moment(value: object) -> datetime | None:
    """A form's date or moment as an instant; a day ends at 24:00 in the firm's zone."""
    if not isinstance(value, str) or not value:
        return None
    if len(value) > len("2026-01-01"):
        return datetime.fromisoformat(value)
    following = date.fromisoformat(value) + timedelta(days=1)
    return datetime.combine(following, time.min, zone())
