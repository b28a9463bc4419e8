"""A case from the visit that found it to its closing, through every gate."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from huiyin.adoption.queries import policy_in_force
from huiyin.cases import pages, services, undoing
from huiyin.cases.models import Case
from huiyin.cases.pages import Paper
from huiyin.cases.queries import NOTICE_FORM
from huiyin.core.errors import Conflict, Invalid, Refused
from huiyin.insights.verdicts import verdicts
from huiyin.ledger.models import Fact
from huiyin.notices.models import Notice
from huiyin.obligations.lateness import became_late
from huiyin.obligations.models import Obligation
from tests.app import scene as on

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def case(place: on.Scene, now: datetime) -> Case:
    return on.case_of(place, on.completed(place), now + HOUR)


def owed(case: Case, clause: str) -> Obligation:
    return Obligation.objects.filter(target=case.pk, clauses__contains=[clause]).latest("id")


def kinds(case: Case) -> list[str]:
    facts = Fact.objects.filter(target=case.pk, kind__startswith="case.")
    return list(facts.order_by("id").values_list("kind", flat=True))


def test_a_problem_starts_the_24_hours_of_the_written_notice(case: Case, now: datetime) -> None:
    notice = owed(case, "B.4.a")

    assert notice.due_at == now + 25 * HOUR
    assert notice.holder_id == case.raised_by_id
    assert case.stage == Case.Stage.RAISED
    assert case.number.startswith("WT-2026-")


def test_a_notice_that_is_only_written_does_not_end_the_24_hours(
    place: on.Scene, case: Case, now: datetime
) -> None:
    on.notice(case, place.firm.repair_lead, now + 2 * HOUR)

    assert owed(case, "B.4.a").state == "open"


def test_the_whole_way_leaves_one_fact_for_each_step(
    place: on.Scene, case: Case, now: datetime
) -> None:
    lead, manager = place.firm.repair_lead, place.firm.manager
    case = on.notice(case, lead, now + 2 * HOUR)
    case = on.handed_over(case, lead, now + 3 * HOUR)
    assert owed(case, "B.4.a").standing(now + 3 * HOUR) == "met"
    assert case.rectify_by is not None
    case = on.rectified(case, now + 30 * HOUR, recorded_by=lead)
    on.visit(case.pk, manager, now + 50 * HOUR)
    case = on.fresh(case)
    assert case.stage == Case.Stage.REVISITED
    services.reply(case, text="已修好", channel="phone", doing=on.doing(manager, now + 51 * HOUR))
    services.close(on.fresh(case), outcome="solved", doing=on.doing(manager, now + 52 * HOUR))

    case = on.fresh(case)
    assert case.stage == Case.Stage.CLOSED
    assert case.rectifier_id == place.firm.repairer.pk
    assert kinds(case) == [
        "case.raised", "case.notified", "case.sorted", "case.rectified", "case.revisited", "case.replied",
        "case.closed",
    ]  # fmt: skip
    assert not Obligation.objects.waiting().about(case.pk).exists()


def test_the_head_who_enters_the_answer_is_not_the_one_who_put_it_right(
    place: on.Scene, case: Case, now: datetime
) -> None:
    lead = place.firm.repair_lead
    case = on.handed_over(on.notice(case, lead, now + 2 * HOUR), lead, now + 2 * HOUR)
    case = on.rectified(case, now + 3 * HOUR, recorded_by=lead)

    fact = Fact.objects.get(target=case.pk, kind="case.rectified")
    assert (fact.by_id, fact.recorded_by_id) == (place.firm.repairer.pk, lead.pk)
    assert owed(case, "B.4.b").excluded_id == place.firm.repairer.pk


def test_who_put_it_right_cannot_make_the_re_visit(
    place: on.Scene, case: Case, now: datetime
) -> None:
    lead = place.firm.repair_lead
    case = on.handed_over(on.notice(case, lead, now + 2 * HOUR), lead, now + 2 * HOUR)
    case = on.rectified(case, now + 3 * HOUR)

    with pytest.raises(Refused):
        on.visit(case.pk, place.firm.repairer, now + 4 * HOUR)

    assert on.fresh(case).stage == Case.Stage.RECTIFIED


def test_closing_without_outcome_and_reply_names_the_clause(
    place: on.Scene, case: Case, now: datetime
) -> None:
    with pytest.raises(Refused) as refused:
        services.close(case, outcome="", doing=on.doing(place.firm.manager, now + 2 * HOUR))

    assert "C.1.4.c" in refused.value.clauses
    assert on.fresh(case).stage == Case.Stage.RAISED


def test_closing_before_the_re_visit_names_the_clause(
    place: on.Scene, case: Case, now: datetime
) -> None:
    doing = on.doing(place.firm.manager, now + 2 * HOUR)
    services.reply(case, text="会修", channel="phone", doing=doing)

    with pytest.raises(Refused) as refused:
        services.close(on.fresh(case), outcome="solved", doing=doing)

    assert refused.value.clauses == ["B.4.b"]


def test_a_re_visit_that_finds_it_unsolved_starts_the_next_round(
    place: on.Scene, case: Case, now: datetime
) -> None:
    lead, manager = place.firm.repair_lead, place.firm.manager
    case = on.handed_over(on.notice(case, lead, now + 2 * HOUR), lead, now + 3 * HOUR)
    case = on.rectified(case, now + 30 * HOUR)
    on.visit(case.pk, manager, now + 50 * HOUR, answers=on.filled(on.UNSOLVED), problem=on.LEAKS)
    case = on.fresh(case)

    assert (case.stage, case.round, case.notice, case.rectifier) == ("raised", 2, None, None)
    again = owed(case, "B.4.a")
    assert (again.state, again.holder_id, again.due_at) == (
        "open", manager.pk, now + 74 * HOUR,
    )  # fmt: skip


def test_a_case_found_unsolved_cannot_be_closed_though_a_re_visit_was_made(
    place: on.Scene, case: Case, now: datetime
) -> None:
    lead, manager = place.firm.repair_lead, place.firm.manager
    case = on.handed_over(on.notice(case, lead, now + 2 * HOUR), lead, now + 3 * HOUR)
    case = on.rectified(case, now + 30 * HOUR)
    on.visit(case.pk, manager, now + 50 * HOUR, answers=on.filled(on.UNSOLVED), problem=on.LEAKS)
    doing = on.doing(manager, now + 51 * HOUR)
    services.reply(on.fresh(case), text="再修", channel="phone", doing=doing)

    with pytest.raises(Refused) as refused:
        services.close(on.fresh(case), outcome="solved", doing=doing)

    assert refused.value.clauses == ["B.4.a", "B.4.b"]
    assert "还没有第 2 次整改后的复访" in str(refused.value)


def test_what_is_missing_before_closing_names_the_re_visit_beside_the_reply(
    place: on.Scene, case: Case, now: datetime
) -> None:
    case, doing = unsolved(place, case, now), on.doing(place.firm.manager, now + 51 * HOUR)

    with pytest.raises(Refused) as refused:
        services.close(case, outcome="solved", doing=doing)
    missing = services.what_is_missing(case, outcome="solved", doing=doing)

    assert refused.value.clauses == ["C.1.4.c", "B.4.a", "B.4.b"]
    assert missing and str(missing) == str(refused.value)
    assert "adoption" in refused.value.values


def test_the_next_round_opens_with_what_the_re_visit_found(
    place: on.Scene, case: Case, now: datetime
) -> None:
    case = unsolved(place, case, now, problem=replace(on.LEAKS, description="换了接头还漏"))

    paper = Paper(case, NOTICE_FORM, pages.NOTICE, "k", now + 51 * HOUR)

    shown = paper.context()
    assert shown["told"]["description"] == "换了接头还漏"
    [problem] = [each for each in shown["controls"] if each.name == "problem"]
    assert problem.value == "换了接头还漏"


@pytest.mark.parametrize(("hours", "counts"), [(4, False), (5, True)])
def test_what_the_customer_was_told_before_anything_was_put_right_is_no_reply(
    place: on.Scene, case: Case, now: datetime, hours: int, counts: bool
) -> None:
    lead, manager = place.firm.repair_lead, place.firm.manager
    case = on.handed_over(on.notice(case, lead, now + 2 * HOUR), lead, now + 3 * HOUR)
    doing = on.doing(manager, now + hours * HOUR)
    services.reply(case, text="会再来修", channel="phone", doing=doing)

    case = on.rectified(on.fresh(case), now + 5 * HOUR)

    assert (case.replied_at is not None) == counts
    services.reply(case, text="修好了", channel="phone", doing=on.doing(manager, now + 6 * HOUR))
    undoing.take_back(
        undoing.facts_of(Fact.objects.filter(target=case.pk, kind="case.replied").latest("id")),
        by=manager.pk, reason="登记错了", now=now + 7 * HOUR,
    )  # fmt: skip
    assert on.fresh(case).reply_to_customer == ("会再来修" if counts else "")


def test_the_second_of_two_hand_overs_is_told_and_leaves_nothing(
    place: on.Scene, case: Case, now: datetime
) -> None:
    lead = place.firm.repair_lead
    case = on.notice(case, lead, now + 2 * HOUR)
    on.handed_over(case, lead, now + 3 * HOUR)
    before = Fact.objects.count()

    with pytest.raises(Conflict):
        on.handed_over(case, lead, now + 3 * HOUR)

    assert Fact.objects.count() == before


def test_a_notice_is_written_once_in_a_round(place: on.Scene, case: Case, now: datetime) -> None:
    lead = place.firm.repair_lead
    on.notice(case, lead, now + 2 * HOUR)

    with pytest.raises(Conflict):
        on.notice(on.fresh(case), lead, now + 2 * HOUR)


def test_a_hand_over_in_person_wants_a_signature_or_a_refusal_with_its_reason(
    place: on.Scene, case: Case, now: datetime
) -> None:
    case = on.notice(case, place.firm.repair_lead, now + 2 * HOUR)
    doing = on.doing(place.firm.repair_lead, now + 3 * HOUR)

    with pytest.raises(Invalid) as invalid:
        services.hand_over_notice(case, channel="in_person", receipt=None, doing=doing)

    assert "receipt" in invalid.value.errors
    assert on.fresh(case).stage == Case.Stage.RAISED


def test_nothing_can_be_re_visited_before_it_was_put_right(
    place: on.Scene, case: Case, now: datetime
) -> None:
    with pytest.raises(Conflict):
        on.visit(case.pk, place.firm.manager, now + 2 * HOUR)

    assert Fact.objects.filter(target=case.pk, kind="record.filed").count() == 0


@pytest.mark.parametrize(("late", "standing"), [(-1, "met"), (0, "met"), (1, "late")])
def test_the_notice_is_on_time_until_the_very_second(
    place: on.Scene, case: Case, now: datetime, late: int, standing: str
) -> None:
    lead, at = place.firm.repair_lead, now + 25 * HOUR + timedelta(seconds=late)
    on.handed_over(on.notice(case, lead, now + 2 * HOUR), lead, at)

    assert owed(case, "B.4.a").standing(at) == standing


def test_the_repairer_hears_of_his_notice_and_the_raiser_of_the_answer(
    place: on.Scene, case: Case, now: datetime
) -> None:
    lead = place.firm.repair_lead
    case = on.handed_over(on.notice(case, lead, now + 2 * HOUR), lead, now + 3 * HOUR)
    on.rectified(case, now + 4 * HOUR)

    [sent] = Notice.objects.filter(recipient=place.firm.repairer.pk)
    [answered] = Notice.objects.filter(recipient=lead.pk, template="case_rectified")
    assert (sent.template, sent.clause) == ("case_notice_sent", "B.4.b")
    assert case.rectify_by is not None
    assert sent.params["due"] == case.rectify_by.isoformat()
    assert answered.params["number"] == case.number


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"rectify_by": "2026-03-01"}, {"rectify_by"}),
        ({"rectify_by": "2026-03-10"}, {"relaxed"}),
        ({"rectify_by": "2027-03-03", "relaxed": "等配件"}, {"rectify_by"}),
        ({"rectify_by": "2026-03-09"}, set()),
        ({"rectify_by": "2026-03-10", "relaxed": "等配件"}, set()),
    ],
)
def test_the_term_of_a_notice_lies_between_its_day_and_the_setting_or_has_a_reason(
    place: on.Scene, case: Case, now: datetime, fields: dict[str, str], wrong: set[str]
) -> None:
    lead = place.firm.repair_lead

    if wrong:
        with pytest.raises(Invalid) as invalid:
            on.notice(case, lead, now + 2 * HOUR, **fields)
        assert set(invalid.value.errors) == wrong
        assert on.fresh(case).notice is None
    else:
        assert on.notice(case, lead, now + 2 * HOUR, **fields).notice is not None


def test_a_notice_is_judged_by_the_day_on_which_it_was_written(
    place: on.Scene, case: Case, now: datetime
) -> None:
    lead, given = place.firm.repair_lead, {"problem": "漏", "requirement": "修"}
    entered = on.doing(lead, now + 2 * HOUR, now=now + timedelta(days=3), late_reason="忘了")
    answers = on.Sent(given=given | {"rectify_by": "2026-03-03"})

    services.file_notice(case, answers=answers, doing=entered)

    assert on.fresh(case).notice is not None


def test_a_notice_by_telephone_is_no_written_notice(
    place: on.Scene, case: Case, now: datetime
) -> None:
    case = on.notice(case, place.firm.repair_lead, now + 2 * HOUR)
    doing = on.doing(place.firm.repair_lead, now + 3 * HOUR)

    with pytest.raises(Invalid) as invalid:
        services.hand_over_notice(case, channel="phone", receipt=on.signed(), doing=doing)
    services.hand_over_notice(case, channel="wechat", receipt=None, doing=doing)

    assert "§ B.4.a" in str(invalid.value.errors["channel"])
    assert on.fresh(case).stage == Case.Stage.NOTIFIED


def unsolved(place: on.Scene, case: Case, now: datetime, **found: object) -> Case:
    """Put right, answered to the customer, and found unsolved at the re-visit."""
    lead, manager = place.firm.repair_lead, place.firm.manager
    case = on.handed_over(on.notice(case, lead, now + 2 * HOUR), lead, now + 3 * HOUR)
    case = on.rectified(case, now + 30 * HOUR)
    doing = on.doing(manager, now + 31 * HOUR)
    services.reply(case, text="已修好", channel="phone", doing=doing)
    on.visit(case.pk, manager, now + 50 * HOUR, answers=on.filled(on.UNSOLVED), **found)
    return on.fresh(case)


def test_a_reply_of_an_earlier_round_does_not_close_the_next(
    place: on.Scene, case: Case, now: datetime
) -> None:
    lead, manager = place.firm.repair_lead, place.firm.manager
    case = unsolved(place, case, now)
    assert (case.round, case.replied_at, case.reply_to_customer) == (2, None, "")
    case = on.handed_over(on.notice(case, lead, now + 51 * HOUR), lead, now + 51 * HOUR)
    case = on.rectified(case, now + 52 * HOUR)
    on.visit(case.pk, manager, now + 53 * HOUR)
    assert on.fresh(case).stage == Case.Stage.REVISITED
    doing = on.doing(manager, now + 54 * HOUR)

    with pytest.raises(Refused) as refused:
        services.close(on.fresh(case), outcome="solved", doing=doing)
    services.reply(on.fresh(case), text="这回好了", channel="phone", doing=doing)
    services.close(on.fresh(case), outcome="solved", doing=doing)

    assert refused.value.clauses == ["C.1.4.c"]
    assert on.fresh(case).stage == Case.Stage.CLOSED
    assert kinds(case).count("case.replied") == 2


@pytest.mark.parametrize(
    ("found", "severity"),
    [({}, "moderate"), ({"problem": on.LEAKS}, "moderate"),
     ({"problem": replace(on.LEAKS, severity="minor")}, "moderate"),
     ({"problem": replace(on.LEAKS, severity="major")}, "major")],
)  # fmt: skip
def test_what_did_not_hold_is_no_lighter_than_before(
    place: on.Scene, case: Case, now: datetime, found: dict[str, object], severity: str
) -> None:
    assert case.severity == "moderate"

    assert unsolved(place, case, now, **found).severity == severity


def test_a_notice_handed_over_after_its_term_is_late_for_the_clause_and_listed(
    place: on.Scene, case: Case, now: datetime
) -> None:
    lead = place.firm.repair_lead
    case = on.notice(case, lead, now + 2 * HOUR, rectify_by="2026-03-03")
    arrived = now + timedelta(days=35)
    on.handed_over(case, lead, arrived)
    owing = Obligation.objects.get(target=case.pk, duty="rectify")
    later = arrived + HOUR

    listed = [each for each in became_late(since=arrived, now=later) if each.obligation == owing.pk]
    adopted, pack = policy_in_force("property-management")
    march, april = date(2026, 3, 1), date(2026, 4, 1)
    found = verdicts(adopted, pack, months=[march, april], now=later)

    assert owing.opened_late
    assert [each.why for each in listed] == ["开立时已过时限：计入条款，不算个人逾期"]
    assert found["B.4.b", march].conclusion == "missed"
    assert found["B.4.b", april].conclusion != "missed"
