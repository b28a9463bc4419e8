"""更改 of a follow-up's record: the cases that its answers raise follow what they say by now."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from huiyin.cases import services as cases
from huiyin.cases.given import Item
from huiyin.cases.models import Case
from huiyin.core import health
from huiyin.followups.amending import consequences
from huiyin.followups.models import Followup
from huiyin.ledger.models import Fact
from huiyin.obligations.models import Obligation
from huiyin.records.models import Record
from huiyin.records.services import amend_record
from tests.app import scene as on

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def amended(held: Followup, place: on.Scene, at: datetime, **answers: str) -> Record:
    newest = Record.objects.versions_of(held.record).last()
    assert newest is not None
    return amend_record(
        newest, on.filled(on.SATISFIED | answers), reason="看错了", by=place.firm.manager.pk, now=at
    )


def notice_of(case: Case) -> Obligation:
    return Obligation.objects.get(target=case.pk, duty="rectification_notice")


def said(case: Case) -> list[str]:
    rows = Fact.objects.filter(target=case.pk, kind="case.supplemented").order_by("id")
    return [row.note.text for row in rows]


def visited(place: on.Scene, **more: object) -> Followup:
    about = on.completed(place)
    return on.visit(about.pk, place.firm.repair_lead, place.now + HOUR, **more)


def test_an_answer_that_states_a_problem_now_raises_it_as_the_visit_would_have(
    place: on.Scene, now: datetime
) -> None:
    held = visited(place)

    amended(held, place, now + 2 * HOUR, onsite_check="not_fixed")

    case = held.raised.get()
    assert (case.origin, case.at_visit, case.raised_at) == ("repair_visit", True, now + HOUR)
    assert case.raised_by_id == place.firm.repair_lead.pk
    owed = notice_of(case)
    assert (owed.holder_id, owed.due_at) == (place.firm.repair_lead.pk, now + HOUR + DAY)


def test_an_answer_that_states_none_any_more_takes_its_case_back_with_the_reason(
    place: on.Scene, now: datetime
) -> None:
    held = visited(place, answers=on.filled(on.UNSOLVED), problem=on.LEAKS)
    case = held.raised.get()

    amended(held, place, now + 2 * HOUR)

    assert not Case.objects.exists() and not held.raised.exists()
    assert notice_of(case).state == "voided"
    void = Fact.objects.get(target=case.pk, kind="fact.voided", voids__kind="case.raised")
    assert void.note.text == f"回访记录 {held.record.number} 已更改：看错了"

    amended(held, place, now + 3 * HOUR, onsite_check="partly")
    assert held.raised.get().description == "实地查看：部分修好"


@pytest.mark.parametrize("why", ["noticed", "late"])
def test_what_was_gone_on_with_or_is_late_stays_and_says_why(
    place: on.Scene, now: datetime, why: str
) -> None:
    held = visited(place, answers=on.filled(on.UNSOLVED))
    case, at = held.raised.get(), now + HOUR + DAY + timedelta(seconds=1)
    if why == "noticed":
        at = now + 3 * HOUR
        on.notice(on.fresh(case), place.firm.repair_lead, now + 2 * HOUR)

    amended(held, place, at)

    assert Case.objects.get() == case
    assert notice_of(case).state == "open"
    assert said(case) == [
        f"回访记录 {held.record.number} 已更改：看错了；"
        "记录不再指出问题，但这一件已有后续，照样办到底"
    ]


def test_another_problem_that_the_visitor_took_down_stays(place: on.Scene, now: datetime) -> None:
    lamp = Item("complaint", "不接电话")
    held = visited(place, answers=on.filled(on.UNSOLVED), items=[lamp])

    amended(held, place, now + 2 * HOUR)

    assert [case.kind for case in held.raised.all()] == ["complaint"]


def test_a_second_answer_that_states_the_same_kind_is_added_to_the_open_case(
    place: on.Scene, now: datetime
) -> None:
    held = visited(place, answers=on.filled(on.UNSOLVED))

    amended(held, place, now + 2 * HOUR, onsite_check="not_fixed", fees="mismatch")

    assert said(held.raised.get()) == [
        f"回访记录 {held.record.number} 已更改：实地查看：未修好；收费核对：不符"
    ]


def revisited(place: on.Scene, now: datetime, answers: dict[str, str]) -> Followup:
    firm, repair = place.firm, on.completed(place)
    case = on.case_of(place, repair, now + HOUR)
    case = on.handed_over(
        on.notice(case, firm.repair_lead, now + 2 * HOUR), firm.repair_lead, now + 2 * HOUR
    )
    case = on.rectified(case, now + 3 * HOUR)
    return on.visit(case.pk, firm.supervisor, now + 4 * HOUR, answers=on.filled(answers))


def test_a_re_visit_that_found_it_unsolved_after_all_starts_the_next_round(
    place: on.Scene, now: datetime
) -> None:
    held = revisited(place, now, on.SATISFIED)

    amended(held, place, now + 5 * HOUR, onsite_check="not_fixed")

    case = on.fresh(held.case)
    assert (case.round, case.stage, case.revisited_at) == (2, "raised", None)
    open_notice = Obligation.objects.open().get(target=case.pk, duty="rectification_notice")
    assert open_notice.holder_id == place.firm.supervisor.pk


def test_a_re_visit_whose_case_was_closed_raises_a_new_one(place: on.Scene, now: datetime) -> None:
    held = revisited(place, now, on.SATISFIED)
    case, doing = on.fresh(held.case), on.doing(place.firm.manager, now + 5 * HOUR)
    cases.reply(case, text="修好了", channel="phone", doing=doing)
    cases.close(on.fresh(case), outcome="solved", doing=doing)

    amended(held, place, now + 6 * HOUR, onsite_check="not_fixed")

    raised = held.raised.get()
    assert (raised.subject_id, raised.origin) == (case.subject_id, "repair_visit")

    amended(held, place, now + 7 * HOUR)
    assert not held.raised.exists()
    assert on.fresh(case).stage == "closed"


FIELDS = (
    "round", "stage", "severity", "notice", "notified_at", "rectify_by", "answer", "rectified_at",
    "rectifier", "revisit", "revisited_at", "reply_to_customer", "reply_channel", "replied_at",
)  # fmt: skip


def told(case: Case, place: on.Scene, at: datetime) -> None:
    doing = on.doing(place.firm.manager, at)
    cases.reply(on.fresh(case), text="已换新接头", channel="phone", doing=doing)


def as_it_is(case: Case | None) -> dict[str, object]:
    assert case is not None
    return Case.objects.values(*FIELDS).get(pk=case.pk)


@pytest.mark.parametrize("replied", [False, True])
def test_a_re_visit_that_found_it_solved_after_all_takes_its_round_back(
    place: on.Scene, now: datetime, replied: bool
) -> None:
    """The case is as if the re-visit had said so, with the reply that the customer had by then."""
    held = revisited(place, now, on.SATISFIED)
    case = held.case
    if replied:
        assert case is not None
        told(case, place, now + 4 * HOUR)
        held = on.visit(case.pk, place.firm.repair_lead, now + 5 * HOUR)
    solved = as_it_is(case)
    amended(held, place, now + 6 * HOUR, onsite_check="not_fixed", fees="mismatch")
    assert as_it_is(case)["round"] == 2

    amended(held, place, now + 7 * HOUR)

    assert as_it_is(case) == solved
    assert notices_owed(case) == ["done", "voided"]
    standing = Fact.objects.standing().filter(target=case.pk)
    assert [f.values["case.solved"] for f in standing.filter(kind="case.revisited")][-1] is True
    assert standing.filter(kind="case.raised").count() == 1
    assert not health.broken(health.Look(now=now + 2 * DAY, full=True))


def notices_owed(case: Case | None) -> list[str]:
    rows = Obligation.objects.filter(target=case.pk, duty="rectification_notice").order_by("id")
    return list(rows.values_list("state", flat=True))


def test_what_the_visit_itself_found_unsolved_is_taken_back_and_the_case_may_close(
    place: on.Scene, now: datetime
) -> None:
    held = revisited(place, now, on.UNSOLVED)

    newer = amended(held, place, now + 5 * HOUR)

    case = on.fresh(held.case)
    assert (case.round, case.stage, case.revisit_id) == (1, "revisited", held.record_id)
    assert case.revisited_at == now + 4 * HOUR
    assert consequences(newer) == f"{case.number} 的复访结果已随之更改"
    void = Fact.objects.get(target=case.pk, kind="fact.voided", voids__kind="case.raised")
    assert void.note.text == f"回访记录 {held.record.number} 已更改：看错了"
    told(case, place, now + 6 * HOUR)
    doing = on.doing(place.firm.manager, now + 6 * HOUR)
    cases.close(on.fresh(case), outcome="solved", doing=doing)
    assert not health.broken(health.Look(now=now + 2 * DAY, full=True))


@pytest.mark.parametrize("built", ["noticed", "late", "supplemented", "next round"])
def test_a_round_that_somebody_went_on_with_stays_and_says_why(
    place: on.Scene, now: datetime, built: str
) -> None:
    firm, held, at = place.firm, revisited(place, now, on.UNSOLVED), now + 9 * HOUR
    case, round = on.fresh(held.case), 2
    if built == "late":
        at = now + 4 * HOUR + DAY + timedelta(seconds=1)
    elif built == "supplemented":
        doing = on.doing(firm.supervisor, now + 5 * HOUR)
        cases.supplement(case, text="客户说又漏了", doing=doing)
    else:
        on.notice(case, firm.supervisor, now + 5 * HOUR)
    if built == "next round":
        on.handed_over(on.fresh(case), firm.supervisor, now + 6 * HOUR)
        on.rectified(on.fresh(case), now + 7 * HOUR)
        on.visit(case.pk, firm.supervisor, now + 8 * HOUR, answers=on.filled(on.UNSOLVED))
        round = 3

    amended(held, place, at)

    assert on.fresh(case).round == round
    assert "照样办到底" in said(case)[-1]
    assert not health.broken(health.Look(now=now + 2 * DAY, full=True))
