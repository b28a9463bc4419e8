"""新增客户: by hand what an import brings, with the same rounds, the same owner, the same facts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huiyin.core.errors import Forbidden, Invalid
from huiyin.customers import changing
from huiyin.customers.changing import Wanted
from huiyin.customers.contacting import WantedContact
from huiyin.customers.models import Contact, Customer
from huiyin.ledger.models import Fact, Target
from huiyin.obligations import services as duties
from huiyin.obligations.models import Obligation
from tests.app import scene as on
from tests.people import SmallFirm

pytestmark = pytest.mark.django_db
NEW = "/customers/new/"


@pytest.fixture
def firm(adopted: SmallFirm) -> SmallFirm:
    return adopted


def wanted(firm: SmallFirm, number: str = "3栋1202", **more: Any) -> Wanted:
    return Wanted(number, "household", **{"unit_id": firm.zone_one.pk, **more})


def enter(firm: SmallFirm, new: Wanted, now: datetime, *, who: str = "manager") -> int:
    person = getattr(firm, who)
    return changing.enter(new, viewer=firm.viewer(person), by=person.pk, now=now)


def sent(firm: SmallFirm, **more: str) -> dict[str, str]:
    """A whole form."""
    return {
        "number": "3栋1202", "name": "周家", "unit": str(firm.zone_one.pk), "owner": "",
        "contact-1-relation": "业主", "contact-1-name": "周住户",
        "contact-1-phone": "138 1234 2046", **more,
    }  # fmt: skip


def errors_of(answer: Any) -> dict[str, list[str]]:
    return {name: [str(text) for text in said] for name, said in answer.context["errors"].items()}


def test_one_is_entered_with_its_contacts_and_is_its_zone_s_officer_s(
    firm: SmallFirm, now: datetime
) -> None:
    people = [WantedContact("contact-1", "业主", "周住户", "138-1234-2046"),
              WantedContact("contact-2", "租客", "李四")]  # fmt: skip

    made = enter(firm, wanted(firm, name="周家", contacts=people), now)

    customer = Customer.objects.get(pk=made)
    assert (customer.number, customer.name, customer.initials) == ("3栋1202", "周家", "zj")
    target = customer.target
    assert (target.unit_id, target.owner_id) == (firm.zone_one.pk, firm.officer.pk)
    rows = list(Contact.objects.order_by("pk").values_list("relation", "phone_masked"))
    assert rows == [("业主", "138••••2046"), ("租客", "")]
    fact = Fact.objects.get(kind="customer.registered")
    assert (fact.live, fact.by_id) == (True, firm.manager.pk)
    assert fact.values == {"customer.class": "household"}


def test_the_planner_gives_it_its_rounds(firm: SmallFirm, now: datetime) -> None:
    made = enter(firm, wanted(firm), now)

    # Who comes in the middle of a quarter is visited from the next one on.
    duties.plan(now=now + timedelta(days=31))

    rounds = Obligation.objects.about(made).filter(duty="officer_round")
    assert [row.holder_id for row in rounds] == [firm.officer.pk]


def test_a_number_that_is_taken_is_told_at_its_field(firm: SmallFirm, now: datetime) -> None:
    enter(firm, wanted(firm), now)

    with pytest.raises(Invalid) as refused:
        enter(firm, wanted(firm), now)

    assert list(refused.value.errors) == ["number"]
    said = str(refused.value.errors["number"][0])
    assert "“3栋1202”已是 一区 的一户" in said
    assert "“小区名-3栋1202”" in said


def test_who_would_be_nobody_s_to_visit_is_not_entered(firm: SmallFirm, now: datetime) -> None:
    for unit in (None, firm.company.pk):
        with pytest.raises(Invalid) as refused:
            enter(firm, wanted(firm, unit_id=unit), now)
        assert list(refused.value.errors) == ["unit"]

    assert not Customer.objects.exists()


def test_into_another_s_unit_nobody_enters(firm: SmallFirm, now: datetime) -> None:
    with pytest.raises(Forbidden):
        enter(firm, wanted(firm, unit_id=firm.zone_two.pk), now, who="repair_lead")

    assert enter(firm, wanted(firm), now, who="repair_lead")


@pytest.mark.parametrize("phone", ["12345", "12315", "1234567", "13812342", "无", "abc"])
def test_what_is_no_phone_of_anybody_is_told_at_its_row(
    firm: SmallFirm, now: datetime, phone: str
) -> None:
    with pytest.raises(Invalid) as refused:
        enter(firm, wanted(firm, contacts=[WantedContact("contact-2", phone=phone)]), now)

    assert {k: [str(t) for t in v] for k, v in refused.value.errors.items()} == {
        "contact-2-phone": [f"“{phone}”不是一个电话号码。"]
    }


def test_the_same_contact_twice_is_told(firm: SmallFirm, now: datetime) -> None:
    people = [WantedContact("contact-1", phone="13812342046"),
              WantedContact("contact-2", "业主", phone="+86 138 1234 2046")]  # fmt: skip

    with pytest.raises(Invalid) as refused:
        enter(firm, wanted(firm, contacts=people), now)

    assert list(refused.value.errors) == ["contact-2-phone"]


def test_the_form_enters_one_and_leads_to_it(firm: SmallFirm, now: datetime) -> None:
    browser = on.signed_in(firm.supervisor)
    with time_machine.travel(now, tick=False):
        page = browser.get(NEW)
        answer = browser.post(NEW, sent(firm))
        made = Customer.objects.get()
        shown = browser.get(answer.headers["Location"]).content.decode()

    assert page.status_code == 200
    assert page.content.decode().count('role="group"') == 3
    assert answer.headers["Location"] == reverse("customers:page", args=[made.pk])
    assert "周家" in shown and "138••••2046" in shown and "13812342046" not in shown


def test_the_same_submission_twice_is_one_customer(firm: SmallFirm, now: datetime) -> None:
    browser = on.signed_in(firm.supervisor)
    with time_machine.travel(now, tick=False):
        answers = [browser.post(NEW, sent(firm, key="k" * 32)) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert Customer.objects.count() == 1


def test_what_is_wrong_is_said_at_each_field_and_nothing_is_lost(
    firm: SmallFirm, now: datetime
) -> None:
    wrong = {"number": " ", "unit": "", "contact-1-phone": "12345", "contact-3-relation": "管家"}
    with time_machine.travel(now, tick=False):
        answer = on.signed_in(firm.supervisor).post(NEW, sent(firm, **wrong))

    text = answer.content.decode()
    assert answer.status_code == 422
    assert set(errors_of(answer)) == {"number", "unit", "contact-1-phone"}
    for kept in ('value="周家"', 'value="12345"', 'value="管家"', 'value="周住户"'):
        assert kept in text, kept
    for name in ("number", "unit", "contact-1-phone"):
        assert f'href="#field-{name}"' in text, name
    assert not Customer.objects.exists() and not Target.objects.filter(kind="customer").exists()


def test_a_unit_that_is_not_offered_is_refused(firm: SmallFirm, now: datetime) -> None:
    for unit in ("x", "0", str(2**63), str(firm.zone_two.pk), str(firm.company.pk)):
        with time_machine.travel(now, tick=False):
            answer = on.signed_in(firm.repair_lead).post(NEW, sent(firm, unit=unit))
        assert (answer.status_code, list(errors_of(answer))) == (422, ["unit"]), unit


def test_the_front_desk_of_a_unit_enters_its_own_and_others_enter_none(
    firm: SmallFirm, now: datetime
) -> None:
    with time_machine.travel(now, tick=False):
        statuses = {
            who: on.signed_in(getattr(firm, who)).get(NEW).status_code
            for who in ("supervisor", "repair_lead", "officer", "repairer", "stranger")
        }
        lists = {
            who: NEW in on.signed_in(getattr(firm, who)).get("/customers/").content.decode()
            for who in statuses
        }

    assert statuses == {
        "supervisor": 200, "repair_lead": 200, "officer": 403, "repairer": 403, "stranger": 403,
    }  # fmt: skip
    assert lists == {who: status == 200 for who, status in statuses.items()}


def test_who_was_not_found_is_entered_from_there(firm: SmallFirm, now: datetime) -> None:
    arrival = reverse("cases:arrival")
    with time_machine.travel(now, tick=False):
        browser = on.signed_in(firm.supervisor)
        by_number = browser.get(arrival, {"q": "9栋0909"}).context["new_url"]
        by_phone = browser.get(arrival, {"q": "13912342047"}).context["new_url"]
        shown = browser.get(arrival, {"q": "9栋0909"}).content.decode()
        begun = browser.get(by_number).content.decode()
        called = browser.get(by_phone).content.decode()
        others = on.signed_in(firm.officer).get(arrival, {"q": "9栋0909"}).content.decode()

    assert "新增客户" in shown and "新增客户" not in others
    assert 'value="9栋0909"' in begun
    assert 'name="contact-1-phone"' in called and 'value="13912342047"' in called


def test_in_english_every_word_of_the_form_is_english(firm: SmallFirm, now: datetime) -> None:
    browser = on.signed_in(firm.supervisor)
    browser.cookies["django_language"] = "en"
    with time_machine.travel(now, tick=False):
        answer = browser.post(NEW, sent(firm, unit="", **{"contact-1-phone": "12345"}))

    assert answer.status_code == 422
    assert answer.headers["Content-Language"] == "en"


def test_the_form_takes_as_many_statements_for_two_as_for_many(
    firm: SmallFirm, now: datetime
) -> None:
    browser = on.signed_in(firm.supervisor)
    with time_machine.travel(now, tick=False), CaptureQueriesContext(connection) as asked:
        assert browser.get(NEW).status_code == 200

    assert len(asked) <= 24, len(asked)


def test_two_who_enter_one_number_at_once_make_one(
    firm: SmallFirm, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(firm, wanted(firm), now)
    # The other one came between our look and our writing.
    monkeypatch.setattr("huiyin.customers.queries.numbers_taken", lambda numbers: set())

    with pytest.raises(Invalid) as refused:
        enter(firm, wanted(firm), now)

    assert list(refused.value.errors) == ["number"]
    assert Customer.objects.count() == 1
