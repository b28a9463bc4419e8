"""The pages on which one says how one wants mail, and the firm's head sets up its channel."""

from __future__ import annotations

import re
from datetime import datetime, time
from typing import Any

import pytest
import time_machine
from django.test import Client

from huiyin.ledger.models import Fact
from huiyin.notices.jobs import send_mail
from huiyin.notices.models import Delivery, MailChannel, MailPreference
from tests.app.notices.mailbox import free_port, mailbox
from tests.app.notices.posted import late, set_up, tell, wish, words
from tests.app.scene import CHANNEL, WISHES, signed_in
from tests.people import SmallFirm, target

pytestmark = pytest.mark.django_db
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


def test_wishes_are_kept_and_shown_again(lead, firm):
    assert lead.post("/notices/preferences/", WISHES).status_code == 302

    found = MailPreference.objects.get(pk=firm.repair_lead.pk)
    assert (found.address, found.language, found.hours) == ("li@people.example", "en", "own")
    assert (found.quiet_from, found.quiet_to) == (time(22, 30), time(6))
    assert (found.ways["late"], found.ways["due"]) == ("now", "none")
    page = lead.get("/notices/preferences/").content.decode()
    assert 'value="22:30"' in page and 'value="li@people.example"' in page


def test_the_defaults_are_offered_before_anything_is_saved(lead):
    page = lead.get("/notices/preferences/").content.decode()

    chosen = dict(re.findall(r'name="way_(\w+)" value="(\w+)" checked', page))
    assert chosen == {"hours": "now"} | dict.fromkeys(
        ("late", "due", "case", "policy", "other"), "digest"
    )


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"address": "not an address"}, "邮件地址"),
        ({"address": "李@people.example"}, "邮件地址"),
        ({"address": "a@b.example\r\nBcc: c@d.example"}, "邮件地址"),
        ({"quiet_from": ""}, "开始和结束要一起填写"),
        ({"quiet_from": "", "quiet_to": ""}, "请填写自己的免打扰时段"),
        ({"quiet_to": "22:30"}, "开始和结束不能是同一时刻"),
        ({"quiet_to": "24:00"}, "自己的时段：结束"),
        ({"way_late": "pigeon"}, "逾期"),
        ({"language": "xx"}, "邮件的语言"),
    ],
)
def test_wrong_wishes_are_refused_beside_their_field_and_kept_in_the_form(lead, wrong, said):
    answer = lead.post("/notices/preferences/", WISHES | wrong)

    assert answer.status_code == 422
    assert said in words(answer)
    assert 'value="now" checked' in answer.content.decode()
    assert not MailPreference.objects.exists()


PATH = "/settings/channels/mail/"


def test_a_head_sets_the_channel_up_and_never_sees_the_password_again(firm):
    manager = signed_in(firm.manager)

    assert manager.post(PATH, CHANNEL).status_code == 302

    found = MailChannel.objects.get()
    assert (found.password, found.base_url) == ("first-secret", "https://huiyin.firm.example")
    assert (found.quiet_from, found.digest_at) == (time(21), time(8, 30))
    page = manager.get(PATH).content.decode()
    assert "first-secret" not in page and 'value="smtp.firm.example"' in page
    assert Fact.objects.filter(kind="mail_channel.changed").count() == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"host": "https://smtp.firm.example"}, "“https://smtp.firm.example”不是主机名"),
        ({"host": "smtp.firm.example:587"}, "“smtp.firm.example:587”不是主机名"),
        ({"host": "smtp firm"}, "不是主机名"),
        ({"port": "0"}, "端口"),
        ({"port": "65536"}, "端口"),
        ({"port": "x"}, "端口"),
        ({"security": "none"}, "裸传"),
        ({"security": "ssl3"}, "加密方式"),
        ({"sender_address": "示例@firm.example"}, "发件地址"),
        ({"sender_address": "notice"}, "发件地址"),
        ({"base_url": "huiyin.firm.example"}, "不是网址"),
        ({"base_url": "javascript:alert(1)"}, "不是网址"),
        ({"base_url": 'https://a.example/"><script>'}, "不是网址"),
        ({"quiet_to": ""}, "开始和结束要一起填写"),
        ({"digest_at": ""}, "每日汇总时间"),
        ({"digest_at": "25:00"}, "每日汇总时间"),
        ({"sender_name": "x" * 61}, "发件人名称"),
    ],
)
def test_a_wrong_channel_is_refused_with_what_where_and_how(firm, wrong, said):
    answer = signed_in(firm.manager).post(PATH, CHANNEL | wrong)

    assert answer.status_code == 422
    assert said in words(answer)
    assert "first-secret" not in answer.content.decode()
    assert not MailChannel.objects.exists()


def test_a_password_that_has_to_be_given_again_is_asked_for_at_its_field(firm):
    manager = signed_in(firm.manager)
    manager.post(PATH, CHANNEL)

    answer = manager.post(PATH, CHANNEL | {"host": "smtp.other.example", "password": ""})

    assert answer.status_code == 422
    assert "请重新输入密码" in words(answer)


def test_a_colleague_reads_the_hours_and_sets_nothing(firm, now):
    set_up(firm, 25, now)
    officer = signed_in(firm.officer)

    page = officer.get(PATH)

    assert "21:00–08:00" in words(page)
    assert "127.0.0.1" not in words(page) and "password" not in page.content.decode()
    for path in (PATH, f"{PATH}trials/", f"{PATH}retries/"):
        assert officer.post(path, CHANNEL | {"to": "a@b.example"}).status_code == 403


def test_the_test_mail_says_what_came_of_it(firm, now):
    manager = signed_in(firm.manager)
    with mailbox() as box:
        set_up(firm, box.port, now)
        sent = manager.post(f"{PATH}trials/", {"to": "li@people.example"}, follow=True)
        box.at_mail = "550 not yours"
        sender = manager.post(f"{PATH}trials/", {"to": "li@people.example"})
    refused = manager.post(f"{PATH}trials/", {"to": "li@people.example"})
    wrong = manager.post(f"{PATH}trials/", {"to": "nobody"})

    assert "服务器收下了测试邮件" in words(sent)
    assert sender.status_code == refused.status_code == 409
    assert "不接受发件人“notice@firm.example”" in words(sender)
    assert "服务器原话：550 not yours" in words(sender)
    assert f"拒绝了端口 {box.port} 的连接" in words(refused)
    assert (wrong.status_code, len(box.taken)) == (422, 1)


def test_a_channel_that_does_not_work_says_so_above_its_form(firm, repair, now):
    set_up(firm, free_port(), now)
    wish(firm.repair_lead, now)
    tell(late(firm.repair_lead, repair, **HOURS), now)
    send_mail(lambda: now)

    page = words(signed_in(firm.manager).get(PATH))

    assert "邮件通道不通：3月2日 09:00" in page and "还有 1 封在等" in page


def test_what_was_given_up_is_listed_and_sent_again(firm, repair, now):
    wish(firm.repair_lead, now)
    manager = signed_in(firm.manager)
    with mailbox() as box:
        set_up(firm, box.port, now)
        box.at_rcpt = lambda _address: "550 unknown"
        tell(late(firm.repair_lead, repair, **HOURS), now)
        send_mail(lambda: now)
        page = words(manager.get(PATH))
        box.at_rcpt = lambda _address: "250 OK"
        again = manager.post(f"{PATH}retries/", follow=True)
        send_mail(lambda: now)

    assert "丙负责 p•••@people.example · 单条" in page and "服务器拒收这个收件地址" in page
    assert "1 封邮件重新排队" in words(again)
    assert len(box.taken) == 1


@pytest.mark.parametrize("count", [1, 15])
def test_the_channels_page_costs_the_same_for_one_and_for_many(
    firm, now, count, django_assert_max_num_queries
):
    set_up(firm, 25, now)
    Delivery.objects.bulk_create(
        Delivery(
            key=f"{n}", message_id=f"<{n}@x>", state="failed", trouble="recipient", failed_at=now,
            recipient_id=firm.repair_lead.pk, kind="single", created_at=now, tries=1,
        )
        for n in range(count)
    )  # fmt: skip
    manager = signed_in(firm.manager)
    manager.get(PATH)

    with django_assert_max_num_queries(25):
        assert manager.get(PATH).status_code == 200
