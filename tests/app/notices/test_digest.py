"""The daily digest: one mail per person and day, with everything unread since the last."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from huiyin.notices import outbox, services
from huiyin.notices.jobs import send_mail
from huiyin.notices.models import Delivery, MailChannel, Notice, Route
from huiyin.notices.routing import message_id
from tests.app.notices.mailbox import Mailbox, mailbox, text_of
from tests.app.notices.posted import HOUR, late, set_up, tell, wish
from tests.people import SmallFirm, small_firm, target

pytestmark = pytest.mark.django_db

TICK, DAY = timedelta(microseconds=1), timedelta(days=1)


@pytest.fixture
def morning(now: datetime) -> datetime:
    """08:30 on 3 March in Shanghai, the first digest after `now`."""
    return now + timedelta(hours=23, minutes=30)


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as found:
        yield found


@pytest.fixture
def firm(now: datetime, box: Mailbox) -> SmallFirm:
    found = small_firm(now)
    set_up(found, box.port, now)
    for person in (found.repair_lead, found.supervisor, found.manager):
        wish(person, now)
    return found


@pytest.fixture
def repair(firm: SmallFirm) -> Any:
    return target("repair", unit=firm.zone_one)


def run(at: datetime) -> int:
    return send_mail(lambda: at)


@pytest.mark.parametrize("edge", [(-TICK, 0), (timedelta(0), 1), (TICK, 1), (3 * HOUR, 1)])
def test_the_digest_goes_out_at_its_moment_or_as_soon_as_somebody_works(
    firm, box, repair, now, morning, edge
):
    wait, sent = edge
    tell(late(firm.repair_lead, repair), now)

    assert run(morning + wait) == sent


@pytest.mark.parametrize(("written", "day"), [(-TICK, 0), (timedelta(0), 1), (TICK, 1)])
def test_what_is_written_at_its_moment_or_after_is_for_the_next_one(
    firm, box, repair, morning, written, day
):
    tell(late(firm.repair_lead, repair), morning + written)

    assert run(morning + HOUR) == (day == 0)
    assert run(morning + DAY) == (day == 1)
    assert len(box.taken) == 1


def test_five_hundred_late_items_are_one_mail_per_person_each_item_once(
    firm, box, now, morning, django_assert_max_num_queries
):
    people = [firm.repair_lead, firm.supervisor, firm.manager]
    abouts = [target("repair", unit=firm.zone_one, label=f"WX-{n}") for n in range(500)]
    services.tell(
        [late(person, about, f"{person.pk}:{about.pk}") for person in people for about in abouts],
        now=now,
    )

    with django_assert_max_num_queries(3 * 14 + 20):
        assert run(morning) == 3

    assert len(box.taken) == 3
    for mail in box.taken:
        assert mail["Subject"] == "【回音】逾期 500 项"
        lines = [line for line in text_of(mail).splitlines() if line.startswith("- ")]
        assert len(set(lines)) == len(lines) == 500
    assert run(morning + HOUR) == run(morning + DAY) == 0


def test_nothing_to_say_is_not_said(firm, box, repair, now, morning):
    assert run(morning) == 0

    tell(late(firm.repair_lead, repair), morning)
    assert run(morning + DAY) == 1
    assert run(morning + 2 * DAY) == 0


def test_what_was_read_meanwhile_is_not_listed(firm, box, repair, now, morning):
    first = tell(late(firm.repair_lead, repair, "a"), now)
    tell(late(firm.repair_lead, repair, "b", place="WX-2"), now)
    services.mark_read([first.pk], by=firm.repair_lead.pk, now=now)

    run(morning)

    assert "WX-1" not in text_of(box.taken[0]) and "WX-2" in text_of(box.taken[0])
    assert Route.objects.get(notice=first).reason == "read_already"


def test_all_read_is_nothing_to_say(firm, box, repair, now, morning):
    tell(late(firm.repair_lead, repair), now)
    Notice.objects.update(read_at=now)

    assert run(morning) == 0
    assert not Delivery.objects.exists()


def test_what_is_read_after_the_digest_was_made_is_left_out_and_says_so(
    firm, box, repair, now, morning
):
    first = tell(late(firm.repair_lead, repair, "a"), now)
    tell(late(firm.repair_lead, repair, "b", place="WX-2"), now)
    outbox.make_digests(now=morning)
    services.mark_read([first.pk], by=firm.repair_lead.pk, now=morning)

    run(morning)

    assert box.subjects == ["【回音】逾期 1 项 · 维修回访"]
    assert Route.objects.get(notice=first).reason == "read_already"


def test_what_was_sent_at_once_is_not_in_the_digest(firm, box, repair, now, morning):
    tell(late(firm.repair_lead, repair, "a", due="2026-03-02T02:37:00+00:00"), now)
    tell(late(firm.repair_lead, repair, "b", place="WX-2"), now)
    run(now)

    run(morning)

    assert len(box.taken) == 2
    assert "WX-1" not in text_of(box.taken[1])


def test_of_what_one_may_not_see_any_more_the_digest_says_nothing(firm, box, repair, now, morning):
    elsewhere = target("repair", unit=firm.zone_two, label="WX-9")
    lost = tell(late(firm.supervisor, repair, "a"), now)
    tell(late(firm.supervisor, elsewhere, "b"), now)
    firm.supervisor.posts.update(unit=firm.zone_two.pk)

    run(morning)

    [mail] = box.taken
    assert "WX-1" not in text_of(mail) and "WX-9" in text_of(mail)
    assert Route.objects.get(notice=lost).reason == "out_of_sight"


def test_after_three_days_without_a_worker_there_is_one_mail(firm, box, repair, now, morning):
    for day in range(3):
        tell(late(firm.repair_lead, repair, f"{day}", place=f"WX-{day}"), now + day * DAY)

    assert run(morning + 3 * DAY + 5 * HOUR) == 1
    assert box.subjects == ["【回音】逾期 3 项"]


def test_a_moment_that_is_moved_makes_no_second_digest_of_the_day(firm, box, repair, now, morning):
    tell(late(firm.repair_lead, repair, "a"), now)
    assert run(morning) == 1
    tell(late(firm.repair_lead, repair, "b"), morning + HOUR)

    MailChannel.objects.update(digest_at=time(18))

    assert run(morning + 10 * HOUR) == 0
    assert run(morning + DAY) == 0
    assert run(morning + DAY + 10 * HOUR) == 1


def test_quiet_hours_do_not_touch_the_digest(firm, box, repair, now, morning):
    wish(firm.repair_lead, now, hours="own", quiet_from=time(8), quiet_to=time(9))
    tell(late(firm.repair_lead, repair), now)

    assert run(morning) == 1


def test_a_digest_that_failed_is_tried_again_under_the_same_id(firm, box, repair, now, morning):
    box.cuts_after_data = True
    tell(late(firm.repair_lead, repair), now)
    run(morning)
    box.cuts_after_data = False

    run(morning + timedelta(minutes=1))

    assert len(box.ids) == 2 and len(set(box.ids)) == 1


def test_while_the_channel_is_off_digests_wait(firm, box, repair, now, morning):
    tell(late(firm.repair_lead, repair), now)
    MailChannel.objects.update(active=False)
    assert run(morning) == 0

    MailChannel.objects.update(active=True)

    assert run(morning + HOUR) == 1


def test_each_speaks_the_readers_language(firm, box, repair, now, morning):
    wish(firm.repair_lead, now, language="en")
    wish(firm.supervisor, now)
    for person in (firm.repair_lead, firm.supervisor):
        tell(late(person, repair, f"{person.pk}"), now)

    run(morning)

    assert sorted(box.subjects) == [
        "[Huiyin] overdue: 1 · Repair visit",
        "【回音】逾期 1 项 · 维修回访",
    ]


def test_a_message_id_follows_from_the_key_alone_and_no_other_firm_has_it(
    firm, repair, now, morning, settings, tmp_path
):
    tell(late(firm.repair_lead, repair, "a", due="2026-03-02T02:37:00+00:00"), now)
    tell(late(firm.repair_lead, repair, "b"), now)
    outbox.make_digests(now=morning)

    single, digest = Delivery.objects.order_by("id")
    ids = {each.key: each.message_id for each in (single, digest)}
    assert list(ids) == [
        f"mail:single:{Notice.objects.get(key='a').pk}",
        f"mail:digest:2026-03-03:{firm.repair_lead.pk}",
    ]
    assert ids == {key: message_id(key, "notice@firm.example") for key in ids}
    assert all(re.fullmatch(r"<[0-9a-f]{32}@firm\.example>", id) for id in ids.values())
    settings.HUIYIN_KEY_FILE = tmp_path / "of_another_firm"
    assert message_id(single.key, "notice@firm.example") not in ids.values()
