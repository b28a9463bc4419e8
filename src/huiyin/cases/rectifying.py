"""The way of a problem: written notice, the answer of who put it right, the re-visit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from huiyin.accounts.models import Person
from huiyin.cases import queries, telling, ways
from huiyin.cases.given import Doing, Item
from huiyin.cases.models import Case
from huiyin.cases.moving import (
    check,
    moment_of,
    move,
    one_effect,
    record,
    require_after,
    values_of,
)
from huiyin.cases.queries import ANSWER_FORM, NOTICE_FORM
from huiyin.core.errors import Invalid
from huiyin.core.punctuation import bracketed, listed
from huiyin.obligations.models import Obligation
from huiyin.obligations.proofs import way_of
from huiyin.records import services as records
from huiyin.records.answers import Sent
from huiyin.records.models import Handover, Record
from huiyin.ui.fields import GivenSignature

Stage = Case.Stage
REPAIRER = "case.repairer"

NO_REPLY: Mapping[str, Any] = {"replied_at": None, "reply_to_customer": "", "reply_channel": ""}


@one_effect("record.file")
def file_notice(case: Case, *, answers: Sent, doing: Doing, repairer: int | None = None) -> None:
    """Write the rectification notice of the running round; it counts once it is handed over.

    ``repairer`` has to put it right where no repair order names somebody. Raises Invalid for its
    fields, Conflict when this round has its notice already.
    """
    _refuse_other_ways(case, "notice")
    require_after(case.raised_at, doing, _("事项的提出"))
    named = {} if case.repairer_id else {"repairer_id": _rectifier(repairer)}
    # The paper is printed before it is handed over: it says by itself whom it is for.
    whom = {REPAIRER: case.repairer_id or named["repairer_id"]}
    notice = _file(NOTICE_FORM, case, answers, doing, stated=whom)
    move(case, stages={Stage.RAISED}, where={"notice": None}, notice_id=notice.pk, **named)


def _rectifier(person: int | None) -> int:
    if person is None or not Person.objects.filter(pk=person).exists():
        raise Invalid({"repairer": [_("请选择由谁整改。")]})
    return person


@one_effect("record.send")
def hand_over_notice(
    case: Case, *, channel: str, receipt: GivenSignature | None, doing: Doing, way: str = ""
) -> None:
    """Hand the written notice to the repairer: channel, moment, his signature or his refusal.

    Only now the notice is sent and the 24 hours of B.4.a stop. Raises Invalid without a repairer
    or a notice, Refused by a policy, Conflict when it was handed over already.
    """
    _refuse_other_ways(case, "handover")
    if case.notice is None:
        raise Invalid({"": [_("请先填写整改通知单，再送达。")]})
    if case.repairer_id is None:
        raise Invalid({"": [_("没有写明由谁整改，整改通知无人可送；请先补上整改人。")]})
    _refuse_spoken(channel)
    require_after(case.notice.happened_at, doing, _("通知单的开具"))
    records.hand_over(
        case.notice,
        by=doing.by,
        now=doing.now,
        to=case.repairer_id,
        channel=channel,
        receipt=receipt,
        way=way,
        happened_at=doing.happened_at,
        late_reason=doing.late_reason,
        stated={REPAIRER: case.repairer_id},
    )
    move(
        case,
        stages={Stage.RAISED},
        notified_at=doing.happened_at,
        rectify_by=moment_of(case.notice.values.get(f"{NOTICE_FORM}.rectify_by")),
    )
    record(case, "case.notified", doing)
    telling.notice_sent(case, now=doing.now)


@one_effect("case.rectify")
def record_rectification(case: Case, *, answers: Sent, doing: Doing) -> None:
    """File the repairer's answer; ``doing.by`` is who put it right, whoever enters it (B.4.b).

    From here a re-visit by somebody else is owed, and what the customer was told before, when
    nothing was put right yet, is no reply any more (C.1.4.c). Raises Invalid for the answer's fields,
    Refused by a policy, Conflict when no notice waits for an answer.
    """
    require_after(case.notified_at or case.raised_at, doing, _("通知的送达"))
    check("case.rectify", case, doing)
    answer = _file(ANSWER_FORM, case, answers, doing)
    move(
        case,
        stages={Stage.NOTIFIED},
        answer_id=answer.pk,
        rectified_at=doing.happened_at,
        rectifier_id=doing.by,
        **(NO_REPLY if case.replied_at and case.replied_at < doing.happened_at else {}),
    )
    record(case, "case.rectified", doing)
    telling.rectified(case, now=doing.now)


def _refuse_spoken(channel: str) -> None:
    """The notice is a written one (B.4.a): what was only said reached nobody. Raises Invalid."""
    if channel != Handover.Channel.PHONE:
        return
    clauses = listed(f"§ {clause}" for clause in queries.clauses_of_notice())
    said = _("整改通知是书面通知，电话里说了不算；请当面送达，或用微信、短信发送。")
    raise Invalid({"channel": [bracketed(said, clauses) if clauses else said]})


VISITED = frozenset({Stage.RECTIFIED, Stage.REVISITED, Stage.REPLIED})


@transaction.atomic
def record_revisit(case: Case, *, paper: Record, finding: Item | None, doing: Doing) -> None:
    """Note what the re-visit found; ``finding`` is None when the problem is solved.

    An unsolved problem was found at a visit again: the case is raised anew as its next round,
    the clock of the written notice runs once more, and the customer is owed a new reply (C.1.4.c).
    One that found nothing and leaves the re-visit owed, since nobody was in, was an attempt: it is
    told, and the case stays where it is (B.4.b). Raises Conflict when nothing was put right yet,
    Invalid for an incomplete finding.
    """
    if finding is None and _is_owed_still(case, paper):
        record(case, "case.revisit_attempted", doing)
        return
    if finding is None:
        move(case, stages=VISITED, revisit_id=paper.pk, revisited_at=doing.happened_at)
        record(case, "case.revisited", doing, solved=True)
        return
    record(case, "case.revisited", doing, solved=False)
    _next_round(case, finding.checked())
    record(case, "case.raised", doing, note=finding.description)


def _is_owed_still(case: Case, paper: Record) -> bool:
    """Whether a re-visit on the paper's form waits, though the paper was filed: it was no proof."""
    waiting = Obligation.objects.waiting().about(case.pk).filter(opener__kind="case.rectified")
    return any(
        way_of(row).followup_form == paper.form for row in waiting.select_related("adoption")
    )


def _next_round(case: Case, finding: Item) -> None:
    move(
        case,
        stages=VISITED,
        round=case.round + 1,
        severity=_graver(case.severity, finding.severity),
        notice_id=None,
        notified_at=None,
        rectify_by=None,
        answer_id=None,
        rectified_at=None,
        rectifier_id=None,
        revisit_id=None,
        revisited_at=None,
        # What the customer was told before was about a remedy that did not hold.
        **NO_REPLY,
    )


def _graver(one: str, other: str) -> str:
    """What did not hold is no lighter than before; only a reclassification says so."""
    return max(one, other, key=Case.Severity.values.index)


def _refuse_other_ways(case: Case, step: str) -> None:
    if not ways.has_step(case.kind, step):
        raise Invalid({"": [_("这类事项不开整改通知；确是问题的，请先改类。")]})


def _file(
    form: str, case: Case, answers: Sent, doing: Doing, *, stated: Mapping[str, Any] = {}
) -> Record:
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
        values=values_of(case),
        stated=stated,
        happened_at=doing.happened_at,
        late_reason=doing.late_reason,
        now=doing.now,
    )
