"""Every kind of item on its own way: what is taken down, decided, answered, taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import InternalError, ProgrammingError, transaction

from huiyin.cases import services, ways
from huiyin.cases.given import Item
from huiyin.cases.models import Case
from huiyin.core.errors import Conflict, Invalid, NotFound, Refused
from huiyin.ledger.models import Fact, Note
from huiyin.notices.models import Notice
from huiyin.obligations.models import Obligation
from tests.app import scene as on

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
LAMP = Item("question", "地下车库何时换灯")
PARCELS = Item("suggestion", "快递柜挪到门口")
RUDE = Item("complaint", "物管员不接电话")


@pytest.fixture
def place(now: datetime) -> on.Scene:
    return on.scene(now)


def kinds(case: Case) -> list[str]:
    facts = Fact.objects.filter(target=case.pk, kind__startswith="case.")
    return list(facts.order_by("id").values_list("kind", flat=True))


def owed(case: Case, duty: str) -> Obligation:
    return Obligation.objects.get(target=case.pk, duty=duty)


def test_every_kind_has_its_way_to_closing() -> None:
    assert set(ways.WAYS) == set(Case.Kind.values)
    for way in ways.WAYS.values():
        assert (way.steps[0], way.steps[-1]) == ("raised", "closure")
        assert "reply" in way.steps
        assert set(way.steps) <= set(ways.STEPS)
    stages = {step.stage for step in ways.STEPS.values()} - {""}
    assert stages == set(Case.Stage.values)


def test_an_item_may_be_about_a_customer_or_about_a_repair(place: on.Scene, now: datetime) -> None:
    repair = on.completed(place)
    asked = replace(LAMP, answer="本周五")

    at_home = on.taken_down(place, asked, place.firm.officer, now)
    of_repair = on.taken_down(place, asked, place.firm.officer, now, about=repair.pk)

    assert (at_home.customer_id, at_home.subject_id, at_home.repairer) == (
        place.customer, None, None,
    )  # fmt: skip
    assert (of_repair.customer_id, of_repair.subject_id) == (place.customer, repair.pk)
    assert of_repair.repairer == place.firm.repairer
    assert at_home.target.unit_id == of_repair.target.unit_id == place.firm.zone_one.pk


def test_nothing_is_taken_down_about_what_is_neither(place: on.Scene, now: datetime) -> None:
    with pytest.raises(NotFound):
        on.taken_down(place, PARCELS, place.firm.officer, now, about=place.firm.zone_one.pk)

    assert not Case.objects.exists()


def test_a_question_needs_an_answer_or_a_time(place: on.Scene, now: datetime) -> None:
    with pytest.raises(Refused) as refused:
        on.taken_down(place, LAMP, place.firm.officer, now)

    assert refused.value.clauses == ["A.1.3", "C.1.3"]
    assert not Case.objects.exists()
    assert not Fact.objects.filter(kind="case.raised").exists()


def test_a_promised_time_is_a_deadline_of_who_promised(place: on.Scene, now: datetime) -> None:
    due = now + 30 * HOUR

    case = on.taken_down(place, replace(LAMP, promised_reply_at=due), place.firm.officer, now)

    assert case.stage == Case.Stage.PROMISED
    assert (owed(case, "promised_reply").due_at, owed(case, "promised_reply").holder_id) == (
        due, place.firm.officer.pk,
    )  # fmt: skip
    assert kinds(case) == ["case.raised", "case.sorted"]


@pytest.mark.parametrize(("early", "refused"), [(-1, True), (0, True), (1, False)])
def test_a_reply_is_promised_for_later_than_the_question(
    place: on.Scene, now: datetime, early: int, refused: bool
) -> None:
    asked = replace(LAMP, promised_reply_at=now + timedelta(seconds=early))

    if refused:
        with pytest.raises(Invalid) as invalid:
            on.taken_down(place, asked, place.firm.officer, now)
        assert invalid.value.errors.keys() == {"promised_at"}
    else:
        assert on.taken_down(place, asked, place.firm.officer, now).stage == "promised"


@pytest.mark.parametrize(("seconds", "far"), [(-1, False), (0, False), (1, True)])
def test_a_reply_promised_for_more_than_a_week_ahead_is_warned_of(
    place: on.Scene, now: datetime, seconds: int, far: bool
) -> None:
    due = now + timedelta(days=7, seconds=seconds)

    case = on.taken_down(place, replace(LAMP, promised_reply_at=due), place.firm.officer, now)

    assert ways.promised_far(case) is far


def test_an_answer_at_once_is_the_reply_to_the_customer(place: on.Scene, now: datetime) -> None:
    case = on.taken_down(place, replace(LAMP, answer=" 本周五 "), place.firm.officer, now)

    assert (case.stage, case.reply_to_customer, case.replied_at) == ("replied", "本周五", now)
    assert kinds(case) == ["case.raised", "case.answered", "case.sorted"]
    services.close(case, outcome="explained", doing=on.doing(place.firm.officer, now + HOUR))
    assert on.fresh(case).stage == Case.Stage.CLOSED


def test_facts_carry_what_rules_read_and_no_words(place: on.Scene, now: datetime) -> None:
    asked = replace(LAMP, promised_reply_at=now + HOUR, topic="lighting")

    case = on.taken_down(place, asked, place.firm.officer, now)

    stated = Fact.objects.get(target=case.pk, kind="case.raised").values
    assert {key: value for key, value in stated.items() if key != "note"} == {
        "case.kind": "question",
        "case.origin": "phone",
        "case.at_visit": False,
        "case.severity": "minor",
        "case.safety": False,
        "case.round": 1,
        "case.stage": "promised",
        "case.answered_at_once": False,
        "case.promised_reply_at": (now + HOUR).isoformat(),
        "case.referred": False,
        "case.topic": "lighting",
        "customer.class": "household",
    }


def test_the_words_stay_as_they_came_or_are_emptied(place: on.Scene, now: datetime) -> None:
    case = on.taken_down(place, PARCELS, place.firm.officer, now)
    rows = Case.objects.filter(pk=case.pk)

    with pytest.raises((ProgrammingError, InternalError)), transaction.atomic():
        rows.update(description="快递柜不用挪")
    assert on.fresh(case).description == "快递柜挪到门口"
    rows.update(description="")

    assert on.fresh(case).description == ""


def test_a_correction_is_added_beside_the_first_words(place: on.Scene, now: datetime) -> None:
    case = on.taken_down(place, PARCELS, place.firm.officer, now)

    services.supplement(case, text="是东门", doing=on.doing(place.firm.officer, now + HOUR))

    assert on.fresh(case).description == "快递柜挪到门口"
    notes = (
        Note.objects.filter(fact__target=case.pk).order_by("fact").values_list("text", flat=True)
    )
    assert list(notes) == ["快递柜挪到门口", "是东门"]


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


def test_a_problem_of_a_household_names_who_has_to_put_it_right(
    place: on.Scene, now: datetime
) -> None:
    firm = place.firm
    case = on.taken_down(place, Item("problem", "单元门关不上", "minor"), firm.officer, now)
    written = {"problem": "门", "requirement": "调", "rectify_by": "2026-03-09"}
    doing = on.doing(firm.director, now + HOUR)
    answers = on.filled(written, signatures={})

    with pytest.raises(Invalid) as invalid:
        services.file_notice(case, answers=answers, doing=doing)
    services.file_notice(case, answers=answers, doing=doing, repairer=firm.second_repairer.pk)

    assert invalid.value.errors.keys() == {"repairer"}
    case = on.handed_over(on.fresh(case), firm.director, now + 2 * HOUR)
    assert (case.repairer, case.stage) == (firm.second_repairer, "notified")
    case = on.rectified(case, now + 3 * HOUR)
    on.visit(
        case.pk, firm.director, now + 4 * HOUR, form="visit_record",
        answers=on.filled({"met": "owner", "satisfaction": "4"}, signatures={}),
    )  # fmt: skip
    assert on.fresh(case).stage == Case.Stage.REVISITED
    services.reply(
        on.fresh(case),
        text="修好了",
        channel="phone",
        doing=on.doing(firm.director, now + 5 * HOUR),
    )
    assert on.fresh(case).stage == Case.Stage.REPLIED


def test_a_reply_before_the_rest_is_done_moves_no_stage(place: on.Scene, now: datetime) -> None:
    case = on.taken_down(place, RUDE, place.firm.officer, now)
    director = place.firm.director
    services.reply(case, text="在查", channel="phone", doing=on.doing(director, now + HOUR))

    assert on.fresh(case).stage == Case.Stage.RAISED
    services.handle(on.fresh(case), text="属实", doing=on.doing(director, now + 2 * HOUR))
    assert on.fresh(case).stage == Case.Stage.REPLIED


def test_closing_as_withdrawn_is_the_customers_alone(place: on.Scene, now: datetime) -> None:
    case = on.taken_down(place, replace(LAMP, answer="周五"), place.firm.officer, now)

    with pytest.raises(Invalid):
        services.close(case, outcome="withdrawn", doing=on.doing(place.firm.officer, now + HOUR))
