"""What becomes of problems in the sample firm: notice, answer, re-visit, reply, closing.

A step a day, as far as the case has come; whatever happens goes through the services.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from huiyin.cases import services as cases
from huiyin.cases.given import Doing
from huiyin.cases.models import Case
from huiyin.desk.demo import papers
from huiyin.followups import services as followups
from huiyin.followups.services import Visit
from huiyin.records.answers import Sent

if TYPE_CHECKING:
    from huiyin.desk.demo.life import Life


def advance(life: Life, day: date) -> None:
    """Take every open case one step further in the morning of a day."""
    for case in Case.objects.open().select_related("target", "notice").order_by("target"):
        if case.raised_at.astimezone(life.zone).date() < day < life.today:
            STEPS[case.stage](life, case, day)


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
        problem=None,
        doing=_doing(life, day, 11, by, by),
    )


def _close(life: Life, case: Case, day: date) -> None:
    by = case.raised_by_id
    cases.reply(
        case, text="已重新维修并复访确认", channel="phone", doing=_doing(life, day, 15, by, by)
    )
    case.refresh_from_db()
    cases.close(case, outcome="solved", doing=_doing(life, day, 15.2, by, by))


STEPS = {
    Case.Stage.RAISED: _notify,
    Case.Stage.NOTIFIED: _rectify,
    Case.Stage.RECTIFIED: _revisit,
    Case.Stage.REVISITED: _close,
}
