"""What one does with a notice on the page: tried by recipient, overseer and outsider."""

import pytest
import time_machine

from huiyin.accounts.middleware import SESSION_PERSON
from huiyin.ledger.models import Fact
from huiyin.notices import services
from huiyin.notices.models import Notice
from huiyin.notices.services import Message
from tests.people import small_firm, target

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_the_time(now):
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def firm(now):
    return small_firm(now, demo=True)


@pytest.fixture
def repair(firm):
    return target("repair", unit=firm.zone_one)


@pytest.fixture
def notice(firm, repair, now):
    services.tell(
        [Message(firm.repair_lead.pk, repair.pk, "obligation_late", "late:1", {})], now=now
    )
    return Notice.objects.get()


@pytest.fixture
def as_(client, firm):
    """The client, looking through one of the cast."""

    def look_as(who):
        client.post("/switch/", {"person": getattr(firm, who).pk})
        assert client.session[SESSION_PERSON] == getattr(firm, who).pk
        return client

    return look_as


@pytest.mark.parametrize(
    ("who", "status", "read"),
    [("repair_lead", 302, True), ("supervisor", 403, False), ("far_officer", 404, False)],
)
def test_reading_is_the_recipients(as_, notice, who, status, read):
    answer = as_(who).post(f"/notices/{notice.pk}/reading/")

    assert answer.status_code == status
    assert (Notice.objects.get().read_at is not None) is read


def test_in_answer_to_htmx_the_notice_goes_away(as_, notice):
    answer = as_("repair_lead").post(
        f"/notices/{notice.pk}/reading/", headers={"HX-Request": "true"}
    )

    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    ("who", "status"), [("repair_lead", 302), ("supervisor", 302), ("far_officer", 404)]
)
def test_delivery_is_for_who_may_see_the_notice(as_, notice, who, status):
    assert as_(who).post(f"/notices/{notice.pk}/delivery/").status_code == status
    assert Fact.objects.filter(kind="message.delivered").exists() is (status == 302)


@pytest.mark.parametrize(
    ("who", "status"), [("repair_lead", 204), ("supervisor", 204), ("far_officer", 404)]
)
def test_a_copy_is_logged_for_who_may_see_the_target(as_, repair, who, status):
    assert as_(who).post(f"/copies/{repair.pk}/").status_code == status
    assert Fact.objects.filter(kind="message.copied").exists() is (status == 204)


def test_looking_changes_nothing(as_, notice):
    alone = as_("repair_lead").get(f"/notices/{notice.pk}/reading/")
    assert alone.status_code == 405
    assert f'href="/notices/{notice.pk}/"' in alone.content.decode()


def test_marking_never_leads_off_the_site(as_, notice):
    answer = as_("repair_lead").post(f"/notices/{notice.pk}/reading/", {"next": "//evil.example/"})

    assert answer.url == "/"
