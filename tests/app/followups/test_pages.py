"""The workbench: who may open it, what it shows, what comes back, what it leads to."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huiyin.accounts.services import appoint
from huiyin.cases.models import Case
from huiyin.customers.models import Contact, Customer
from huiyin.followups import services
from huiyin.followups.models import Followup
from huiyin.followups.services import Appointment
from huiyin.ledger.models import Target
from huiyin.obligations.models import Obligation, Refusal
from huiyin.records.models import Photo, Record
from huiyin.subjects.models import Subject
from tests.app import scene as on

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("two_hours_later")]

HOUR = timedelta(hours=1)


def bench(target: int) -> str:
    return reverse("followups:workbench", args=[target])


def sent(**more: Any) -> dict[str, Any]:
    """What the browser sends for a satisfied household."""
    return on.SATISFIED | {"visited": on.drawing(), "key": "k-1"} | more


def photo() -> SimpleUploadedFile:
    return SimpleUploadedFile("p.jpg", on.photograph(), content_type="image/jpeg")


def test_the_workbench_says_who_where_until_when_and_offers_no_answer(
    place: on.Scene, repair: Subject
) -> None:
    shown = on.signed_in(place.firm.repair_lead).get(bench(repair.pk)).content.decode()

    assert "3栋1202 · 漏水" in shown
    assert "138••••2046" in shown
    assert "13812342046" not in shown
    assert "B.2.c" in shown
    assert "周四" in shown
    assert "WX-1" in shown
    assert not re.search(r"<input[^>]*\bchecked", shown)
    assert "按制度，电话、微信或短信回访不履行这一项" in shown
    assert shown.partition("item-1-")[0].count("（有时必填）") == 2
    assert "“维修时在场的是”是“业主”或“家人”时必填。" in shown
    assert "“改进意见”是“有，写在下面”时必填。" in shown


def test_free_words_have_room(place: on.Scene, repair: Subject) -> None:
    client = on.signed_in(place.firm.repair_lead)
    words = "楼道灯太暗，晚上看不清台阶，\n希望换成感应灯"

    empty = client.get(bench(repair.pk)).content.decode()
    back = client.post(bench(repair.pk), sent(fees="", suggestion_text=words)).content.decode()

    assert re.search(r'<textarea [^>]*rows="2"[^>]*name="suggestion_text"', empty)
    assert re.search(rf'<textarea [^>]*name="suggestion_text"[^>]*>{words}</textarea>', back)


@pytest.mark.parametrize("who", ["manager", "repair_lead", "officer"])
def test_whoever_sees_the_repair_opens_it(place: on.Scene, who: str, now: datetime) -> None:
    repair = on.completed(place)
    Subject.objects.get(pk=repair.pk).target.__class__.objects.filter(pk=repair.pk).update(
        owner_id=place.firm.officer.pk
    )

    assert on.signed_in(getattr(place.firm, who)).get(bench(repair.pk)).status_code == 200


@pytest.mark.parametrize("who", ["far_officer", "far_repairer", "stranger"])
def test_an_outsider_neither_opens_nor_files(place: on.Scene, repair: Subject, who: str) -> None:
    client = on.signed_in(getattr(place.firm, who))

    assert client.get(bench(repair.pk)).status_code == 404
    assert client.post(bench(repair.pk), sent()).status_code == 404
    assert not Record.objects.exists()


def test_filing_leads_to_what_was_met(place: on.Scene, repair: Subject) -> None:
    client = on.signed_in(place.firm.repair_lead)

    answer = client.post(bench(repair.pk), sent(photo=photo()))

    held = Followup.objects.get()
    assert answer.headers["Location"] == reverse("followups:page", args=[held.pk])
    shown = client.get(answer.headers["Location"]).content.decode()
    assert "按时" in shown
    assert "B.2.c" in shown
    assert Photo.objects.count() == 1
    assert Obligation.objects.get(state="done").owed_roles == ["repair_lead"]


def test_an_htmx_form_is_sent_onwards(place: on.Scene, repair: Subject) -> None:
    answer = on.signed_in(place.firm.repair_lead).post(
        bench(repair.pk), sent(), headers={"HX-Request": "true"}
    )

    held = Followup.objects.get()
    assert answer.headers["HX-Redirect"] == reverse("followups:page", args=[held.pk])


def test_a_double_submit_has_one_effect(place: on.Scene, repair: Subject) -> None:
    client = on.signed_in(place.firm.repair_lead)

    first = client.post(bench(repair.pk), sent(photo=photo()))
    second = client.post(bench(repair.pk), sent(photo=photo()))

    assert first.headers["Location"] == second.headers["Location"]
    assert Record.objects.count() == 1


def test_gaps_come_back_with_answers_signature_and_problem(
    place: on.Scene, repair: Subject
) -> None:
    gaps = sent(fees="") | {"item-1": "1", "item-1-description": "墙面还有水渍"}

    answer = on.signed_in(place.firm.repair_lead).post(bench(repair.pk), gaps)

    shown = answer.content.decode()
    assert answer.status_code == 422
    assert on.drawing() in shown
    assert "墙面还有水渍" in shown
    assert re.search(r'name="onsite_check" value="fixed" checked', shown)
    assert "收费核对" in shown
    assert 'value="k-1"' in shown
    assert not Record.objects.exists()


def test_an_htmx_form_with_gaps_gets_the_list_alone(place: on.Scene, repair: Subject) -> None:
    answer = on.signed_in(place.firm.repair_lead).post(
        bench(repair.pk), sent(fees=""), headers={"HX-Request": "true"}
    )

    assert answer.status_code == 422
    assert answer.headers["HX-Retarget"] == "#alerts"
    assert b"<html" not in answer.content


def test_the_repairer_is_warned_and_then_refused_with_the_clause(
    place: on.Scene, repair: Subject
) -> None:
    Target.objects.filter(pk=repair.pk).update(owner_id=place.firm.repairer.pk)
    client = on.signed_in(place.firm.repairer)

    warned = client.get(bench(repair.pk)).content.decode()
    refused = client.post(bench(repair.pk), sent())

    assert "B.1.a" in warned
    # There is nothing to fill in for him, but who may, and the ways on.
    assert 'name="onsite_check"' not in warned and 'name="seen"' not in warned
    assert "可由 甲经理、乙主管、丙负责 办理" in warned
    assert reverse("subjects:page", args=["repair", repair.pk]) in warned
    assert refused.status_code == 409
    assert "B.1.a" in refused.content.decode()
    assert on.drawing() in refused.content.decode()
    assert Refusal.objects.get().clauses == ["B.1.a"]


def test_whom_the_policy_forbids_it_may_enter_the_visit_of_a_colleague(
    place: on.Scene, repair: Subject
) -> None:
    Target.objects.filter(pk=repair.pk).update(owner_id=place.firm.repairer.pk)
    client = on.signed_in(place.firm.repairer)
    for_another = f"{bench(repair.pk)}?for=another"

    offered = client.get(bench(repair.pk)).content.decode()
    opened = client.get(for_another).content.decode()
    answer = client.post(bench(repair.pk), sent(by=str(place.firm.repair_lead.pk)))

    assert f'href="{for_another}"' in offered
    assert 'name="onsite_check"' in opened and '<details class="folded" open>' in opened
    assert answer.status_code == 302
    assert Record.objects.get().by_id == place.firm.repair_lead.pk


def test_a_problem_opens_a_case_with_its_24_hours(place: on.Scene, repair: Subject) -> None:
    client = on.signed_in(place.firm.repair_lead)
    found = sent(onsite_check="not_fixed") | {"item-1": "1", "item-1-kind": "problem"}
    found |= {"item-1-severity": "moderate", "item-1-description": "接头没有换"}

    answer = client.post(bench(repair.pk), found)

    case = Case.objects.get()
    shown = client.get(answer.headers["Location"]).content.decode()
    assert (case.description, case.severity) == ("接头没有换", "moderate")
    assert case.number in shown
    assert f'href="{reverse("cases:notice", args=[case.pk])}">去开整改通知</a>' in shown
    assert "明天 11:00" in shown
    assert "B.4.a" in shown


def test_who_made_the_repair_is_not_offered_as_company(place: on.Scene, repair: Subject) -> None:
    firm, since = place.firm, place.now.date() - timedelta(days=9)
    appoint(firm.repairer, "repair_lead", firm.zone_one, since, by=None, now=place.now)

    page = on.signed_in(place.firm.repair_lead).get(bench(repair.pk))

    offered = {int(each.value) for each in page.context["along"].choices}
    assert place.firm.repairer.pk not in offered
    assert offered


def test_a_joint_visit_entered_later_for_a_colleague(
    place: on.Scene, repair: Subject, now: datetime
) -> None:
    lead, supervisor = place.firm.repair_lead, place.firm.supervisor
    late = sent(by=str(lead.pk), present=[str(supervisor.pk)], happened_at="2026-03-02T09:30")

    on.signed_in(place.firm.manager).post(bench(repair.pk), late)

    record = Record.objects.get()
    assert (record.by_id, record.recorded_by_id) == (lead.pk, place.firm.manager.pk)
    assert record.happened_at == now + HOUR / 2
    assert set(record.presences.values_list("person_id", flat=True)) == {lead.pk, supervisor.pk}


@pytest.mark.parametrize(
    ("field", "value"), [("by", "999999"), ("present", "x"), ("happened_at", "gestern")]
)
def test_a_person_or_moment_that_is_not_offered_is_a_422(
    place: on.Scene, repair: Subject, field: str, value: str
) -> None:
    answer = on.signed_in(place.firm.manager).post(bench(repair.pk), sent(**{field: value}))

    assert answer.status_code == 422
    assert not Record.objects.exists()


def test_a_visit_of_tomorrow_cannot_be_filed(place: on.Scene, repair: Subject) -> None:
    answer = on.signed_in(place.firm.manager).post(
        bench(repair.pk), sent(happened_at="2026-03-03T09:00")
    )

    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("why", "told"),
    [
        ({"late_reason": "回执单压在抽屉里"}, "回执单压在抽屉里"),
        ({"waited": "yes"}, "当时没有网络，先存在设备上，有网络后自动提交。"),
    ],
)
def test_a_visit_entered_after_its_deadline_says_why_wherever_it_is_shown(
    place: on.Scene, repair: Subject, why: dict[str, str], told: str
) -> None:
    post = sent(happened_at="2026-03-05T20:00", suggestions="none", photo=[])
    with time_machine.travel("2026-03-06T01:00+00:00", tick=False):
        client = on.signed_in(place.firm.repair_lead)
        asked = client.post(bench(repair.pk), post)
        client.post(bench(repair.pk), post | why)
        record = Record.objects.get()
        page = client.get(reverse("records:page", args=[record.pk])).content.decode()
        met = Obligation.objects.get(settled_by__values__contains={"record.id": record.pk})
        drilled = client.get(reverse("desk:obligation", args=[met.pk])).content.decode()

    assert asked.status_code == 422
    assert "发生于 2026-03-05 20:00，现在才登记，请写明补录的原因。" in asked.content.decode()
    assert re.search(r'<textarea[^>]*aria-invalid[^>]*name="late_reason"', asked.content.decode())
    assert told in page and "2026-03-05 20:00" in page and "2026-03-06 09:00" in page
    assert told in drilled and "补录" in drilled


def test_the_re_visit_of_a_case_has_its_workbench(
    place: on.Scene, repair: Subject, now: datetime
) -> None:
    lead = place.firm.repair_lead
    case = on.case_of(place, repair, now + HOUR)
    case = on.handed_over(on.notice(case, lead, now + HOUR), lead, now + HOUR)
    on.rectified(case, now + HOUR)
    client = on.signed_in(place.firm.manager)

    shown = client.get(bench(case.pk)).content.decode()
    answer = client.post(bench(case.pk), sent())

    assert "水管接头还在滴水" in shown
    assert "B.4.b" in shown
    assert on.fresh(case).stage == Case.Stage.REVISITED
    assert client.get(answer.headers["Location"]).status_code == 200


def test_a_unit_and_an_unknown_target_have_no_workbench(place: on.Scene) -> None:
    client = on.signed_in(place.firm.manager)

    assert client.get(bench(place.firm.zone_one.pk)).status_code == 404
    assert client.get(bench(10**9)).status_code == 404


def test_the_past_of_the_customer_is_shown_and_costs_nothing_more(
    place: on.Scene, repair: Subject, now: datetime
) -> None:
    client = on.signed_in(place.firm.manager)
    for n in range(2):
        on.case_of(place, on.completed(place, f"WX-1{n}"), now + HOUR)
    client.get(bench(repair.pk))
    with CaptureQueriesContext(connection) as with_some:
        client.get(bench(repair.pk))
    for n in range(4):
        on.case_of(place, on.completed(place, f"WX-2{n}"), now + HOUR)

    with CaptureQueriesContext(connection) as with_many:
        shown = client.get(bench(repair.pk)).content.decode()

    assert shown.count("· 未修好 · 业主 · 很好") == 3
    assert len(with_many) == len(with_some) <= 42


def test_an_appointment_is_made_shown_and_called_off(place: on.Scene, repair: Subject) -> None:
    client = on.signed_in(place.firm.supervisor)
    plan = reverse("followups:plan", args=[repair.pk])

    assert client.get(plan).status_code == 200
    unfilled = client.post(plan, {"channel": "visit"})
    made = client.post(plan, {"channel": "visit", "planned_for": "2026-03-04T10:00"})
    shown = client.get(made.headers["Location"]).content.decode()
    planned = Followup.objects.get()
    client.post(reverse("followups:cancel", args=[planned.pk]), {"reason": "住户出差"})

    assert unfilled.status_code == 422
    assert "2026-03-04 10:00" in shown
    planned.refresh_from_db()
    assert planned.state == "cancelled"


def test_only_the_planner_or_the_unit_calls_an_appointment_off(
    place: on.Scene, repair: Subject, now: datetime
) -> None:
    planned = services.plan(
        Appointment(repair.pk, "visit", now + 9 * HOUR), by=place.firm.supervisor.pk, now=now
    )
    cancel = reverse("followups:cancel", args=[planned.pk])

    assert on.signed_in(place.firm.far_officer).post(cancel, {"reason": "x"}).status_code == 404
    assert on.signed_in(place.firm.manager).post(cancel, {"reason": ""}).status_code == 422
    assert on.signed_in(place.firm.manager).post(cancel, {"reason": "改期"}).status_code == 302


def test_a_follow_up_is_seen_by_its_unit_only(
    place: on.Scene, repair: Subject, now: datetime
) -> None:
    held = on.visit(repair.pk, place.firm.repair_lead, now + HOUR)
    page = reverse("followups:page", args=[held.pk])

    assert on.signed_in(place.firm.manager).get(page).status_code == 200
    assert on.signed_in(place.firm.far_officer).get(page).status_code == 404


def test_the_workbench_names_the_household_and_whom_to_talk_to(
    place: on.Scene, repair: Subject
) -> None:
    Customer.objects.filter(pk=place.customer).update(name="王家")
    [resident] = Contact.objects.filter(customer=place.customer)
    resident.name = "王建国"
    resident.save()

    shown = on.signed_in(place.firm.repair_lead).get(bench(repair.pk)).content.decode()

    assert "<b>王家</b>" in shown
    assert "<b>王••</b>" in shown
    assert "王建国" not in shown


def test_the_confirmation_says_where_as_the_day_does(
    place: on.Scene, repair: Subject, now: datetime
) -> None:
    lead = place.firm.repair_lead
    case = on.case_of(place, repair, now + HOUR)
    other = on.completed(place, "WX-2")
    held = on.visit(other.pk, lead, now + 1.5 * HOUR)

    page = on.signed_in(lead).get(reverse("followups:page", args=[held.pk]))
    shown = re.sub(r"\s+", " ", page.content.decode())

    assert page.context["following_url"] == reverse("cases:page", args=[case.pk])
    assert "<b>3栋1202 漏水 问题</b>" in shown
    assert "3栋1202 漏水 · WX-2 · <time" in shown
