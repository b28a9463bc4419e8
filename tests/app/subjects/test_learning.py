"""What becomes known with an event is entered beside it, typed and checked field by field."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from huiyin.accounts import services as accounts
from huiyin.ledger.models import Fact
from huiyin.obligations.models import Obligation
from huiyin.subjects.models import Subject
from huiyin.subjects.services import NewSubject, register
from tests.adopted import adopt
from tests.app import scene as on
from tests.people import appoint

pytestmark = pytest.mark.django_db
FOUND = {"finder": "", "occurred_on": "2026-03-01", "harm": "minor"}


@pytest.fixture
def event(place: on.Scene, now: datetime) -> Iterator[Subject]:
    """An adverse event of a device, noticed; its pack is in force beside that of the estate."""
    firm = place.firm
    roles = ("quality_dept", "quality_head", "management")
    accounts.create_positions([(role, role, "tree") for role in roles])
    for role in roles:
        appoint(firm.manager, role, firm.company, now=now)
    adopt(firm, now=now, pack="device-adverse-events")
    row = NewSubject(
        "AE-1", FOUND | {"finder": firm.officer.pk}, place.customer, unit_id=firm.zone_one.pk
    )
    [made] = register("adverse_event", [row], by=firm.manager.pk, now=now)
    with time_machine.travel(now + timedelta(hours=1), tick=False):
        yield Subject.objects.get(pk=made)


def told(client: Client, about: Subject, **sent: Any) -> Any:
    return client.post(f"/subjects/adverse_event/{about.pk}/events/", sent)


def test_values_come_with_the_event_and_the_rules_read_them(
    place: on.Scene, event: Subject
) -> None:
    client = on.signed_in(place.firm.manager)
    assert told(client, event, event="noticed").status_code == 302
    page = client.get(f"/subjects/adverse_event/{event.pk}/").content.decode()
    assert 'id="field-clarified-launched_on"' in page and "现在是：以上都不是" in page

    answer = told(
        client, event, event="clarified",
        **{"f-harm": "hospital", "f-labelled": "false", "f-launched_on": "2025-05-06"},
    )  # fmt: skip

    assert answer.status_code == 302
    fact = Fact.objects.get(kind="adverse_event.clarified")
    assert fact.values == {
        "adverse_event.finder": place.firm.officer.pk, "adverse_event.occurred_on": "2026-03-01",
        "adverse_event.harm": "hospital", "adverse_event.labelled": False,
        "adverse_event.launched_on": "2025-05-06",
    }  # fmt: skip
    event.refresh_from_db()
    assert event.fields["harm"] == "hospital"
    opened = Obligation.objects.filter(target=event.pk, opener__happened_at=fact.happened_at)
    assert "event_report_72h" in set(opened.values_list("duty", flat=True))


@pytest.mark.parametrize(
    ("sent", "where", "said"),
    [
        ({"f-harm": "flu"}, "clarified-harm", "没有这个选项"),
        ({"f-launched_on": "2026-13-01"}, "clarified-launched_on", "请写成 2026-03-05"),
        ({"f-rare": "perhaps"}, "clarified-rare", "是"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_the_rest_stays(
    place: on.Scene, event: Subject, sent: dict[str, str], where: str, said: str
) -> None:
    client = on.signed_in(place.firm.manager)

    answer = told(client, event, event="clarified", **{"f-labelled": "true"} | sent)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert list(answer.context["event_form"].wrong) == [where]
    assert said in answer.context["event_form"].wrong[where][0]
    assert f'href="#field-{where}"' in page and f'id="field-{where}-error"' in page
    controls = {
        control.id: control
        for offered in answer.context["offered"]
        for control in offered["controls"]
    }
    assert controls["field-clarified-labelled"].value == "true"
    assert controls["field-died-labelled"].value == ""
    assert not Fact.objects.filter(kind="adverse_event.clarified").exists()


def test_what_is_left_empty_stays_and_nobody_named_is_exchanged(
    place: on.Scene, event: Subject
) -> None:
    client = on.signed_in(place.firm.manager)
    other = place.firm.repairer.pk

    answer = told(client, event, event="clarified", **{"f-harm": " ", "f-finder": other})

    assert answer.status_code == 302
    event.refresh_from_db()
    assert (event.fields["harm"], event.fields["finder"]) == ("minor", place.firm.officer.pk)
