"""Nobody files one visit twice without knowing: a second tab, a colleague, the way back."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
import time_machine

from huiyin.obligations.models import Obligation
from huiyin.records.models import Record
from huiyin.subjects.models import Subject
from tests.app import scene as on
from tests.app.followups.test_pages import bench, sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("two_hours_later")]

HOUR = timedelta(hours=1)


def test_nobody_files_one_visit_twice_without_knowing(place: on.Scene, repair: Subject) -> None:
    client, other = on.signed_in(place.firm.repair_lead), on.signed_in(place.firm.manager)
    first = other.get(bench(repair.pk)).content.decode()
    assert 'name="seen" value="0"' in first and "已登记过" not in first
    assert client.post(bench(repair.pk), sent(seen="0")).status_code == 302
    record = Record.objects.get()

    second = other.post(bench(repair.pk), sent(seen="0", key="k-2"))

    assert second.status_code == 422
    assert f"刚刚已登记过：{record.number}" in second.content.decode()
    assert Record.objects.count() == 1
    # The very same submission again is none; and whoever has seen it may file another.
    assert client.post(bench(repair.pk), sent(seen="0")).status_code == 302
    opened = other.get(bench(repair.pk)).content.decode()
    assert f'name="seen" value="{record.pk}"' in opened and "再提交就是另一份记录" not in opened
    assert other.post(bench(repair.pk), sent(seen=record.pk, key="k-3")).status_code == 302
    assert Record.objects.count() == 2
    third = on.signed_in(place.firm.supervisor)
    assert third.post(bench(repair.pk), sent(key="k-4")).status_code == 302
    assert not Obligation.objects.filter(state="open").exists()
    assert "再提交就是另一份记录" in other.get(bench(repair.pk)).content.decode()


def test_who_comes_back_to_what_he_has_filed_says_that_another_one_is_meant(
    place: on.Scene, repair: Subject
) -> None:
    client = on.signed_in(place.firm.repair_lead)
    assert 'name="again"' not in client.get(bench(repair.pk)).content.decode()
    client.post(bench(repair.pk), sent(seen="0"))
    record = Record.objects.get()

    back = client.get(bench(repair.pk)).content.decode()
    refused = client.post(bench(repair.pk), sent(seen=record.pk, key="k-2"))
    ticked = client.post(bench(repair.pk), sent(seen=record.pk, key="k-2", again="true"))

    bar = back[back.index('class="action-bar"') :]
    assert re.search(r'<input[^>]*name="again" required', bar) and record.number in bar
    assert refused.status_code == 422
    assert "确要再登记一份的，请勾选" in refused.content.decode()
    assert ticked.status_code == 302
    assert Record.objects.count() == 2


@pytest.mark.parametrize("hours", [24, 23.9])
def test_another_one_after_a_day_asks_nothing(
    place: on.Scene, repair: Subject, now: datetime, hours: float
) -> None:
    client = on.signed_in(place.firm.repair_lead)
    client.post(bench(repair.pk), sent(seen="0"))
    record = Record.objects.get()

    with time_machine.travel(now + (2 + hours) * HOUR, tick=False):
        shown = client.get(bench(repair.pk)).content.decode()
        answer = client.post(bench(repair.pk), sent(seen=record.pk, key="k-2"))

    asked = hours < 24
    assert ('name="again"' in shown) is asked
    assert answer.status_code == (422 if asked else 302)
