"""A pack of this project in force in a firm of a few people, asked without a database."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings

from huiyin.policy.effects import Effect, Refusal
from huiyin.policy.facts import Fact
from huiyin.policy.guards import ActAsked, check_act
from huiyin.policy.loading import Pack, load_pack
from huiyin.policy.state import InForce, State
from tests.policy.books import Books
from tests.policy.worlds import SHANGHAI, UNIT, shanghai

TARGET = 100
Holders = Mapping[tuple[str, int | None], tuple[int, ...]]


@lru_cache
def pack(name: str) -> Pack:
    return load_pack(settings.HUIYIN_PACKS / name)


def firm(name: str, **changed: Any) -> InForce:
    values = {"zone": SHANGHAI, "starts": shanghai("2026-01-01 00:00"), **changed}
    return InForce(**{"adoption": 1, "policy": pack(name).policy, **values})


def everywhere(**roles: int | tuple[int, ...]) -> Holders:
    """Holders of each role in the unit and in the firm."""
    return {
        (role, unit): (who,) if isinstance(who, int) else who
        for role, who in roles.items()
        for unit in (UNIT, None)
    }


def books(here: InForce, holders: Holders, **more: Any) -> Books:
    roles: dict[int, set[str]] = {}
    for (role, _unit), persons in holders.items():
        for person in persons:
            roles.setdefault(person, set()).add(role)
    roles_of = {person: frozenset(held) for person, held in roles.items()}
    return Books(here, dict(holders), roles_of=roles_of, **more)


def fact(kind: str, at: str, *, target: int = TARGET, by: int = 1, **more: Any) -> Fact:
    moment = shanghai(at)
    times = {"happened": moment, "known": moment, "recorded": moment}
    return Fact(id=0, kind=kind, target=target, unit=UNIT, by=by, **{**times, **more})


def filed(form: str, at: str, *, by: int = 1, kind: str = "record.filed", **more: Any) -> Fact:
    values = {"record.form": form, "record.present": [by], **more.pop("values", {})}
    return fact(kind, at, by=by, values=values, **more)


def owed(found: Books) -> list[tuple[str, str]]:
    """What is open: the duty, and the last moment on time (24:00 is the next day's 00:00)."""
    return sorted(
        (o.duty, f"{o.due.astimezone(SHANGHAI):%m-%d %H:%M}" if o.due else "") for o in found.open()
    )


def refused(
    here: InForce,
    act: str,
    values: Mapping[str, Any],
    *,
    by: int = 1,
    state: State | None = None,
) -> set[str]:
    """The clauses by which an act is refused."""
    asked = ActAsked(act=act, target=TARGET, unit=UNIT, by=by, values=values)
    found: list[Refusal] = check_act([here], asked, state or State(), shanghai("2026-03-02 12:00"))
    return {clause for each in found for clause in each.clauses}


def kinds(effects: list[Effect]) -> list[str]:
    return [type(effect).__name__ for effect in effects]
