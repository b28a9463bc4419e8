"""Who may open a record and its pictures, and what the page says."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from huiyin.accounts.models import Person
from huiyin.records.answers import Sent
from huiyin.records.models import Handover, Record
from huiyin.records.services import amend_record, hand_over
from tests.app.records.drawing import photograph, refused, signed
from tests.app.records.visits import SATISFIED, Repaired, repaired, visit
from tests.people import login_for

pytestmark = pytest.mark.django_db


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(login_for(person, f"login{person.pk}"))
    return client


@pytest.fixture
def made(now: datetime) -> Repaired:
    return repaired(now)


@pytest.fixture
def record(made: Repaired, now: datetime) -> Record:
    return visit(made, now=now, photos={"photo": [photograph()]})


def addresses(record: Record) -> list[str]:
    signature, photo = record.signatures.get().blob_id, record.photos.get().blob_id
    return [
        reverse("records:page", args=[record.pk]),
        reverse("records:picture", args=[record.pk, signature]),
        reverse("records:picture", args=[record.pk, photo]),
    ]


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("officer", 200),  # it is entrusted to him
        ("supervisor", 200),  # he oversees the whole firm
        ("repair_lead", 200),  # he filed it
        ("second_repairer", 404),  # a colleague who sees his own only
        ("far_officer", 404),  # of another unit
        ("stranger", 404),  # holds no post
    ],
)
def test_a_record_is_open_to_those_who_see_what_it_is_about(
    made: Repaired, record: Record, who: str, status: int
) -> None:
    client = client_of(getattr(made.firm, who))

    answers = {address: client.get(address).status_code for address in addresses(record)}

    assert set(answers.values()) == {status}, answers


def test_nobody_reads_without_signing_in(record: Record) -> None:
    for address in addresses(record):
        assert Client().get(address).status_code == 302


def test_a_digest_alone_opens_no_picture(made: Repaired, record: Record, now: datetime) -> None:
    other = visit(made, now=now, signatures={"visited": refused()})
    client = client_of(made.firm.supervisor)
    known = record.photos.get().blob_id

    stolen = client.get(reverse("records:picture", args=[other.pk, known]))
    unknown = client.get(reverse("records:picture", args=[record.pk, "0" * 64]))

    assert (stolen.status_code, unknown.status_code) == (404, 404)


def test_a_picture_is_sent_as_what_it_is(made: Repaired, record: Record) -> None:
    page, signature, photo = addresses(record)
    client = client_of(made.firm.supervisor)

    answer = client.get(photo)

    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Cache-Control"].startswith("private")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get(signature).headers["Content-Type"] == "image/png"
    shown = client.get(page).content.decode()
    assert signature in shown and photo in shown


def test_the_page_tells_everything_of_the_record(
    made: Repaired, now: datetime, django_assert_max_num_queries
) -> None:  # type: ignore[no-untyped-def]
    given = SATISFIED | {"suggestions": "some", "suggestion_text": "<b>换灯</b>"}
    record = visit(
        made, now=now, given=given, signatures={"visited": refused("赶时间")},
        present=(made.firm.repair_lead.pk, made.firm.manager.pk),
    )  # fmt: skip
    client = client_of(made.firm.supervisor)

    with django_assert_max_num_queries(26):
        page = client.get(reverse("records:page", args=[record.pk])).content.decode()

    for words in (
        "WXHF-2026-0001", "已修好", "&lt;b&gt;换灯&lt;/b&gt;", "赶时间", "丙负责", "甲经理",
        "/policy/property-management/B.3.1/", "3栋1202", "2026-03-03 09:00", "2026-03-03 10:00", "WX-1",
    ):  # fmt: skip
        assert words in page, words


def test_an_old_version_says_that_there_is_a_newer_one(
    made: Repaired, record: Record, now: datetime
) -> None:
    newer = amend_record(
        record, Sent(SATISFIED), reason="更正", by=record.by_id, now=now + timedelta(days=2)
    )
    client = client_of(made.firm.supervisor)

    old = client.get(reverse("records:page", args=[record.pk])).content.decode()
    new = client.get(reverse("records:page", args=[newer.pk])).content.decode()

    assert "旧版本" in old and reverse("records:page", args=[newer.pk]) in old
    assert "旧版本" not in new and "更正" in new


def test_the_page_shows_to_whom_it_was_handed_and_the_receipt(
    made: Repaired, record: Record, now: datetime
) -> None:
    later = now + timedelta(days=2)
    for channel, receipt in (("in_person", signed()), ("wechat", None), ("other", refused("不认"))):
        hand_over(
            record, to=made.firm.repairer.pk, channel=channel, happened_at=later, receipt=receipt,
            by=made.firm.repair_lead.pk, now=later, way="托门卫转交",
        )  # fmt: skip
    client = client_of(made.firm.officer)

    page = client.get(reverse("records:page", args=[record.pk])).content.decode()

    for words in ("丁维修", "当面", "微信", "其他", "托门卫转交；不认", "2026-03-04 09:00"):
        assert words in page, words
    picture = Handover.objects.get(channel="in_person").blob_id
    address = reverse("records:picture", args=[record.pk, picture])
    assert address in page and client.get(address).status_code == 200
