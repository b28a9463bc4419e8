"""Who looks after customers that come without a name: the one officer of their zone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from huiyin.adoption import queries as adoptions
from huiyin.customers.services import NewCustomer
from huiyin.obligations.loading import holders_for


def entrusted(rows: Sequence[NewCustomer], *, now: datetime) -> list[NewCustomer]:
    """The rows, each with an owner where its unit has exactly one officer by the policies in force.

    Without an owner nobody below a head would see the customer, whom his policy makes him visit.
    """
    left = {row.unit_id for row in rows if row.owner_id is None and row.unit_id is not None}
    officers = _officers(left, now=now) if left else {}
    return [
        replace(row, owner_id=officers.get(row.unit_id or 0)) if row.owner_id is None else row
        for row in rows
    ]


def _officers(units: Collection[int], *, now: datetime) -> dict[int, int]:
    """Of each unit the person who alone holds the roles that are one per zone."""
    found: dict[int, set[int]] = defaultdict(set)
    for adoption, pack in adoptions.current():
        roles = [key for key, role in pack.policy.roles.items() if role.one_per]
        wanted = [(role, unit) for role in roles for unit in units]
        for (_role, unit), people in holders_for(adoption, wanted, at=now).items():
            found[unit or 0] |= set(people)
    return {unit: people.pop() for unit, people in found.items() if len(people) == 1}
