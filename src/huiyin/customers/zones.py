"""The parts of the firm that have one officer each: who is in none of them is nobody's to visit."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlencode

from django.urls import reverse

from huiyin.accounts.models import Unit
from huiyin.adoption import queries as adoption

ZONE, SOME, NONE = "zone", "some", "none"
"""The filter of the list of customers, and what it leaves: who is in some zone, or in none."""
ANY = "unit"
"""As a kind: every part of the firm below the firm itself."""


def kinds() -> frozenset[str]:
    """The kinds of units of which a policy in force has one officer each; none: nobody asks."""
    return frozenset(
        role.one_per
        for _adoption, pack in adoption.current()
        for role in pack.policy.roles.values()
        if role.one_per
    )


def adrift_url() -> str:
    """The list of the customers that are in none of them."""
    return f"{reverse('customers:list')}?{urlencode({ZONE: NONE})}"


def inside(kinds: Collection[str]) -> set[int]:
    """Ids of the units that are of one of these kinds, or lie below one that is. One statement."""
    rows = list(Unit.objects.values_list("pk", "kind", "parent", "path"))
    own = {
        str(pk)
        for pk, kind, parent, _path in rows
        if kind in kinds or (ANY in kinds and parent is not None)
    }
    return {pk for pk, _kind, _parent, path in rows if own & set(path.strip("/").split("/"))}
