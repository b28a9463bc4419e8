"""What becomes of the items of the sample firm: every kind on its way, to its closing.

A step a day, as far as the case has come; whatever happens goes through the services.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from huiyin.cases import services as cases
from huiyin.cases.given import Doing
from huiyin.cases.models import Case
from huiyin.desk.demo import papers
from huiyin.desk.demo.life import Life
from huiyin.followups import services as followups
from huiyin.followups.services import Visit
from huiyin.records.answers import Sent

REPLIES = {
    "problem": "已重新维修并复访确认",
    "complaint": "已了解情况并道歉，会改进",
    "suggestion": "管理处已研究，结果告知住户",
}
REPLY = "已按约定时间答复"


def advance(life: Life, day: date) -> None:
    """Take every open case one step further in the morning of a day."""
    rows = Case.objects.open().select_related("target", "notice", "customer")
    for case in rows.order_by("target"):
        if case.raised_at.astimezone(life.zone).date() < day < life.today:
            STEPS[_next(case)](life, case, day)


def _next(case: Case) -> str:
    """The step that such a case waits for; the company is asked before the customer is told."""
    if case.stage == Case.Stage.REPLIED:
        return "closure"
    if case.kind == "problem" and case.stage in RECTIFYING:
        return RECTIFYING[case.stage]
    if case.kind == "suggestion" and not case.decided_at:
        return "decision"
    if case.kind == "complaint" and not case.handled_at:
        return "handling"
    if case.safety and not case.referrals.exists():
        return "referral"
    return "reply"


RECTIFYING = {
    Case.Stage.RAISED: "notice",
    Case.Stage.NOTIFIED: "answer",
    Case.Stage.RECTIFIED: "revisit",
}


def _doing(life: Life, day: date, hour: float, by: int, recorded_by: int) -> Doing:
    at = life.at(day, hour)
    return Doing(by=by, recorded_by=recorded_by, happened_at=at, now=at)


def _notify(life: Life, case: Case, day: date) -> None:
    """The written notice within a day of the visit, handed over against a signature."""
    by = case.raised_by_id
    until = (day + timedelta(days=7)).isoformat()
    notice = papers.notice()
    sent = Sent({**notice.given, "rectify_by": until})
    cases.file_notice(case, answers=sent, doing=_doing(life, day, 8.6, by, by))
    case.refresh_from_db()
    cases.hand_over_notice(
        case,
        channel="in_person",
        receipt=papers.drawn(life.chance),
        doing=_doing(life, day, 8.7, by, by),
    )


def _rectify(life: Life, case: Case, day: date) -> None:
    by = case.repairer_id
    assert by is not None  # every repair of the sample firm names its repairer
    doing = _doing(life, day, 10, by, case.raised_by_id)
    cases.record_rectification(case, answers=papers.answer(), doing=doing)


def _revisit(life: Life, case: Case, day: date) -> None:
    """Somebody else than the repairer sees that it is done."""
    by = life.staff["repair_lead"][0].pk
    followups.hold(
        Visit(about=case.pk, form="repair_visit", present=(by,)),
        answers=papers.satisfied(life.chance, photo=True),
        doing=_doing(life, day, 11, by, by),
    )


def _decide(life: Life, case: Case, day: date) -> None:
    by = life.staff["director"][0].pk
    adopted = life.voices.random() < 0.6
    cases.decide(
        case,
        decision="adopted" if adopted else "not_adopted",
        reason="可行，列入下月计划" if adopted else "场地不够，暂不具备条件",
        doing=_doing(life, day, 9.5, by, by),
    )


def _handle(life: Life, case: Case, day: date) -> None:
    by = life.staff["deputy"][0].pk
    doing = _doing(life, day, 9.8, by, by)
    cases.handle(case, text="当面了解，情况属实，已提醒并安排改进", doing=doing)


def _refer(life: Life, case: Case, day: date) -> None:
    """What concerns safety goes to the company, which rules on the same day."""
    by, company = life.staff["director"][0].pk, life.staff["company"][0].pk
    asked = _doing(life, day, 9.2, by, by)
    cases.refer(case, to=company, text="涉及安全设施，请示处理意见", doing=asked)
    cases.rule_on_referral(
        case, text="同意管理处意见，抓紧落实", doing=_doing(life, day, 14, company, by)
    )


def _reply(life: Life, case: Case, day: date) -> None:
    """A promise is kept in the last days before its time."""
    promised = case.promised_reply_at
    if promised and promised.astimezone(life.zone).date() > day + timedelta(days=1):
        return
    by = case.raised_by_id
    text = REPLIES.get(case.kind, REPLY)
    cases.reply(case, text=text, channel="phone", doing=_doing(life, day, 15, by, by))


def _close(life: Life, case: Case, day: date) -> None:
    by = case.raised_by_id
    outcome = "solved" if case.kind == "problem" else "explained"
    cases.close(case, outcome=outcome, doing=_doing(life, day, 15.2, by, by))


STEPS: dict[str, Callable[[Life, Case, date], None]] = {
    "notice": _notify,
    "answer": _rectify,
    "revisit": _revisit,
    "decision": _decide,
    "handling": _handle,
    "referral": _refer,
    "reply": _reply,
    "closure": _close,
}
