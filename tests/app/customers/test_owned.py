"""Who a customer is entrusted to owes what its owner owes; and its class says what is owed at all."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from huiyin.adoption import services as adoption
from huiyin.core.errors import Invalid
from huiyin.customers import changing
from huiyin.customers.changing import Wanted
from huiyin.customers.models import Customer
from huiyin.customers.services import NewCustomer, register_customers
from huiyin.ledger.models import Fact
from huiyin.obligations import services as duties
from huiyin.obligations.models import Obligation
from tests.people import SmallFirm, small_firm

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
POLICY = """\
policy: owned
title: {zh: 专人负责, en: In charge}
document: {number: X-3, version: 1}
roles:
  manager: {title: {zh: 经理, en: Manager}}
customers:
  classes:
    active: {zh: 合作客户, en: Active customer}
    lost: {zh: 流失客户, en: Lost customer}
  fields:
    floor: {title: {zh: 楼层, en: Floor}, type: number}
    remark: {title: {zh: 备注, en: Remark}, type: text}
duties:
  call:
    title: {zh: 月度回访, en: Monthly call}
    every: month
    over: {customer: {class: active}}
    owed_by: target.owner
    proof: {fact: followup.held}
    clauses: {1.a: [every, over, owed_by, proof]}
"""
CLAUSES = """\
sections:
  "1":
    title: {zh: 回访, en: Calls}
    clauses:
      1.a: {zh: 每月回访, en: A call each month}
"""


@pytest.fixture
def firm(now: datetime) -> SmallFirm:
    firm = small_firm(now)
    proposed = adoption.propose(
        {"policy.yaml": POLICY, "clauses.yaml": CLAUSES},
        starts_on=date(2026, 1, 2), mode="force", by=firm.supervisor.pk, now=now,
    )  # fmt: skip
    adoption.approve(proposed, by=firm.manager.pk, now=now)
    return firm


@pytest.fixture
def shop(firm: SmallFirm, now: datetime) -> Customer:
    row = NewCustomer("A-1", "active", "示例商行", firm.zone_one.pk, firm.officer.pk)
    [made] = register_customers([row], by=None, now=now).values()
    duties.plan(now=now + 31 * DAY)
    return Customer.objects.get(pk=made)


def change(firm: SmallFirm, shop: Customer, now: datetime, wanted: Wanted) -> bool:
    return changing.change(
        shop.pk, wanted, seen=changing.version(shop.pk), viewer=firm.viewer(firm.manager),
        by=firm.manager.pk, now=now + 31 * DAY,
    )  # fmt: skip


def test_what_the_owner_owes_passes_to_the_new_one(
    firm: SmallFirm, shop: Customer, now: datetime
) -> None:
    owed = Obligation.objects.about(shop.pk).waiting()
    assert {row.holder_id for row in owed} == {firm.officer.pk}
    wanted = Wanted(
        "A-1", "active", "示例商行", firm.zone_one.pk, firm.repairer.pk, reason="换人负责"
    )

    change(firm, shop, now, wanted)

    assert {row.holder_id for row in owed.all()} == {firm.repairer.pk}
    assigned = Fact.objects.filter(kind="obligation.assigned")
    assert {fact.values["obligation.holder"] for fact in assigned} == {firm.repairer.pk}


def test_another_class_ends_its_rounds_at_the_next_planning(
    firm: SmallFirm, shop: Customer, now: datetime
) -> None:
    lost = Wanted("A-1", "lost", "示例商行", firm.zone_one.pk, firm.officer.pk)
    with pytest.raises(Invalid) as refused:
        change(firm, shop, now, lost)
    change(firm, shop, now, Wanted(
        "A-1", "lost", "示例商行", firm.zone_one.pk, firm.officer.pk, reason="不再合作"
    ))  # fmt: skip

    duties.plan(now=now + 32 * DAY)

    assert list(refused.value.errors) == ["reason"]
    fact = Fact.objects.get(kind="customer.changed")
    assert fact.values["customer.class"] == "lost"
    assert fact.values["customer.former_class"] == "active"
    assert {row.state for row in Obligation.objects.about(shop.pk)} == {"waived"}


def test_declared_fields_are_typed_and_free_text_stays_out_of_the_fact(
    firm: SmallFirm, shop: Customer, now: datetime
) -> None:
    said = {"floor": "12", "remark": "门禁密码问物业"}

    change(firm, shop, now, Wanted(
        "A-1", "active", "示例商行", firm.zone_one.pk, firm.officer.pk, fields=said
    ))  # fmt: skip

    shop.refresh_from_db()
    assert shop.fields == {"floor": 12, "remark": "门禁密码问物业"}
    assert Fact.objects.get(kind="customer.changed").values == {
        "customer.class": "active", "customer.floor": 12,
        "customer.changed": ["customer.floor", "customer.remark"],
    }  # fmt: skip


def test_what_no_number_is_is_told_at_its_field(
    firm: SmallFirm, shop: Customer, now: datetime
) -> None:
    with pytest.raises(Invalid) as refused:
        change(firm, shop, now, Wanted(
            "A-1", "none", "示例商行", firm.zone_one.pk, firm.officer.pk, fields={"floor": "x"}
        ))  # fmt: skip

    assert set(refused.value.errors) == {"f-floor", "class"}
