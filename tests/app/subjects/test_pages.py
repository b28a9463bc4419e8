"""维修单: who sees which, who may say what happened, how many statements a page takes."""

import re
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huiyin.accounts.models import Person
from huiyin.ledger.models import Fact
from huiyin.subjects.models import Subject
from huiyin.subjects.services import NewEvent, NewSubject, record_events, register
from tests.app.records.visits import Repaired, repaired, visit
from tests.people import login_for

pytestmark = pytest.mark.django_db
LIST = "/subjects/repair/"


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(login_for(person, f"login{person.pk}"))
    return client


@pytest.fixture
def made(now: datetime) -> Repaired:
    return repaired(now)


def more(made: Repaired, count: int, now: datetime, *, prefix: str = "N") -> list[int]:
    rows = [
        NewSubject(
            f"{prefix}{n:03d}",
            {"category": "other", "repairer": made.firm.repairer.pk},
            customer_id=made.customer,
            unit_id=made.firm.zone_one.pk,
            owner_id=made.firm.officer.pk,
            created_at=now - timedelta(minutes=n // 7),
        )
        for n in range(count)
    ]
    return register("repair", rows, by=None, now=now)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("officer", 200), ("supervisor", 200), ("repair_lead", 200), ("repairer", 200),
        ("second_repairer", 404), ("far_officer", 404), ("stranger", 404),
    ],
)  # fmt: skip
def test_a_subject_is_open_to_whom_it_is_entrusted_whom_it_names_and_those_above(
    made: Repaired, now: datetime, who: str, status: int
) -> None:
    [open_repair] = more(made, 1, now)
    client = client_of(getattr(made.firm, who))
    address = reverse("subjects:page", args=["repair", open_repair])

    page, listed = client.get(address), client.get(LIST)
    with time_machine.travel(now + timedelta(hours=1), tick=False):
        told = client.post(f"{address}events/", {"event": "completed"})

    assert page.status_code == status
    assert listed.status_code == 200
    assert ("N000" in listed.content.decode()) == (status == 200)
    assert told.status_code == (302 if status == 200 else 404)
    completed = Fact.objects.filter(target=open_repair, kind="repair.completed")
    assert completed.exists() == (status == 200)


def test_whom_a_subject_names_reads_what_happened_to_it_and_not_its_customer(
    made: Repaired, now: datetime
) -> None:
    visit(made, now=now)
    address = reverse("subjects:page", args=["repair", made.repair.pk])
    customer = reverse("customers:page", args=[made.customer])

    repairer = client_of(made.firm.repairer)
    his = repairer.get(address)
    above = client_of(made.firm.supervisor).get(address)

    # Registered and completed at one moment: one event, without the visit that came of it.
    assert [each.title for each in his.context["events"]] == ["登记"]
    assert len(above.context["events"]) > 1
    assert customer not in his.content.decode() and customer in above.content.decode()
    assert repairer.get(customer).status_code == 404


def test_what_happened_is_recorded_at_the_time_that_was_entered(
    made: Repaired, now: datetime
) -> None:
    first, second = more(made, 2, now)
    client = client_of(made.firm.officer)
    later = now + timedelta(hours=30)

    with time_machine.travel(later, tick=False):
        for id, moment in ((first, "2026-03-03T08:15"), (second, "")):
            address = reverse("subjects:event", args=["repair", id])
            client.post(address, {"event": "completed", "happened_at": moment})
        future = client.post(
            reverse("subjects:event", args=["repair", first]),
            {"event": "completed", "happened_at": "2026-03-05T08:15"},
        )

    facts = {f.target_id: f for f in Fact.objects.filter(kind="repair.completed")}
    assert facts[first].happened_at.isoformat() == "2026-03-03T00:15:00+00:00"
    assert facts[first].recorded_by_id == made.firm.officer.pk
    assert facts[second].happened_at == later
    assert future.status_code == 422


def test_what_is_wrong_is_said_on_the_form_and_what_was_typed_stays(
    made: Repaired, now: datetime
) -> None:
    [open_repair] = more(made, 1, now)
    client = client_of(made.firm.manager)
    address = reverse("subjects:event", args=["repair", open_repair])
    completed = Fact.objects.get(kind="repair.completed")
    void = reverse("subjects:void", args=["repair", made.repair.pk, completed.pk])
    long, told = "错" * 201, []

    with time_machine.travel(now + timedelta(hours=1), tick=False):
        for at in ("1900-01-00T00:00", "1900-01-01T08:00", "2026-03-05T08:15"):
            answer = client.post(address, {"event": "completed", "happened_at": at})
            told.append((answer.status_code, answer.content.decode()))
        voided = client.post(void, {"reason": long})
        client.post(address, {"event": "completed"})
        again = client.post(address, {"event": "completed"})

    for status, shown in told:
        assert (status, "有 1 处需要补正" in shown) == (422, True)
        assert re.search(r'<input[^>]*aria-invalid[^>]*name="happened_at"', shown)
    assert "请核对年份。" in told[1][1]
    assert 'value="2026-03-05T08:15"' in told[2][1]
    assert voided.status_code == 422
    assert long in voided.content.decode() and "<details open>" in voided.content.decode()
    assert again.status_code == 409
    assert "已经登记过了" in again.content.decode()


def test_an_event_is_taken_back_by_who_entered_it_or_oversees(
    made: Repaired, now: datetime
) -> None:
    officer, lead = client_of(made.firm.officer), client_of(made.firm.repair_lead)
    fact = Fact.objects.get(kind="repair.completed")  # entered by the manager
    address = reverse("subjects:void", args=["repair", made.repair.pk, fact.pk])
    page = reverse("subjects:page", args=["repair", made.repair.pk])

    with time_machine.travel(now + timedelta(hours=1), tick=False):
        seen_only = officer.post(address, {"reason": "登记错了"})
        stranger = client_of(made.firm.stranger).post(address, {"reason": "登记错了"})
        without_reason = lead.post(address, {"reason": ""})
        offered = [client.get(page).content.decode() for client in (officer, lead)]
        done = lead.post(address, {"reason": "登记错了"})
        again = lead.post(address, {"reason": "登记错了"})

    assert (seen_only.status_code, stranger.status_code) == (403, 404)
    assert without_reason.status_code == 422
    assert [address in shown for shown in offered] == [False, True]
    assert (done.status_code, again.status_code) == (302, 404)
    assert Fact.objects.get(kind="fact.voided").note.text == "登记错了"


def test_the_list_shows_number_place_choices_and_state(made: Repaired) -> None:
    page = client_of(made.firm.supervisor).get(LIST).content.decode()

    for words in ("维修单", "WX-1", "3栋1202", "漏水", "丁维修", "完工", "类别", "维修人员"):
        assert words in page, words


def test_the_list_is_paged_by_key_newest_first_without_loss(made: Repaired, now: datetime) -> None:
    more(made, 120, now)
    client = client_of(made.firm.supervisor)
    seen: list[str] = []
    address = f"{LIST}?q=N"

    while address:
        context = client.get(address).context
        seen += [row["first"].text for row in context["rows"]]
        address = context["older"]

    newest_first = Subject.objects.filter(number__startswith="N").order_by("-created_at", "-pk")
    assert seen == list(newest_first.values_list("number", flat=True))
    assert len(seen) == 120


def test_the_page_tells_fields_duties_records_and_what_happened(
    made: Repaired, now: datetime
) -> None:
    record = visit(made, now=now)
    client = client_of(made.firm.supervisor)

    with CaptureQueriesContext(connection) as queries:
        page = client.get(
            reverse("subjects:page", args=["repair", made.repair.pk])
        ).content.decode()

    # The frame of every page takes 13 of them.
    assert len(queries) <= 26, len(queries)
    for words in ("WX-1", "漏水", "丁维修", "B.2.c", "维修回访", record.number, "完工", "按时"):
        assert words in page, words


@pytest.mark.parametrize(
    "address",
    ["/subjects/reel/", "/subjects/repair/999999/", "/subjects/reel/1/", "/subjects/repair/0/"],
)
def test_what_is_not_there_is_not_found(made: Repaired, address: str) -> None:
    assert client_of(made.firm.supervisor).get(address).status_code == 404


def test_a_subject_is_not_found_under_another_kind(made: Repaired, now: datetime) -> None:
    client = client_of(made.firm.supervisor)

    assert client.get(f"/subjects/case/{made.repair.pk}/").status_code == 404
    assert client.get(LIST + "?after=nonsense").status_code == 422


def test_the_last_event_is_the_one_that_happened_last(made: Repaired, now: datetime) -> None:
    me = made.firm.manager.pk
    earlier = now - timedelta(days=3)
    Subject.objects.filter(pk=made.repair.pk).update(created_at=earlier)
    made.repair.refresh_from_db()
    late_to_be_told = NewEvent(made.repair.pk, "completed", earlier, me, me, live=False)
    record_events([late_to_be_told], now=now + timedelta(hours=1))

    found = Subject.objects.all().with_last_event().get(pk=made.repair.pk)

    assert (found.event, found.event_at) == ("repair.completed", now)


def test_who_records_a_visit_that_nobody_asked_for_is_told_what_to_pick(
    made: Repaired, now: datetime
) -> None:
    more(made, 60, now)
    client = client_of(made.firm.supervisor)

    begun = re.search(r'href="([^"]*)">记一次回访', client.get("/").content.decode())
    assert begun
    picking = client.get(begun[1])
    narrowed = client.get(picking.context["older"])
    plain = client.get(LIST)

    bench = reverse("followups:workbench", args=[made.repair.pk])
    assert "选一张要回访的维修单" in picking.content.decode()
    for page in (picking, narrowed):
        assert all(row["url"].startswith("/followups/new/") for row in page.context["rows"])
    assert bench in str(picking.context["rows"]) + str(narrowed.context["rows"])
    assert 'name="for" value="followup"' in picking.content.decode()
    assert "选一张" not in plain.content.decode() and bench not in str(plain.context["rows"])


def test_who_makes_no_follow_up_is_not_led_to_one(made: Repaired) -> None:
    firm = made.firm
    offered = {
        person.name: "记一次回访</a>" in client_of(person).get("/").content.decode()
        for person in (firm.repairer, firm.officer, firm.supervisor)
    }

    assert offered == {
        firm.repairer.name: False,
        firm.officer.name: True,
        firm.supervisor.name: True,
    }


def test_who_may_not_visit_what_he_repaired_picks_none_of_it(made: Repaired) -> None:
    rows = client_of(made.firm.repairer).get(f"{LIST}?for=followup").context["rows"]

    assert [row["url"] for row in rows] == [f"{LIST}{made.repair.pk}/"]


def test_in_english_a_list_is_named_by_the_plural(made: Repaired) -> None:
    client = client_of(made.firm.manager)
    client.cookies["django_language"] = "en"

    room = client.get("/subjects/repair/").content.decode()
    page = client.get(f"/subjects/repair/{made.repair.pk}/").content.decode()

    assert ">Repair orders</h1>" in room
    assert "Repair order</h1>" in page and "Repair orders" in page
