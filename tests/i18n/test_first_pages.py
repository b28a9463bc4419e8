"""The pages that a firm sees before it works, in a language of accents and in English."""

from __future__ import annotations

from datetime import datetime

import pytest
import time_machine
from django.urls import reverse

from tests.i18n.house import rename
from tests.i18n.test_pages import looked_at, visitor
from tests.pages import addresses
from tests.people import small_firm

pytestmark = pytest.mark.django_db


def test_a_firm_before_its_first_policy_and_a_server_before_its_firm(
    language: str, now: datetime
) -> None:
    nobody = visitor(None, language)

    with time_machine.travel(now, tick=False):
        found = list(looked_at(nobody, [reverse("accounts:signin")]))
        firm = small_firm(now, demo=True)
        rename()
        found += looked_at(visitor(firm.manager, language), addresses(most=2))
        found += looked_at(nobody, addresses(most=2))

    assert found == []
