"""登记事项, and the page of a case of each kind: what is asked, what is shown, who may do what."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huiyin.accounts.queries import zone
from huiyin.cases import services
from huiyin.cases.given import Item
from huiyin.cases.models import Case
from huiyin.ledger.models import Fact, Note
from huiyin.obligations.models import Refusal
from tests.app import scene as on

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("two_hours_later")]

HOUR = timedelta(hours=1)
LAMP = Item("question", "地下车库何时换灯")
PARCELS = Item("suggestion", "快递柜挪到门口")
RUDE = Item("complaint", "物管员不接电话")


def at(name: str, case: Case) -> str:
    return reverse(f"cases:{name}", args=[case.pk])


def intake(place: on.Scene) -> str:
    return reverse("cases:intake", args=[place.customer])


def sent(kind: str, **more: Any) -> dict[str, Any]:
    return {"origin": "phone", "item-kind": kind, "item-description": "楼道灯太暗"} | {
        f"item-{field}": value for field, value in more.items()
    }


def test_the_front_desk_finds_the_household_and_nothing_before_it_asks(place: on.Scene) -> None:
    client, page = on.signed_in(place.firm.manager), reverse("cases:arrival")

    before = client.get(page).content.decode()
    found = client.get(page, {"q": "1202"}).content.decode()
    nothing = client.get(page, {"q": "9栋"}).content.decode()

    assert intake(place) not in before
    assert intake(place) in found
    assert "没有符合的客户" in nothing


def test_the_front_desk_finds_only_what_one_may_see(place: on.Scene) -> None:
    found = on.signed_in(place.firm.far_officer).get(reverse("cases:arrival"), {"q": "1202"})

    assert intake(place) not in found.content.decode()


@pytest.mark.parametrize("who", ["far_officer", "repairer", "stranger"])
def test_an_outsider_takes_nothing_down_about_a_household(place: on.Scene, who: str) -> None:
    client = on.signed_in(getattr(place.firm, who))

    assert client.get(intake(place)).status_code == 404
    assert client.post(intake(place), sent("suggestion")).status_code == 404
    assert not Case.objects.exists()


def test_the_form_offers_no_answer_by_itself(place: on.Scene) -> None:
    shown = on.signed_in(place.firm.officer).get(intake(place)).content.decode()

    assert " checked" not in shown
    assert place.firm.repairer.name in shown  # may be complained about


def test_a_call_becomes_a_case_of_the_household(place: on.Scene, now: datetime) -> None:
    client = on.signed_in(place.firm.officer)
    form = sent("request", answering="promised", promised_at="2026-03-04T17:00")

    answer = client.post(intake(place), form)

    case = Case.objects.get()
    assert answer.headers["Location"] == at("page", case)
    assert (case.kind, case.origin, case.at_visit) == ("request", "phone", False)
    assert case.promised_reply_at == now + timedelta(days=2, hours=8)
    shown = client.get(answer.headers["Location"]).content.decode()
    assert "2026-03-04 17:00" in shown
    assert "周三 17:00" in shown
    assert "来电" in shown


def test_what_is_not_answered_and_not_promised_is_refused_with_the_clause(
    place: on.Scene,
) -> None:
    answer = on.signed_in(place.firm.officer).post(intake(place), sent("question"))

    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "A.1.3" in shown
    assert "楼道灯太暗" in shown
    assert (
        shown.count("请写明当场答复了什么，或约定答复的时间。") == 3
    )  # told, shown, and for the script
    assert 'href="#field-item-answering"' in shown
    assert Refusal.objects.get().act == "case.raise"
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (sent(""), "类别"),
        (sent("nonsense"), "类别"),
        (sent("suggestion") | {"origin": "pigeon"}, "怎么来的"),
        (sent("suggestion", description=" "), "客户原话"),
        (sent("complaint"), "轻重"),
        (sent("complaint", severity="minor", complained_about="0"), "投诉的是谁"),
        (sent("question", answering="answered"), "答复了什么"),
        (sent("question", answering="promised"), "约定的答复时间"),
        (sent("question", answering="promised", promised_at="gestern"), "约定的答复时间"),
        (sent("question", answering="promised", promised_at="2026-03-01T09:00"), "约定的答复时间"),
        (sent("question", answering="perhaps"), "当场答复"),
        (sent("suggestion") | {"about": "1"}, "关于哪一单"),
        (sent("suggestion") | {"happened_at": "x"}, "提出时间"),
    ],
)
def test_what_cannot_be_is_a_422_beside_its_field(
    place: on.Scene, form: dict[str, Any], field: str
) -> None:
    answer = on.signed_in(place.firm.officer).post(intake(place), form)

    alert = answer.content.decode().partition('role="alert"')[2].partition("</form>")[0]
    assert answer.status_code == 422
    assert field in alert
    assert not Case.objects.exists()


def test_an_item_may_be_about_one_of_the_households_repairs(place: on.Scene) -> None:
    repair = on.completed(place)
    client = on.signed_in(place.firm.manager)
    form = sent("complaint", severity="minor", complained_about=str(place.firm.repairer.pk))

    assert "WX-1" in client.get(intake(place)).content.decode()
    client.post(intake(place), form | {"about": str(repair.pk)})

    case = Case.objects.get()
    assert (case.subject_id, case.complained_about) == (repair.pk, place.firm.repairer)


def test_a_far_promise_is_warned_of_and_not_refused(place: on.Scene) -> None:
    client = on.signed_in(place.firm.officer)
    form = sent("question", answering="promised", promised_at="2026-03-20T17:00")

    answer = client.post(intake(place), form)

    assert answer.status_code == 302
    assert "约得较远" in client.get(answer.headers["Location"]).content.decode()


def test_the_page_shows_every_step_who_took_it_and_what_is_missing(
    place: on.Scene, now: datetime
) -> None:
    firm = place.firm
    case = on.taken_down(place, PARCELS, firm.officer, now)
    client = on.signed_in(firm.director)

    before = client.get(at("page", case)).content.decode()
    decided = {"decision": "not_adopted", "reason": "门口没有地方"}
    client.post(at("decision", case), decided)
    after = client.get(at("page", case)).content.decode()

    for words in ("下一步 · 决定是否采纳", "C.1.2.b", "C.1.4.c", "现在还不能关闭", "C.1.4.a"):
        assert words in before
    assert f"{firm.director.name} · 2026-03-02 11:00" in after
    assert "下一步 · 答复客户" in after
    assert "不采纳（门口没有地方）" in after


def test_a_decision_without_a_reason_is_refused_with_the_clause(
    place: on.Scene, now: datetime
) -> None:
    case = on.taken_down(place, PARCELS, place.firm.officer, now)

    answer = on.signed_in(place.firm.director).post(
        at("decision", case), {"decision": "adopted", "reason": ""}
    )

    assert answer.status_code == 409
    assert "C.1.2.b" in answer.content.decode()


def test_a_major_case_shows_the_referral_and_the_ruling_among_its_steps(
    place: on.Scene, now: datetime
) -> None:
    firm = place.firm
    case = on.taken_down(place, replace(LAMP, answer="在查", severity="major"), firm.officer, now)
    client = on.signed_in(firm.director)

    shown = client.get(at("page", case)).content.decode()
    asking = client.get(at("referral", case)).content.decode()
    client.post(at("referral", case), {"to": firm.head_office.pk, "text": "请准停梯"})
    waiting = client.get(at("page", case)).content.decode()
    ruled = on.signed_in(firm.head_office).post(at("ruling", case), {"text": "同意"})
    after = client.get(at("page", case)).content.decode()

    assert "下一步 · 请示公司" in shown
    assert firm.head_office.name in asking and firm.manager.name not in asking.partition("<form")[2]
    assert "下一步 · 公司批复" in waiting and f"请示：{'请准停梯'}" in waiting
    assert ruled.status_code == 302
    assert "下一步 · 关闭" in after
    fact = Fact.objects.get(kind="case.referral_decided")
    assert (fact.by_id, fact.recorded_by_id) == (firm.head_office.pk, firm.head_office.pk)


def test_a_ruling_that_was_told_is_entered_for_the_company(place: on.Scene, now: datetime) -> None:
    firm = place.firm
    case = on.taken_down(place, replace(LAMP, answer="在查", severity="major"), firm.officer, now)
    doing = on.doing(firm.director, now + HOUR)
    services.refer(case, to=firm.head_office.pk, text="请准停梯", doing=doing)

    on.signed_in(firm.director).post(at("ruling", case), {"text": "电话里同意"})

    fact = Fact.objects.get(kind="case.referral_decided")
    assert (fact.by_id, fact.recorded_by_id) == (firm.head_office.pk, firm.director.pk)


def test_the_talk_with_the_customer_stands_in_its_order(place: on.Scene, now: datetime) -> None:
    firm = place.firm
    asked = replace(LAMP, promised_reply_at=now + 5 * HOUR)
    case = on.taken_down(place, asked, firm.officer, now)
    services.supplement(case, text="是二层", doing=on.doing(firm.officer, now + HOUR))
    services.reply(case, text="周五换", channel="phone", doing=on.doing(firm.officer, now + HOUR))

    shown = on.signed_in(firm.officer).get(at("page", case)).content.decode()
    talk = shown.partition('id="talk"')[2].partition("</section>")[0]

    places = [
        talk.index(words) for words in ("地下车库何时换灯", "14:00 前答复", "是二层", "周五换")
    ]
    assert places == sorted(places)


def test_words_that_were_erased_are_said_to_be_gone(place: on.Scene, now: datetime) -> None:
    from huiyin.ledger.services import erase_note

    case = on.taken_down(place, PARCELS, place.firm.officer, now)
    erase_note(Fact.objects.get(target=case.pk, kind="case.raised").pk)
    Case.objects.filter(pk=case.pk).update(description="")

    shown = on.signed_in(place.firm.officer).get(at("page", case)).content.decode()

    assert "原话已删除" in shown
    assert "快递柜" not in shown


def test_whoever_has_to_be_told_has_a_message_ready(place: on.Scene, now: datetime) -> None:
    case = on.taken_down(place, RUDE, place.firm.officer, now)
    client = on.signed_in(place.firm.director)

    shown = client.get(at("page", case)).content.decode()
    copied = client.post(at("copied", case))

    told = shown.partition('id="tellings"')[2].partition("</section>")[0]
    assert case.number in told and "3栋1202" in told and "C.1.4.a" in told
    assert "13812342046" not in shown and "1381234" not in told
    assert copied.status_code == 204
    assert Fact.objects.filter(kind="message.copied", target=case.pk).exists()


def test_the_page_costs_the_same_however_much_was_said(place: on.Scene, now: datetime) -> None:
    firm = place.firm
    case = on.taken_down(place, RUDE, firm.officer, now)
    services.supplement(case, text="又来电", doing=on.doing(firm.officer, now + HOUR))
    client = on.signed_in(firm.director)
    client.get(at("page", case))
    with CaptureQueriesContext(connection) as with_little:
        client.get(at("page", case))
    for n in range(6):
        services.supplement(case, text=f"第 {n} 次", doing=on.doing(firm.officer, now + HOUR))

    with CaptureQueriesContext(connection) as with_much:
        shown = client.get(at("page", case)).content.decode()

    assert "第 5 次" in shown
    assert len(with_much) == len(with_little) <= 36


def test_who_raised_it_sees_it_and_may_not_decide_it(place: on.Scene, now: datetime) -> None:
    firm = place.firm
    case = on.taken_down(place, PARCELS, firm.officer, now)
    client = on.signed_in(firm.officer)

    shown = client.get(at("page", case)).content.decode()
    refused = client.post(at("decision", case), {"decision": "adopted", "reason": "好"})

    assert "由负责的人办理" in shown
    assert reverse("cases:classification", args=[case.pk]) not in shown
    assert refused.status_code == 409
    assert on.signed_in(firm.second_repairer).get(at("page", case)).status_code == 404


def test_today_leads_to_what_a_case_asks_for(place: on.Scene, now: datetime) -> None:
    on.taken_down(place, replace(LAMP, promised_reply_at=now + 5 * HOUR), place.firm.officer, now)

    shown = on.signed_in(place.firm.officer).get(reverse("desk:today")).content.decode()

    assert "去答复" in shown
    assert "3栋1202" in shown
    assert "A.1.3" in shown


def test_what_has_to_be_filled_in_is_marked_and_asked_only_where_it_is_on_the_page(
    place: on.Scene,
) -> None:
    client = on.signed_in(place.firm.manager)

    shown = client.get(intake(place)).context["fields"]
    refused = client.post(intake(place), {"origin": "phone"})

    marked = {name for name, control in shown.items() if control.required_sometimes}
    assert marked == {"kind", "description", "answer", "promised_at", "severity"}
    assert {name for name in marked if shown[name].required} == {"kind", "description"}
    assert refused.context["errors"].keys() == {"item-kind", "item-description"}


def test_what_came_in_long_ago_is_taken_down_with_the_reason_why_only_now(
    place: on.Scene, now: datetime
) -> None:
    client, then = on.signed_in(place.firm.officer), now - timedelta(days=2)
    long_ago = sent("suggestion") | {"happened_at": f"{then.astimezone(zone()):%Y-%m-%dT%H:%M}"}

    refused = client.post(intake(place), long_ago)
    client.post(intake(place), long_ago | {"late_reason": "当天停电，记在本子上"})

    assert refused.status_code == 422
    assert refused.context["errors"].keys() == {"late_reason"}
    assert 'name="late_reason"' in refused.content.decode()
    case = Case.objects.get()
    assert (case.raised_at, case.description) == (then, "楼道灯太暗")
    told = Note.objects.get(fact__target=case.pk, fact__kind="case.raised").text
    assert told == "楼道灯太暗\n补录原因：当天停电，记在本子上"


def test_what_came_in_today_needs_no_reason(place: on.Scene, now: datetime) -> None:
    today = sent("suggestion") | {"happened_at": f"{now.astimezone(zone()):%Y-%m-%dT%H:%M}"}

    on.signed_in(place.firm.officer).post(intake(place), today)

    assert Case.objects.get().raised_at == now
