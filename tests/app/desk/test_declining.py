"""A longer limit that was asked for is declined: the limit stays, and who asked is told why."""

from __future__ import annotations

from datetime import datetime

import pytest

from huiyin.notices.models import Notice
from huiyin.obligations import services as obligations
from huiyin.obligations.models import Obligation
from tests.app import scene as on
from tests.app.desk.test_doing import browser, send, text
from tests.people import SmallFirm
from tests.second_policy import second

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm(founded: on.Scene, now: datetime) -> SmallFirm:
    place = founded
    second(place.firm, now=now)
    obligations.plan(now=now)
    on.completed(place)
    return place.firm


def test_who_is_refused_a_longer_limit_is_told_and_may_ask_again(
    firm: SmallFirm, now: datetime
) -> None:
    row = Obligation.objects.get(policy="second", duty="inspect")
    path = f"/obligations/{row.pk}/extension/"
    asking, head = browser(firm, "repair_lead"), browser(firm, "manager")
    assert "declined" not in text(send(head, path, now))
    assert send(asking, path, now, {"reason": "住户外出"}).status_code == 302

    no = {"reason": "请换人去", "answer": "declined"}
    assert send(head, path, now, no | {"reason": ""}).status_code == 422
    assert send(head, path, now, no).status_code == 302
    assert send(head, path, now, no).status_code == 409

    told = Notice.objects.get(template="extension_declined")
    assert told.recipient_id == firm.repair_lead.pk
    before = row.due_at
    row.refresh_from_db()
    assert row.due_at == before and row.first_due_at is None
    assert "请换人去" in text(send(asking, f"/obligations/{row.pk}/", now))
    assert send(asking, path, now, {"reason": "无人可换"}).status_code == 302
    assert Notice.objects.filter(template="extension_asked").count() == 2
