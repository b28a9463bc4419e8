"""The smallest worlds in which a policy can be asked: a firm's policy, its people, its facts."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from huiyin.policy.effects import Effect
from huiyin.policy.facts import Fact
from huiyin.policy.loading import Pack, load_pack
from huiyin.policy.schema import Policy
from huiyin.policy.state import InForce, OpenObligation, State

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
PACK = Path(__file__).resolve().parents[2] / "packs" / "property-management"

UNIT = 5
MANAGER, SUPERVISOR, LEAD, REPAIRER, SECOND_LEAD = 1, 2, 3, 9, 13
HOLDERS = {
    ("manager", UNIT): (MANAGER,),
    ("supervisor", UNIT): (SUPERVISOR,),
    ("repair_lead", UNIT): (LEAD,),
}
STAFFED = State(holders=HOLDERS)


@lru_cache(maxsize=1)
def pack() -> Pack:
    return load_pack(PACK)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def in_force(policy: Policy | None = None, **changed: Any) -> InForce:
    values = {"zone": SHANGHAI, "starts": utc("2020-01-01"), **changed}
    return InForce(adoption=1, policy=policy or pack().policy, **values)


def fact(
    number: int, kind: str, at: str, *, target: int = 100, by: int | None = SUPERVISOR, **more: Any
) -> Fact:
    """A fact at a Shanghai time; ``values`` and the three times can be given."""
    moment = shanghai(at)
    times = {"happened": moment, "known": moment, "recorded": moment}
    return Fact(id=number, kind=kind, target=target, unit=UNIT, by=by, **{**times, **more})


def completed(
    number: int, at: str = "2026-03-02 10:00", *, category: str | None = "leak", **more: Any
) -> Fact:
    """A repair order that is done; every order is a target of its own."""
    values = {"repair.category": category, "repair.repairer": more.pop("repairer", REPAIRER)}
    target = more.pop("target", 1000 + number)
    return fact(number, "repair.completed", at, target=target, values=values, **more)


def visited(number: int, at: str, *, target: int, present: list[int], **more: Any) -> Fact:
    values = {
        "record.form": "repair_visit",
        "record.present": present,
        "followup.channel": "visit",
        **more.pop("values", {}),
    }
    return fact(number, "record.filed", at, target=target, values=values, **more)


def waiting(due: str | None = "2026-03-06 00:00", **changed: Any) -> OpenObligation:
    """An open notice of rectification."""
    values: dict[str, Any] = {
        "id": 70,
        "adoption": 1,
        "duty": "rectification_notice",
        "line": "rectification_notice",
        "clauses": ("B.4.a",),
        "target": 100,
        "unit": UNIT,
        "opener": 1,
        "roles": (),
        "holder": SUPERVISOR,
        "excluded": None,
        "recipient": REPAIRER,
        "ordinal": 0,
        "opened": shanghai("2026-03-02 10:00"),
        "due": shanghai(due) if due else None,
        "level": 0,
        "values": {"repair.repairer": REPAIRER},
    }
    return OpenObligation(**{**values, **changed})


def of(kind: type, effects: list[Effect]) -> list[Any]:
    return [effect for effect in effects if isinstance(effect, kind)]
