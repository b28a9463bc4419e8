"""The pages: one's notices, why each came, and how each went or why it did not."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from huiyin.notices import services
from huiyin.notices.jobs import send_mail
from huiyin.notices.models import Delivery, MailChannel, Notice, Route
from tests.app.notices.mailbox import free_port, mailbox
from tests.app.notices.posted import late, set_up, tell, wish, words
from tests.app.scene import signed_in
from tests.people import SmallFirm, target

pytestmark = pytest.mark.django_db
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
HOURS = {"due": "2026-03-01T02:37:00+00:00"}


@pytest.fixture(autouse=True)
def at_the_time(now: datetime) -> Any:
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def repair(firm: SmallFirm) -> Any:
    return target("repair", unit=firm.zone_one)


@pytest.fixture
def lead(firm: SmallFirm) -> Client:
    return signed_in(firm.repair_lead)


def test_unread_come_first_and_pages_go_on_by_key(lead, firm, repair, now):
    for n in range(60):
        tell(late(firm.repair_lead, repair, f"{n:02}", place=f"Q-{n:02}"), now + n * MINUTE)
    read = Notice.objects.filter(key__in=["58", "59"])
    services.mark_read([one.pk for one in read], by=firm.repair_lead.pk, now=now)

    first = lead.get("/notices/")
    [older] = re.findall(r'href="(/notices/\?page=[^"]+)"', first.content.decode())
    second = lead.get(unescape(older))

    found = re.findall(r"Q-\d\d", words(first)) + re.findall(r"Q-\d\d", words(second))
    assert found == [f"Q-{n:02}" for n in (*range(57, -1, -1), 59, 58)]


@pytest.mark.parametrize("count", [1, 10, 60])
def test_the_list_costs_the_same_for_one_and_for_many(
    lead, firm, repair, now, count, django_assert_max_num_queries
):
    services.tell([late(firm.repair_lead, repair, f"{n}") for n in range(count)], now=now)
    lead.get("/notices/")

    with django_assert_max_num_queries(17):
        assert lead.get("/notices/").status_code == 200


def test_all_are_marked_up_to_the_newest_that_was_shown(lead, firm, repair, now):
    shown = tell(late(firm.repair_lead, repair, "a"), now)
    page = lead.get("/notices/").content.decode()
    assert f'name="upto" value="{shown.pk}"' in page
    tell(late(firm.repair_lead, repair, "b"), now)
    tell(late(firm.supervisor, repair, "c"), now)

    answer = lead.post("/notices/reading/", {"upto": shown.pk})

    assert answer.status_code == 302
    assert set(Notice.objects.unread().values_list("key", flat=True)) == {"b", "c"}


@pytest.mark.parametrize("upto", ["", "x", "-1", "²", "1" * 30, "9" * 19])
def test_a_newest_that_is_none_marks_nothing(lead, firm, repair, now, upto):
    tell(late(firm.repair_lead, repair), now)

    assert lead.post("/notices/reading/", {"upto": upto}).status_code == 422
    assert Notice.objects.unread().count() == 1


def test_the_page_says_what_happened_by_which_clause_and_to_whom_as_what(lead, firm, repair, now):
    notice = tell(late(firm.repair_lead, repair, obligation=17), now)

    page = lead.get(f"/notices/{notice.pk}/")

    assert "WX-1的维修回访已逾期，应在3月1日 24:00前完成" in words(page)
    assert "规则 维修回访" in words(page)
    assert "担任“维修负责人”，制度规定要通知这个角色" in words(page)
    assert "3月2日 09:00写入。" in words(page)
    text = page.content.decode()
    assert 'href="/policy/property-management/B.2.c/"' in text
    assert 'href="/obligations/17/"' in text
    assert Notice.objects.get().read_at is None, "looking marks nothing"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"role": "holder"}, "作为这一项的承办人"),
        (
            {"role": "repair.repairer", "role_title": {"zh": "维修人员", "en": "Repairer"}},
            "作为这一项里填写的“维修人员”",
        ),
        ({"role": "", "role_title": ""}, "指名写给收件人"),
        ({"template": "case_rectified", "role_title": ""}, "作为提出这件事项的人"),
        ({"template": "case_notice_sent", "role_title": ""}, "作为这件事项的整改人"),
        ({"template": "case_ruled", "role_title": ""}, "作为请示的人"),
    ],
)
def test_why_to_him_has_words_for_every_way(lead, firm, repair, now, given, said):
    notice = tell(late(firm.repair_lead, repair, **given), now)

    assert said in words(lead.get(f"/notices/{notice.pk}/"))


def _no_channel(firm: SmallFirm, now: datetime) -> None:
    pass


def _no_address(firm: SmallFirm, now: datetime) -> None:
    set_up(firm, 25, now)


def _turned_off(firm: SmallFirm, now: datetime) -> None:
    set_up(firm, 25, now)
    wish(firm.repair_lead, now, ways={"hours": "none"})


def _digest(firm: SmallFirm, now: datetime) -> None:
    set_up(firm, 25, now)
    wish(firm.repair_lead, now, ways={"hours": "digest"})


def _quiet(firm: SmallFirm, now: datetime) -> None:
    set_up(firm, 25, now)
    wish(firm.repair_lead, now, hours="own", quiet_from=time(8), quiet_to=time(10))


def _refused(firm: SmallFirm, now: datetime) -> None:
    set_up(firm, free_port(), now)
    wish(firm.repair_lead, now, hours="none")


@pytest.mark.parametrize(
    ("world", "said"),
    [
        (_no_channel, "未发 写这条通知时，公司没有启用邮件通道。"),
        (_no_address, "未发 收件人没有填写邮件地址。"),
        (_turned_off, "未发 收件人选择不用邮件接收这一类通知。"),
        (_digest, "等待 收件人选择了每日汇总，等到3月3日 08:30发出。"),
        (_quiet, "等待 现在是免打扰时段，等到3月2日 10:00发出。"),
        (_refused, "等待 第 1 次没有发成，3月2日 09:01再试。服务器“127.0.0.1”拒绝了端口"),
    ],
)
def test_why_it_was_not_sent_has_an_answer(lead, firm, repair, now, world, said):
    world(firm, now)
    notice = tell(late(firm.repair_lead, repair, **HOURS), now)
    send_mail(lambda: now)

    assert said in words(lead.get(f"/notices/{notice.pk}/"))


def _sent(notice: Notice, now: datetime) -> None:
    send_mail(lambda: now)


def _dropped(reason: str) -> Callable[[Notice, datetime], None]:
    def drop(notice: Notice, now: datetime) -> None:
        Delivery.objects.update(state="dropped", reason=reason, next_try_at=None)

    return drop


def _given_up(notice: Notice, now: datetime) -> None:
    Delivery.objects.update(state="failed", tries=6, trouble="recipient", failed_at=now)


def _sending(notice: Notice, now: datetime) -> None:
    Delivery.objects.update(state="sending", claimed_at=now)


def _due_first(notice: Notice, now: datetime) -> None:
    Delivery.objects.update(reason="due_first")


def _off(notice: Notice, now: datetime) -> None:
    MailChannel.objects.update(active=False)


def _waited(notice: Notice, now: datetime) -> None:
    Delivery.objects.update(state="sent", sent_at=now, reason="quiet_hours")


def _first(notice: Notice, now: datetime) -> None:
    Delivery.objects.update(state="sent", sent_at=now, reason="due_first")


def _in_digest(notice: Notice, now: datetime) -> None:
    Delivery.objects.update(state="sent", sent_at=now)
    Route.objects.update(way="digest")


def _read_before(notice: Notice, now: datetime) -> None:
    Route.objects.update(way="digest", delivery=None)
    Notice.objects.update(read_at=now)


@pytest.mark.parametrize(
    ("became", "said"),
    [
        (_sent, "已发 3月2日 09:00发出。"),
        (_waited, "已发 3月2日 09:00发出：等到了免打扰时段结束。"),
        (_first, "已发 3月2日 09:00发出：虽在免打扰时段内，但时限在时段结束之前。"),
        (_in_digest, "已发 3月2日 09:00随每日汇总发出。"),
        (_read_before, "未发 轮到发送时，已在站内读过。"),
        (_dropped("left"), "未发 轮到发送时，收件人已离职。"),
        (_dropped("channel_off"), "未发 轮到发送时，公司的邮件通道已停用。"),
        (_dropped("out_of_sight"), "未发 轮到发送时，所说的事已不在收件人的可见范围内。"),
        (_given_up, "失败 试了 6 次，3月2日 09:00起不再试。服务器拒收这个收件地址。"),
        (_sending, "等待 正在发送。"),
        (_due_first, "等待 虽在免打扰时段内，但时限在时段结束之前，马上发出。"),
        (_off, "等待 公司的邮件通道已停用，还没有发出。"),
        (lambda notice, now: None, "等待 已排队，马上发出。"),
    ],
)
def test_what_became_of_a_mail_is_said(firm, repair, now, became, said):
    wish(firm.repair_lead, now)
    with mailbox() as box:
        set_up(firm, box.port, now)
        notice = tell(late(firm.repair_lead, repair, **HOURS), now)
        became(notice, now)

    assert said in words(signed_in(firm.repair_lead).get(f"/notices/{notice.pk}/"))


def test_a_page_of_what_one_may_not_see_any_more_shows_nothing_of_it(lead, firm, repair, now):
    notice = tell(late(firm.repair_lead, repair, obligation=17), now)
    firm.repair_lead.posts.update(unit=firm.zone_two.pk)

    for address in ("/notices/", f"/notices/{notice.pk}/", "/"):
        text = lead.get(address).content.decode()
        for secret in ("WX-1", "维修回访", "B.2.c", "/obligations/17/", "24:00"):
            assert secret not in text, (address, secret)
    assert "已不在您的可见范围内" in lead.get(f"/notices/{notice.pk}/").content.decode()


def test_a_superior_reads_why_his_people_were_told_but_not_their_address(firm, repair, now):
    set_up(firm, free_port(), now)
    address = wish(firm.repair_lead, now)
    notice = tell(late(firm.repair_lead, repair, **HOURS), now)

    page = signed_in(firm.manager).get(f"/notices/{notice.pk}/")

    assert "收件人：丙负责" in words(page)
    assert address not in page.content.decode()
    assert "知道了" not in words(page)


PATH = "/settings/channels/mail/"


def test_ways_lead_from_today_and_from_the_settings(lead):
    assert f'href="{reverse("notices:inbox")}"' in lead.get("/").content.decode()
    settings = lead.get("/settings/").content.decode()
    assert f'href="{PATH}"' in settings
    assert f'href="{reverse("notices:preferences")}"' in settings
