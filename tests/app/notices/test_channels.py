"""Setting the mail channel up, its test mail, its health, and one's own wishes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection

from huiyin.accounts.models import Person
from huiyin.core.errors import Conflict, Forbidden, Invalid
from huiyin.ledger.models import Fact
from huiyin.notices import channels, queries
from huiyin.notices.channels import ChannelSettings
from huiyin.notices.jobs import send_mail
from huiyin.notices.models import Delivery, MailChannel, MailPreference
from huiyin.notices.smtp import Trouble
from tests.app.notices.mailbox import free_port, mailbox, text_of
from tests.app.notices.posted import late, set_up, tell, wish
from tests.people import SmallFirm, target

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
AT_ONCE = {"due": "2026-03-01T02:37:00+00:00"}
"""Late already, by a clock in hours."""

WANTED = ChannelSettings(
    active=True,
    host="smtp.firm.example",
    port=587,
    security="starttls",
    sender_address="notice@firm.example",
    digest_at=time(8, 30),
    username="notice",
    password="first-secret",
)


@pytest.fixture
def lead(firm: SmallFirm, now: datetime) -> Person:
    wish(firm.repair_lead, now, hours="none")
    return firm.repair_lead


def save(firm: SmallFirm, wanted: ChannelSettings, now: datetime) -> bool:
    return channels.save_channel(wanted, by=firm.manager.pk, now=now)


def column(table: str, name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name} FROM {table}")
        return str(cursor.fetchone()[0])


def test_password_and_addresses_are_encrypted_at_rest(firm, lead, now):
    save(firm, WANTED, now)

    assert MailChannel.objects.get().password == "first-secret"
    assert "first-secret" not in column("notices_mailchannel", "password")
    assert MailPreference.objects.get().address == "p3@people.example"
    assert "p3@" not in column("notices_mailpreference", "address")


def test_a_change_is_a_fact_that_never_holds_a_secret(firm, now):
    save(firm, WANTED, now)
    save(firm, replace(WANTED, port=465, security="tls", password="second-secret"), now)

    first, second = Fact.objects.filter(kind="mail_channel.changed").order_by("id")
    assert first.by_id == firm.manager.pk
    assert second.values == {
        "mail_channel.fields": ["password", "port", "security"],
        "mail_channel.port": 465,
        "mail_channel.security": "tls",
    }
    for fact in (first, second):
        for secret in ("secret", "notice@", "username:"):
            assert secret not in str(fact.values)


def test_nothing_changed_is_nothing_stated(firm, now):
    assert save(firm, WANTED, now)
    assert not save(firm, replace(WANTED, password=""), now)
    assert Fact.objects.filter(kind="mail_channel.changed").count() == 1


@pytest.mark.parametrize(
    "elsewhere",
    [{"host": "evil.example"}, {"port": 2525}, {"security": "none"}, {"username": "other"}],
)
def test_a_password_is_not_sent_to_another_place_than_it_was_given_for(firm, now, elsewhere):
    save(firm, WANTED, now)

    with pytest.raises(Invalid) as refused:
        save(firm, replace(WANTED, password="", **elsewhere), now)

    assert list(refused.value.errors) == ["password"]
    assert MailChannel.objects.get().host == "smtp.firm.example"


def test_an_empty_password_keeps_the_one_there_is_and_no_user_name_drops_it(firm, now):
    save(firm, WANTED, now)
    save(firm, replace(WANTED, password="", sender_name="示例物业"), now)
    assert MailChannel.objects.get().password == "first-secret"

    save(firm, replace(WANTED, username="", password=""), now)
    assert MailChannel.objects.get().password == ""


@pytest.mark.parametrize("who", ["repair_lead", "officer", "stranger"])
def test_only_who_heads_the_whole_firm_sets_it_up(firm, now, who):
    by = getattr(firm, who).pk

    for act in (
        lambda: channels.save_channel(WANTED, by=by, now=now),
        lambda: channels.requeue_failed(by=by, now=now),
        lambda: channels.send_trial(to="a@b.example", by=by, now=now),
    ):
        with pytest.raises(Forbidden):
            act()


def test_a_test_mail_arrives_or_says_why_not(firm, now):
    with pytest.raises(Conflict):
        channels.send_trial(to="li@people.example", by=firm.manager.pk, now=now)
    with mailbox() as box:
        set_up(firm, box.port, now)
        channels.send_trial(to="li@people.example", by=firm.manager.pk, now=now)
    with pytest.raises(Trouble) as caught:
        channels.send_trial(to="li@people.example", by=firm.manager.pk, now=now)

    assert box.subjects == ["【回音】测试邮件"]
    assert "示例物业" in text_of(box.taken[0])
    assert caught.value.code == "refused"
    assert not Delivery.objects.exists()


def test_health_of_a_channel_that_is_none_off_or_well(firm, now):
    assert queries.channel_health(now).state == "none"
    set_up(firm, 25, now, active=False)
    assert queries.channel_health(now).state == "off"
    set_up(firm, 25, now)
    assert queries.channel_health(now).state == "well"


def test_health_names_the_last_error_the_queue_and_the_oldest(firm, lead, now):
    set_up(firm, free_port(), now)
    repair = target("repair", unit=firm.zone_one)
    for n in range(3):
        tell(late(lead, repair, f"{n}", **AT_ONCE), now + n * MINUTE)
    at = now + 3 * MINUTE
    send_mail(lambda: at)

    health = queries.channel_health(at)

    assert (health.state, health.is_well) == ("failing", False)
    assert (health.waiting, health.oldest_at) == (3, now)
    assert (health.trouble, health.failed_at) == ("refused", at)


def test_a_channel_that_came_back_is_well(firm, lead, now):
    set_up(firm, free_port(), now)
    tell(late(lead, target("repair", unit=firm.zone_one), **AT_ONCE), now)
    send_mail(lambda: now)

    with mailbox() as box:
        set_up(firm, box.port, now)
        send_mail(lambda: now + MINUTE)

    health = queries.channel_health(now + MINUTE)
    assert (health.state, health.sent_at, health.waiting) == ("well", now + MINUTE, 0)


def test_one_wrong_address_is_no_trouble_of_the_channel(firm, lead, now):
    with mailbox() as box:
        box.at_rcpt = lambda _address: "550 unknown"
        set_up(firm, box.port, now)
        tell(late(lead, target("repair", unit=firm.zone_one), **AT_ONCE), now)
        send_mail(lambda: now)

    health = queries.channel_health(now)
    assert (health.state, health.failed, health.trouble) == ("failed", 1, "")


@pytest.mark.parametrize(
    ("wait", "state"),
    [(timedelta(minutes=10), "well"), (timedelta(minutes=10, seconds=1), "stuck")],
)
def test_mail_that_nobody_sends_is_noticed(firm, lead, now, wait, state):
    set_up(firm, 25, now)
    tell(late(lead, target("repair", unit=firm.zone_one), **AT_ONCE), now)

    assert queries.channel_health(now + wait).state == state


def test_what_waits_for_the_morning_is_no_queue(firm, lead, now):
    set_up(firm, 25, now)
    wish(lead, now, hours="own", quiet_from=time(8), quiet_to=time(20))
    tell(late(lead, target("repair", unit=firm.zone_one), **AT_ONCE), now)

    health = queries.channel_health(now + timedelta(hours=1))
    assert (health.state, health.waiting) == ("well", 0)


def test_health_costs_the_same_however_much_was_sent(firm, lead, now, django_assert_num_queries):
    set_up(firm, 25, now)
    row: dict[str, Any] = {"recipient_id": lead.pk, "kind": "single", "created_at": now}
    Delivery.objects.bulk_create(
        Delivery(key=f"{n}", message_id=f"<{n}@x>", state="sent", sent_at=now, **row)
        for n in range(300)
    )

    with django_assert_num_queries(4):
        queries.channel_health(now)
