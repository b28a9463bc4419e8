"""The pages of cases: who may see and change what, what a refusal says, what a list costs."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from huiyin.accounts.models import Person
from huiyin.accounts.visibility import NOBODY
from huiyin.cases import services
from huiyin.cases.given import Item
from huiyin.cases.models import Case
from huiyin.customers.models import Contact, Customer
from huiyin.customers.queries import reached
from huiyin.ledger import services as ledger
from huiyin.ledger.services import NewFact
from huiyin.obligations.models import Refusal
from tests.app import scene as on

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("two_hours_later")]

HOUR = timedelta(hours=1)


@pytest.fixture
def case(place: on.Scene, now: datetime) -> Case:
    return on.case_of(place, on.completed(place), now + HOUR)


def at(name: str, case: Case) -> str:
    return reverse(f"cases:{name}", args=[case.pk])


READ = ["page"]
MANAGE = ["notice", "reply", "closure"]


@pytest.mark.parametrize("name", READ + MANAGE + ["answer"])
def test_whoever_leads_the_unit_opens_every_page(place: on.Scene, case: Case, name: str) -> None:
    assert on.signed_in(place.firm.manager).get(at(name, case)).status_code == 200


@pytest.mark.parametrize(("name", "status"), [("page", 200), ("answer", 200), ("reply", 403)])
def test_the_repairer_reads_and_answers_but_does_not_lead(
    place: on.Scene, case: Case, name: str, status: int
) -> None:
    assert on.signed_in(place.firm.repairer).get(at(name, case)).status_code == status


def test_the_repairer_reads_what_became_of_the_case_and_not_who_printed_what(
    place: on.Scene, case: Case, now: datetime
) -> None:
    lead, repairer = place.firm.repair_lead, place.firm.repairer
    case = on.handed_over(on.notice(case, lead, now + 1.5 * HOUR), lead, now + 1.6 * HOUR)
    on.rectified(case, now + 2 * HOUR)
    told = [NewFact("record.printed", case.pk, lead.pk, lead.pk, now + HOUR, now + HOUR, {})]
    ledger.record(told, now=now + 2 * HOUR)

    his = on.signed_in(repairer).get(at("page", case)).context["events"]
    all_of_it = on.signed_in(lead).get(at("page", case)).context["events"]

    assert [each.title for each in his] == ["整改完成", "送达整改通知", "提出事项"]
    assert "打印记录" in [each.title for each in all_of_it]


@pytest.mark.parametrize("name", [*READ, *MANAGE, "answer", "handover"])
@pytest.mark.parametrize("who", ["far_officer", "second_repairer", "stranger"])
def test_an_outsider_does_not_learn_that_the_case_exists(
    place: on.Scene, case: Case, name: str, who: str
) -> None:
    client = on.signed_in(getattr(place.firm, who))

    assert client.get(at(name, case)).status_code == 404
    assert client.post(at(name, case), {"outcome": "solved"}).status_code in (404, 405)
    assert on.fresh(case).stage == Case.Stage.RAISED


def test_the_list_shows_what_one_may_see(place: on.Scene, case: Case) -> None:
    page = reverse("cases:list")

    assert case.number in on.signed_in(place.firm.manager).get(page).content.decode()
    assert case.number in on.signed_in(place.firm.repairer).get(page).content.decode()
    assert case.number not in on.signed_in(place.firm.far_officer).get(page).content.decode()


def test_the_case_says_what_is_next_who_owes_it_and_what_is_missing(
    place: on.Scene, case: Case
) -> None:
    shown = on.signed_in(place.firm.repair_lead).get(at("page", case)).content.decode()

    assert "开具整改通知" in shown
    assert place.firm.repair_lead.name in shown
    assert "明天 10:00" in shown
    assert "B.4.a" in shown
    assert "现在还不能关闭" in shown
    assert "C.1.4.c" in shown


def test_a_refused_closing_is_a_409_with_the_clause_and_is_kept(
    place: on.Scene, case: Case
) -> None:
    answer = on.signed_in(place.firm.manager).post(at("closure", case), {"outcome": "solved"})

    assert answer.status_code == 409
    assert "C.1.4.c" in answer.content.decode()
    assert on.fresh(case).stage == Case.Stage.RAISED
    kept = Refusal.objects.get(act="case.close")
    assert "C.1.4.c" in kept.clauses


def test_the_pages_lead_through_the_whole_way(place: on.Scene, case: Case, now: datetime) -> None:
    lead = on.signed_in(place.firm.repair_lead)
    given = {"problem": "滴水", "requirement": "换接头", "rectify_by": "2026-03-09"}
    handover = {"channel": "in_person", "receipt": on.drawing()}

    wrote = lead.post(at("notice", case), given)
    handed = lead.post(at("handover", case), handover)
    put_right = on.signed_in(place.firm.repairer).post(at("answer", case), {"measures": "换了"})
    on.visit(case.pk, place.firm.manager, now + 2 * HOUR)
    manager = on.signed_in(place.firm.manager)
    replied = manager.post(at("reply", case), {"text": "修好了", "channel": "phone"})
    closed = manager.post(at("closure", case), {"outcome": "solved"})

    assert wrote.headers["Location"] == at("handover", case)
    for answer in (handed, put_right, replied, closed):
        assert (answer.status_code, answer.headers["Location"]) == (302, at("page", case))
    assert on.fresh(case).stage == Case.Stage.CLOSED


def test_a_notice_with_gaps_comes_back_with_what_was_entered(place: on.Scene, case: Case) -> None:
    answer = on.signed_in(place.firm.repair_lead).post(
        at("notice", case), {"problem": "", "requirement": "更换接头并试水"}
    )

    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "更换接头并试水" in shown
    assert 'role="alert"' in shown


def test_the_notice_opens_with_the_problem_and_the_term_of_the_setting(
    place: on.Scene, case: Case
) -> None:
    shown = on.signed_in(place.firm.repair_lead).get(at("notice", case)).content.decode()

    assert "水管接头还在滴水" in shown
    assert "2026-03-09" in shown


def test_a_hand_over_keeps_the_signature_when_something_else_is_missing(
    place: on.Scene, case: Case, now: datetime
) -> None:
    on.notice(case, place.firm.repair_lead, now + 2 * HOUR)

    answer = on.signed_in(place.firm.repair_lead).post(
        at("handover", case), {"channel": "", "receipt": on.drawing()}
    )

    assert answer.status_code == 422
    assert on.drawing() in answer.content.decode()


def test_closed_cases_stand_in_their_own_view(place: on.Scene, case: Case, now: datetime) -> None:
    lead, manager = place.firm.repair_lead, place.firm.manager
    walked = on.handed_over(on.notice(case, lead, now + 2 * HOUR), lead, now + 2 * HOUR)
    walked = on.rectified(walked, now + 2 * HOUR)
    on.visit(case.pk, manager, now + 2 * HOUR)
    doing = on.doing(manager, now + 2 * HOUR)
    services.reply(on.fresh(case), text="好了", channel="visit", doing=doing)
    services.close(on.fresh(case), outcome="solved", doing=doing)
    client = on.signed_in(manager)

    assert case.number not in client.get(reverse("cases:list")).content.decode()
    assert case.number in client.get(f"{reverse('cases:list')}?stage=closed").content.decode()
    assert client.get(at("page", case)).status_code == 200
    for step in ("notice", "handover", "answer", "reply", "closure"):
        assert client.get(at(step, case)).headers["Location"] == at("page", case), step
    assert client.get(at("supplement", case)).status_code == 200


def test_today_asks_for_the_steps_of_a_case_until_it_is_closed(
    place: on.Scene, case: Case, now: datetime
) -> None:
    lead, manager = place.firm.repair_lead, place.firm.manager
    walked = on.handed_over(on.notice(case, lead, now + 2 * HOUR), lead, now + 2 * HOUR)
    walked = on.rectified(walked, now + 2 * HOUR)
    client, asked = on.signed_in(lead), f"{case.number}已整改，请安排复访"
    assert asked in client.get(reverse("desk:today")).content.decode()

    on.visit(case.pk, manager, now + 2 * HOUR)
    doing = on.doing(manager, now + 2 * HOUR)
    services.reply(on.fresh(case), text="好了", channel="visit", doing=doing)
    services.close(on.fresh(case), outcome="solved", doing=doing)

    assert asked not in client.get(reverse("desk:today")).content.decode()


def test_an_unknown_stage_is_left_out_and_named(place: on.Scene, case: Case) -> None:
    answer = on.signed_in(place.firm.manager).get(f"{reverse('cases:list')}?stage=gone")

    assert answer.status_code == 200
    assert answer.context["dropped"] == ["stage"] and "已略去：stage" in answer.content.decode()
    assert case.number in answer.content.decode()


def test_nobody_sees_nothing_not_even_a_case_without_a_repairer(case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(repairer=None)

    assert not Case.objects.visible_to(NOBODY).exists()


def test_a_referral_and_its_ruling_are_reached_from_the_case(
    place: on.Scene, case: Case, now: datetime
) -> None:
    firm = place.firm
    client = on.signed_in(firm.manager)
    assert at("referral", case) in client.get(at("page", case)).content.decode()

    asked = client.post(at("referral", case), {"to": firm.head_office.pk, "text": "换门？"})

    assert asked.status_code == 302
    shown = client.get(at("page", case)).content.decode()
    assert at("ruling", case) in shown and at("referral", case) not in shown
    assert client.post(at("ruling", case), {"text": "换"}).status_code == 302
    told = client.get(at("page", case)).content.decode()
    assert f"{firm.head_office.name}（{firm.manager.name} 录入）" in told


def test_a_refused_closing_marks_the_field_and_leads_to_the_reply(
    place: on.Scene, case: Case
) -> None:
    client = on.signed_in(place.firm.manager)

    whole = client.post(at("closure", case), {"outcome": ""})
    piece = client.post(at("closure", case), {"outcome": ""}, headers={"HX-Request": "true"})

    for answer in (whole, piece):
        shown = answer.content.decode()
        assert answer.status_code == 409
        assert 'data-field="field-outcome"' in shown
        assert f'href="{at("reply", case)}"' in shown
    assert whole.context["errors"] == {"outcome": ["请填写。"]}
    assert 'data-behaviour="focus errors"' in piece.content.decode()


def test_what_closing_itself_asks_for_is_no_hindrance_and_is_marked_there(
    place: on.Scene, now: datetime
) -> None:
    asked = Item("question", "何时换灯", answer="周五")
    case = on.taken_down(place, asked, place.firm.manager, now)
    client = on.signed_in(place.firm.manager)

    before = client.get(at("page", case))
    client.post(at("reply", case), {"text": "周五换", "channel": "phone"})
    after = client.get(at("page", case))
    closing = client.get(at("closure", case)).content.decode()

    assert "处理结果" not in str(before.context["missing"])
    assert after.context["next"].gate.key == "closure"
    assert after.context["missing"] is None
    assert re.search(r'name="outcome" value="solved" required', closing)


def test_a_notice_is_not_offered_to_be_read_out(place: on.Scene, case: Case, now: datetime) -> None:
    on.notice(case, place.firm.repair_lead, now + 2 * HOUR)
    client = on.signed_in(place.firm.repair_lead)

    shown = client.get(at("handover", case)).content.decode()
    answer = client.post(at("handover", case), {"channel": "phone"})

    assert 'value="phone"' not in shown and 'value="wechat"' in shown
    assert answer.status_code == 422
    assert "书面通知" in answer.content.decode()


def test_a_ready_message_is_shown_whole(place: on.Scene, case: Case) -> None:
    shown = on.signed_in(place.firm.repair_lead).get(at("page", case)).content.decode()

    copied = re.findall(r'data-copy-text="([^"]*)"', shown)
    assert copied and max(map(len, copied)) > 40
    assert all(f'<p class="copy__text quiet">{text}</p>' in shown for text in copied)


def test_the_notice_asks_why_its_term_is_longer(place: on.Scene, case: Case) -> None:
    client = on.signed_in(place.firm.repair_lead)
    given = {"problem": "滴水", "requirement": "换接头", "rectify_by": "2026-03-20"}

    refused = client.post(at("notice", case), given)
    written = client.post(at("notice", case), given | {"relaxed": "配件要等"})

    assert refused.status_code == 422
    assert list(refused.context["errors"]) == ["relaxed"]
    assert "放宽的缘由" in refused.content.decode()
    assert written.status_code == 302


def put_right(place: on.Scene, now: datetime) -> Case:
    """Of a visit that no repair order is behind: nothing says how soon it is visited again."""
    firm = place.firm
    doing = on.doing(firm.manager, now)
    case = services.raise_case(on.LEAKS, about=place.customer, origin="repair_visit", doing=doing)
    written = {"problem": "滴水", "requirement": "换接头", "rectify_by": "2026-03-05"}
    services.file_notice(
        case, answers=on.filled(written, signatures={}), doing=doing, repairer=firm.repairer.pk
    )
    case = on.handed_over(on.fresh(case), firm.manager, now)
    return on.rectified(case, now)


def test_what_no_rule_could_decide_is_told_on_the_page(place: on.Scene, now: datetime) -> None:
    address = reverse("cases:page", args=[put_right(place, now).pk])

    shown = on.signed_in(place.firm.manager).get(address).content.decode()

    assert "制度没能判定要不要“整改后复访”：缺“类别”" in shown and "§ B.4.b" in shown


def test_what_has_its_value_since_is_told_no_more(place: on.Scene, now: datetime) -> None:
    case = put_right(place, now)
    supplied = {"repair.category": "leak"}
    manager = place.firm.manager.pk
    fact = NewFact("repair.corrected", case.pk, manager, manager, now, now, supplied)
    page = reverse("cases:page", args=[case.pk])
    client = on.signed_in(place.firm.manager)

    asked = client.get(page).content.decode()
    ledger.record([fact], now=now + HOUR)
    shown = client.get(page).content.decode()

    assert "没能判定" in asked
    assert "没能判定" not in shown


def test_the_page_of_a_reply_says_whom_to_call(place: on.Scene, case: Case) -> None:
    Customer.objects.filter(pk=place.customer).update(name="王家")
    [resident] = Contact.objects.filter(customer=place.customer)
    resident.name = "王建国"
    resident.save()
    client = on.signed_in(place.firm.manager)

    shown = client.get(at("reply", case)).content.decode()

    for words in ("<b>王家</b>", "<b>王••</b>", "138••••2046"):
        assert words in shown, words
    assert "王建国" not in shown
    assert "138••••2046" not in client.get(at("closure", case)).content.decode()


def test_no_name_is_for_who_may_not_open_the_customer(place: on.Scene, case: Case) -> None:
    found = reached(case.customer_id, NOBODY)

    assert found["customer"] is None
    assert all("name" in contact.get_deferred_fields() for contact in found["contacts"])


def rooms_count(person: Person) -> int:
    rooms = on.signed_in(person).get(reverse("cases:list")).context["rooms"]
    [count] = [room["count"] for room in rooms if room["key"] == "cases"]
    return int(count)


def test_the_menu_counts_what_one_leads_or_owes_and_not_what_one_may_look_at(
    place: on.Scene, case: Case, now: datetime
) -> None:
    lead, repairer = place.firm.repair_lead, place.firm.repairer

    before = rooms_count(place.firm.manager), rooms_count(lead), rooms_count(repairer)
    case = on.handed_over(on.notice(case, lead, now + 1.5 * HOUR), lead, now + 1.6 * HOUR)
    told = rooms_count(repairer)
    on.rectified(case, now + 1.8 * HOUR)

    assert before == (1, 1, 0)
    assert told == 1
    assert rooms_count(repairer) == 0


def test_the_customer_of_a_case_is_a_link_only_for_who_may_open_it(
    place: on.Scene, case: Case
) -> None:
    customer = f'href="{reverse("customers:page", args=[case.customer_id])}"'

    led = on.signed_in(place.firm.repair_lead).get(at("page", case)).content.decode()
    repairers = on.signed_in(place.firm.repairer).get(at("page", case)).content.decode()

    assert customer in led
    assert customer not in repairers and "3栋1202" in repairers


def test_the_notice_says_how_much_time_needs_no_reason(place: on.Scene, case: Case) -> None:
    shown = on.signed_in(place.firm.repair_lead).get(at("notice", case)).content.decode()

    assert "没有放宽就不用填。现在的参数是 7 天。" in shown
