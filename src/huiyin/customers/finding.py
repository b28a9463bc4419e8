"""Whose it is: the first step of taking something down about a customer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from huiyin.accounts.visibility import Viewer
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
        found = seen.select_related("target__unit").order_by("number", "pk")[:MOST]
    return {
        "q": asked,
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
