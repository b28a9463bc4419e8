"""更改客户: what differs is written and stated, what is owed goes on, and nobody is overwritten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from huiyin.accounts.models import Person
from huiyin.core.errors import Conflict, Forbidden, Invalid
from huiyin.customers import changing
from huiyin.customers.changing import Wanted
from huiyin.customers.contacting import WantedContact
from huiyin.customers.models import Contact, Customer
from huiyin.customers.services import NewContact, NewCustomer, register_customers
from huiyin.ledger.models import Fact, Target
from huiyin.obligations import services as duties
from huiyin.obligations.models import Obligation
from tests.app import scene as on
from tests.people import SmallFirm

pytestmark = pytest.mark.django_db
PHONE = "13812342046"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def firm(adopted: SmallFirm) -> SmallFirm:
    return adopted


@pytest.fixture
def home(firm: SmallFirm, now: datetime) -> Customer:
    """3栋1202 of 一区, with a contact who has a phone and one who has none."""
    row = NewCustomer(
        "3栋1202", "household", "周家", firm.zone_one.pk, firm.officer.pk,
        [NewContact(PHONE, "业主", "周住户"), NewContact("", "租客", "李四")],
    )  # fmt: skip
    [made] = register_customers([row], by=firm.manager.pk, now=now).values()
    return Customer.objects.get(pk=made)


def as_it_is(home: Customer) -> Wanted:
    target = Target.objects.get(pk=home.pk)
    return Wanted(home.number, "household", home.name, target.unit_id, target.owner_id)


def change(
    firm: SmallFirm, home: Customer, now: datetime, *, seen: int = 0, who: str = "manager",
    **wanted: Any,
) -> bool:  # fmt: skip
    person: Person = getattr(firm, who)
    return changing.change(
        home.pk,
        replace(as_it_is(home), **wanted),
        seen=seen or changing.version(home.pk),
        viewer=firm.viewer(person),
        by=person.pk,
        now=now + HOUR,
    )


def contact(home: Customer, relation: str = "业主", **wanted: Any) -> WantedContact:
    there = Contact.objects.get(customer=home, relation=relation)
    given = {"relation": relation, **wanted}
    return WantedContact(f"kept-{there.pk}", id=there.pk, **given)


def stated(kind: str) -> Fact:
    return Fact.objects.select_related("note").get(kind=kind)


def test_a_new_name_is_written_as_it_is_typed_and_stated_without_it(
    firm: SmallFirm, home: Customer, now: datetime
) -> None:
    assert change(firm, home, now, name="吴家")

    home.refresh_from_db()
    assert (home.name, home.initials, home.pinyin) == ("吴家", "wj", "wujia")
    fact = stated("customer.changed")
    assert fact.values == {"customer.class": "household", "customer.changed": ["name"]}
    assert (fact.by_id, fact.live) == (firm.manager.pk, True)


def test_a_new_number_needs_a_reason_and_names_the_target_too(
    firm: SmallFirm, home: Customer, now: datetime
) -> None:
    with pytest.raises(Invalid) as refused:
        change(firm, home, now, number="3栋1203")
    assert list(refused.value.errors) == ["reason"]

    change(firm, home, now, number="3栋1203", reason="门牌改了")

    home.refresh_from_db()
    assert (home.number, home.target.label) == ("3栋1203", "3栋1203")
    fact = stated("customer.changed")
    assert fact.note.text == "门牌改了"
    assert "3栋1203" not in str(fact.values)


def test_a_number_of_somebody_else_is_refused(
    firm: SmallFirm, home: Customer, now: datetime
) -> None:
    register_customers([NewCustomer("3栋1203", "household")], by=None, now=now)

    with pytest.raises(Invalid) as refused:
        change(firm, home, now, number="3栋1203", reason="门牌改了")

    assert list(refused.value.errors) == ["number"]


def test_nothing_that_differs_states_nothing(
    firm: SmallFirm, home: Customer, now: datetime
) -> None:
    before = Fact.objects.count()

    assert not change(firm, home, now, contacts=[contact(home), contact(home, "租客")])

    assert Fact.objects.count() == before


def test_who_can_be_reached_is_added_changed_and_removed(
    firm: SmallFirm, home: Customer, now: datetime
) -> None:
    owner, tenant = contact(home, phone="139 1234 2047"), contact(home, "租客", gone=True)
    new = WantedContact("contact-1", "家人", "周小", "010-62342046")

    change(firm, home, now, contacts=[owner, tenant, new])

    rows = Contact.objects.filter(customer=home).order_by("pk")
    assert [(row.relation, row.name, row.phone) for row in rows] == [
        ("业主", "周住户", "13912342047"), ("家人", "周小", "010-62342046"),
    ]  # fmt: skip
    assert rows[0].pk == owner.id
    values = stated("customer.changed").values
    assert values == {
        "customer.class": "household", "customer.changed": ["contacts"], "contact.added": 1,
        "contact.changed": [owner.id], "contact.removed": [tenant.id],
    }  # fmt: skip
    assert list(Customer.objects.all().matching("13912342047")) == [home]
    assert not Customer.objects.all().matching(PHONE)


def test_a_name_or_number_that_is_left_empty_stays(
    firm: SmallFirm, home: Customer, now: datetime
) -> None:
    change(firm, home, now, contacts=[contact(home, "业主"), contact(home, "租客", name="李五")])

    rows = Contact.objects.filter(customer=home).order_by("pk")
    assert [(row.name, row.phone) for row in rows] == [("周住户", PHONE), ("李五", "")]


def test_a_number_in_doubt_stays_until_somebody_puts_it_right(
    firm: SmallFirm, now: datetime
) -> None:
    row = NewCustomer("3栋1203", "household", unit_id=firm.zone_one.pk, owner_id=firm.officer.pk,
                      contacts=[NewContact("1380000", "业主", "吴九", unchecked=True)])  # fmt: skip
    [made] = register_customers([row], by=firm.manager.pk, now=now).values()
    home = Customer.objects.get(pk=made)

    change(firm, home, now, contacts=[contact(home, relation="业主", name="吴十")])
    kept = Contact.objects.get(customer=home)
    change(firm, home, now, contacts=[contact(home, phone=PHONE)])
    right = Contact.objects.get(customer=home)

    assert (kept.phone, kept.name, kept.in_doubt) == ("1380000", "吴十", True)
    assert (right.phone, right.name, right.in_doubt) == (PHONE, "吴十", False)


def test_two_contacts_may_change_their_numbers(
    firm: SmallFirm, home: Customer, now: datetime
) -> None:
    change(firm, home, now, contacts=[contact(home, "租客", phone="13912342047")])

    change(
        firm, home, now,
        contacts=[contact(home, "租客", phone=PHONE), contact(home, phone="13912342047")],
    )  # fmt: skip

    rows = dict(Contact.objects.filter(customer=home).values_list("relation", "phone"))
    assert rows == {"租客": PHONE, "业主": "13912342047"}


def test_one_number_of_two_contacts_is_refused_and_nothing_is_written(
    firm: SmallFirm, home: Customer, now: datetime
) -> None:
    twice = [contact(home), contact(home, "租客", phone=PHONE)]

    with pytest.raises(Invalid) as refused:
        change(firm, home, now, contacts=twice, name="吴家")

    assert list(refused.value.errors) == [f"kept-{twice[1].id}-phone"]
    assert Customer.objects.get().name == "周家"


def test_who_was_not_first_is_told_and_overwrites_nothing(
    firm: SmallFirm, home: Customer, now: datetime
) -> None:
    seen = changing.version(home.pk)
    change(firm, home, now, seen=seen, name="吴家")

    with pytest.raises(Conflict):
        change(firm, home, now, seen=seen, name="郑家")

    assert Customer.objects.get().name == "吴家"
    assert Fact.objects.filter(kind="customer.changed").count() == 1


def test_a_move_takes_what_the_officer_owes_to_the_new_officer(
    firm: SmallFirm, home: Customer, now: datetime
) -> None:
    now += 31 * DAY
    duties.plan(now=now)
    owed = Obligation.objects.about(home.pk).filter(duty="officer_round")
    assert [row.holder_id for row in owed] == [firm.officer.pk]
    before = Obligation.objects.about(home.pk).count()

    change(firm, home, now, unit_id=firm.zone_two.pk, owner_id=None, reason="重划片区")

    target = Target.objects.get(pk=home.pk)
    assert (target.unit_id, target.owner_id) == (firm.zone_two.pk, firm.far_officer.pk)
    assert [row.holder_id for row in owed.all()] == [firm.far_officer.pk]
    assert [row.state for row in owed.all()] == ["open"]
    assert Obligation.objects.about(home.pk).count() == before
    moved, handed = stated("customer.moved"), stated("customer.handed_over")
    assert moved.values == {
        "customer.unit": firm.zone_two.pk, "customer.former_unit": firm.zone_one.pk,
        "note": moved.values["note"],
    }  # fmt: skip
    assert handed.values["customer.owner"] == firm.far_officer.pk
    assert handed.values["customer.former_owner"] == firm.officer.pk
    assert moved.note.text == "重划片区"
    assert not Fact.objects.filter(kind="customer.changed").exists()


def test_who_was_named_stays_when_it_moves(firm: SmallFirm, home: Customer, now: datetime) -> None:
    change(firm, home, now, owner_id=firm.repair_lead.pk, reason="重点客户")

    change(firm, home, now, unit_id=firm.zone_two.pk, reason="重划片区")

    assert Target.objects.get(pk=home.pk).owner_id == firm.repair_lead.pk
    assert Fact.objects.filter(kind="customer.handed_over").count() == 1


def test_into_no_zone_or_another_s_nobody_moves_it(
    firm: SmallFirm, home: Customer, now: datetime
) -> None:
    with pytest.raises(Invalid) as refused:
        change(firm, home, now, unit_id=firm.company.pk, reason="x")
    with pytest.raises(Forbidden):
        change(firm, home, now, who="repair_lead", unit_id=firm.zone_two.pk, reason="x")

    assert list(refused.value.errors) == ["unit"]
    assert Target.objects.get(pk=home.pk).unit_id == firm.zone_one.pk


def sent(home: Customer, **more: Any) -> dict[str, Any]:
    """The form as the page begins with it."""
    unit = Target.objects.get(pk=home.pk).unit_id
    rows = Contact.objects.filter(customer=home)
    kept = {f"kept-{row.pk}-relation": row.relation for row in rows}
    return {
        "number": home.number, "name": home.name, "unit": str(unit), "owner": "", **kept,
        "seen": str(changing.version(home.pk)), **more,
    }  # fmt: skip


def address(home: Customer) -> str:
    return reverse("customers:edit", args=[home.pk])


def post(firm: SmallFirm, home: Customer, now: datetime, form: Mapping[str, Any]) -> Any:
    with time_machine.travel(now + HOUR, tick=False):
        return on.signed_in(firm.supervisor).post(address(home), form)


def test_the_page_shows_no_whole_number_and_no_whole_name(
    firm: SmallFirm, home: Customer, now: datetime
) -> None:
    with time_machine.travel(now, tick=False):
        page = on.signed_in(firm.supervisor).get(address(home)).content.decode()

    assert PHONE not in page and "周住户" not in page
    assert 'placeholder="138••••2046"' in page and "周••" in page
    assert not Fact.objects.filter(kind="phone.revealed").exists()


def test_the_form_changes_it_and_says_so_in_its_history(
    firm: SmallFirm, home: Customer, now: datetime
) -> None:
    kept = Contact.objects.get(relation="业主")
    form = sent(home, name="吴家", **{f"kept-{kept.pk}-phone": "13912342047"})

    answer = post(firm, home, now, form)

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/customers/{home.pk}/")
    with time_machine.travel(now + HOUR, tick=False):
        shown = on.signed_in(firm.supervisor).get(f"/customers/{home.pk}/").content.decode()
    assert "更改资料" in shown and "139••••2047" in shown and "吴家" in shown
    assert address(home) in shown


def test_a_form_that_moves_it_leaves_it_to_the_new_officer(
    firm: SmallFirm, home: Customer, now: datetime
) -> None:
    without = post(firm, home, now, sent(home, unit=str(firm.zone_two.pk)))
    answer = post(firm, home, now, sent(home, unit=str(firm.zone_two.pk), reason="重划片区"))

    assert without.status_code == 422 and list(without.context["errors"]) == ["reason"]
    assert answer.status_code == 302
    assert Target.objects.get(pk=home.pk).owner_id == firm.far_officer.pk


def test_who_saves_second_sees_what_the_first_wrote_and_keeps_his_own(
    firm: SmallFirm, home: Customer, now: datetime
) -> None:
    first, second = sent(home, name="吴家"), sent(home, name="郑家", reason="听错了")
    assert post(firm, home, now, first).status_code == 302

    told = post(firm, home, now, second)

    page = told.content.decode()
    assert told.status_code == 409
    assert "刚刚被别人改过" in page and "现在是“吴家”。" in page and 'value="郑家"' in page
    assert Customer.objects.get().name == "吴家"
    again = post(firm, home, now, second | {"seen": str(told.context["seen"])})
    assert again.status_code == 302 and Customer.objects.get().name == "郑家"


def test_what_has_to_be_mended_does_not_hide_that_somebody_was_first(
    firm: SmallFirm, home: Customer, now: datetime
) -> None:
    stale = sent(home, number="")
    wrong = post(firm, home, now, stale)
    post(firm, home, now, sent(home, name="吴家"))

    told = post(firm, home, now, stale | {"number": "3栋1202", "seen": str(wrong.context["seen"])})

    assert (wrong.status_code, told.status_code) == (422, 409)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("manager", 200), ("supervisor", 200), ("repair_lead", 200), ("officer", 403),
        ("repairer", 404), ("far_officer", 404), ("stranger", 404),
    ],
)  # fmt: skip
def test_heads_and_the_front_desk_mend_it_and_nobody_else(
    firm: SmallFirm, home: Customer, now: datetime, who: str, status: int
) -> None:
    browser = on.signed_in(getattr(firm, who))
    with time_machine.travel(now + HOUR, tick=False):
        page = browser.get(address(home))
        answer = browser.post(address(home), sent(home, name="吴家"))
        own = browser.get(f"/customers/{home.pk}/")

    assert (page.status_code, answer.status_code) == (status, 302 if status == 200 else status)
    assert (address(home) in own.content.decode()) == (status == 200)
    assert (Customer.objects.get().name == "吴家") == (status == 200)


def test_a_contact_without_a_phone_is_shown_and_has_nothing_to_reveal(
    firm: SmallFirm, home: Customer, now: datetime
) -> None:
    tenant = Contact.objects.get(relation="租客")
    with time_machine.travel(now, tick=False):
        browser = on.signed_in(firm.supervisor)
        page = browser.get(f"/customers/{home.pk}/").content.decode()
        answer = browser.post(reverse("customers:reveal", args=[tenant.pk]))

    assert "租客" in page and reverse("customers:reveal", args=[tenant.pk]) not in page
    assert answer.status_code == 404
