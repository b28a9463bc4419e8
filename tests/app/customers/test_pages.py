"""客户: who sees which, what stays masked, how many statements a page takes."""

from datetime import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huiyin.accounts.models import Person
from huiyin.customers.models import Contact
from huiyin.customers.services import NewContact, NewCustomer, register_customers
from huiyin.ledger.models import Fact
from huiyin.records.models import Record
from tests.app.records.visits import Repaired, repaired, visit
from tests.people import login_for

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(login_for(person, f"login{person.pk}"))
    return client


@pytest.fixture
def made(now: datetime) -> Repaired:
    return repaired(now)


def more(made: Repaired, count: int, now: datetime, *, prefix: str = "5栋") -> list[int]:
    unit, owner = made.firm.zone_one.pk, made.firm.officer.pk
    rows = [
        NewCustomer(
            f"{prefix}{n:04d}", "household", unit_id=unit, owner_id=owner,
            contacts=(NewContact(f"1380000{n:04d}", "业主", "周住户"),),
        )
        for n in range(count)
    ]  # fmt: skip
    return list(register_customers(rows, by=None, now=now).values())


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("officer", 200), ("supervisor", 200), ("repair_lead", 200),
        ("repairer", 404), ("far_officer", 404), ("stranger", 404),
    ],
)  # fmt: skip
def test_a_customer_is_open_to_its_officer_and_those_above(
    made: Repaired, now: datetime, who: str, status: int
) -> None:
    [other] = more(made, 1, now)
    contact = Contact.objects.get(customer=other)
    client = client_of(getattr(made.firm, who))

    page = client.get(reverse("customers:page", args=[other]))
    reveal = client.post(reverse("customers:reveal", args=[contact.pk]), headers=HTMX)
    listed = client.get(reverse("customers:list"))

    assert (page.status_code, reveal.status_code) == (status, status)
    assert listed.status_code == 200
    assert ("5栋0000" in listed.content.decode()) == (status == 200)
    assert Fact.objects.filter(kind="phone.revealed").exists() == (status == 200)


def test_the_whole_number_is_only_in_the_answer_to_a_reveal(made: Repaired, now: datetime) -> None:
    [other] = more(made, 1, now)
    contact = Contact.objects.get(customer=other)
    client = client_of(made.firm.officer)
    number = "13800000000"

    listed = client.get(reverse("customers:list"))
    page = client.get(reverse("customers:page", args=[other]))
    piece = client.post(reverse("customers:reveal", args=[contact.pk]), headers=HTMX)
    whole = client.post(reverse("customers:reveal", args=[contact.pk]), {"reason": "约时间"})
    after = client.get(reverse("customers:page", args=[other]))

    for hidden in (listed, page, after):
        assert number not in hidden.content.decode()
        assert "138••••0000" in hidden.content.decode()
    assert number in piece.content.decode() and "<html" not in piece.content.decode()
    assert number in whole.content.decode() and "<html" in whole.content.decode()
    assert "no-store" in piece.headers["Cache-Control"]
    assert "查看完整号码" in after.content.decode() and "约时间" in after.content.decode()
    assert client.get(reverse("customers:reveal", args=[contact.pk])).status_code == 405


def test_the_list_is_paged_by_key_and_keeps_the_search(made: Repaired, now: datetime) -> None:
    more(made, 60, now)
    client = client_of(made.firm.supervisor)
    seen: list[str] = []
    address = reverse("customers:list") + "?q=5栋"

    while address:
        context = client.get(address).context
        seen += [row["first"].text for row in context["rows"]]
        address = context["older"]

    assert seen == [f"5栋{n:04d}" for n in range(60)]


def test_numbers_come_by_their_value(made: Repaired, now: datetime) -> None:
    numbers = ["10栋0101", "9栋0101", "9栋101A", "1号楼2单元10", "1号楼2单元9", "附楼"]
    unit = made.firm.zone_one.pk
    rows = [NewCustomer(each, "household", unit_id=unit) for each in numbers]
    register_customers(rows, by=None, now=now)
    client = client_of(made.firm.supervisor)
    wanted = ["1号楼2单元9", "1号楼2单元10", "9栋0101", "9栋101A", "10栋0101", "附楼"]

    up, down = (
        [row["first"].text for row in client.get(address).context["rows"]]
        for address in ("/customers/", "/customers/?sort=-number")
    )

    assert [each for each in up if each in numbers] == wanted
    assert [each for each in down if each in numbers] == wanted[::-1]


@pytest.mark.parametrize(
    "query", ["?after=nonsense", "?class=vip", "?q=" + "x" * 200, "?q=%00", "?after=W10"]
)
def test_an_address_that_was_tampered_with_is_no_fault_of_ours(made: Repaired, query: str) -> None:
    client = client_of(made.firm.supervisor)

    assert client.get(reverse("customers:list") + query).status_code in (200, 422)


def test_the_page_tells_what_happened_with_the_customers_repairs(
    made: Repaired, now: datetime
) -> None:
    record: Record = visit(made, now=now)
    client = client_of(made.firm.supervisor)
    address = reverse("customers:page", args=[made.customer])

    with CaptureQueriesContext(connection) as queries:
        page = client.get(address).content.decode()

    # The frame of every page takes 13 of them.
    assert len(queries) <= 26, len(queries)
    for words in ("3栋1202", "完工", "维修回访记录", record.number, "丙负责", "WX-1"):
        assert words in page, words
    assert reverse("records:page", args=[record.pk]) in page
    assert reverse("subjects:page", args=["repair", made.repair.pk]) in page


def test_a_list_says_which_numbers_are_none_without_opening_the_others(
    made: Repaired, now: datetime
) -> None:
    more(made, 3, now)
    client = client_of(made.firm.officer)
    with CaptureQueriesContext(connection) as sound:
        before = client.get("/customers/").content.decode()
    unit, owner = made.firm.zone_one.pk, made.firm.officer.pk
    wrong = [
        NewCustomer(
            f"6栋{n:04d}", "household", unit_id=unit, owner_id=owner,
            contacts=(NewContact(number, "业主", unchecked=True),),
        )
        for n, number in enumerate(["1380000067", "010-1234567", "4001234567", "问保安"])
    ]  # fmt: skip
    register_customers(wrong, by=None, now=now)

    with CaptureQueriesContext(connection) as doubtful:
        page = client.get("/customers/").content.decode()

    assert (before.count("待核对"), page.count("待核对")) == (0, 3)
    assert len(doubtful) == len(sound) + 1
