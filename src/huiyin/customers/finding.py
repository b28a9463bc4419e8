"""Whose it is: the first step of taking something down about a customer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from huiyin.accounts.visibility import Viewer
from huiyin.core import phones
from huiyin.customers import access
from huiyin.customers.models import Customer

MOST = 20
"""Customers that a search offers."""


def find(viewer: Viewer, q: str, *, onwards: Callable[[int], str]) -> dict[str, Any]:
    """The customers that fit, as far as the viewer sees them; none before something is asked.

    ``onwards``: the address at which it goes on with a customer, by id.
    """
    # The database's text holds no NUL, and no keyboard types one.
    asked = q.replace("\0", "").strip()[:80]
    found: Sequence[Customer] = []
    if asked:
        seen = Customer.objects.visible_to(viewer).matching(asked)
        found = seen.select_related("target__unit").order_by("number_order", "pk")[:MOST]
    return {
        "q": asked,
        "new_url": _new_url(asked) if access.may_enter(viewer) else "",
        "rows": [
            {
                "number": row.number,
                "name": row.name,
                "unit": row.target.unit.label if row.target.unit else "",
                "url": onwards(row.pk),
            }
            for row in found
        ],
    }


def _new_url(asked: str) -> str:
    """Where who was not found is entered, beginning with what was looked for."""
    name = "phone" if phones.is_phone(asked) else "number"
    return f"{reverse('customers:new')}?{urlencode({name: asked})}"
