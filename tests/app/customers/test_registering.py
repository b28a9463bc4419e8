"""Customers in thousands at once; numbers that only a logged look opens."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huiyin.core.errors import Invalid, Refused
from huiyin.customers.models import Contact, Customer
from huiyin.customers.services import (
    REVEALS_PER_HOUR,
    NewContact,
    NewCustomer,
    hand_over,
    register_customers,
    reveal_phone,
)  # fmt: skip
from huiyin.ledger.models import Fact, Target
from tests.people import SmallFirm

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm(adopted: SmallFirm) -> SmallFirm:
    return adopted


def household(number: str, *phones: str, **more: object) -> NewCustomer:
    contacts = tuple(NewContact(phone, "业主", "周住户") for phone in phones)
    return NewCustomer(number, "household", contacts=contacts, **more)  # type: ignore[arg-type]


def register(rows: list[NewCustomer], now: datetime) -> dict[str, int]:
    return register_customers(rows, by=None, now=now)


def test_a_customer_gets_a_target_contacts_and_a_fact(firm: SmallFirm, now: datetime) -> None:
    [id] = register(
        [household("3栋1202", "+86 138-1234-2046", unit_id=firm.zone_one.pk)], now
    ).values()

    target = Target.objects.get(pk=id)
    assert (target.kind, target.label, target.unit_id) == (
        "customer", "3栋1202", firm.zone_one.pk,
    )  # fmt: skip
    contact = Contact.objects.get(customer=id)
    assert (contact.phone, contact.name) == ("13812342046", "周住户")
    assert (contact.phone_masked, contact.phone_tail) == ("138••••2046", "2046")
    fact = Fact.objects.get(kind="customer.registered")
    assert (fact.target_id, fact.values) == (id, {"customer.class": "household"})


def test_no_column_holds_the_number_or_the_name_in_plain(firm: SmallFirm, now: datetime) -> None:
    register([household("3栋1202", "13812342046")], now)

    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(c)::text FROM customers_contact c")
        [[row]] = cursor.fetchall()
    assert "13812342046" not in row and "周住户" not in row and "1234" not in row


def test_three_thousand_customers_take_as_many_statements_as_three(
    firm: SmallFirm, now: datetime
) -> None:
    def statements(prefix: str, count: int) -> int:
        rows = [household(f"{prefix}{n}", f"138{n:08d}") for n in range(count)]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            register(rows, now)
        return len(queries)

    assert statements("A", 3) == statements("B", 3_000)
    assert Customer.objects.count() == 3_003


@pytest.mark.parametrize(
    "rows",
    [
        [household("1"), household("1")],
        [household("")],
        [household("9" * 81)],
        [household("1", "1234567")],
        [household("1", "13812342046, 13812342047")],
        [NewCustomer("1", "vip")],
    ],
)
def test_what_is_wrong_is_said_by_position_and_nothing_is_written(
    firm: SmallFirm, now: datetime, rows: list[NewCustomer]
) -> None:
    with pytest.raises(Invalid) as error:
        register([household("0"), *rows], now)

    assert set(error.value.errors) <= {"1", "2"}
    assert not Customer.objects.exists()


def test_a_number_is_registered_once(firm: SmallFirm, now: datetime) -> None:
    register([household("3栋1202")], now)

    with pytest.raises(Invalid, match="3栋1202"):
        register([household("3栋1202")], now)


def found(words: str) -> list[str]:
    return sorted(Customer.objects.all().matching(words).values_list("number", flat=True))


def test_customers_are_found_by_number_name_phone_and_tail(firm: SmallFirm, now: datetime) -> None:
    register(
        [
            household("3栋1202", "13812342046"),
            household("3栋1203", "010-62342046"),
            household("12栋302", "13900001202", name="示例商行"),
            household("1%_2", "13700000000"),
        ],
        now,
    )

    assert found("") == ["1%_2", "12栋302", "3栋1202", "3栋1203"]
    assert found("3栋120") == ["3栋1202", "3栋1203"]
    assert found("商行") == ["12栋302"]
    assert found("2046") == ["3栋1202", "3栋1203"]
    assert found("1202") == ["12栋302", "3栋1202"]
    assert found("１３８ 1234-2046") == ["3栋1202"]
    assert found("%") == ["1%_2"] and found("_") == ["1%_2"]
    assert found("' OR 1=1 --") == []


def test_a_reveal_gives_the_number_and_says_so_without_it(firm: SmallFirm, now: datetime) -> None:
    register([household("3栋1202", "13812342046")], now)
    contact = Contact.objects.get()

    number = reveal_phone(contact, by=firm.officer.pk, reason="约时间", now=now)

    fact = Fact.objects.get(kind="phone.revealed")
    assert number == "13812342046"
    assert (fact.by_id, fact.target_id) == (firm.officer.pk, contact.customer_id)
    assert fact.values["contact.id"] == contact.pk and fact.note.text == "约时间"
    assert number not in str(fact.values)


def test_a_person_reveals_thirty_numbers_in_an_hour(firm: SmallFirm, now: datetime) -> None:
    register([household("3栋1202", "13812342046")], now)
    contact, officer = Contact.objects.get(), firm.officer.pk
    for _turn in range(REVEALS_PER_HOUR):
        reveal_phone(contact, by=officer, now=now)

    hour = timedelta(hours=1)
    with pytest.raises(Refused):
        reveal_phone(contact, by=officer, now=now + hour - timedelta(seconds=1))
    assert reveal_phone(contact, by=firm.supervisor.pk, now=now) == "13812342046"
    assert reveal_phone(contact, by=officer, now=now + hour) == "13812342046"


def test_what_is_entrusted_to_a_leaver_passes_on(firm: SmallFirm, now: datetime) -> None:
    officer, lead = firm.officer.pk, firm.repair_lead.pk
    ids = register([household("1", owner_id=officer), household("2", owner_id=officer)], now)

    assert hand_over(officer, to=lead, by=firm.manager.pk, now=now) == 2

    owners = Target.objects.filter(pk__in=ids.values()).values_list("owner", flat=True)
    assert set(owners) == {lead}
    assert Fact.objects.filter(kind="customer.handed_over").count() == 2
