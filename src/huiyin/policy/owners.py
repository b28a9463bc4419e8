"""Who owes something: holders of roles, persons in fields, their heads; never the one excluded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from huiyin.policy.duties import Duty, OwedBy
from huiyin.policy.facts import Fact
from huiyin.policy.state import RoleIn

Holders = Mapping[RoleIn, Sequence[int]]
"""Persons in post by role and unit."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who owes it: roles whose holders may do it, or one person; ``missing`` names what is not said."""

    roles: tuple[str, ...] = ()
    holder: int | None = None
    excluded: int | None = None
    blocked: str = ""
    missing: str = ""


def owner_of(duty: Duty, fact: Fact, holding: Holders, heads: Mapping[int, Sequence[int]]) -> Owner:
    """Who owes a duty that has one owner, after ``fact``."""
    owed = duty.owed_by
    assert owed is not None
    excluded = person_in(owed.exclude, fact) if owed.exclude else None
    if owed.exclude and excluded is None:
        return Owner(missing=owed.exclude)
    named = owed.person or owed.head_of
    if named is None:
        return among(owed.any_of, fact.unit, excluded, holding)
    person = person_in(named, fact)
    if person is None:
        return Owner(missing=named)
    if owed.head_of is None:
        return Owner(holder=person, excluded=excluded)
    head = next((each for each in heads.get(person, ()) if each != excluded), None)
    return Owner(holder=head, excluded=excluded, blocked="" if head else "no_eligible_holder")


def among(roles: Sequence[str], unit: int | None, excluded: int | None, holding: Holders) -> Owner:
    """Whoever of the roles may do it in the unit."""
    return Owner(
        roles=tuple(roles),
        holder=only_holder(holding, roles, unit, excluded),
        excluded=excluded,
        blocked=blocked_by(holding, roles, unit, excluded),
    )


def person_in(name: str, fact: Fact) -> int | None:
    """The person that a field of the fact names; ``fact.by`` is who did it."""
    if name == "fact.by":
        return fact.by
    return fact.owner if name == "target.owner" else as_person(fact.values.get(name))


def as_person(value: Any) -> int | None:
    """A person's target id out of a typed value; ``None`` if nobody is named."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else None


def blocked_by(
    holders: Holders, roles: Sequence[str], unit: int | None, excluded: int | None
) -> str:
    """Every role has a holder, and every holder is the excluded person: nobody may do it."""
    groups = [holders.get((role, unit), ()) for role in roles]
    if not roles or not all(groups):
        return ""
    free = any(person != excluded for group in groups for person in group)
    return "" if free else "no_eligible_holder"


def only_holder(
    holders: Holders, roles: Sequence[str], unit: int | None, excluded: int | None
) -> int | None:
    """The one person who may do it; ``None`` if nobody or several (then it is in the pool)."""
    persons = {person for role in roles for person in holders.get((role, unit), ())} - {excluded}
    return next(iter(persons)) if len(persons) == 1 else None


def persons_named(owed: OwedBy | None) -> Iterable[str]:
    """The fields in which an owner stands."""
    return (name for name in (owed.person, owed.head_of) if name) if owed else ()
