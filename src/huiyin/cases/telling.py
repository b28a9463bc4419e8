"""Who hears of a case's way: the repairer of his notice, whoever raised it of the answer, the
company of a referral, whoever referred it of the ruling."""

from __future__ import annotations

from datetime import datetime

from huiyin.cases.models import Case
from huiyin.notices import services as notices
from huiyin.obligations.models import Obligation


def notice_sent(case: Case, *, now: datetime) -> None:
    """The repairer has to put it right, by the day that the notice names."""
    if case.notice is not None and case.repairer_id is not None:
        _tell(case, "case_notice_sent", to=case.repairer_id, number=case.notice.number, now=now)


def rectified(case: Case, *, now: datetime) -> None:
    """Whoever raised it arranges the visit after the rectification."""
    if case.raised_by_id is not None:
        _tell(case, "case_rectified", to=case.raised_by_id, number=case.number, now=now)


def referred(case: Case, *, to: int, now: datetime) -> None:
    """Somebody of the company has to rule."""
    _tell(case, "case_referred", to=to, number=case.number, now=now)


def ruled(case: Case, *, to: int, now: datetime) -> None:
    """Whoever referred it goes on with it."""
    _tell(case, "case_ruled", to=to, number=case.number, now=now)


def _tell(case: Case, template: str, *, to: int, number: str, now: datetime) -> None:
    # What the step just opened names the clause and the day.
    owed = Obligation.objects.waiting().about(case.pk).order_by("-id").first()
    due = owed.due_at if owed else case.rectify_by
    message = notices.Message(
        recipient_id=to,
        about_id=case.pk,
        template=template,
        key=f"case:{case.pk}:{_turn(case, template)}:{template}",
        params={
            "place": case.customer.number if case.customer else "",
            "number": number,
            "due": due.isoformat() if due else "",
        },
        policy=owed.policy if owed else "",
        clause=owed.clauses[0] if owed and owed.clauses else "",
    )
    notices.tell([message], now=now)


def _turn(case: Case, template: str) -> int:
    """What makes a message new: the round of a rectification, the how-manieth referral."""
    return case.referrals.count() if template in ("case_referred", "case_ruled") else case.round
