"""Who gets a completed item, so that every role's floor holds after every single completion.

An item goes to every role that would fall below ceil(share x n), where n counts the period's
items that the role may take, this one included. If no role would, it goes to the eligible role
with the largest arrears share x n - allotted, so that every item is visited at least once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from huiyin.policy.duties import Share
from huiyin.policy.state import RoleCount

NONE = RoleCount()


@dataclass(frozen=True, slots=True)
class Allotment:
    """The roles that get the item, and whether only the rule of the largest arrears gave it."""

    roles: tuple[str, ...]
    by_arrears: bool = False


def floor_of(share: Fraction, items: int) -> int:
    """How many of ``items`` a role with this share has to take: ceil(share x items), exactly."""
    return -(-share.numerator * items // share.denominator)


def eligible_roles(
    share: Share, excluded: int | None, holders: Callable[[str], Sequence[int]]
) -> tuple[str, ...]:
    """The roles that may take an item, in declared order.

    A role whose only holders are the excluded person may not; one without any holder may, since
    somebody will be appointed.
    """
    return tuple(role for role in share.roles if _may_take(holders(role), excluded))


def _may_take(holders: Sequence[int], excluded: int | None) -> bool:
    return not holders or any(person != excluded for person in holders)


def allot(share: Share, eligible: Sequence[str], counts: Mapping[str, RoleCount]) -> Allotment:
    """Give one more item to the eligible roles that need it."""
    needing = tuple(
        role for role in eligible if _needs_it(share.roles[role], counts.get(role, NONE))
    )
    if needing or not eligible or not share.each:
        return Allotment(roles=needing)
    # Whole numbers: fractions over their common denominator, exact and five times as fast.
    common = lcm(*(share.roles[role].denominator for role in eligible))
    arrears = {
        role: _arrears(share.roles[role], counts.get(role, NONE), common) for role in eligible
    }
    return Allotment(roles=(max(eligible, key=arrears.__getitem__),), by_arrears=True)


def _needs_it(share: Fraction, count: RoleCount) -> bool:
    return count.allotted < floor_of(share, count.items + 1)


def _arrears(share: Fraction, count: RoleCount, common: int) -> int:
    """share x n - allotted, times the common denominator."""
    part = share.numerator * (common // share.denominator)
    return part * (count.items + 1) - common * count.allotted


def counted(
    counts: Mapping[str, RoleCount],
    *,
    eligible: Sequence[str],
    allotted: Sequence[str],
    sign: int = 1,
) -> dict[str, RoleCount]:
    """The counts after an item came in (+1) or was taken out (-1)."""
    after = dict(counts)
    for role in {*eligible, *allotted}:
        before = after.get(role, NONE)
        after[role] = RoleCount(
            items=before.items + sign * (role in eligible),
            allotted=before.allotted + sign * (role in allotted),
        )
    return after
