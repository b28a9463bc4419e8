"""The outbox with a real server: what is queued, what arrives, what is tried again or given up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from email import policy
from typing import Any

import pytest
from django.db import transaction

from huiyin.accounts.models import Person
from huiyin.notices import channels, outbox, queries, services
from huiyin.notices.jobs import send_mail
from huiyin.notices.models import Delivery, MailChannel, Notice, Route
from tests.app.notices.mailbox import Mailbox, free_port, html_of, mailbox, silent_server, text_of
from tests.app.notices.posted import BASE, HOUR, late, set_up, tell, wish
from tests.people import SmallFirm, target

pytestmark = pytest.mark.django_db

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
IN_HOURS = {"due": "2026-03-02T02:37:00+00:00"}
"""10:37 in Shanghai on 2 March: a clock in hours."""


@pytest.fixture
def lead(firm: SmallFirm) -> Person:
    return firm.repair_lead


@pytest.fixture
def repair(firm: SmallFirm) -> Any:
    return target("repair", unit=firm.zone_one)


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as found:
        yield found


@pytest.fixture
def ready(firm: SmallFirm, box: Mailbox, lead: Person, now: datetime) -> MailChannel:
    wish(lead, now)
    return set_up(firm, box.port, now)


def run(at: datetime) -> int:
    return send_mail(lambda: at)


def only() -> Delivery:
    return Delivery.objects.get()


def test_without_a_channel_nothing_is_queued(lead, repair, now):
    wish(lead, now)

    tell(late(lead, repair, **IN_HOURS), now)

    assert not Route.objects.exists() and not Delivery.objects.exists()


def test_a_channel_that_is_switched_off_queues_nothing(firm, lead, repair, now):
    wish(lead, now)
    set_up(firm, 25, now, active=False)

    tell(late(lead, repair, **IN_HOURS), now)

    assert not Route.objects.exists()


@pytest.mark.parametrize(
    "case",
    [
        ({}, IN_HOURS, "now"),
        ({}, {}, "digest"),
        ({}, {"template": "case_closed"}, "digest"),
        ({"late": "now"}, {}, "now"),
        ({"late": "none"}, {}, "none"),
        ({"late": "none"}, IN_HOURS, "now"),
        ({"hours": "digest"}, IN_HOURS, "digest"),
    ],
)
def test_each_kind_goes_its_way(ready, lead, repair, now, case):
    ways, given, way = case
    wish(lead, now, ways=ways)

    notice = tell(late(lead, repair, **given), now)

    route = Route.objects.get(notice=notice)
    assert route.way == way
    assert (route.delivery is not None) is (way == "now")


def test_one_mail_arrives_with_what_a_mail_needs(ready, box, lead, repair, now):
    notice = tell(late(lead, repair, **IN_HOURS), now)

    assert run(now) == 1

    [mail] = box.taken
    assert mail["To"] == "p3@people.example"
    assert mail["From"] == "示例物业 <notice@firm.example>"
    assert mail["Subject"] == "【回音】逾期 1 项 · 维修回访"
    assert mail["Message-ID"] == only().message_id
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"] == "<huiyin-notices.firm.example>"
    assert "WX-1的维修回访已逾期，应在3月2日 10:37前完成 § B.2.c" in text_of(mail)
    assert f"{BASE}/notices/{notice.pk}/" in text_of(mail)
    assert f'href="{BASE}/notices/{notice.pk}/"' in html_of(mail)
    assert (only().state, only().sent_at, only().tries) == ("sent", now, 1)
    assert run(now + HOUR) == 0


def test_the_same_message_is_told_and_sent_once(ready, box, lead, repair, now):
    for _n in range(3):
        services.tell([late(lead, repair, **IN_HOURS)] * 2, now=now)
        run(now)

    assert len(box.taken) == 1


def test_what_is_rolled_back_is_not_sent(ready, box, lead, repair, now):
    class Undone(Exception):
        pass

    with pytest.raises(Undone), transaction.atomic():
        tell(late(lead, repair, **IN_HOURS), now)
        raise Undone

    assert run(now) == 0
    assert not box.taken and not Delivery.objects.exists()


def test_a_person_without_an_address_is_told_in_the_app_alone(ready, firm, repair, now):
    notice = tell(late(firm.supervisor, repair, **IN_HOURS), now)

    route = queries.route_of(notice)
    assert (route.way, route.reason, route.delivery) == ("none", "no_address", None)


def test_mails_told_together_cost_a_fixed_number_of_statements(
    ready, firm, lead, repair, now, django_assert_max_num_queries
):
    wish(firm.supervisor, now)
    for count in (1, 200):
        people = [lead, firm.supervisor]
        many = [
            late(people[n % 2], repair, f"{count}:{n}", **(IN_HOURS if n % 3 else {}))
            for n in range(count)
        ]
        with django_assert_max_num_queries(10):
            assert services.tell(many, now=now) == count

    assert Route.objects.count() == 201


def test_quiet_hours_keep_a_single_mail_back(ready, box, lead, repair, now):
    night = now + 13 * HOUR  # 22:00
    tell(late(lead, repair, **IN_HOURS), night)

    assert run(night) == run(night + 10 * HOUR - MINUTE) == 0
    assert (only().reason, only().next_try_at) == ("quiet_hours", night + 10 * HOUR)
    assert run(night + 10 * HOUR) == 1


def test_what_falls_due_before_they_end_goes_at_once(ready, box, lead, repair, now):
    night = now + 13 * HOUR
    due = (night + 3 * HOUR).isoformat()
    tell(late(lead, repair, template="obligation_due", due=due), night)

    assert run(night) == 1
    assert (only().state, only().reason) == ("sent", "due_first")


def test_a_try_that_would_fall_into_quiet_hours_waits_for_their_end(ready, box, lead, repair, now):
    evening = now + 12 * HOUR - 2 * MINUTE  # 20:58
    box.at_data = lambda number: "451 later" if number < 3 else "250 taken"
    tell(late(lead, repair, **IN_HOURS), evening)

    run(evening)
    run(evening + MINUTE)
    run(evening + 6 * MINUTE)  # 21:04

    assert box.tries == 2
    assert only().next_try_at == now + 23 * HOUR
    assert run(now + 23 * HOUR) == 1


def test_ones_own_quiet_hours_go_before_the_firms(ready, box, lead, repair, now):
    wish(lead, now, hours="own", quiet_from=time(9), quiet_to=time(10))

    tell(late(lead, repair, "a", **IN_HOURS), now)
    assert run(now) == 0
    assert run(now + HOUR) == 1

    wish(lead, now, hours="none")
    tell(late(lead, repair, "b", **IN_HOURS), now + 13 * HOUR)
    assert run(now + 13 * HOUR) == 1


def test_a_server_that_is_away_is_tried_again_with_growing_waits(firm, lead, repair, now):
    wish(lead, now, hours="none")
    set_up(firm, free_port(), now)
    tell(late(lead, repair, **IN_HOURS), now)

    at, waits = now, []
    for _try in range(5):
        run(at)
        waits.append((only().next_try_at - at).total_seconds() / 60)
        assert run(only().next_try_at - timedelta(seconds=1)) == 0
        at = only().next_try_at
    run(at)

    assert waits == [1, 5, 30, 120, 360]
    given_up = only()
    assert (given_up.state, given_up.tries, given_up.trouble) == ("failed", 6, "refused")
    assert run(at + 7 * DAY) == 0


def test_greylisting_ends_in_one_mail(ready, box, lead, repair, now):
    box.at_rcpt = lambda _address: "451 4.7.1 greylisted" if not box.tries else "250 OK"
    tell(late(lead, repair, **IN_HOURS), now)

    run(now)
    assert (only().state, only().trouble) == ("queued", "recipient_later")
    box.at_rcpt = lambda _address: "250 OK"
    run(now + MINUTE)

    assert len(box.taken) == 1
    assert (only().state, only().trouble, only().error) == ("sent", "", "")


@pytest.mark.parametrize("where", ["recipient", "content"])
def test_what_the_server_will_never_take_is_given_up_at_once(ready, box, lead, repair, now, where):
    if where == "recipient":
        box.at_rcpt = lambda address: f"550 5.1.1 <{address}> unknown"
    else:
        box.at_data = lambda _n: "554 5.7.1 spam"
    tell(late(lead, repair, **IN_HOURS), now)

    run(now)

    assert (only().state, only().trouble) == ("failed", where)
    assert "people.example" not in only().error


def test_one_address_that_is_refused_holds_up_nobody_else(ready, firm, box, lead, repair, now):
    wish(firm.supervisor, now)
    box.at_rcpt = lambda address: "550 unknown" if address.startswith("p3") else "250 OK"
    services.tell(
        [late(lead, repair, "a", **IN_HOURS), late(firm.supervisor, repair, "b", **IN_HOURS)],
        now=now,
    )

    assert run(now) == 1
    assert [mail["To"] for mail in box.taken] == ["p2@people.example"]


def test_a_server_that_is_down_is_asked_once_in_a_run(firm, lead, repair, now):
    wish(lead, now)
    set_up(firm, free_port(), now)
    services.tell([late(lead, repair, f"{n}", **IN_HOURS) for n in range(50)], now=now)

    run(now)

    assert Delivery.objects.filter(tries=1).count() == 1


def test_a_cut_connection_after_the_data_leads_to_the_same_message_again(
    ready, box, lead, repair, now
):
    box.cuts_after_data = True
    tell(late(lead, repair, **IN_HOURS), now)
    run(now)
    assert (only().state, only().trouble) == ("queued", "cut_off")

    box.cuts_after_data = False
    run(now + MINUTE)

    assert box.ids == [only().message_id] * 2


def test_a_try_that_never_came_back_is_taken_back_and_its_sender_cannot_mark_it(
    ready, box, lead, repair, now
):
    tell(late(lead, repair, **IN_HOURS), now)
    slept = outbox.claim(now=now)

    assert run(now + 15 * MINUTE) == 0  # it may still be sending
    assert run(now + 15 * MINUTE + timedelta(seconds=1)) == 1
    assert isinstance(slept, outbox.Claimed)
    assert not outbox.mark_sent(slept, now=now + HOUR)
    assert (only().state, only().tries) == ("sent", 2)


def test_what_kills_every_sender_is_given_up_in_the_end(ready, box, lead, repair, now):
    tell(late(lead, repair, **IN_HOURS), now)
    at = now
    for _n in range(10):
        outbox.claim(now=at)
        at += 16 * MINUTE
        outbox.requeue_stale(now=at)

    assert (only().state, only().trouble, only().tries) == ("failed", "lost", 6)


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda firm, notice, now: wish(firm.repair_lead, now, address=""), "no_address"),
        (
            lambda firm, notice, now: wish(firm.repair_lead, now, ways={"hours": "none"}),
            "turned_off",
        ),
        (lambda firm, notice, now: MailChannel.objects.update(active=False), "channel_off"),
        (lambda firm, notice, now: MailChannel.objects.all().delete(), "channel_off"),
        (lambda firm, notice, now: Notice.objects.update(read_at=now), "read_already"),
        (
            lambda firm, notice, now: Person.objects.filter(pk=firm.repair_lead.pk).update(
                left_on=now.date() - DAY
            ),
            "left",
        ),
        (
            lambda firm, notice, now: firm.repair_lead.posts.update(unit=firm.zone_two.pk),
            "out_of_sight",
        ),
    ],
)
def test_everything_is_judged_at_the_moment_of_sending(firm, box, repair, now, change, reason):
    notice = tell(late(firm.repair_lead, repair, **IN_HOURS), now)
    change(firm, notice, now)

    assert run(now) == 0

    assert (only().state, only().reason) == ("dropped", reason)
    assert not box.taken


def test_an_address_that_changed_is_the_one_that_counts(ready, box, lead, repair, now):
    tell(late(lead, repair, **IN_HOURS), now)
    wish(lead, now, address="new@people.example")

    run(now)

    assert box.taken[0]["To"] == "new@people.example"


def test_what_was_given_up_is_tried_again_when_a_head_says_so(ready, firm, box, lead, repair, now):
    box.at_rcpt = lambda _address: "550 unknown"
    tell(late(lead, repair, **IN_HOURS), now)
    run(now)
    box.at_rcpt = lambda _address: "250 OK"

    assert channels.requeue_failed(by=firm.manager.pk, now=now) == 1
    assert run(now) == 1


def test_a_server_that_hangs_does_not_hold_up_the_run_for_long(
    firm, lead, repair, now, monkeypatch
):
    monkeypatch.setattr("huiyin.notices.jobs.Mailer", lambda: _impatient())
    wish(lead, now)
    with silent_server() as port:
        set_up(firm, port, now)
        tell(late(lead, repair, **IN_HOURS), now)
        run(now)

    assert (only().state, only().trouble) == ("queued", "timeout")


def _impatient() -> Any:
    from huiyin.notices.smtp import Mailer

    return Mailer(0.3)


def test_a_mail_is_short_lined_ascii_on_the_wire(ready, lead, repair, now):
    tell(late(lead, repair, **IN_HOURS), now)

    claimed = outbox.claim(now=now)

    assert isinstance(claimed, outbox.Claimed)
    lines = claimed.ready.message.as_bytes(policy=policy.SMTP).split(b"\r\n")
    assert max(len(line) for line in lines) < 998
    assert all(byte < 128 for line in lines for byte in line)
