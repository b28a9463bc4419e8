"""What nobody can read is no reply: the gate stays shut."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from tests.app import scene as on

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("text", ["\u200b\ufeff", " \u3164 ", "换了\u202e"])
def test_a_reply_that_nobody_can_read_is_none(
    place: on.Scene, now: datetime, two_hours_later: None, text: str
) -> None:
    case = on.case_of(place, on.completed(place), now + timedelta(hours=1))
    client = on.signed_in(place.firm.manager)

    reply = {"text": text, "channel": "phone"}
    answer = client.post(reverse("cases:reply", args=[case.pk]), reply)

    assert answer.status_code == 422
    assert on.fresh(case).replied_at is None
