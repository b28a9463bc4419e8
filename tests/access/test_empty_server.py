"""A server that was just installed: no firm, no people, and nobody who could have signed in."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from huiyin.accounts.models import Firm
from tests.access.test_every_route import TABLE

pytestmark = pytest.mark.django_db

NUMBERED = {"customer_id", "contact_id", "subject_id", "fact_id", "case_id", "target_id",
            "followup_id", "record_id", "id", "adoption", "obligation", "day_id", "pk", "session",
            "person", "view_id", "export_id", "entry",
            "batch_id", "unit", "post", "leave"}  # fmt: skip


def test_before_there_is_a_firm_nothing_breaks() -> None:
    assert not Firm.objects.exists()
    wrong, client = [], Client(raise_request_exception=False)

    for name, names, posted, _statuses in TABLE:
        address = reverse(name, kwargs={k: 1 if k in NUMBERED else v for k, v in names.items()})
        answer = client.get(address) if posted is None else client.post(address, posted)
        if answer.status_code >= 500:
            wrong.append(f"{'GET' if posted is None else 'POST'} {name}: {answer.status_code}")

    assert wrong == []
