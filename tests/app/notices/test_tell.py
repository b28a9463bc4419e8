"""Telling people, once each."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone, translation

from huiyin.core.errors import Forbidden, NotFound
from huiyin.ledger.models import Fact
from huiyin.notices import access, messages, queries, services
from huiyin.notices.models import Notice
from huiyin.notices.services import Message
from tests.people import target

pytestmark = pytest.mark.django_db
DUE = datetime(2026, 3, 5, 16, 0, tzinfo=UTC)


@pytest.fixture
def repair(firm):
    return target("repair", unit=firm.zone_one)


@pytest.fixture
def late(firm, repair):
    return Message(
        recipient_id=firm.repair_lead.pk,
        about_id=repair.pk,
        template="obligation_late",
        key="late:17:1",
        params={"place": "3栋1202", "matter": "维修回访", "due": DUE.isoformat()},
        policy="property-management",
        clause="B.2.c",
    )


@pytest.fixture
def notice(late, now):
    services.tell([late], now=now)
    return Notice.objects.get()


def test_a_message_is_told_with_its_clause(late, now):
    assert services.tell([late], now=now) == 1

    notice = Notice.objects.get()
    assert (notice.policy, notice.clause) == ("property-management", "B.2.c")
    assert (notice.created_at, notice.read_at, notice.delivered_at) == (now, None, None)


def test_the_same_key_is_told_once(late, now):
    services.tell([late, late], now=now)

    assert services.tell([late, replace(late, key="late:18:1")], now=now) == 1
    assert Notice.objects.count() == 2


def test_an_unknown_template_tells_nobody_anything(late, now):
    with pytest.raises(LookupError, match="obligation_late"):
        services.tell([late, replace(late, key="x", template="greeting")], now=now)

    assert not Notice.objects.exists()


@pytest.mark.parametrize("count", [1, 100])
def test_telling_costs_the_same_for_one_and_for_many(
    late, now, count, django_assert_max_num_queries
):
    many = [replace(late, key=f"late:{n}:1") for n in range(count)]

    with django_assert_max_num_queries(6):
        assert services.tell(many, now=now) == count


def test_telling_nothing_is_nothing(now):
    assert services.tell([], now=now) == 0


def test_a_notice_reads_as_a_sentence_with_its_moment_in_the_firms_zone(notice):
    with timezone.override("Asia/Shanghai"), translation.override("zh-hans"):
        assert messages.render(notice) == "3栋1202的维修回访已逾期，应在3月5日 24:00前完成"


def test_every_template_can_be_read_though_nothing_was_given():
    with translation.override("zh-hans"):
        for name in messages.TEMPLATES:
            assert "%" not in messages.text_of(name, {})


@pytest.mark.parametrize(
    ("due", "shown"),
    [
        (DUE - timedelta(seconds=60), "3月5日 23:59"),
        (DUE, "3月5日 24:00"),
        (DUE + timedelta(seconds=60), "3月6日 00:01"),
    ],
)
def test_the_end_of_a_day_is_said_as_people_say_it(due, shown):
    with timezone.override("Asia/Shanghai"), translation.override("zh-hans"):
        assert messages.say_moment(due) == shown


def test_a_moment_is_said_in_the_zone_that_is_active():
    with timezone.override("America/New_York"), translation.override("zh-hans"):
        assert messages.say_moment(DUE) == "3月5日 11:00"


def test_a_message_for_the_chat_says_number_place_matter_due_and_clause():
    with timezone.override("Asia/Shanghai"), translation.override("zh-hans"):
        text = messages.copy_text(
            place="3栋1202", matter="维修回访", due=DUE, clause="B.2.c", number="WX-1"
        )

    assert text == "【WX-1】 3栋1202 维修回访\n期限：3月5日 24:00\n依据：B.2.c"


def test_what_is_missing_is_left_out_of_the_chat_message():
    with translation.override("zh-hans"):
        assert messages.copy_text(place="3栋1202", matter="维修回访", due=None, clause="") == (
            "3栋1202 维修回访"
        )


def test_unread_notices_are_the_recipients_own_newest_first(
    firm, late, now, django_assert_num_queries
):
    for n in range(3):
        services.tell([replace(late, key=f"k{n}")], now=now + timedelta(minutes=n))
    services.tell([replace(late, key="other", recipient_id=firm.manager.pk)], now=now)

    with django_assert_num_queries(1):
        found = [(notice.key, notice.about.label) for notice in queries.unread(firm.repair_lead.pk)]

    assert found == [("k2", "WX-1"), ("k1", "WX-1"), ("k0", "WX-1")]


@pytest.mark.parametrize("count", [1, 10, 60])
def test_a_page_of_notices_costs_one_query(firm, late, now, count, django_assert_num_queries):
    services.tell([replace(late, key=f"k{n}") for n in range(count)], now=now)
    viewer = firm.viewer(firm.repair_lead)

    with django_assert_num_queries(1):
        page = queries.inbox(viewer)
        assert all(messages.render(notice) for notice in page.items)

    assert len(page.items) == min(count, 50)


def test_only_the_recipient_marks_a_notice_read_and_once(firm, notice, now):
    assert services.mark_read([notice.pk], by=firm.manager.pk, now=now) == 0
    assert services.mark_read([notice.pk], by=firm.repair_lead.pk, now=now) == 1
    assert services.mark_read([notice.pk], by=firm.repair_lead.pk, now=now) == 0
    assert not queries.unread(firm.repair_lead.pk).exists()


def test_delivery_is_noted_once_with_a_fact(firm, notice, now):
    later = now + timedelta(minutes=5)

    services.mark_delivered(notice, by=firm.supervisor.pk, now=now)
    services.mark_delivered(notice, by=firm.supervisor.pk, now=later)

    [fact] = Fact.objects.filter(kind="message.delivered")
    assert (fact.target_id, fact.by_id) == (notice.about_id, firm.supervisor.pk)
    assert Notice.objects.get().delivered_at == now


def test_a_copy_is_a_fact_about_what_was_copied(firm, repair, now):
    services.log_copy(repair.pk, by=firm.officer.pk, now=now)

    [fact] = Fact.objects.filter(kind="message.copied")
    assert (fact.target_id, fact.by_id, fact.recorded_at) == (repair.pk, firm.officer.pk, now)


@pytest.mark.parametrize(
    ("who", "reads", "marks"),
    [
        ("repair_lead", True, True),  # it was told to him
        ("supervisor", True, False),  # oversees what it is about
        ("officer", False, False),  # a colleague
        ("far_officer", False, False),
        ("stranger", False, False),
    ],
)
def test_who_may_read_a_notice_and_who_may_mark_it(firm, notice, who, reads, marks):
    viewer = firm.viewer(getattr(firm, who))

    def outcome(access_to):
        try:
            return access_to(viewer, notice.pk) == notice
        except (NotFound, Forbidden) as error:
            return type(error)

    assert outcome(access.for_reading) is (True if reads else NotFound)
    expected = True if marks else (Forbidden if reads else NotFound)
    assert outcome(access.for_marking) is expected
