"""What returns by period in the sample firm: rounds of households, forums, plans and summaries.

The officers keep to the suggested days, so that the visitor finds those of today still to be made.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from huiyin.cases.given import Doing
from huiyin.desk.demo import papers
from huiyin.desk.demo.life import Life
from huiyin.followups import services as followups
from huiyin.followups.services import Visit
from huiyin.obligations.models import Obligation
from huiyin.records import services as records
from huiyin.records.answers import Sent

ROUNDS = ("officer_round", "director_round")
PAPER_AFTER = timedelta(days=20)
"""So long after its period began a plan, a forum or a summary is on paper."""

PAPERS: dict[str, Callable[[Life, date], Sent]] = {
    "job_duties": lambda life, _day: Sent(
        {"visits": "按片回访每季一次，重大问题亲自回访"}, {"signed": papers.drawn(life.voices)}
    ),
    "work_plan": lambda _life, _day: Sent({"visits": "每季按片回访，主任全年登门"}),
    "appraisal": lambda _life, _day: Sent(
        {"visits": "回访按计划完成", "ranking": "一区、二区并列"}
    ),
    "forum": lambda life, day: Sent(
        {
            "held_on": day.isoformat(),
            "residents": str(life.voices.randint(8, 20)),
            "opinions": "希望增加晾衣架，傍晚早些开花园灯",
        }
    ),
    "survey": lambda life, _day: Sent(
        {
            "topic": "停车位轮换",
            "given": "60",
            "returned": str(life.voices.randint(30, 55)),
            "opinions": "多数住户赞成按季轮换",
        }
    ),
}
PAPERS |= {f"estate_{key}": PAPERS[key] for key in ("job_duties", "work_plan", "appraisal")}


def go(life: Life, day: date) -> None:
    """The rounds and papers that somebody finds time for on a day."""
    waiting = Obligation.objects.open().filter(period__isnull=False).order_by("plan_on", "id")
    behind = day if day < life.today else day - timedelta(days=1)
    for row in waiting.filter(duty__in=ROUNDS, plan_on__lte=behind):
        _visit(life, row, day)
    for row in waiting.filter(duty__in=PAPERS, period__startswith__lte=day - PAPER_AFTER):
        _file(life, row, day)


def _visit(life: Life, row: Obligation, day: date) -> None:
    by = _who(life, row)
    at = max(life.at(day, life.voices.uniform(17, 20)), row.opened_at)
    met = life.voices.choice(("owner", "owner", "family"))
    given = {"met": met, "satisfaction": life.voices.choice(("3", "4", "4", "5", "5"))}
    followups.hold(
        Visit(about=row.target_id, form="visit_record", present=(by,)),
        answers=Sent(given),
        doing=Doing(by=by, recorded_by=by, happened_at=at, now=at),
    )


def _file(life: Life, row: Obligation, day: date) -> None:
    by = _who(life, row)
    at = max(life.at(day, 16), row.opened_at)
    sent = PAPERS[row.duty](life, day)
    records.file_record(
        "forum_minutes" if row.duty == "forum" else row.duty.removeprefix("estate_"),
        about=row.target_id,
        by=by,
        recorded_by=by,
        present=(by,),
        given=sent.given,
        signatures=sent.signatures,
        photos={},
        happened_at=at,
        now=at,
    )


def _who(life: Life, row: Obligation) -> int:
    """Its holder, else the first who holds one of its roles."""
    return row.holder_id or life.staff[row.owed_roles[0]][0].pk
