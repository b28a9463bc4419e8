"""Decisions about a case: on a suggestion, on a complaint, and what the company is asked."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from huiyin.accounts.models import Person
from huiyin.accounts.queries import holds_over
from huiyin.cases import telling, ways
from huiyin.cases.given import Doing
from huiyin.cases.models import Case, Referral
from huiyin.cases.moving import check, move, one_effect, record, require_after
from huiyin.core.errors import Conflict, Invalid, Refused
from huiyin.core.words import wrong_words


@one_effect("case.decide")
def decide(case: Case, *, decision: str, reason: str, doing: Doing) -> None:
    """Adopt a suggestion or not, once; whoever decides heads the unit (A.1.2.b, C.1.2.b).

    That a reason is given is for the policies to ask. Raises Invalid, Refused, Conflict.
    """
    _refuse_other_ways(case, "decision", _("只有建议才要决定是否采纳。"))
    errors = {}
    if decision not in Case.Decision.values:
        errors["decision"] = [_("请选择采纳或不采纳。")]
    if wrong := wrong_words(reason):
        errors["reason"] = wrong
    if errors:
        raise Invalid(errors)
    require_after(case.raised_at, doing, _("事项的提出"))
    refuse_others(case, doing, _("是否采纳由管辖该单位的负责人决定。"))
    said = reason.strip()
    check("case.decide", case, doing, decision=decision, decision_reason=said or None)
    move(
        case,
        where={"decided_at": None},
        decision=decision,
        decision_reason=said,
        decided_by_id=doing.by,
        decided_at=doing.happened_at,
    )
    record(case, "case.decided", doing, note=said)


@one_effect("case.handle")
def handle(case: Case, *, text: str, doing: Doing) -> None:
    """Say what was found and done about a complaint, once (C.1.4.a).

    Not by the person complained about. Raises Invalid, Refused, Conflict.
    """
    _refuse_other_ways(case, "handling", _("只有投诉才这样处理。"))
    if wrong := wrong_words(text, missing=_("请写明查明了什么、怎样处理的。")):
        raise Invalid({"text": wrong})
    require_after(case.raised_at, doing, _("事项的提出"))
    if case.complained_about_id == doing.by:
        raise Refused([], _("被投诉的人不能处理针对自己的投诉。"), rule="case.handle")
    check("case.handle", case, doing)
    move(
        case,
        where={"handled_at": None},
        handling=text.strip(),
        handled_by_id=doing.by,
        handled_at=doing.happened_at,
    )
    record(case, "case.handled", doing, note=text.strip())


@one_effect("case.refer")
def refer(case: Case, *, to: int | None, text: str, doing: Doing) -> None:
    """Refer a case to somebody of the company for a ruling (C.1.4.b).

    Raises Invalid, Refused, Conflict while an earlier referral waits for its ruling.
    """
    errors = {}
    if to is None or not Person.objects.filter(pk=to).exists():
        errors["to"] = [_("请选择向谁请示。")]
    elif to == doing.by:
        errors["to"] = [_("不能向自己请示。")]
    if wrong := wrong_words(text, missing=_("请写明请示什么。")):
        errors["text"] = wrong
    if errors or to is None:
        raise Invalid(errors)
    require_after(case.raised_at, doing, _("事项的提出"))
    check("case.refer", case, doing)
    move(case)
    try:
        with transaction.atomic():
            asked = text.strip()
            Referral.objects.create(
                case=case, to_id=to, asked=asked, asked_by_id=doing.by, asked_at=doing.happened_at
            )
    except IntegrityError as taken:
        message = _("已经请示过了，正等批复；请刷新页面。")
        raise Conflict(message, code="case.referred") from taken
    record(case, "case.referred", doing, note=asked, referred_to=to)
    telling.referred(case, to=to, now=doing.now)


@one_effect("case.rule")
def rule_on_referral(case: Case, *, text: str, doing: Doing) -> None:
    """Enter what the company ruled; ``doing.by`` is who was asked, whoever enters it.

    Raises Invalid, Refused, Conflict when no referral waits.
    """
    if wrong := wrong_words(text, missing=_("请写明批复的内容。")):
        raise Invalid({"text": wrong})
    waiting = case.referrals.filter(ruled_at=None).first()
    if waiting is None:
        raise Conflict(_("没有等待批复的请示，请刷新页面。"), code="case.not_referred")
    require_after(waiting.asked_at, doing, _("请示"))
    if waiting.to_id != doing.by:
        raise Refused([], _("批复由被请示的人作出。"), rule="case.rule")
    check("case.rule", case, doing)
    move(case)
    ruled = case.referrals.filter(pk=waiting.pk, ruled_at=None)
    if not ruled.update(ruling=text.strip(), ruled_at=doing.happened_at):
        raise Conflict(_("没有等待批复的请示，请刷新页面。"), code="case.not_referred")
    record(case, "case.referral_decided", doing, note=text.strip())
    telling.ruled(case, to=waiting.asked_by_id, now=doing.now)


def refuse_others(case: Case, doing: Doing, message: str) -> None:
    """Only for who heads the case's unit. Raises Refused; no clause says so."""
    if not holds_over(doing.by, case.target.unit_id, at=doing.happened_at):
        raise Refused([], message, rule="case.head")


def _refuse_other_ways(case: Case, step: str, message: str) -> None:
    if not ways.has_step(case.kind, step):
        raise Invalid({"": [message]})
