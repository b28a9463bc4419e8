"""Who is named on a case's page, and how: the customer, whoever did something, whoever entered it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from huiyin.cases import queries
from huiyin.customers.models import Contact, Customer
from huiyin.records.timeline import events
from tests.app import scene as on

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def test_whom_the_page_names_as_the_customer_it_names_as_the_contact(
    place: on.Scene, now: datetime
) -> None:
    case = on.case_of(place, on.completed(place), now + HOUR)
    Customer.objects.filter(pk=place.customer).update(name="王建国")
    [resident] = Contact.objects.filter(customer=place.customer)
    resident.name = "王建国"
    resident.save()
    client = on.signed_in(place.firm.manager)

    for page in (
        reverse("cases:reply", args=[case.pk]),
        reverse("customers:page", args=[place.customer]),
    ):
        shown = client.get(page).content.decode()
        assert "王建国" in shown and "王••" not in shown, page


def test_the_history_says_who_entered_what_another_did(place: on.Scene, now: datetime) -> None:
    firm, at = place.firm, now + HOUR
    case = on.case_of(place, on.completed(place), at)
    case = on.handed_over(on.notice(case, firm.repair_lead, at), firm.repair_lead, at)
    case = on.rectified(case, at, recorded_by=firm.repair_lead)

    facts = queries.history(case, firm.viewer(firm.manager))

    told = {(part.title, each.by) for each in events(facts) for part in (each, *each.parts)}
    assert ("整改完成", f"{case.repairer.name}（{firm.repair_lead.name} 录入）") in told
    assert ("送达整改通知", firm.repair_lead.name) in told
