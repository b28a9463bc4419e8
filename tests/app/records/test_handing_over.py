"""A written notice is sent when it is handed over."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from huiyin.core.errors import Invalid
from huiyin.ledger.models import Fact
from huiyin.records.models import Handover
from huiyin.records.services import hand_over
from tests.app.records.drawing import refused, signed
from tests.app.records.visits import repaired, visit

pytestmark = pytest.mark.django_db


def deliver(now: datetime, **changed: Any) -> Handover:
    made = repaired(now)
    record = visit(made, now=now)
    delivery = {
        "to": made.firm.repairer.pk,
        "channel": "in_person",
        "happened_at": now + timedelta(days=1),
        "receipt": signed(),
    }
    by = made.firm.repair_lead.pk
    return hand_over(record, by=by, now=now + timedelta(days=1), **delivery | changed)


def test_a_handover_states_to_whom_and_the_forms_typed_values(now: datetime) -> None:
    handover = deliver(now)

    fact = Fact.objects.get(kind="record.sent")
    assert handover.fact_id == fact.pk
    assert handover.blob is not None and not handover.refused
    assert fact.target_id == handover.record.about_id
    assert fact.happened_at == now + timedelta(days=1)
    assert fact.values["record.to"] == handover.to_id
    assert fact.values["record.form"] == "repair_visit"
    assert fact.values["record.channel"] == "in_person"
    assert fact.values["record.receipt"] == "signed"
    assert fact.values["repair_visit.fees"] == "match"


def test_a_refused_receipt_keeps_its_reason_out_of_the_fact(now: datetime) -> None:
    handover = deliver(now, receipt=refused("不认可"))

    assert handover.refused and handover.blob is None
    assert handover.fact.note.text == "不认可"
    assert "不认可" not in str(handover.fact.values)


def test_a_message_needs_no_receipt_but_a_visit_does(now: datetime) -> None:
    assert deliver(now, channel="wechat", receipt=None).channel == "wechat"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"receipt": None}, "receipt"),
        ({"receipt": refused(" ")}, "receipt"),
        ({"channel": "pigeon"}, "channel"),
    ],
)
def test_what_cannot_be_a_handover_is_refused(
    now: datetime, changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as error:
        deliver(now, **changed)

    assert list(error.value.errors) == [field]
    assert not Handover.objects.exists()


def test_nothing_is_handed_over_in_the_future(now: datetime) -> None:
    with pytest.raises(Invalid):
        deliver(now, happened_at=now + timedelta(days=1, minutes=11))
