"""What is decided about a case: adopted, handled, referred, reclassified, taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from huiyin.adoption.queries import policy_in_force
from huiyin.cases import dossier, services
from huiyin.cases.given import Item
from huiyin.cases.models import Case
from huiyin.core.errors import Conflict, Invalid, Refused
from huiyin.desk.verdict_words import figures_of
from huiyin.insights.verdicts import verdicts
from huiyin.ledger.models import Fact
from huiyin.notices.models import Notice
from huiyin.obligations.models import Obligation
from huiyin.obligations.services import record_refusal
from huiyin.records.answers import Sent
from tests.app import scene as on

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
LAMP = Item("question", "地下车库何时换灯")
PARCELS = Item("suggestion", "快递柜挪到门口")
RUDE = Item("complaint", "物管员不接电话")


def kinds(case: Case) -> list[str]:
    facts = Fact.objects.filter(target=case.pk, kind__startswith="case.")
    return list(facts.order_by("id").values_list("kind", flat=True))


def owed(case: Case, duty: str) -> Obligation:
    return Obligation.objects.get(target=case.pk, duty=duty)


def test_a_suggestion_is_decided_once_by_who_heads_the_unit(place: on.Scene, now: datetime) -> None:
    case = on.taken_down(place, PARCELS, place.firm.officer, now)
    given = {"decision": "adopted", "reason": "方便"}

    with pytest.raises(Refused):
        services.decide(case, doing=on.doing(place.firm.officer, now + HOUR), **given)
    services.decide(on.fresh(case), doing=on.doing(place.firm.director, now + HOUR), **given)
    with pytest.raises(Conflict):
        services.decide(case, doing=on.doing(place.firm.deputy, now + HOUR), **given)

    case = on.fresh(case)
    assert (case.stage, case.decision, case.decided_by) == (
        "decided", "adopted", place.firm.director,
    )  # fmt: skip
    assert kinds(case) == ["case.raised", "case.decided", "case.sorted"]
    assert owed(case, "sorting").state == "done"


def test_only_a_suggestion_is_decided_and_only_a_complaint_handled(
    place: on.Scene, now: datetime
) -> None:
    suggestion = on.taken_down(place, PARCELS, place.firm.officer, now)
    complaint = on.taken_down(place, RUDE, place.firm.officer, now)
    doing = on.doing(place.firm.director, now + HOUR)

    with pytest.raises(Invalid):
        services.decide(complaint, decision="adopted", reason="好", doing=doing)
    with pytest.raises(Invalid):
        services.handle(suggestion, text="查了", doing=doing)
    with pytest.raises(Invalid):
        services.file_notice(suggestion, answers=on.filled({}), doing=doing)


def test_who_is_complained_about_does_not_handle_it(place: on.Scene, now: datetime) -> None:
    about = replace(RUDE, complained_about=place.firm.deputy.pk)
    case = on.taken_down(place, about, place.firm.officer, now)

    with pytest.raises(Refused):
        services.handle(case, text="在忙", doing=on.doing(place.firm.deputy, now + HOUR))
    services.handle(case, text="属实", doing=on.doing(place.firm.director, now + HOUR))

    case = on.fresh(case)
    assert (case.stage, case.handling, case.handled_by) == ("handled", "属实", place.firm.director)


def test_a_major_case_is_closed_only_when_the_company_has_ruled(
    place: on.Scene, now: datetime
) -> None:
    firm = place.firm
    asked = replace(LAMP, answer="在查", severity="major")
    case = on.taken_down(place, asked, firm.officer, now)
    closing = {"outcome": "solved", "doing": on.doing(firm.director, now + 3 * HOUR)}

    with pytest.raises(Refused) as refused:
        services.close(case, **closing)
    services.refer(
        case, to=firm.head_office.pk, text="请准停梯", doing=on.doing(firm.director, now + HOUR)
    )
    with pytest.raises(Refused):
        services.close(on.fresh(case), **closing)
    told = Notice.objects.get(template="case_referred")
    services.rule_on_referral(
        on.fresh(case), text="同意", doing=on.doing(firm.head_office, now + 2 * HOUR)
    )
    services.close(on.fresh(case), **closing)

    assert refused.value.clauses == ["C.1.4.b"]
    assert told.recipient_id == firm.head_office.pk
    assert Notice.objects.get(template="case_ruled").recipient_id == firm.director.pk
    assert on.fresh(case).stage == Case.Stage.CLOSED
    assert owed(case, "referral").state == "done"


def test_what_concerns_safety_has_to_be_referred_however_it_was_rated(
    place: on.Scene, now: datetime
) -> None:
    case = on.taken_down(place, replace(LAMP, answer="在查", safety=True), place.firm.officer, now)

    assert case.severity == "minor"
    assert owed(case, "referral").state == "open"


def test_a_problem_with_a_safety_installation_concerns_safety(
    place: on.Scene, now: datetime
) -> None:
    repair = on.completed(place, category="safety")

    problem = on.case_of(place, repair, now + HOUR)
    question = on.taken_down(
        place, replace(LAMP, answer="周五"), place.firm.officer, now, about=repair.pk
    )

    assert (problem.safety, question.safety) == (True, False)


def test_of_two_referrals_the_second_waits_for_the_first_ruling(
    place: on.Scene, now: datetime
) -> None:
    firm, doing = place.firm, on.doing(place.firm.director, now + HOUR)
    case = on.taken_down(place, replace(LAMP, answer="在查"), firm.officer, now)
    asking = {"to": firm.head_office.pk, "text": "请示"}

    services.refer(case, doing=doing, **asking)
    with pytest.raises(Conflict):
        services.refer(case, doing=doing, **asking)
    with pytest.raises(Refused):
        services.rule_on_referral(case, text="同意", doing=doing)
    services.rule_on_referral(case, text="同意", doing=on.doing(firm.head_office, now + 2 * HOUR))
    services.refer(case, doing=on.doing(firm.director, now + 3 * HOUR), **asking)

    assert case.referrals.count() == 2
    assert Notice.objects.filter(template="case_referred").count() == 2


def test_nobody_asks_himself_for_a_ruling(place: on.Scene, now: datetime) -> None:
    case = on.taken_down(place, replace(LAMP, answer="在查"), place.firm.officer, now)
    director = place.firm.director

    with pytest.raises(Invalid) as invalid:
        services.refer(case, to=director.pk, text="请示", doing=on.doing(director, now + HOUR))

    assert invalid.value.errors.keys() == {"to"}


def test_reclassifying_keeps_what_it_was_and_goes_on_the_new_way(
    place: on.Scene, now: datetime
) -> None:
    case = on.taken_down(place, RUDE, place.firm.officer, now)
    doing = on.doing(place.firm.director, now + HOUR)

    with pytest.raises(Refused):
        services.reclassify(
            case, kind="opinion", severity="minor", reason="不是投诉",
            doing=on.doing(place.firm.officer, now + HOUR),
        )  # fmt: skip
    services.reclassify(case, kind="opinion", severity="minor", reason="不是投诉", doing=doing)

    fact = Fact.objects.get(target=case.pk, kind="case.reclassified")
    assert on.fresh(case).kind == "opinion"
    assert fact.values["case.kind"] == "opinion"
    assert fact.values["case.former_kind"] == "complaint"
    assert fact.values["case.former_severity"] == "minor"


def test_a_handled_complaint_that_becomes_a_suggestion_has_to_be_decided(
    place: on.Scene, now: datetime
) -> None:
    case = on.taken_down(place, RUDE, place.firm.officer, now)
    doing = on.doing(place.firm.director, now + HOUR)
    services.handle(case, text="查了", doing=doing)

    services.reclassify(case, kind="suggestion", severity="minor", reason="是建议", doing=doing)

    assert on.fresh(case).stage == Case.Stage.RAISED


def test_who_read_it_before_somebody_reclassified_it_is_told(
    place: on.Scene, now: datetime
) -> None:
    case = on.taken_down(place, RUDE, place.firm.officer, now)
    stale, doing = on.fresh(case), on.doing(place.firm.director, now + HOUR)
    services.reclassify(case, kind="opinion", severity="minor", reason="不是投诉", doing=doing)

    with pytest.raises(Conflict):
        services.reclassify(stale, kind="request", severity="minor", reason="要求", doing=doing)

    assert on.fresh(case).kind == "opinion"


@pytest.mark.parametrize(("seconds", "state"), [(-1, "waived"), (0, "waived"), (1, "open")])
def test_a_problem_that_becomes_something_else_owes_no_notice_but_a_late_one(
    place: on.Scene, now: datetime, seconds: int, state: str
) -> None:
    case, due = on.case_of(place, on.completed(place), now + HOUR), now + 25 * HOUR
    doing = on.doing(place.firm.director, due + timedelta(seconds=seconds))

    services.reclassify(case, kind="complaint", severity="minor", reason="不是修坏的", doing=doing)

    notice, case = owed(case, "rectification_notice"), on.fresh(case)
    assert notice.state == state
    assert state == "open" or notice.settled_by.note.text == "改类：不是修坏的"
    assert owed(case, "sorting_later").state == "open"
    with pytest.raises(Invalid):
        services.file_notice(case, answers=Sent(given={}), doing=doing)
    shown = dossier.whole(case, viewer=place.firm.viewer(place.firm.director), now=doing.now)
    assert ("改类", "原为问题（不是修坏的）") in shown["about"]["rows"]
    kept = [step["title"] for step in shown["steps"] if step["state"] == "missing"]
    assert kept == (["送达整改人"] if state == "open" else [])


def test_once_the_notice_was_handed_over_another_kind_is_no_way_round_the_re_visit(
    place: on.Scene, now: datetime
) -> None:
    lead, doing = place.firm.repair_lead, on.doing(place.firm.director, now + 3 * HOUR)
    case = on.notice(on.case_of(place, on.completed(place), now + HOUR), lead, now + HOUR)
    case = on.handed_over(case, lead, now + 2 * HOUR)

    with pytest.raises(Invalid) as invalid:
        services.reclassify(case, kind="opinion", severity="minor", reason="算意见", doing=doing)
    services.reclassify(case, kind="problem", severity="minor", reason="不重", doing=doing)

    assert invalid.value.errors.keys() == {"kind"}
    assert on.fresh(case).severity == "minor"


def test_a_withdrawal_ends_the_case_and_releases_what_is_in_time(
    place: on.Scene, now: datetime
) -> None:
    due = now + 5 * HOUR
    case = on.taken_down(place, replace(LAMP, promised_reply_at=due), place.firm.officer, now)

    services.withdraw(case, reason="自己弄清楚了", doing=on.doing(place.firm.officer, now + HOUR))

    case = on.fresh(case)
    assert (case.stage, case.outcome, case.closed_at) == ("closed", "withdrawn", now + HOUR)
    released = owed(case, "promised_reply")
    assert (released.state, released.settled_by.note.text) == ("waived", "客户撤回：自己弄清楚了")
    assert kinds(case)[-1] == "case.withdrawn"


@pytest.mark.parametrize(("seconds", "state"), [(-1, "waived"), (0, "waived"), (1, "open")])
def test_what_was_late_when_it_was_withdrawn_stays_late(
    place: on.Scene, now: datetime, seconds: int, state: str
) -> None:
    due = now + 5 * HOUR
    case = on.taken_down(place, replace(LAMP, promised_reply_at=due), place.firm.officer, now)
    doing = on.doing(place.firm.officer, due + timedelta(seconds=seconds))

    services.withdraw(case, reason="算了", doing=doing)

    assert owed(case, "promised_reply").state == state


def test_what_was_found_by_an_inspection_is_no_customers_to_take_back(
    place: on.Scene, now: datetime
) -> None:
    case = on.taken_down(place, Item("finding", "楼道堆物", "minor"), place.firm.officer, now)

    with pytest.raises(Invalid):
        services.withdraw(case, reason="算了", doing=on.doing(place.firm.officer, now + HOUR))


def test_a_clause_of_two_guards_names_each_and_tells_its_refusals_once(
    place: on.Scene, now: datetime
) -> None:
    case = on.taken_down(place, PARCELS, place.firm.officer, now)
    doing = on.doing(place.firm.director, now + HOUR)
    with pytest.raises(Refused) as refused:
        services.decide(case, decision="adopted", reason="", doing=doing)
    record_refusal(refused.value, act="case.decide", target=case.pk, by=doing.by, at=doing.now)
    services.decide(case, decision="adopted", reason="方便", doing=doing)
    services.reply(case, text="会挪", channel="phone", doing=doing)
    services.close(case, outcome="explained", doing=doing)
    adopted, pack = policy_in_force("property-management")
    month = date(2026, 3, 1)

    verdict = verdicts(adopted, pack, months=[month], now=now + 2 * HOUR)["A.1.2.b", month]

    told = figures_of(verdict, pack, "zh")
    assert told == (
        "采纳与否要写明理由：照规定办了 1 次，拒绝 1 次；建议要有采纳决定：照规定办了 1 次"
    )
