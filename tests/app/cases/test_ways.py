"""Every kind of item on its own way: what is taken down, decided, answered, taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import InternalError, ProgrammingError, transaction

from huiyin.cases import services, ways
from huiyin.cases.given import Item
from huiyin.cases.models import Case
from huiyin.core.errors import Invalid, NotFound, Refused
from huiyin.ledger.models import Fact, Note
from huiyin.obligations.models import Obligation
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


def test_who_has_the_household_sees_its_cases_but_not_what_is_said_of_him(
    place: on.Scene, now: datetime
) -> None:
    firm = place.firm
    about_him = Item("complaint", "物管员不接电话", complained_about=firm.officer.pk)

    seen = on.taken_down(place, PARCELS, firm.manager, now)
    hidden = on.taken_down(place, about_him, firm.manager, now)

    his = Case.objects.visible_to(firm.viewer(firm.officer))
    assert seen in his
    assert hidden not in his


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
        "case.raised_at": now.isoformat(),
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
        case.pk, firm.officer, now + 4 * HOUR, form="visit_record",
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


def test_a_re_visit_that_met_nobody_is_an_attempt_and_stays_owed(
    place: on.Scene, now: datetime
) -> None:
    firm = place.firm
    case = on.taken_down(place, Item("problem", "单元门关不上", "minor"), firm.officer, now)
    written = {"problem": "门", "requirement": "调", "rectify_by": "2026-03-09"}
    services.file_notice(
        case, answers=on.filled(written, signatures={}), doing=on.doing(firm.director, now + HOUR),
        repairer=firm.repairer.pk,
    )  # fmt: skip
    case = on.rectified(on.handed_over(on.fresh(case), firm.director, now + HOUR), now + HOUR)
    nobody = on.filled({"met": "nobody"}, signatures={})

    tried = on.visit(case.pk, firm.officer, now + 2 * HOUR, form="visit_record", answers=nobody)

    case = on.fresh(case)
    assert (case.stage, case.revisit_id, case.revisited_at) == (Case.Stage.RECTIFIED, None, None)
    assert tried.case == case
    stated = list(Fact.objects.filter(target=case.pk).values_list("kind", flat=True))
    assert "case.revisit_attempted" in stated and "case.revisited" not in stated
    assert Obligation.objects.waiting().about(case.pk).filter(duty="revisit_home").exists()
    browser = on.signed_in(firm.officer)
    assert "复访未成" in browser.get(f"/followups/{tried.pk}/").content.decode()
    assert "复访未成" in browser.get(f"/cases/{case.pk}/").content.decode()

    met = on.filled({"met": "family", "satisfaction": "4"}, signatures={})
    on.visit(case.pk, firm.officer, now + 3 * HOUR, form="visit_record", answers=met)

    assert on.fresh(case).stage == Case.Stage.REVISITED


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
